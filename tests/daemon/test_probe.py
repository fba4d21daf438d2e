"""Connections that are tried without a camera: what is said of them, and what they leave alone."""
import concurrent.futures
import socket
import threading
import time

import pytest
from PIL import Image

from kit.camera import SMALL, TcpCamera, say_nothing, say_rubbish
from kit.hostile import rtsp as player
from kit.meter import descriptors, threads
from kit.process import free_port
from kit.wait import SLOW, Watch, until
from test_access import account, status, users, write  # noqa: F401  users is a fixture

SCENE = "test:moving?width=320&height=240&fps=15"
PATH = "/api/v1/probe"
SECRET = "geheim77"
AT_ONCE = 4  # VD_MAX_PROBES
MEMBERS = {"reached", "state", "reason", "reason_code", "transport", "codec", "width", "height",
           "fps_announced", "decoder", "gpu", "no_gpu_reason", "first_unit_ms", "first_picture_ms"}


def ask(server, uri, **options):
    return server.session.post(server.url + PATH, json={"uri": uri, **options}, timeout=60 * SLOW)


def tried(server, uri, **options):
    """What came of it; no answer and no log has the secret."""
    answer = ask(server, uri, **options)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == MEMBERS
    assert SECRET not in answer.text + server.log()
    return answer.json()


def reached(server, uri, **options):
    found = tried(server, uri, **options)
    assert found["reached"] and found["state"] == "live", found
    assert found["reason"] == "" and found["reason_code"] is None
    assert 0 <= found["first_unit_ms"] <= found["first_picture_ms"] < 15000
    assert found["decoder"]
    return found


def not_reached(server, code, uri, **options):
    found = tried(server, uri, **options)
    assert not found["reached"] and found["reason_code"] == code, found
    assert found["reason"] and found["first_picture_ms"] is None
    return found


# --- what is said ---


@pytest.mark.short
@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("codec", ["h264", "h265", "mjpeg"])
def test_a_camera_is_reached(daemon, rtsp, codec, transport):
    camera = rtsp(f"front=gen:{codec}:320x240@15")
    found = reached(daemon({}), camera.uri("front"), transport=transport)
    assert (found["codec"], found["width"], found["height"]) == (codec, 320, 240)
    assert found["transport"] == transport


@pytest.mark.short
def test_scenes_and_files_are_reached(daemon, tmp_path):
    clip = tmp_path / "clip.mjpg"
    Image.new("RGB", (64, 48), "red").save(clip, "JPEG")
    clip.write_bytes(clip.read_bytes() * 50)
    server = daemon({"front": {"uri": SCENE, "enabled": "false"}})
    found = reached(server, SCENE)
    assert (found["transport"], found["width"], found["fps_announced"]) == ("test", 320, 15)
    found = reached(server, str(clip), enabled=False, analysis=False)
    assert (found["transport"], found["codec"], found["width"]) == ("file", "mjpeg", 64)
    # what is an existing camera's is not touched, and it stays what it is
    reached(server, SCENE, id="front", name="Another")
    assert list(server.cameras()) == ["front"]
    assert (server.camera("front")["state"], server.camera("front")["name"]) == ("off", "front")


def test_what_is_wrong_is_told_as_a_camera_tells_it(daemon, rtsp, tmp_path):
    camera = rtsp(f"front={SMALL}", f"gone={SMALL}", f"still={SMALL}")
    camera("gone", "gone")
    camera("stall", "still")
    server = daemon({})
    short = {"connect_timeout_ms": 2000}
    host = f"127.0.0.1:{camera.port}"
    found = not_reached(server, "refused", f"rtsp://127.0.0.1:{free_port()}/x")
    assert found["state"] == "waiting" and found["first_unit_ms"] is None
    assert "nobody takes connections" in found["reason"]
    found = not_reached(server, "unknown-host", "rtsp://no-such-host.invalid/x")
    assert found["reason"] == "the host no-such-host.invalid is not known"
    not_reached(server, "not-found", camera.uri("gone"))
    not_reached(server, "not-found", str(tmp_path / "nothing.mp4"))
    not_reached(server, "unsupported", "/dev/zero")
    not_reached(server, "timeout", camera.uri("still"), **short)
    with TcpCamera(player(None)) as other:
        found = not_reached(server, "timeout", f"rtsp://127.0.0.1:{other.port}/x", transport="tcp",
                            **short)
        assert found["reason"] == f"127.0.0.1:{other.port} answers, but gives no picture within 2 s"
    camera("silent")
    found = not_reached(server, "timeout", camera.uri("front"), **short)
    assert found["reason"] == f"{host} does not answer"
    for serve, code in ((say_nothing, "timeout"), (say_rubbish, "garbage")):
        with TcpCamera(serve) as other:
            not_reached(server, code, f"rtsp://127.0.0.1:{other.port}/x", **short)


def test_a_camera_that_hangs_is_told(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    camera.signal(19)  # SIGSTOP
    not_reached(daemon({}), "timeout", camera.uri("front"), connect_timeout_ms=1000)
    camera.signal(18)


def test_data_that_gives_no_picture_is_told(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    camera("garbage", "front", "2000")
    found = tried(daemon({}), camera.uri("front"), connect_timeout_ms=2000, stall_timeout_ms=1000)
    assert not found["reached"] and found["reason_code"] in ("garbage", "stalled", "timeout"), found


@pytest.mark.short
def test_it_ends_in_time_whatever_the_options_say(daemon):
    server = daemon({})
    begun, watch = time.monotonic(), Watch()
    with TcpCamera(say_nothing) as camera:
        not_reached(server, "timeout", f"rtsp://127.0.0.1:{camera.port}/x",
                    connect_timeout_ms=120000)
    assert time.monotonic() - begun > 9 and watch.passed() < 15 * SLOW


@pytest.mark.short
def test_passwords_open_and_are_not_told(daemon, rtsp):
    camera = rtsp(f"front={SMALL}", user=f"joe:{SECRET}")
    server = daemon({"front": camera.uri("front")}, options={"log-level": "debug"})
    server.live("front")
    bare = f"rtsp://127.0.0.1:{camera.port}/front"
    reached(server, camera.uri("front"))
    reached(server, bare, user="joe", password=SECRET)
    not_reached(server, "unauthorized", camera.uri("front", user=f"joe:{SECRET}x"))
    # an existing camera's password is not lent
    not_reached(server, "unauthorized", bare, id="front", user="joe")
    for options in ({"password": "***"}, {"user": "***"}):
        answer = ask(server, bare, id="front", **options)
        assert answer.status_code == 422, answer.text
    assert ask(server, f"rtsp://***@127.0.0.1:{camera.port}/front", id="front").status_code == 422
    server.logged(f"audit: 127.0.0.1 python-requests: tried rtsp://***@127.0.0.1:{camera.port}/front"
                  " (reached)")


@pytest.mark.short
def test_documents_are_judged_as_those_of_new_cameras(daemon):
    server = daemon({})
    wrong = {"uri": "x", "ring_seconds": 0, "retries": 1, "password_file": "/etc/shadow"}
    answer = server.session.post(server.url + PATH, json=wrong)
    made = server.session.post(f"{server.url}/api/v1/cameras", json={"id": "a", **wrong})
    assert (answer.status_code, made.status_code) == (422, 422)
    assert answer.json() == made.json()
    assert {one["option"] for one in answer.json()["error"]["details"]} == set(wrong)
    assert "tried" not in server.log()


@pytest.mark.short
def test_only_who_administers_all_cameras_may(daemon, users):  # noqa: F811
    write(users, account("viewer", name="vera") + account("operator", name="otto")
          + account("admin", "f*", "fred") + account("admin", name="anna"))
    server = daemon({"front": SCENE}, options={"users-file": users})
    with TcpCamera(say_nothing) as camera:
        uri = {"uri": f"rtsp://127.0.0.1:{camera.port}/x"}
        assert status(server, PATH, None, "post", json=uri) == 401
        for name in ("vera", "otto", "fred"):
            assert status(server, PATH, (name, "secret"), "post", json=uri) == 403, name
        assert camera.connections == 0
    assert status(server, PATH, ("anna", "secret"), "post", json={"uri": SCENE}) == 200
    server.logged("audit: user anna, 127.0.0.1 python-requests: tried test:moving")


# --- what it leaves alone ---


class Silent(TcpCamera):
    """Takes connections, says nothing, and knows which have ended."""

    def __init__(self):
        self.ended = 0
        self.lock = threading.Lock()
        super().__init__(self.wait)

    def wait(self, connection):
        try:
            say_nothing(connection)
        finally:
            with self.lock:
                self.ended += 1

    def uri(self):
        return f"rtsp://127.0.0.1:{self.port}/x"


def begin(server, uri):
    """A client that has asked and reads nothing yet."""
    body = b'{"uri":"%s"}' % uri.encode()
    connection = socket.create_connection(("127.0.0.1", server.port), 60)
    connection.sendall(b"POST /api/v1/probe HTTP/1.1\r\nHost: localhost\r\n"
                       b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                       + body)
    return connection


@pytest.mark.short
@pytest.mark.parametrize("leave", ["close", "half"])
def test_one_too_many_is_told_and_who_leaves_makes_room(daemon, leave):
    server = daemon({"front": SCENE})
    server.live("front")
    with Silent() as camera:
        clients = [begin(server, camera.uri()) for _ in range(AT_ONCE)]
        until(lambda: camera.connections == AT_ONCE, 10, "all are tried")
        answer = ask(server, SCENE)
        assert answer.status_code == 503, answer.text
        assert answer.json()["error"]["code"] == "limit" and int(answer.headers["Retry-After"]) > 0
        assert server.get("/healthz").status_code == 200
        gone = clients.pop()
        if leave == "close":
            gone.close()
        else:
            gone.shutdown(socket.SHUT_WR)
        until(lambda: camera.ended == 1, 5, "the connection of who left is given up")
        reached(server, SCENE)
        assert camera.connections - camera.ended == AT_ONCE - 1
        server.logged("given up: nobody waits for it")
        for client in [*clients, gone]:
            client.close()
        until(lambda: camera.ended == AT_ONCE, 5, "all are given up")


def test_stopping_does_not_wait_for_tries(daemon):
    server = daemon({})
    with Silent() as camera:
        clients = [begin(server, camera.uri()) for _ in range(AT_ONCE)]
        until(lambda: camera.connections == AT_ONCE, 10, "all are tried")
        server.stop()  # in less than two seconds
        for client in clients:
            assert client.recv(12) == b"HTTP/1.1 503"
            client.close()


def test_running_cameras_lose_nothing(daemon, rtsp):
    camera = rtsp(f"front={SMALL}", f"other={SMALL}")
    server = daemon({"front": {"uri": camera.uri("front"), "transport": "tcp"}})
    server.live("front")
    with server.stream("front", "?fps=0") as stream, \
            concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        stream.live()
        tries = [pool.submit(tried, server, uri) for uri in
                 (camera.uri("front"), camera.uri("other"), SCENE, "rtsp://127.0.0.1:1/x") * 3]
        parts = stream.parts(4)
        assert [one.result()["reached"] for one in tries] == [True, True, True, False] * 3
        server.kept("front", parts)
    assert server.camera("front")["reconnects"] == 0
    assert list(server.cameras()) == ["front"]
    events = server.get("/api/v1/events").json()["events"]
    assert {event["camera"] for event in events if event["kind"] == "camera-state"} <= {"front"}
    assert 'camera="(probe)"' not in server.get("/metrics").text


def test_nothing_is_left_behind(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({})

    def every_kind():
        for uri in (SCENE, camera.uri("front"), "rtsp://127.0.0.1:1/x", "/dev/zero"):
            tried(server, uri)
        until(lambda: camera.counts()["front.playing"] == 0, 10, "the camera is let go of")
    every_kind()
    before = descriptors(server.pid), threads(server.pid)
    for _ in range(5):
        every_kind()
    until(lambda: descriptors(server.pid) <= before[0] + 1 and threads(server.pid) <= before[1] + 1,
          10, lambda: f"{before} became {descriptors(server.pid)}, {threads(server.pid)}")
