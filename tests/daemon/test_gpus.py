"""Cameras on two GPUs, emulated ones: where they are placed, and when and how they move."""
import pytest

from kit import gpu
from kit.wait import until
from test_gpu import clip, end, gpus, place  # noqa: F401: clip is a fixture

NAMES = ("one", "two", "three", "four")
STATE = 160 * 120 * 36 + 80 * 60 * 34 + 64  # bytes of what is learned: pixels, cells, the head
REFERENCE = 32784  # bytes of what vdtamper has learned, kept every 10 s


def spread(server):
    """How many cameras are on each GPU, and with the CPU: [2, 2, 0]"""
    numbers = [place(server, name)[1] for name in NAMES]
    return [numbers.count(number) for number in (0, 1, None)]


def until_spread(server, wanted, seconds):
    until(lambda: spread(server) == wanted, seconds, lambda: f"{wanted}: {spread(server)}")


def untouched(server):
    """No camera was connected anew, and none had no picture."""
    for name in NAMES:
        camera = server.camera(name)
        assert camera["state"] == "live" and camera["reconnects"] == 0, camera
        assert camera["last_error"] is None, camera


def start(daemon, tmp_path, clip, fail=None, **options):  # noqa: F811
    cameras = {name: {"uri": clip, **options} for name in NAMES}
    server = daemon(cameras, env=gpu.environment(tmp_path, fail, VEDETTE_EMU_DEVICES="2"))
    server.live(*NAMES, seconds=20)
    return server


def test_cameras_are_spread_over_two_gpus(daemon, tmp_path, clip):  # noqa: F811
    server = start(daemon, tmp_path, clip)
    assert spread(server) == [2, 2, 0]
    for name in NAMES:
        assert place(server, name) in (("nvh264dec", 0, None), ("nvh264device1dec", 1, None))
    assert [one["streams"] for one in gpus(server)] == [2, 2]
    count = end(server)
    assert count["h2d"] == 0 and count["faults"] == 0 and count["live_bytes"] == 0
    assert count["contexts"] == 2 + 2  # ours, and those in which GStreamer looked at the cards once


def test_the_cameras_of_a_lost_gpu_go_to_the_other(daemon, tmp_path, clip):  # noqa: F811
    server = start(daemon, tmp_path, clip, "cuLaunchKernel:160:719:sticky")
    until(lambda: any(one["lost"] for one in gpus(server)), 20, "a lost GPU")
    lost = [one["lost"] for one in gpus(server)].index(True)
    until_spread(server, [0, 4, 0] if lost == 0 else [4, 0, 0], 10)
    untouched(server)
    server.logged(f"moved from GPU {lost} to GPU {1 - lost}")
    assert "to the CPU" not in server.log()
    streams = [0, 4] if lost == 0 else [4, 0]
    until(lambda: [one["streams"] for one in gpus(server)] == streams, 10, "a seat each")
    told = gpus(server)
    assert not told[lost]["usable"] and told[1 - lost]["usable"]
    server.stop()


def test_a_gpu_that_may_be_used_again_gets_cameras_back(daemon, tmp_path, clip):  # noqa: F811
    server = start(daemon, tmp_path, clip, "cuLaunchKernel:160:700")
    until(lambda: sorted(spread(server)) == [0, 1, 3], 20, lambda: str(spread(server)))
    failed = [one["usable"] for one in gpus(server)].index(False)
    until_spread(server, [2, 2, 0], 20)
    server.logged(f"moved from GPU {1 - failed} to GPU {failed}: GPU {1 - failed} has ")
    untouched(server)
    told = gpus(server)
    assert all(one["usable"] for one in told)
    assert [one["faults"] for one in told] == ([1, 0] if failed == 0 else [0, 1])
    count = end(server)
    # What was learned moved with it; who has run for 10 s by then takes what is normal along, too.
    assert count["h2d"] - STATE in (0, REFERENCE, 2 * REFERENCE) and count["faults"] == 0


def test_a_reload_moves_cameras_and_a_viewer_sees_nothing_of_it(daemon, tmp_path, clip):  # noqa: F811
    server = start(daemon, tmp_path, clip, gpu="0")
    assert spread(server) == [4, 0, 0]
    with server.stream("one", "?width=80") as stream:
        stream.live()
        for wish, wanted in (("1", [0, 4, 0]), ("off", [0, 0, 4]), ("require", [2, 2, 0])):
            server.reload({name: {"uri": clip, "gpu": wish} for name in NAMES})
            until_spread(server, wanted, 20)
            stream.parts(3)
    untouched(server)
    assert [server.camera(name)["no_gpu_reason"] for name in NAMES] == [None] * 4
    for text in ("one: moved from GPU 0 to GPU 1: gpu=1", "one: moved from GPU 1 to the CPU: gpu=off",
                 "one: moved from the CPU to GPU "):
        server.logged(text)
    assert end(server)["faults"] == 0


def test_a_wish_that_cannot_be_had_refuses_and_another_lets_it_in(daemon, tmp_path, clip):  # noqa: F811
    server = daemon({"front": {"uri": clip, "gpu": "off"}},
                    env=gpu.environment(tmp_path, VEDETTE_EMU_NVDEC="h265"))
    server.live("front", seconds=20)
    server.reload({"front": {"uri": clip, "gpu": "require"}})
    server.until_state("front", "undecodable", 10)
    server.reload({"front": {"uri": clip, "gpu": "auto"}})
    server.live("front")
    assert place(server, "front")[0] == "avdec_h264"
    assert server.camera("front")["reconnects"] == 0
