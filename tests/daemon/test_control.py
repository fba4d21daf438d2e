"""What is done to cameras over HTTP, and what it leaves alone."""
import concurrent.futures
import os

import pytest

from kit.stream import Closed
from kit.wait import SLOW, until

SCENE = "test:moving?width=320&height=240&fps=15"


@pytest.mark.short
def test_a_restart_connects_anew_and_keeps_the_viewers(daemon, rtsp):
    camera = rtsp("front=gen:h264:320x240@15")
    server = daemon({"front": camera.uri("front"), "other": SCENE})
    server.live("front", "other")
    with server.stream("front") as stream, server.stream("other") as others:
        first = stream.live()
        others.live()
        answer = server.session.post(server.url + "/api/v1/cameras/front/restart")
        assert (answer.status_code, answer.content) == (204, b"")
        until(lambda: server.camera("front")["reconnects"] == 1, 5, "it is connected anew")
        server.live("front")
        assert stream.live().number > first.number
        assert server.camera("other")["reconnects"] == 0
        server.kept("other", others.at_least(10, 5))
    server.logged("front: audit: 127.0.0.1 python-requests: connected anew")


@pytest.mark.short
def test_what_cannot_be_restarted_is_told(daemon):
    server = daemon({"front": {"uri": SCENE, "enabled": "false"}})
    for name, status, code in (("front", 409, "conflict"), ("none", 404, "not_found")):
        answer = server.session.post(f"{server.url}/api/v1/cameras/{name}/restart")
        assert answer.status_code == status
        assert answer.json()["error"]["code"] == code


def viewers(server):
    return server.get("/api/v1/viewers").json()["viewers"]


@pytest.mark.short
def test_a_viewer_is_told_and_can_be_ended(daemon):
    server = daemon({"front": SCENE, "back": SCENE})
    server.live("front", "back")
    with server.stream("front", "?width=160&fps=5", agent="VLC/3") as one, \
            server.stream("front") as two, server.wall() as wall:
        two.live(), wall.live()
        found = until(lambda: [v for v in viewers(server)
                               if "VLC" in v["client"] and v["fps"] and 3 < v["fps"] < 8],
                      10, "the rate is the one asked for")[0]
        assert (found["camera"], found["client"], found["codec"]) == \
            ("front", "127.0.0.1 VLC", "jpeg")
        assert found["asked"] == {"width": 160, "fps": 5, "quality": None, "annotate": None,
                                  "bitrate": None}
        assert found["bytes"] > found["pictures"] > 0
        assert len(viewers(server)) == 4 and len({v["number"] for v in viewers(server)}) == 4
        gone = server.session.delete(f"{server.url}/api/v1/viewers/{found['number']}")
        assert (gone.status_code, gone.content) == (204, b"")
        with pytest.raises(Closed):
            one.parts(5)
        until(lambda: len(viewers(server)) == 3, 5, "he is gone")
        assert two.live() and wall.live()
        of_wall = [v["number"] for v in viewers(server) if v["camera"] == "back"]
        server.session.delete(f"{server.url}/api/v1/viewers/{of_wall[0]}")
        with pytest.raises(Closed):
            wall.parts(5)
        until(lambda: len(viewers(server)) == 1, 5, "the wall is one stream, with all its cameras")
    for number in (found["number"], 0, "x", "99999999999999999999999"):
        answer = server.session.delete(f"{server.url}/api/v1/viewers/{number}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.fixture(name="kept")
def _kept(daemon, tmp_path):
    """Starts daemons that keep what is changed in one folder."""
    folder = tmp_path / "state"
    folder.mkdir()
    return lambda cameras: daemon(cameras, arguments=("--state", str(folder)))


def path_of(name):
    return f"/api/v1/cameras/{name}/configuration"


def ask(server, method, path, json=None, status=200, **keywords):
    """The answer's JSON."""
    answer = server.session.request(method, server.url + path, json=json, timeout=60, **keywords)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def patch(server, name, options, query="", **keywords):
    return ask(server, "PATCH", path_of(name) + query, options, **keywords)


def configuration(server, name):
    return ask(server, "GET", path_of(name))


LIVE = {"motion_threshold": 20, "motion_min_area": 20, "name": "Tor", "analysis_fps": 7,
        "masks": [[[0.1, 0.1], [0.3, 0.1], [0.3, 0.3]]], "mask_style": "pixelate",
        "zones": {"drive": {"points": [[0, 0.5], [1, 0.5], [1, 1]], "ignore": False,
                            "min_size": 0.5, "min_ms": 300}},
        "lines": {"gate": {"points": [[0, 0.5], [1, 0.5]], "direction": "in"}},
        "show_zones": True,
        "show_boxes": False, "jpeg_quality": 60, "stream_fps": 30}


@pytest.mark.short
def test_live_options_lose_no_picture_and_no_background(kept):
    server = kept({"front": {"uri": SCENE, "stream-fps": 15}})
    server.live("front")
    until(lambda: server.camera("front")["motion"]["primed"], 10, "there is a background")
    with server.stream("front", "?quality=70&fps=0") as stream:
        parts = [stream.live()]
        for option, value in LIVE.items():
            plan = patch(server, "front", {option: value})
            assert plan["applies"] == "live" and plan["done"] and plan["kept"]
            assert [one["option"] for one in plan["changed"]] == [option]
            assert configuration(server, "front")[option] == value
            assert server.camera("front")["motion"]["primed"]
            parts += stream.at_least(3, 5)
        server.kept("front", parts)
    assert server.camera("front")["reconnects"] == 0


@pytest.mark.short
def test_a_change_says_what_it_interrupts(kept):
    server = kept({"front": SCENE})
    server.live("front")
    assert patch(server, "front", {"analysis_width": 160})["applies"] == "analysis"
    server.live("front")
    assert server.camera("front")["reconnects"] == 0
    plan = patch(server, "front", {"uri": SCENE + "&noise=3", "stream_fps": 5})
    assert plan["applies"] == "reconnect"
    assert {one["option"]: one["applies"] for one in plan["changed"]} == \
        {"uri": "reconnect", "stream_fps": "live"}
    until(lambda: server.camera("front")["reconnects"] == 1, 5, "it is connected anew")
    assert patch(server, "front", {"stream_fps": 5}) == \
        {"changed": [], "applies": "nothing", "id": "front", "done": True, "kept": True}


@pytest.mark.short
def test_a_dry_run_changes_nothing(kept):
    server = kept({"front": SCENE})
    before = configuration(server, "front")
    plan = patch(server, "front", {"stream_fps": 5}, "?dry_run=1")
    assert plan == {"changed": [{"option": "stream_fps", "from": 15, "to": 5, "applies": "live"}],
                    "applies": "live", "id": "front", "done": False, "kept": False}
    made = ask(server, "POST", "/api/v1/cameras?dry_run=1", {"id": "new", "uri": SCENE})
    assert made["applies"] == "added" and not made["done"]
    assert ask(server, "DELETE", "/api/v1/cameras/front?dry_run=1")["applies"] == "removed"
    assert configuration(server, "front") == before and set(server.cameras()) == {"front"}


def lags(server, names):
    """How many units more than pictures there are of each, and that none was left out."""
    cameras = {name: server.camera(name) for name in names}
    for name in names:
        assert cameras[name]["reconnects"] == 0 and not cameras[name]["dropped"], name
    return {name: cameras[name]["units"] - cameras[name]["frames"] for name in names}


@pytest.mark.short
def test_cameras_come_and_go_and_49_others_do_not_notice(kept):
    # small and slow, so that a machine that is both decodes all of them; none is one too many a second
    tiny = "test:moving?width=96&height=64&fps=2"
    others = [f"other{i}" for i in range(49 if SLOW == 1 else 7)]
    server = kept({name: {"uri": tiny, "stream-fps": 60} for name in others})
    server.live(*others, seconds=60)
    before = lags(server, others)
    with server.wall("?cameras=" + ",".join(others)) as wall:
        parts = [wall.live()]
        for _ in range(5):
            answer = server.session.post(server.url + "/api/v1/cameras",
                                         json={"id": "new", "uri": tiny, "name": "Neu"})
            assert answer.status_code == 201
            assert answer.headers["Location"] == "/api/v1/cameras/new"
            server.live("new")
            assert server.camera("new")["name"] == "Neu"
            parts += wall.at_least(len(others), 10)
            assert ask(server, "DELETE", "/api/v1/cameras/new")["applies"] == "removed"
            assert server.get("/api/v1/cameras/new").status_code == 404
            parts += wall.at_least(len(others), 10)
        for name in others:
            server.kept(name, [part for part in parts if part.camera == name])
        until(lambda: all(lag <= before[name] for name, lag in lags(server, others).items()), 10,
              "each unit that came became a picture")


@pytest.mark.short
def test_changes_are_kept_unless_they_are_not_to_be(kept):
    files = {"front": SCENE, "yard": SCENE}
    server = kept(files)
    written = open(server.config, encoding="utf-8").read()
    patch(server, "front", {"stream_fps": 5})
    assert patch(server, "front", {"jpeg_quality": 40}, "?persist=0")["kept"] is False
    ask(server, "POST", "/api/v1/cameras", {"id": "new", "uri": SCENE}, status=201)
    ask(server, "POST", "/api/v1/cameras?persist=0", {"id": "brief", "uri": SCENE}, status=201)
    ask(server, "DELETE", "/api/v1/cameras/yard")
    assert set(server.cameras()) == {"front", "new", "brief"}
    server.reload(files)
    server.logged("is read again: 3 cameras")
    assert open(server.config, encoding="utf-8").read() == written
    server.kill()
    again = kept(files)
    assert set(again.cameras()) == {"front", "new"}
    now = configuration(again, "front")
    assert (now["stream_fps"], now["jpeg_quality"]) == (5, 75)
    origins = ask(again, "GET", path_of("front") + "/origins")
    assert origins["stream_fps"] == {"from": "api"}
    assert origins["uri"]["from"] == "camera" and origins["uri"]["file"] == again.config
    assert origins["jpeg_quality"] == {"from": "preset"}
    patch(again, "front", {"stream_fps": None})
    assert configuration(again, "front")["stream_fps"] == 15


@pytest.mark.short
def test_a_change_that_cannot_be_kept_is_not_made(daemon):
    server = daemon({"front": SCENE}, arguments=("--state", "/proc/vedette"))
    error = patch(server, "front", {"stream_fps": 5}, status=500)["error"]
    assert error["code"] == "failed" and "nothing is changed" in error["message"]
    assert configuration(server, "front")["stream_fps"] == 15
    assert patch(server, "front", {"stream_fps": 5}, "?persist=0")["done"]


@pytest.mark.short
def test_who_is_late_is_told(kept):
    server = kept({"front": SCENE})
    mark = server.get(path_of("front")).headers["ETag"]
    answer = server.session.patch(server.url + path_of("front"), json={"stream_fps": 5},
                                  headers={"If-Match": mark})
    assert answer.status_code == 200 and answer.headers["ETag"] != mark
    assert answer.headers["ETag"] == server.get(path_of("front")).headers["ETag"]
    for headers in ({"If-Match": mark}, {"If-Match": 'W/"x"'}, {"If-Match": "rubbish"}):
        error = patch(server, "front", {"stream_fps": 6}, status=412, headers=headers)["error"]
        assert error["code"] == "changed"
    ask(server, "DELETE", "/api/v1/cameras/front", status=412, headers={"If-Match": mark})
    for match in ("*", f'"other", {answer.headers["ETag"]}'):
        patch(server, "front", {"stream_fps": 5}, headers={"If-Match": match})
    ask(server, "PATCH", path_of("none"), {}, status=412, headers={"If-Match": "*"})


@pytest.mark.short
def test_everything_that_is_wrong_is_told_and_nothing_done(kept):
    server = kept({"front": SCENE})
    before = configuration(server, "front")
    error = patch(server, "front", {"stream_fps": 5, "jpeg_quality": 101, "show_bxes": True,
                                    "gpu": 3.5, "uri": "gopher://x"}, status=422)["error"]
    assert error["code"] == "invalid"
    wrong = {one["option"]: one["allowed"] for one in error["details"]}
    assert set(wrong) == {"jpeg_quality", "show_bxes", "gpu", "uri"}
    assert "1 to 100" in wrong["jpeg_quality"] and "show_boxes" in wrong["show_bxes"]
    for body in ("", "{", "[]", '"x"', '{"stream_fps":5}x', '{"name":"a","name":"b"}', "\xff"):
        answer = server.session.patch(server.url + path_of("front"), data=body.encode("latin-1"),
                                      headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, (body, answer.text)
    for body in ({}, {"id": "new"}, {"id": "New", "uri": SCENE}):
        ask(server, "POST", "/api/v1/cameras", body, status=422)
    ask(server, "POST", "/api/v1/cameras", {"id": "front", "uri": SCENE}, status=409)
    for method in ("PATCH", "PUT"):
        ask(server, method, path_of("none"), {"stream_fps": 5}, status=404)
    assert configuration(server, "front") == before and set(server.cameras()) == {"front"}


@pytest.mark.short
def test_a_camera_is_switched_off_and_on(kept):
    server = kept({"front": SCENE})
    server.live("front")
    assert ask(server, "POST", "/api/v1/cameras/front/disable")["applies"] == "reconnect"
    server.until_state("front", "off")
    ask(server, "POST", "/api/v1/cameras/front/restart", status=409)
    assert ask(server, "POST", "/api/v1/cameras/front/enable")["kept"]
    server.live("front")


@pytest.mark.short
def test_secrets_go_in_and_never_come_out(kept, tmp_path):
    server = kept({"front": SCENE})
    ask(server, "POST", "/api/v1/cameras", status=201, json={
        "id": "new", "uri": "rtsp://joe:geheim1@127.0.0.1:9/x", "user": "joe", "enabled": False,
        "password": "geheim2"})
    read = configuration(server, "new")
    assert read["password"] == "***" and "geheim" not in str(read)
    # what was read can be written back
    answer = ask(server, "PUT", path_of("new"), read | {"stream_fps": 5})
    assert [one["option"] for one in answer["changed"]] == ["stream_fps"]
    plan = patch(server, "new", {"password": "geheim3", "uri": "rtsp://joe:geheim4@127.0.0.1:9/x"})
    texts = [str(plan), server.get("/api/v1/cameras").text, server.log(),
             str(ask(server, "GET", path_of("new") + "/origins"))]
    assert not any("geheim" in text for text in texts)
    kept_file = tmp_path / "state" / "changes.conf"
    assert "geheim3" in kept_file.read_text() and os.stat(kept_file).st_mode & 0o777 == 0o600


@pytest.mark.short
def test_changes_at_once_are_made_one_after_the_other(kept):
    server = kept({"front": SCENE})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: patch(server, "front", {"motion_threshold": 20 + i}),
                                range(40)))
    steps_made = {(one["from"], one["to"]) for answer in answers for one in answer["changed"]}
    assert len(steps_made) == 40
    # each began where another ended
    assert {start for start, _ in steps_made} - {end for _, end in steps_made} == {16}
