"""The wall clock is set, by NTP or by hand: dates follow, and nothing else does."""
import datetime
import mmap
import os
import struct

import pytest

from kit.camera import SMALL
from kit.process import built, free_port
from kit.wait import SLOW, until

DAY = 86400


class WallClock:
    def __init__(self, directory):
        self.path = str(directory / "wall-clock")
        with open(self.path, "wb") as file:
            file.write(bytes(8))
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8)

    def set(self, seconds):
        self.map[:] = struct.pack("=q", seconds)

    def environment(self):
        return {"LD_PRELOAD": built("tests/daemon/.libs/wall-clock.so"),
                "VEDETTE_WALL_CLOCK": self.path}


@pytest.fixture
def clock(tmp_path):
    if SLOW > 1:
        pytest.skip("a sanitizer wants to be the first that is preloaded")
    if not os.path.exists(built("tests/daemon/.libs/wall-clock.so")):
        pytest.skip("the clock to preload is not built")
    return WallClock(tmp_path)


def date(camera):
    return datetime.datetime.fromisoformat(camera["time"].replace("Z", "+00:00")).timestamp()


@pytest.mark.parametrize("jump", [DAY, -DAY, -3, 400 * DAY])
def test_a_step_of_the_wall_clock_disturbs_nothing(daemon, rtsp, clock, jump):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": {"uri": camera.uri("front"), "transport": "tcp", "stream-fps": 60},
                     "scene": "test:moving?width=320&height=240&fps=10",
                     "away": f"rtsp://127.0.0.1:{free_port()}/x"}, env=clock.environment())
    server.live("front", "scene")
    server.until_reason("away", "refused")
    before = {name: server.camera(name) for name in ("front", "scene", "away")}
    with server.stream("front") as stream:
        stream.live()
        parts = [stream.part() for _ in range(10)]
        clock.set(jump)
        parts += [stream.part() for _ in range(40)]
    assert all(part.live for part in parts)
    after = {name: server.camera(name) for name in before}
    for name in ("front", "scene"):
        assert after[name]["state"] == "live" and after[name]["reconnects"] == 0, after[name]
        assert after[name]["frames"] > before[name]["frames"]
        assert 0 <= after[name]["last_frame_age_seconds"] < 5
        assert abs(date(after[name]) - date(before[name]) - jump) < 60
        assert 0 <= after[name]["since_seconds"] < 60
        assert after[name]["fps"] > 1
    assert 0 < after["away"]["away_seconds"] < 60
    until(lambda: server.camera("away")["tries"] > after["away"]["tries"], 10, "the next try")
    assert (server.camera("away")["next_try_seconds"] or 0) <= 60


def test_a_camera_that_comes_back_after_a_step_is_taken(daemon, rtsp, clock):
    port = free_port()
    server = daemon({"front": f"rtsp://127.0.0.1:{port}/front"}, env=clock.environment())
    server.until_reason("front", "refused")
    clock.set(-DAY)
    rtsp(f"front={SMALL}", port=port)
    server.live("front", seconds=10)
    clock.set(DAY)
    with server.stream("front") as stream:
        stream.live()
    assert server.get("/healthz").status_code == 200
