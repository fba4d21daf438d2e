"""Cameras and files that mean harm: each is named for what it is, costs little, and leaves the
others alone."""
import os
import re

import pytest

from kit.camera import TcpCamera, say_nothing, say_rubbish
from kit.hostile import (LUMP, MULTIPART, SDP, answer, count_of, h264_of_size, http, huge_jpeg,
                         interleaved, mad_packets, memory_mb, parts, repeat, rtp, rtsp, slowly)
from kit.wait import SLOW, until

SCENE = "test:moving?width=320&height=240&fps=10"
SECRET = "geheim77"
MOST_MB = 120  # beyond what it has before; far less than what is announced


def say(text, then=None):
    """Answers a request with these bytes."""
    def send(connection, cseq=b"1"):
        connection.sendall(text.replace(b"CSEQ", cseq))
        if then:
            then(connection)
    return send


def moved(where):
    return say(b"RTSP/1.0 302 Found\r\nCSeq: CSEQ\r\nLocation: " + where + b"\r\n\r\n")


def wild_challenge(connection, cseq):
    nonce = os.urandom(8).hex().encode()
    connection.sendall(answer(cseq, b"401 Unauthorized",
                              b'WWW-Authenticate: Digest realm="r", nonce="' + nonce + b'"\r\n'))


def random_pictures(connection):
    for i in range(3000):
        head = bytes([0, 0, 0, 0, 1, 255, 255, 255])
        connection.sendall(interleaved(0, rtp(i, i * 3000, head + os.urandom(999), kind=26)))


JPEG_SDP = b"v=0\r\no=- 1 1 IN IP4 0\r\ns=x\r\nm=video 0 RTP/AVP 26\r\na=control:t\r\n"
OK = b"RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\nContent-Type: application/sdp\r\n"
HEADER = b"X-Filler: " + b"y" * 1000 + b"\r\n"

# name: camera, and what is said of it (None: something, whatever)
RTSP = {
    "garbage": (say_rubbish, "garbage"),
    "huge-sdp": (rtsp(None, answers={b"DESCRIBE": say(
        OK + b"Content-Length: 900000\r\n\r\n" + b"a=x\r\n" * 180000)}), "garbage"),
    "huge-length": (rtsp(None, answers={b"DESCRIBE": say(
        OK + b"Content-Length: 4294967295\r\n\r\n" + SDP)}), "garbage"),
    "negative-length": (rtsp(None, answers={b"DESCRIBE": say(
        OK + b"Content-Length: -1\r\n\r\n" + SDP)}), "garbage"),
    "body-too-short": (rtsp(None, answers={b"DESCRIBE": say(
        OK + b"Content-Length: 60000\r\n\r\n" + SDP)}), "timeout"),
    "endless-headers": (rtsp(None, answers={b"DESCRIBE": say(
        b"RTSP/1.0 200 OK\r\n", repeat(HEADER, 50000))}), None),
    "endless-line": (rtsp(None, answers={b"OPTIONS": say(
        b"RTSP/1.0 200 OK\r\nX: ", repeat(LUMP, 1000))}), None),
    "redirect-elsewhere": (rtsp(None, answers={b"DESCRIBE": moved(b"rtsp://192.0.2.1/x")}),
                           "failed"),
    "redirect-file": (rtsp(None, answers={b"DESCRIBE": moved(b"file:///etc/passwd")}), "failed"),
    "wild-challenge": (rtsp(None, answers={b"OPTIONS": wild_challenge,
                                           b"DESCRIBE": wild_challenge}), "unauthorized"),
    "play-and-close": (rtsp(lambda connection: connection.shutdown(2)), "closed"),
    "byte-a-second": (slowly(b"RTSP/1.0 200 OK\r\nX: " + b"y" * 100), "timeout"),
    "mad-packets": (rtsp(mad_packets), None),
    "channels-unasked": (rtsp(repeat(interleaved(7, b"z" * 65535), 1000)), None),
    "random-pictures": (rtsp(random_pictures, sdp=JPEG_SDP), None),
}

LENGTH = b"Content-Length: %d\r\n\r\n" % len(SDP)
NO_VIDEO = b"v=0\r\no=- 1 1 IN IP4 0\r\ns=x\r\n" + b"m=audio 0 RTP/AVP 0\r\na=control:t\r\n" * 100
MANY = NO_VIDEO + SDP[SDP.index(b"m="):]

# name: camera, what is said of it for programs, and a part of what is said for people
TOLD = {
    "silent": (say_nothing, "timeout", " does not answer"),
    "silent-later": (rtsp(None, answers={b"DESCRIBE": lambda connection, cseq: None}), "timeout",
                     " does not answer"),
    "plays-nothing": (rtsp(None), "timeout", " answers, but gives no picture within 3 s"),
    "other-cseq": (rtsp(None, answers={b"DESCRIBE": say(
        b"RTSP/1.0 200 OK\r\nCSeq: 999\r\nContent-Type: application/sdp\r\n" + LENGTH + SDP)}),
                   "garbage", " does not speak RTSP as it should"),
    "no-cseq": (rtsp(None, answers={b"DESCRIBE": say(
        b"RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\n" + LENGTH + SDP)}),
                "garbage", " does not speak RTSP as it should"),
    "no-video": (rtsp(None, sdp=NO_VIDEO), "unsupported", "the stream carries no video"),
    "no-media": (rtsp(None, sdp=b"v=0\r\no=- 1 1 IN IP4 0\r\ns=x\r\n"), "unsupported",
                 "the stream carries no video"),
    "empty-sdp": (rtsp(None, sdp=b""), "garbage", " does not speak RTSP as it should"),
    "sends-away": (rtsp(None, answers={b"DESCRIBE": moved(b"rtsp://127.0.0.1:1/x")}), "refused",
                   " sends on to an address where nobody takes connections"),
    "hundred-medias": (rtsp(None, sdp=MANY), "timeout", " answers, but gives no picture"),
}

LONG = b"--b\r\nContent-Type: image/jpeg\r\n"
WEB = {
    "part-too-long": (http(MULTIPART, say(LONG + b"Content-Length: 99999999999\r\n\r\n\xff\xd8",
                                          repeat(LUMP))), "garbage"),
    "part-without-end": (http(MULTIPART, say(LONG + b"\r\n\xff\xd8", repeat(LUMP))), "garbage"),
    "part-headers": (http(MULTIPART, say(b"--b\r\n", repeat(HEADER, 50000))), "garbage"),
    "headers-without-end": (lambda connection: (connection.recv(999), say(
        b"HTTP/1.1 200 OK\r\n", repeat(HEADER, 50000))(connection)), None),
    "no-boundary": (http(b"Content-Type: multipart/x-mixed-replace\r\n", repeat(LUMP, 1000)),
                    None),
    "chunk-too-long": (http(MULTIPART + b"Transfer-Encoding: chunked\r\n",
                            say(b"FFFFFFFFFFFFFFFF\r\n", repeat(LUMP, 500))), None),
    "bomb": (http(MULTIPART, repeat(parts(huge_jpeg(65500, 65500)), 200, 0.05)), "unsupported"),
    "negative-length": (http(MULTIPART + b"Content-Length: -5\r\n", repeat(LUMP, 10)), "garbage"),
    "cut-short": (http(MULTIPART, repeat(parts(huge_jpeg(640, 480)[:-500]), 200, 0.05)),
                  "garbage"),
    "redirect-to-file": (http(b"Location: file:///etc/passwd\r\nContent-Length: 0\r\n",
                              lambda connection: None, b"302 Found"), "failed"),
}


def attacked(daemon, cameras, uri):
    """A daemon with these cameras, and one good one that must not notice."""
    served = {name: TcpCamera(one) for name, (one, _) in cameras.items()}
    timing = {"connect-timeout-ms": 4000, "stall-timeout-ms": 2000}
    server = daemon({"good": SCENE, **{
        name: {"uri": uri.format(port=one.port), "transport": "tcp", **timing}
        for name, one in served.items()}}, options={"log-level": "debug"})
    return server, served


def judge(server, cameras):
    """Each says why it is not live; the good one goes on; nothing grows; no secret is told."""
    server.live("good")
    before = memory_mb(server.pid)
    with server.stream("good") as stream:
        for name, (_, reason) in cameras.items():
            until(lambda n=name, r=reason: server.reason(n) == r if r else server.reason(n),
                  15, lambda n=name, r=reason: f"{n} says {r}: {server.camera(n)}")
        stream.live()
        stream.at_least(10, 2)
    assert server.camera("good")["reconnects"] == 0
    assert memory_mb(server.pid) - before < MOST_MB * (SLOW + 1)
    assert count_of(server.pid, "task") < 16 + 6 * len(cameras)
    assert SECRET not in server.log() + server.get("/api/v1/cameras").text


def test_rtsp_cameras_that_mean_harm(daemon):
    server, served = attacked(daemon, RTSP, "rtsp://joe:" + SECRET + "@127.0.0.1:{port}/x")
    judge(server, RTSP)
    for one in served.values():
        one.close()


def test_http_cameras_that_mean_harm(daemon):
    server, served = attacked(daemon, WEB, "http://joe:" + SECRET + "@127.0.0.1:{port}/x?t="
                              + SECRET)
    judge(server, WEB)
    for one in served.values():
        one.close()


@pytest.mark.parametrize("transport", ["tcp", "udp", "auto"])
def test_what_is_wrong_with_a_camera_is_said_in_the_same_words_each_time(daemon, transport):
    served = {name: TcpCamera(one) for name, (one, _, _) in TOLD.items()}
    timing = {"connect-timeout-ms": 3000, "transport": transport}
    told = dict(TOLD)
    server = daemon({"unknown": {"uri": f"rtsp://joe:{SECRET}@no-such-host.invalid/x", **timing}, **{
        name: {"uri": f"rtsp://127.0.0.1:{served[name].port}/x", **timing} for name in told}})
    told["unknown"] = (None, "unknown-host", "the host no-such-host.invalid is not known")
    for name, (_, code, text) in told.items():
        server.until_reason(name, code, 15)
        assert text in server.camera(name)["reason"]
    # each trouble of an outage is said once: another one would be another line
    until(lambda: all(server.camera(name)["tries"] >= 3 for name in told), 60, "they are tried on")
    for name, (_, _, text) in told.items():
        lines = [line for line in server.log().splitlines() if f" {name}: " in line]
        assert len(lines) == 1 and text in lines[0], lines
    for one in served.values():
        one.close()


def put(path, data, sparse=0):
    path.write_bytes(data)
    if sparse:
        os.truncate(path, sparse)
    return str(path)


def test_files_that_mean_harm(daemon, tmp_path):
    head = b"\0\0\0\x18ftypisom\0\0\0\0isomiso2"
    os.mkfifo(tmp_path / "pipe.mp4")
    files = {
        "folder": (str(tmp_path), "unsupported"),
        "pipe": (str(tmp_path / "pipe.mp4"), "unsupported"),
        "device": ("/dev/zero", "unsupported"),
        "missing": (str(tmp_path / "nothing.mp4"), "not-found"),
        "empty": (put(tmp_path / "empty.mp4", b""), "unsupported"),
        "noise": (put(tmp_path / "noise.mp4", bytes(range(256)) * 99), "unsupported"),
        "moov": (put(tmp_path / "moov.mp4", head + b"\xff\xff\xff\xf0moov" + b"\x7f" * 5000),
                 "garbage"),
        "moov64": (put(tmp_path / "moov64.mp4", head + b"\0\0\0\1moov\x7f" + b"\xff" * 5000),
                   "garbage"),
        "mkv": (put(tmp_path / "x.mkv", b"\x1a\x45\xdf\xa3\1" + b"\xff" * 999), "garbage"),
        "bomb-mjpeg": (put(tmp_path / "bomb.mjpg", huge_jpeg(65500, 65500) * 20), "unsupported"),
        "bomb-h264": (put(tmp_path / "bomb.h264", h264_of_size(16384, 16384) * 50), None),
        "sparse-h264": (put(tmp_path / "sparse.h264", h264_of_size(640, 480), 3 << 30), None),
    }
    server = daemon({"good": SCENE, **{
        name: {"uri": path, "connect-timeout-ms": 4000} for name, (path, _) in files.items()}},
        options={"log-level": "debug"})
    judge(server, files)


def test_a_redirect_does_not_take_the_password_elsewhere(daemon):
    asked = []

    def greedy(connection):
        asked.append(connection.recv(9999))
        connection.sendall(b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n'
                           b"Content-Length: 0\r\nConnection: close\r\n\r\n")
    with TcpCamera(greedy) as other:
        away = http(b"Location: http://localhost:%d/y\r\nContent-Length: 0\r\n" % other.port,
                    lambda connection: None, b"302 Found")
        with TcpCamera(away) as camera:
            server = daemon({"front": f"http://joe:{SECRET}@127.0.0.1:{camera.port}/x"})
            until(lambda: camera.connections >= 2, 15, "it was asked twice")
            server.stop()
    assert not any(re.search(b"authorization", text, re.I) for text in asked), asked


@pytest.mark.parametrize("kind", ["h264", "mjpg"])
def test_a_file_replaced_while_it_plays_is_no_harm(daemon, tmp_path, kind):
    path = tmp_path / f"clip.{kind}"
    path.write_bytes(huge_jpeg(320, 240) * 100 if kind == "mjpg" else h264_of_size(320, 240) * 99)
    server = daemon({"good": SCENE, "front": str(path)})
    server.live("good")
    for data in (b"", os.urandom(99999), huge_jpeg(64, 48) * 10):
        path.write_bytes(data)
        assert server.get("/healthz").status_code == 200
    path.unlink()
    until(lambda: server.reason("front"), 15, "it says what is wrong")
    assert server.state("good") == "live"
