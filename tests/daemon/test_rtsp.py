"""RTSP cameras as they are, and as they ought not to be."""
import time

import pytest

from kit.camera import SMALL, TcpCamera, say_nothing, say_rubbish
from kit.process import free_port
from kit.wait import SLOW, Watch, holds, until

H265 = "gen:h265:320x240@15"
MJPEG = "gen:mjpeg:320x240@15"


@pytest.mark.short
@pytest.mark.parametrize("transport", ["tcp", "udp", "auto"])
def test_a_camera_plays_over(daemon, rtsp, transport):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": {"uri": camera.uri("front"), "transport": transport}})
    with server.stream("front") as stream:
        assert stream.live().size() == (320, 240)


@pytest.mark.parametrize("clip", [SMALL, H265, MJPEG], ids=["h264", "h265", "mjpeg"])
def test_every_frame_arrives_of(daemon, rtsp, clip):
    camera = rtsp(f"front={clip}")
    server = daemon({"front": {"uri": camera.uri("front"), "transport": "tcp"}})
    with server.stream("front", "?fps=0") as stream:
        stream.live()
        server.kept("front", stream.parts(2))


@pytest.mark.parametrize("wanted, allowed", [("auto", "tcp"), ("auto", "udp"), ("tcp", "tcp"),
                                             ("udp", "udp")])
def test_transports_meet(daemon, rtsp, wanted, allowed):
    camera = rtsp(f"front={SMALL}")
    camera("transport", "front", allowed)
    server = daemon({"front": {"uri": camera.uri("front"), "transport": wanted}})
    server.live("front", seconds=15)


@pytest.mark.short
@pytest.mark.parametrize("options", [(), ("--basic",)], ids=["digest", "basic"])
def test_the_right_password_opens(daemon, rtsp, options):
    camera = rtsp(f"front={SMALL}", user="joe:geheim", options=options)
    server = daemon({"front": camera.uri("front")})
    server.live("front")


def test_passwords_can_stand_beside_the_uri(daemon, rtsp):
    camera = rtsp(f"front={SMALL}", user="joe:ge:hei#m/@")
    server = daemon({"front": {"uri": f"rtsp://127.0.0.1:{camera.port}/front", "user": "joe",
                               "password": "ge:hei#m/@"}})
    server.live("front")


def test_a_wrong_password_is_told_and_does_not_storm(daemon, rtsp):
    camera = rtsp(f"front={SMALL}", user="joe:geheim")
    server = daemon({"front": camera.uri("front", user="joe:falsch")})
    server.until_reason("front", "unauthorized")
    before = camera.counts()["describes"]
    time.sleep(6)
    assert camera.counts()["describes"] - before <= 2 * 6  # each try asks without and with it
    assert "falsch" not in server.log()
    camera("auth", "joe:falsch")
    server.live("front", seconds=65 if SLOW == 1 else 120)


def test_a_password_taken_back_is_noticed_and_given_again(daemon, rtsp):
    camera = rtsp(f"front={SMALL}", user="joe:geheim")
    server = daemon({"front": camera.uri("front")})
    server.live("front")
    camera("auth", "joe:anders")
    camera("drop", "front")
    server.until_reason("front", "unauthorized")
    camera("auth", "joe:geheim")
    server.live("front", seconds=6)


def test_404_is_told_until_it_is_there(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    camera("gone", "front")
    server = daemon({"front": camera.uri("front")})
    server.until_reason("front", "not-found")
    camera("back", "front")
    server.live("front", seconds=6)


def test_a_camera_absent_at_start_is_taken_when_it_comes(daemon, rtsp):
    port = free_port()
    server = daemon({"front": f"rtsp://127.0.0.1:{port}/front"})
    server.until_reason("front", "refused", 5)
    rtsp(f"front={SMALL}", port=port)
    server.live("front", seconds=5)


def test_a_silent_camera_is_told_and_taken_when_it_speaks(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    camera("silent")
    server = daemon({"front": {"uri": camera.uri("front"), "connect-timeout-ms": 2000}})
    server.until_reason("front", "timeout", 8)
    camera("open")
    server.live("front", seconds=8)


def test_refused_connections_do_not_storm(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": camera.uri("front")})
    server.live("front")
    camera("refuse")
    until(lambda: server.state("front") != "live", 5, "it is away")
    before = server.camera("front")["tries"]
    time.sleep(5)
    assert server.camera("front")["tries"] - before <= 6
    until(lambda: server.camera("front")["tries"] - before >= 2, 1, "it is tried on")
    camera("open")
    server.live("front", seconds=5)


def test_rubbish_is_no_camera(daemon):
    with TcpCamera(say_rubbish) as camera:
        server = daemon({"front": {"uri": f"rtsp://127.0.0.1:{camera.port}/x",
                                   "connect-timeout-ms": 2000},
                         "web": {"uri": f"http://127.0.0.1:{camera.port}/x",
                                 "connect-timeout-ms": 2000}})
        until(lambda: all(one["reason_code"] for one in server.cameras().values()), 10,
              lambda: f"both say a reason: {server.cameras()}")
        time.sleep(3)
        assert camera.connections <= 20


@pytest.mark.short
def test_a_dropped_connection_is_back_within_1500_ms(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": {"uri": camera.uri("front"), "transport": "tcp"}})
    server.live("front")
    until(lambda: server.camera("front")["since_seconds"] > 3, 10, "it has worked for a while")
    with server.stream("front") as stream:
        stream.live()
        camera("drop", "front")
        dropped = Watch()
        until(lambda: server.camera("front")["reconnects"] == 1, 5, "it connects anew")
        began = time.time()
        stream.until(lambda part: part.live and part.captured > began, 5, "a new picture")
        assert dropped.passed() < 1.5 * SLOW
    assert server.camera("front")["reconnects"] == 1


def test_a_killed_camera_is_back_within_3_s_of_its_return(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": camera.uri("front")})
    with server.stream("front") as stream:
        stream.live()
        camera.kill()
        time.sleep(5)
        rtsp(f"front={SMALL}", port=camera.port)
        returned = time.monotonic()
        stream.until(lambda part: part.live and part.at > returned, 3, "a new picture")


def test_a_stall_shows_in_status_log_and_picture(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": camera.uri("front")})
    with server.stream("front") as stream:
        stream.live()
        camera("stall", "front")
        watch = Watch()
        card = stream.until(lambda part: not part.live, 6, "a placeholder")
        assert card.headers["x-state"] == "placeholder"
        server.until_reason("front", "stalled", 5)
        assert watch.passed() < 5 * SLOW + 0.5
        assert "stall" in server.log() or "no picture" in server.log()
        camera("resume", "front")
        stream.live(6)


def test_a_frozen_camera_process_is_noticed(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": camera.uri("front")})
    server.live("front")
    camera.signal(19)  # SIGSTOP
    until(lambda: server.state("front") != "live", 6, "it is away")
    camera.signal(18)
    server.live("front", seconds=10)


@pytest.mark.parametrize("before, after", [(SMALL, H265), (H265, SMALL)], ids=["265", "264"])
def test_another_codec_inside_the_session_renews_it(daemon, rtsp, before, after):
    camera = rtsp(f"front={before}")
    server = daemon({"front": {"uri": camera.uri("front"), "transport": "tcp"}})
    server.live("front")
    with server.stream("front") as stream:
        last = stream.live()
        camera("switch", "front", after)
        until(lambda: server.camera("front")["reconnects"] == 1, 10, "the session is renewed")
        began = time.time()
        stream.until(lambda part: part.live and part.captured > began and part.number > last.number,
                     5, "pictures of the new codec")
    assert server.camera("front")["codec"] == after.split(":")[1]


def test_another_codec_after_reconnecting_plays(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": camera.uri("front")})
    server.live("front")
    for clip in (H265, MJPEG, SMALL):
        before = server.camera("front")["reconnects"]
        camera("remount", "front", clip)
        until(lambda n=before: server.camera("front")["reconnects"] > n, 5, "it connects anew")
        server.live("front", seconds=6)
        assert server.camera("front")["codec"] == clip.split(":")[1]


@pytest.mark.short
def test_another_size_inside_the_session_goes_on(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": {"uri": camera.uri("front"), "transport": "tcp"}})
    with server.stream("front") as stream:
        assert stream.live().size() == (320, 240)
        camera("codec", "front", "gen:h264:400x304@15")
        stream.until(lambda part: part.live and part.size() == (400, 304), 6, "the new size")


def test_garbage_in_the_session_is_survived(daemon, rtsp):
    """A decoder may make grey pictures of it; whatever it does, it ends when garbage does."""
    camera = rtsp(f"front={SMALL}", f"side={SMALL}")
    server = daemon({name: {"uri": camera.uri(name), "transport": "tcp"}
                     for name in ("front", "side")})
    server.live("front", "side")
    with server.stream("front") as stream, server.stream("side", "?fps=0") as side:
        for size in ("40", "3000", "100000"):
            camera("garbage", "front", size)
            side.parts(2)
        camera("garbage", "front", "0")
        good = time.monotonic()
        stream.until(lambda part: part.live and part.at > good + 2, 10, "pictures again")
    server.live("front", "side")
    assert server.camera("side")["reconnects"] == 0


def test_a_tenth_of_the_pictures_lost_is_still_live(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": camera.uri("front")})
    server.live("front")
    camera("lose", "front", "100")
    with server.stream("front") as stream:
        stream.live()
        stream.at_least(16, 3)
    holds(lambda: server.state("front") == "live", 1, "it stays live")


def test_sound_beside_the_picture_does_no_harm(daemon, rtsp):
    camera = rtsp(f"front={SMALL}+audio")
    server = daemon({"front": camera.uri("front")})
    server.live("front")


def test_three_bad_cameras_cost_five_good_ones_no_frame(daemon, rtsp):
    good = rtsp(f"good={SMALL}*5")
    bad = rtsp(f"bad={SMALL}")
    with TcpCamera(say_nothing) as silent:
        cameras = {f"good{i}": {"uri": good.uri(f"good{i}"), "transport": "tcp"} for i in range(5)}
        cameras["bad"] = {"uri": bad.uri("bad"), "transport": "tcp"}
        cameras["silent"] = f"rtsp://127.0.0.1:{silent.port}/x"
        cameras["refused"] = f"rtsp://127.0.0.1:{free_port()}/x"
        server = daemon(cameras)
        names = [f"good{i}" for i in range(5)]
        server.live(*names, "bad")
        seen = {name: [] for name in names}
        with server.wall("?fps=0&cameras=" + ",".join(names)) as stream:
            stream.live()
            for fault in ("stall", "garbage", "drop", "resume"):
                bad(fault, "bad", *(["2000"] if fault == "garbage" else []))
                for part in stream.parts(2):
                    seen[part.camera].append(part)
            for name in names:
                server.kept(name, seen[name])
                assert server.camera(name)["reconnects"] == 0
