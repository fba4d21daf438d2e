"""What is served, to whom, and what it costs those who are not meant."""
import socket
import subprocess
import time

import pytest

from kit.camera import SMALL, TcpCamera, say_nothing
from kit.daemon import run_once
from kit.process import free_port, missing
from kit.stream import Stream, steps
from kit.wait import SLOW, Watch, until

SCENES = {"walkers": "test:moving?width=640&height=360&fps=15",
          "quiet": "test:quiet?width=640&height=360&fps=15"}


def answered_in(server, path):
    watch = Watch()
    answer = server.get(path)
    assert answer.status_code == 200, answer.text
    return watch.passed(), answer


def test_status_is_answered_at_once_while_every_camera_hangs(daemon):
    with TcpCamera(say_nothing) as silent:
        cameras = {f"c{i}": f"rtsp://127.0.0.1:{silent.port}/{i}" for i in range(8)}
        server = daemon(cameras)
        until(lambda: silent.connections >= 8, 10, "all cameras are asked")
        for path in ("/api/v1/cameras", "/api/v1/cameras/c3", "/api/v1/stats", "/healthz",
                     "/readyz", "/api/v1/version"):
            slowest = max(answered_in(server, path)[0] for _ in range(10))
            assert slowest < 0.2 * SLOW, path
        took = server.stop()
    assert took < 2 * SLOW


def test_a_camera_tells_what_it_is_and_does(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": {"uri": camera.uri("front"), "name": "Türe süd"}})
    server.live("front")
    until(lambda: server.camera("front")["fps_analysed"] > 5, 10,
          lambda: f"pictures are analysed: {server.camera('front')}")
    told = server.camera("front")
    assert told["name"] == "Türe süd"
    assert told["state"] == "live"
    assert (told["width"], told["height"], told["codec"]) == (320, 240, "h264")
    assert told["decoder"] and told["transport"] in ("udp", "tcp") and told["since"]
    until(lambda: 13 < server.camera("front")["fps"] < 17, 10,
          lambda: f"15 frames/s come: {server.camera('front')['fps']}")
    assert told["reconnects"] == 0 and told["viewers"]["count"] == 0
    assert told["configuration"]["jpeg_quality"] == 75
    of_list = server.cameras()["front"]
    assert of_list["state"] == "live"
    assert set(of_list) == {
        "id", "name", "enabled", "state", "reason", "reason_code", "since_seconds", "away_seconds",
        "next_try_seconds", "reconnects", "last_error", "transport", "codec", "width", "height", "fps",
        "bitrate", "decoder", "gpu", "fps_decoded", "dropped", "main_stream", "fps_analysed", "motion",
        "objects", "viewers", "tampering"}
    assert set(of_list) <= set(told)
    assert set(of_list["motion"]) == {"share", "primed"}
    assert set(of_list["viewers"]) == {"count", "slow"}
    assert told["tampering"]["black"]["since"] is None and of_list["tampering"] == {}


def test_unknown_things_are_404_and_say_so_in_json(daemon):
    server = daemon(SCENES)
    for path in ("/api/v1/cameras/nobody", "/api/v1/cameras/nobody/stream.mjpg",
                 "/api/v1/cameras/nobody/snapshot.jpg", "/nothing"):
        answer = server.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.json()["error"]


@pytest.mark.short
def test_parts_carry_number_times_state_and_camera(daemon):
    server = daemon(SCENES)
    with server.stream("walkers", "?fps=0") as stream:
        assert stream.headers["x-accel-buffering"] == "no"
        assert "no-store" in stream.headers["cache-control"] or \
            "no-cache" in stream.headers["cache-control"]
        stream.live()
        parts = stream.parts(2)
        server.kept("walkers", parts)
    assert all(one.headers["content-type"] == "image/jpeg" for one in parts)
    assert all(one.camera == "walkers" for one in parts)
    age = time.time() - parts[-1].captured
    assert 0 <= age < 60
    assert 0 < float(parts[-1].headers["x-processing-time"]) < 60000


@pytest.mark.short
def test_a_snapshot_is_one_jpeg(daemon):
    server = daemon(SCENES)
    server.live("walkers")
    answer = server.get("/api/v1/cameras/walkers/snapshot.jpg")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content[:2] == b"\xff\xd8" and answer.content[-2:] == b"\xff\xd9"


@pytest.mark.parametrize("query, size", [("", (640, 360)), ("?width=320", (320, 180)),
                                         ("?width=0", (640, 360)), ("?width=4000", (640, 360))])
def test_the_width_is_what_was_asked(daemon, query, size):
    server = daemon(SCENES)
    with server.stream("walkers", query) as stream:
        assert stream.live().size() == size


def test_the_rate_is_what_was_asked(daemon):
    server = daemon(SCENES)
    with server.stream("walkers", "?fps=5") as stream:
        parts = stream.at_least(16, 6)
    gaps = steps(parts)
    assert sorted(gaps)[len(gaps) // 2] == 3, gaps  # of a camera's 15
    assert len(gaps) / (parts[-1].captured - parts[0].captured) < 6


def test_annotation_draws_and_its_absence_does_not(daemon):
    server = daemon({"quiet": "test:quiet?width=320&height=240&fps=10&noise=0"})
    with server.stream("quiet", "?annotate=0") as bare, \
            server.stream("quiet", "?annotate=1") as drawn:
        assert len(drawn.live().body) > len(bare.live().body) * 1.1


def test_bad_parameters_are_400_and_say_what_is_allowed(daemon):
    server = daemon(SCENES)
    for query in ("width=x", "width=5", "fps=-1", "annotate=2", "with=320", "fps=5&fps=6"):
        answer = server.get(f"/api/v1/cameras/walkers/stream.mjpg?{query}")
        assert answer.status_code == 400, query
        assert query.split("=")[0] in answer.text


@pytest.mark.short
def test_a_camera_that_is_away_shows_a_card_that_says_why(daemon):
    server = daemon({"front": f"rtsp://127.0.0.1:{free_port()}/x"})
    with server.stream("front") as stream:
        card = stream.part()
        assert card.headers["x-state"] == "placeholder"
        assert len(card.body) > 2000
        stream.at_least(2, 3, lambda part: not part.live)  # it goes on
    answer = server.get("/api/v1/cameras/front/snapshot.jpg")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.short
def test_viewers_are_counted_and_forgotten(daemon):
    server = daemon(SCENES)
    server.live("walkers")
    streams = [server.stream("walkers") for _ in range(3)]
    for stream in streams:
        stream.live()
    until(lambda: server.camera("walkers")["viewers"]["count"] == 3, 3, "three viewers")
    for stream in streams:
        stream.close()
    until(lambda: server.camera("walkers")["viewers"]["count"] == 0, 4,
          lambda: f"nobody is left: {server.camera('walkers')}")


@pytest.mark.short
def test_a_viewer_that_stops_reading_costs_others_nothing(daemon):
    server = daemon({"walkers": "test:moving?width=1280&height=720&fps=15"})
    server.live("walkers")
    stuck = [server.stream("walkers") for _ in range(5)]
    for stream in stuck:
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with server.stream("walkers", "?fps=0") as stream:
        stream.live()
        server.kept("walkers", stream.parts(3))
    for stream in stuck:
        stream.close()


def test_the_wall_carries_all_cameras_in_one_connection(daemon):
    server = daemon(SCENES)
    with server.wall("?fps=0") as stream:
        stream.live()
        parts = stream.parts(2)
        for name in SCENES:
            server.kept(name, [part for part in parts if part.camera == name])


@pytest.mark.parametrize("count", [pytest.param(8, marks=pytest.mark.short), 64])
def test_a_wall_that_begins_all_at_once_has_a_picture_of_each(daemon, count):
    cameras = {f"c{i}": f"test:moving?width=160&height=120&fps=2&seed={i}" for i in range(count)}
    server = daemon(cameras)
    missing_ones = set(cameras)
    with server.wall() as stream:
        while missing_ones:
            part = stream.part()
            missing_ones -= {part.camera} if part.live else set()
    assert "a view failed" not in server.log()


def test_the_wall_takes_chosen_cameras_and_sizes(daemon):
    server = daemon(SCENES)
    with server.wall("?cameras=quiet&width=160") as stream:
        part = stream.live()
        assert part.camera == "quiet" and part.size() == (160, 90)


def test_a_second_analysis_stream_is_what_is_shown(daemon, rtsp):
    camera = rtsp("main=gen:h264:640x480@15", f"sub={SMALL}")
    server = daemon({"front": {"uri": camera.uri("main"), "analysis-uri": camera.uri("sub")}})
    with server.stream("front") as stream:
        assert stream.live().size() == (320, 240)


def test_ffmpeg_reads_the_stream(daemon):
    if missing("ffprobe", "ffmpeg"):
        pytest.skip("ffmpeg is missing")
    server = daemon(SCENES)
    server.live("walkers")
    url = f"{server.url}/api/v1/cameras/walkers/stream.mjpg"
    told = subprocess.run(["ffprobe", "-v", "error", "-f", "mpjpeg", "-show_entries",
                           "stream=codec_name,width,height", "-of", "csv=p=0", url], check=True,
                          stdout=subprocess.PIPE, timeout=300).stdout.decode()
    assert told.strip() == "mjpeg,640,360"
    frames = subprocess.run(["ffmpeg", "-v", "error", "-strict_mime_boundary", "1", "-f",
                             "mpjpeg", "-i", url, "-frames:v", "30", "-f", "framemd5", "-"],
                            check=True, stdout=subprocess.PIPE, timeout=300)
    lines = [line for line in frames.stdout.decode().splitlines() if not line.startswith("#")]
    assert len(lines) == 30
    assert len({line.split(",")[-1] for line in lines}) > 20


def test_other_addresses_are_refused_unless_told(daemon, tmp_path):
    port = free_port()
    text = f"[vedette]\nlisten=0.0.0.0:{port}\n[camera quiet]\nuri=test:quiet\n"
    status, output = run_once(tmp_path, text)
    assert status not in (0, -6, -11)
    assert "insecure-listen" in output
    server = daemon(SCENES, options={"listen": f"0.0.0.0:{port}"},
                    arguments=["--insecure-listen"], wait=False)
    server.url = f"http://127.0.0.1:{port}"
    until(server.listens, 10, "it listens")


def test_a_unix_socket_is_served(daemon, tmp_path):
    path = str(tmp_path / "http.sock")
    server = daemon(SCENES, options={"listen": path}, wait=False)
    until(lambda: server.running() and path in server.log() or _connects(path), 10,
          "the socket is there")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b"200" in client.recv(100)


def _connects(path):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
        return True


def test_hundreds_of_connections_are_limited_and_let_go(daemon):
    server = daemon(SCENES, options={"max-connections": 40, "max-viewers": 20})
    server.live("walkers")
    url = f"{server.url}/api/v1/cameras/walkers/stream.mjpg"
    streams = [Stream(url) for _ in range(20)]
    assert all(stream.status == 200 for stream in streams)
    with Stream(url) as one_more:
        assert one_more.status == 503
    for stream in streams:
        stream.close()
    until(lambda: server.camera("walkers")["viewers"]["count"] == 0, 4, "they are gone")
    with Stream(url) as stream:
        assert stream.live()
