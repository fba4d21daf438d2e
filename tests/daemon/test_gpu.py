"""Cameras on a GPU, the emulated one: what is decoded there, and what becomes of it when it fails."""
import os
import subprocess

import pytest

from kit import gpu
from kit.notified import Notified
from kit.process import built
from kit.video import Video, decode
from kit.stream import steps
from kit.wait import until

REPORT = 1056  # bytes of what motion leaves the device with


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Ten seconds of 160x120 at 8 pictures/s, a key frame every two seconds."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=8",
                    "-t", "10", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast",
                    "-tune", "zerolatency", "-g", "16", str(path)], check=True)
    return str(path)


def place(server, name):
    camera = server.camera(name)
    return camera["decoder"], camera["gpu"], camera["no_gpu_reason"]


def stats(server):
    return server.get("/api/v1/stats").json()


def gpus(server):
    return stats(server)["gpus"]


def end(server):
    server.close()
    return gpu.counters(server.log())


def test_pictures_stay_on_the_gpu(daemon, tmp_path, clip):
    server = daemon({"front": clip, "side": clip, "off": {"uri": clip, "gpu": "off"}},
                    env=gpu.environment(tmp_path))
    server.live("front", "side", "off", seconds=20)
    assert place(server, "front") == place(server, "side") == ("nvh264dec", 0, None)
    assert place(server, "off") == ("avdec_h264", None, "gpu=off")
    until(lambda: server.camera("front")["motion"]["frames"] >= 20, 60, "20 analysed pictures")
    told = gpus(server)
    assert [(one["number"], one["usable"], one["lost"], one["faults"], one["streams"])
            for one in told] == [(0, True, False, 0, 2)]
    assert told[0]["megapixels_per_second"] == pytest.approx(2 * 160 * 120 * 8 / 1e6, rel=0.2)
    analysed = server.camera("front")["motion"]["frames"] + server.camera("side")["motion"]["frames"]
    count = end(server)
    assert count["h2d"] == 0 and count["faults"] == 0 and count["live_bytes"] == 0
    assert count["d2h"] % REPORT == 0 and count["d2h"] // REPORT >= analysed
    assert count["contexts"] == 2  # ours, and that in which GStreamer looked at the card once


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_video_is_encoded_on_the_gpu_that_has_its_pictures(daemon, tmp_path, clip, codec):
    if not os.path.exists(built("tests/emu/.libs/libnvidia-encode.so.1")):
        pytest.skip("built without the emulated NVENC")
    server = daemon({"front": clip, "off": {"uri": clip, "gpu": "off"}},
                    env=gpu.environment(tmp_path))
    server.live("front", "off", seconds=20)
    query = f"stream.mp4?codec={codec}&fps=0"
    told = {}
    for name in ("front", "off"):
        with Video(f"{server.url}/api/v1/cameras/{name}/{query}") as viewer:
            viewer.take(12, 60)
            assert decode(viewer.save(tmp_path / f"{name}.mp4")) == ("", 12)
            told[name] = server.camera(name)["renditions"][0]
    word = {"h264": "h264", "h265": "hevc"}[codec]
    assert (told["front"]["encoder"], told["front"]["encoder_on_gpu"],
            told["front"]["no_gpu_reason"]) == (f"{word}_nvenc", True, None)
    assert told["off"]["encoder"] in ("libx264", "libx265")
    assert not told["off"]["encoder_on_gpu"] and told["off"]["no_gpu_reason"]
    server.logged(f"front: {codec} by {word}_nvenc")
    analysed = {name: server.camera(name)["analyser"] for name in told}
    assert analysed == {"front": "cuda", "off": "cpu"}


def test_a_viewer_gets_what_was_made_on_the_gpu(daemon, tmp_path, clip):
    server = daemon({"front": clip}, env=gpu.environment(tmp_path))
    server.live("front", seconds=20)
    with server.stream("front", "?width=80") as stream:
        stream.live()
        stream.parts(1)
    assert place(server, "front")[1] == 0
    count = end(server)
    assert count["h2d"] < 100000 and count["faults"] == 0  # captions, once


def test_fifty_cameras_use_one_context(daemon, tmp_path, clip):
    names = [f"c{number}" for number in range(50)]
    server = daemon({name: {"uri": clip, "gpu": "require", "analysis-fps": 1} for name in names},
                    env=gpu.environment(tmp_path))
    until(lambda: all(camera["decoder"] == "nvh264dec" for camera in server.cameras().values()),
          120, lambda: str({name: one["decoder"] for name, one in server.cameras().items()}))
    assert gpus(server)[0]["streams"] == 50
    count = end(server)
    assert count["contexts"] == 2  # ours, and that in which GStreamer looked at the card once
    assert count["faults"] == 0 and count["live_bytes"] == 0


@pytest.mark.parametrize("sticky", ["", ":sticky"], ids=["for a while", "for good"])
def test_a_viewer_stays_over_a_fault(daemon, tmp_path, clip, sticky):
    server = daemon({"front": clip},
                    env=gpu.environment(tmp_path, f"cuvidDecodePicture:40:700{sticky}"))
    server.live("front", seconds=20)
    with server.stream("front", "?width=80") as stream:
        stream.live()
        assert place(server, "front")[0] == "nvh264dec"
        stream.until(lambda part: place(server, "front")[0] == "avdec_h264", 30, "it is on the CPU")
        assert min(steps(stream.at_least(10, 20))) > 0
    camera = server.camera("front")
    assert camera["reconnects"] == 0 and camera["last_error"] is None
    assert camera["state"] == "live"
    server.stop()


FAULTS = {"a kernel": "cuLaunchKernel:40:700", "the decoder": "cuvidDecodePicture:10:700",
          "a picture": "cuvidMapVideoFrame64:8:2", "memory": "cuMemAllocPitch_v2:2:2",
          "at the start": "cuvidCreateDecoder:1:2", "waiting": "cuStreamSynchronize:12:700"}


@pytest.mark.parametrize("fail", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_costs_no_camera(daemon, tmp_path, clip, fail):
    server = daemon({"front": clip}, env=gpu.environment(tmp_path, fail))
    until(lambda: place(server, "front")[0] == "avdec_h264", 30, lambda: str(server.camera("front")))
    server.live("front")
    assert place(server, "front")[1:] == (None, "GPU 0 has failed and is left alone for a while")
    camera = server.camera("front")
    assert camera["reconnects"] == 0 and camera["last_error"] is None
    assert stats(server)["gpu_faults"] == 1 and stats(server)["restart_wanted"] is None
    server.logged("is left alone for 10 s")
    until(lambda: place(server, "front")[0] == "nvh264dec", 40, "it returns to the GPU")
    assert end(server)["faults"] == 0


LOSSES = {"a kernel": "cuLaunchKernel:40:719:sticky", "data": "cuvidParseVideoData:10:719:sticky"}


@pytest.mark.parametrize("fail", LOSSES.values(), ids=LOSSES.keys())
def test_a_lost_gpu_costs_no_camera(daemon, tmp_path, clip, fail):
    notified = Notified(tmp_path)
    server = daemon({"front": clip},
                    env=gpu.environment(tmp_path, fail, NOTIFY_SOCKET=notified.path))
    until(lambda: place(server, "front")[0] == "avdec_h264", 30, lambda: str(server.camera("front")))
    server.live("front")
    assert "needs vedetted to be restarted" in place(server, "front")[2]
    assert server.camera("front")["reconnects"] == 0
    told = gpus(server)[0]
    assert told["lost"] and not told["usable"] and told["faults"] == 1 and told["streams"] == 0
    server.logged("GPU 0 no longer answers")
    assert stats(server)["gpu_faults"] == 1
    assert stats(server)["restart_wanted"] == "GPU 0 no longer answers"
    until(lambda: any(line.endswith("; a restart is wanted: GPU 0 no longer answers")
                      for _, line in notified.listen()), 5, lambda: str(notified.said))
    server.stop()


def test_require_says_why_a_camera_has_no_gpu(daemon, clip):
    server = daemon({"front": {"uri": clip, "gpu": "require"}, "side": {"uri": clip, "gpu": "7"}},
                    env={"LD_LIBRARY_PATH": "/nonexistent"})
    server.until_state("front", "undecodable", 20)
    assert server.camera("front")["reason"].startswith("gpu=require: ")
    server.live("side", seconds=20)
    assert place(server, "side")[0] == "avdec_h264" and place(server, "side")[2]
