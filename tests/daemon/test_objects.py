"""Objects that a camera's detector sees."""
import os
import re

import pytest

from kit.process import BUILD, SHARED
from kit.wait import until

MODEL = f"{SHARED}/models/yolox_nano.onnx"
CLIP = f"{SHARED}/data/pets09_s2l1.mp4"


def runtime():
    """The environment in which the build's ONNX Runtime is the installed one; None: it has none."""
    with open(f"{BUILD}/config.h", encoding="utf-8") as file:
        library = re.search(r'^#define ONNXRUNTIME_LIBRARY "(.*)"', file.read(), re.M)[1]
    return {"LD_LIBRARY_PATH": os.path.dirname(library)} if library else None


needs_all = pytest.mark.skipif(
    runtime() is None or not os.path.exists(MODEL) or not os.path.exists(CLIP),
    reason="no ONNX Runtime (tools/onnxruntime/fetch) or no ../shared")


def found(server, camera):
    return [thing["class"] for thing in server.camera(camera)["objects"]["found"]]


@pytest.mark.short
def test_a_model_that_cannot_be_used_costs_no_video(daemon):
    server = daemon({"front": {"uri": "test:moving?width=320&height=240&fps=10",
                               "detector-model": "/nonexistent/model.onnx"},
                     "side": "test:quiet?width=320&height=240&fps=10"})
    server.live("front", "side")
    until(lambda: server.camera("front")["objects"]["why_not"], 30, "it says why")
    why = server.camera("front")["objects"]["why_not"]
    assert why in ("vedette was built without ONNX Runtime",
                   "The model /nonexistent/model.onnx cannot be read: No such file or directory")
    assert f"front: objects are not detected: {why}" in server.log()
    assert server.camera("front")["objects"]["found"] == []
    assert server.camera("side")["objects"] is None
    before = server.camera("front")["frames"]
    until(lambda: server.camera("front")["frames"] > before + 10, 20, "video goes on")


@needs_all
def test_persons_are_found_where_they_walk(daemon):
    server = daemon({"front": {"uri": CLIP, "detector-model": MODEL, "detect-classes": "person",
                               "detect-budget": 100}}, env=runtime())
    server.live("front")
    until(lambda: len(found(server, "front")) >= 3, 60, "several persons are seen")
    objects = server.camera("front")["objects"]
    assert objects["why_not"] is None and objects["pictures"] > 0 and objects["cost_us"] > 0
    for thing in objects["found"]:
        assert thing["class"] == "person" and thing["score"] >= 0.4
        assert thing["x"] + thing["width"] <= 1.0001 and thing["y"] + thing["height"] <= 1.0001
    answer = server.session.patch(f"{server.url}/api/v1/cameras/front/configuration",
                                  json={"detect_classes": "giraffe"})
    assert answer.status_code == 200, answer.text
    until(lambda: found(server, "front") == [], 30, "persons do not matter any more")


@needs_all
def test_a_class_that_the_model_does_not_know_is_named(daemon):
    server = daemon({"front": {"uri": "test:moving?width=320&height=240&fps=10",
                               "detector-model": MODEL, "detect-classes": "person,persn",
                               "event-classes": "Car"}}, env=runtime())
    server.live("front")
    until(lambda: server.camera("front")["objects"]["unknown_classes"], 60, "the model is there")
    assert server.camera("front")["objects"]["unknown_classes"] == ["persn", "Car"]
    assert server.camera("front")["objects"]["why_not"] is None
    said = "front: the model does not know: persn, Car; it knows person, bicycle, car, "
    assert said in server.log() and " and 68 more" in server.log()
    server.session.patch(f"{server.url}/api/v1/cameras/front/configuration",
                         json={"event_classes": "car", "detect_classes": "person"})
    until(lambda: not server.camera("front")["objects"]["unknown_classes"], 30, "all are known")


@needs_all
def test_an_event_is_a_person_in_a_zone(daemon):
    camera = {"uri": CLIP, "detector-model": MODEL, "detect-budget": 100, "event-min-ms": 500,
              "zones": "all: 0,0 1,0 1,1 0,1"}
    server = daemon({"persons": {**camera, "event-classes": "person"},
                     "giraffes": {**camera, "event-classes": "giraffe"}}, env=runtime())
    server.live("persons", "giraffes")

    def told(name):
        answer = server.get(f"/api/v1/events?camera={name}&kinds=motion-start&limit=10")
        assert answer.status_code == 200, answer.text
        return answer.json()["events"]

    until(lambda: told("persons"), 60, "a person is told")
    event = told("persons")[-1]
    assert event["zones"] == ["all"] and "person" in event["classes"] and event["boxes"]
    until(lambda: server.camera("giraffes")["objects"]["found"], 30, "its persons are seen as well")
    seen = server.camera("giraffes")["objects"]["pictures"]
    until(lambda: server.camera("giraffes")["objects"]["pictures"] > seen + 5, 60, "it looks on")
    assert told("giraffes") == []


def test_the_api_names_no_other_file(daemon):
    server = daemon({"front": {"uri": "test:quiet"}})
    for option in ("detector_model", "detector_names"):
        answer = server.session.patch(f"{server.url}/api/v1/cameras/front/configuration",
                                      json={option: MODEL})
        assert answer.status_code == 422, answer.text
        assert "already" in answer.text
