"""HTTP clients that mean harm: each gets a clear answer or is left to itself, and who watches
notices nothing."""
import json
import socket
import struct
import threading
import time

import pytest

from kit.hostile import count_of, raw
from kit.process import free_port
from kit.stream import Closed
from kit.wait import SLOW, until

SCENE = "test:moving?width=320&height=240&fps=10"
CAMERA = "/api/v1/cameras/front"
TOO_MANY = [chr(97 + i // 26) + chr(97 + i % 26) for i in range(513)]


def get(path, method="GET", more=""):
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}Connection: close\r\n\r\n".encode()


@pytest.mark.short
@pytest.mark.parametrize("status, request_", [
    (404, get("/../../etc/passwd")), (404, get("/..%2f..%2fetc/passwd")), (404, get("*")),
    (400, get("/%00")), (400, get(CAMERA + "%00")), (400, get(CAMERA + "%")),
    (404, get("http://elsewhere" + CAMERA)), (404, get("//api/v1/cameras")),
    (400, get(CAMERA + "?x")), (400, get(CAMERA + "/snapshot.jpg?" + "x=1&" * 500)),
    (400, get(CAMERA + "/snapshot.jpg?width=320&width=320")),
    (400, get(CAMERA + "/snapshot.jpg?width=99999999999999999999")),
    (400, get(CAMERA + "/snapshot.jpg?width=320%00")),
    (400, get("/api/v1/wall.mjpg?cameras=front,front")),
    (400, get("/api/v1/wall.mjpg?cameras=,")),
    (400, get("/api/v1/wall.mjpg?cameras=" + ",".join(TOO_MANY))),
    (404, get("/api/v1/wall.mjpg?cameras=front,nobody")),
    (405, get(CAMERA, "BREW")), (405, get(CAMERA, "G" * 5000)), (405, get(CAMERA, "TRACE")),
    (405, b"POST " + CAMERA.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n"
     b"Expect: 100-continue\r\n\r\n"),
    (413, get(CAMERA, more="Content-Length: 5\r\n") + b"hello"),
    (411, get(CAMERA, more="Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n"),
    (431, get(CAMERA, more="X: " + "y" * 20000 + "\r\n")),
    (431, get(CAMERA, more="X: " + "y" * 40000 + "\r\n")),
    (414, get("/" + "y" * 3000)), (414, get("/?" + "y" * 30000)),
], ids=range(27))
def test_odd_requests_are_answered_with_an_error_in_json(bare, status, request_):
    head, _, body = raw(bare.port, request_).partition(b"\r\n\r\n")
    assert head.split()[1] == str(status).encode(), head
    assert json.loads(body)["error"]["code"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """One daemon for all those that only ask."""
    from kit.daemon import Daemon
    server = Daemon(tmp_path_factory.mktemp("bare"), {"front": SCENE})
    server.live("front")
    yield server
    server.close()


def test_who_only_closes_its_sending_half_gets_its_stream(bare):
    assert b"\r\n\r\n{" in raw(bare.port, get(CAMERA), half=True)
    assert raw(bare.port, get(CAMERA + "/stream.mjpg"), half=True,
               limit=80000).count(b"--vedette") > 3
    until(lambda: bare.camera("front")["viewers"]["count"] == 0, 10, "all are forgotten")


def test_a_request_that_never_ends_is_ended(bare):
    trickle = socket.create_connection(("127.0.0.1", bare.port))
    trickle.settimeout(2)
    trickle.sendall(b"GET / HTTP/1.1\r\nX: ")
    start = time.monotonic()
    answer = b""
    while not answer and time.monotonic() - start < 40 * SLOW:
        try:
            trickle.sendall(b"y")
            answer = trickle.recv(9999)
        except TimeoutError:
            assert bare.get("/healthz").status_code == 200
    assert answer.startswith(b"HTTP/1.1 408 ")
    trickle.close()


def reset(connection):
    """Closes with a reset, as who is cut off does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_storms_of_clients_leave_nothing_behind(daemon):
    server = daemon({"front": SCENE, "gone": f"rtsp://127.0.0.1:{free_port()}/x"})
    server.live("front")
    descriptors = count_of(server.pid, "fd")
    texts = (b"", b"GET /", get("/healthz"), get(CAMERA + "/stream.mjpg"), b"\x16\x03\x01\x02",
             get(CAMERA + "/snapshot.jpg"), get("/api/v1/cameras/gone/snapshot.jpg"),
             get("/api/v1/wall.mjpg"))
    with server.stream("front", "?fps=0") as stream:
        stream.live()
        got = []
        reader = threading.Thread(target=lambda: got.extend(stream.parts(6)))
        reader.start()
        for i in range(1500):
            connection = socket.create_connection(("127.0.0.1", server.port))
            connection.sendall(texts[i % len(texts)])
            (reset if i % 3 else socket.socket.close)(connection)
        reader.join()
        server.kept("front", got)
    until(lambda: all(one["viewers"]["count"] == 0 for one in server.cameras().values()), 15,
          lambda: f"nobody watches: {server.cameras()}")
    until(lambda: count_of(server.pid, "fd") <= descriptors + 4, 20,
          lambda: f"{count_of(server.pid, 'fd')} files of {descriptors}")


def test_who_stops_reading_costs_the_others_nothing(daemon):
    server = daemon({"front": SCENE})
    server.live("front")
    stuck = []
    for _ in range(20):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(("127.0.0.1", server.port))
        one.sendall(get(CAMERA + "/stream.mjpg?quality=100"))
        stuck.append(one)
    with server.stream("front", "?fps=0") as stream:
        stream.live()
        server.kept("front", stream.parts(3))
    assert server.stop() < 2 * SLOW
    for one in stuck:
        one.close()


def test_more_than_is_allowed_is_a_503(daemon):
    server = daemon({"front": SCENE}, options={"max-viewers": 20})
    server.live("front")
    many = [server.stream("front", f"?width={16 * i}") for i in range(1, 17)]
    answer = server.get(CAMERA + "/snapshot.jpg?width=640")
    assert answer.status_code == 503 and answer.json()["error"]["code"]
    assert server.session.head(server.url + CAMERA + "/snapshot.jpg?width=640").status_code == 503
    many += [server.stream("front", "?width=16") for _ in range(4)]
    answer = server.get(CAMERA + "/stream.mjpg?width=16")
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    for one in many:
        one.close()
    until(lambda: server.get(CAMERA + "/snapshot.jpg").status_code == 200, 10, "room again")


def test_cameras_go_while_they_are_watched(daemon):
    cameras = {f"c{i}": "test:moving?width=64&height=48&fps=5" for i in range(8)}
    server = daemon({"front": SCENE, **cameras})
    server.live("front", *cameras)
    with server.wall(f"?cameras={','.join(cameras)}&width=64") as wall, \
            server.stream("c3") as gone, server.stream("front") as stream:
        assert wall.live() and gone.live() and stream.live()
        server.reload({"front": SCENE})
        for one in (wall, gone):
            with pytest.raises(Closed):
                one.parts(100)
        assert stream.live()
    until(lambda: set(server.cameras()) == {"front"}, 5, "the others are gone")


@pytest.mark.short
def test_viewers_do_not_hold_up_the_end(daemon):
    server = daemon({"front": SCENE})
    server.live("front")
    many = [server.stream("front") for _ in range(50)]
    waiting = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for i, one in enumerate(waiting):
        one.sendall(b"GET / HT" if i % 2 else get(CAMERA + "/snapshot.jpg?width=100"))
    assert server.stop() < 2 * SLOW
    for one in many + waiting:
        one.close()
