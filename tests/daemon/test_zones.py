"""Where motion counts: the same scene before cameras with other zones."""
import datetime
import time

import pytest

from kit.listener import Listener
from kit.wait import until

SCENE = "test:moving?width=320&height=240&fps=10&figures=1"
QUICK = {"uri": SCENE, "event-min-ms": "200", "event-gap-ms": "300"}
LEFT = "0,0 0.5,0 0.5,1 0,1"
WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]]
ALL = "0,0 1,0 1,1 0,1"


def told(server, camera, kinds="motion-start,motion-end"):
    answer = server.get(f"/api/v1/events?limit=1000&camera={camera}&kinds={kinds}")
    assert answer.status_code == 200, answer.text
    return answer.json()["events"]


def patch(server, camera, options):
    answer = server.session.patch(f"{server.url}/api/v1/cameras/{camera}/configuration",
                                  json=options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def foot(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"]


def lasted(event):
    """Seconds of motion until the event was told."""
    begin, end = (datetime.datetime.fromisoformat(event[key].replace("Z", "+00:00"))
                  for key in ("since", "time"))
    return (end - begin).total_seconds()


def moves(server, camera):
    motion = server.camera(camera)["motion"]
    return motion["boxes"] if motion and motion["primed"] else None


@pytest.mark.short
def test_motion_counts_where_a_zone_is_and_not_where_one_is_ignored(daemon):
    server = daemon({
        "left": {**QUICK, "zones": f"high min-size=90%: {ALL}; left: {LEFT}"},
        "but": {**QUICK, "zones": f"all: {ALL}; right ignore: 0.5,0 1,0 1,1 0.5,1"},
        "nowhere": {**QUICK, "zones": f"all ignore: {ALL}"},
        "large": {**QUICK, "zones": f"all min-size=90%: {ALL}"},
        "slow": {**QUICK, "zones": f"all min-ms=60000: {ALL}"},
    })
    quiet = ("nowhere", "large", "slow")
    server.live("left", "but", *quiet)
    for name, zone in (("left", "left"), ("but", "all")):
        until(lambda name=name: told(server, name, "motion-end"), 30, "it comes and goes")
        for event in told(server, name):
            assert event["zones"] == [zone] and 0 < event["peak_share"] <= 1
            assert event["boxes"] and all(foot(box)[0] <= 0.501 for box in event["boxes"]), event
    for name in quiet:
        frames = server.camera(name)["motion"]["frames"]
        until(lambda name=name: moves(server, name), 30, f"{name} sees what moves")
        until(lambda name=name, frames=frames: server.camera(name)["motion"]["frames"] > frames + 20,
              30, f"{name} is analysed")
        sooner = [event for event in told(server, name) if name != "slow" or lasted(event) < 60]
        assert sooner == []  # a slow machine may be at it for longer than a minute


@pytest.mark.short
def test_zones_change_while_pictures_go_by(daemon, tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    server = daemon({"front": QUICK}, arguments=("--state", str(folder)))
    server.live("front")
    with server.stream("front", "?fps=0") as stream, Listener(server) as listener:
        def next_motion():
            while True:
                event = listener.next()[1]
                if event["kind"].startswith("motion"):
                    return event

        parts = [stream.live()]
        begun = next_motion()
        assert (begun["kind"], begun["zones"]) == ("motion-start", [])
        plan = patch(server, "front", {"zones": {"all": {"points": WHOLE, "min_ms": 100}}})
        assert plan["applies"] == "live" and plan["done"] and plan["kept"]
        assert plan["changed"][0]["to"] == {
            "all": {"points": WHOLE, "ignore": False, "min_size": 0.0, "min_ms": 100}}
        event = next_motion()
        while not event["zones"]:
            event = next_motion()
        assert (event["kind"], event["zones"]) == ("motion-start", ["all"])
        patch(server, "front", {"zones": {"all": {"min_ms": None, "ignore": True}}})
        while event["kind"] != "motion-end":
            event = next_motion()
        assert event["zones"] == ["all"]
        last = event["id"]
        frames = server.camera("front")["motion"]["frames"]
        until(lambda: server.camera("front")["motion"]["frames"] > frames + 20, 30, "it goes on")
        assert server.camera("front")["motion"]["primed"]
        assert [one for one in told(server, "front") if one["id"] > last] == []
        now = time.time()
        while parts[-1].captured < now:
            parts += stream.at_least(1, 5)
        server.kept("front", parts)
    assert server.camera("front")["reconnects"] == 0
    server.kill()
    again = daemon({"front": QUICK}, arguments=("--state", str(folder)))
    answer = again.get("/api/v1/cameras/front/configuration").json()
    assert answer["zones"] == {
        "all": {"points": WHOLE, "ignore": True, "min_size": 0.0, "min_ms": None}}
