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

REPORT = 1096  # bytes of what motion leaves the device with


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Ten seconds of 160x120 at 8 pictures/s, a key frame every two seconds."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=8",
                    "-t", "10", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast",
                    "-tune", "zerolatency", "-g", "16", str(path)], check=True)
    return str(path)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Ten seconds of 1920x1080 at 2 pictures/s, which an emulated GPU keeps up with."""
    path = tmp_path_factory.mktemp("clip") / "large.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=1920x1080:rate=2",
                    "-t", "10", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast",
                    "-tune", "zerolatency", "-refs", "4", "-g", "8", str(path)], check=True)
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
    counted = {"uri": clip, "tampering": "off"}  # motion's reports alone
    server = daemon({"front": counted, "side": counted, "off": {"uri": clip, "gpu": "off"}},
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


NO_NVDEC, NO_NVENC = "its NVDEC does not decode H.264", " has no encoder"
ON_CPU = "pictures are in system memory"
# What the card can: who decodes, analyses and encodes then, and why it is not the GPU.
CARDS = {
    "NVDEC and NVENC": ({}, ("nvh264dec", "cuda", "h264_nvenc"), None, None),
    "NVDEC alone": ({"VEDETTE_EMU_NVENC": "none"}, ("nvh264dec", "cuda", "libx264"), None,
                    NO_NVENC),
    "NVENC alone": ({"VEDETTE_EMU_NVDEC": "none"}, ("avdec_h264", "cpu", "libx264"), NO_NVDEC,
                    ON_CPU),
    "neither": ({"VEDETTE_EMU_NVDEC": "none", "VEDETTE_EMU_NVENC": "none"},
                ("avdec_h264", "cpu", "libx264"), NO_NVDEC, ON_CPU),
}


@pytest.mark.parametrize("can, who, not_decoding, not_encoding", CARDS.values(), ids=CARDS.keys())
def test_who_does_what_is_told_for_each_card(daemon, tmp_path, clip, can, who, not_decoding,
                                             not_encoding):
    if not os.path.exists(built("tests/emu/.libs/libnvidia-encode.so.1")):
        pytest.skip("built without the emulated NVENC")
    server = daemon({"front": clip}, env=gpu.environment(tmp_path, **can))
    server.live("front", seconds=20)
    with Video(f"{server.url}/api/v1/cameras/front/stream.mp4?fps=0") as viewer, \
            server.stream("front", "?width=80") as stream:
        viewer.take(12, 60)
        assert decode(viewer.save(tmp_path / "front.mp4")) == ("", 12)
        stream.live()
        assert min(steps(stream.at_least(5, 20))) > 0
        camera = server.camera("front")
    video = next(one for one in camera["renditions"] if one["codec"] == "h264")
    jpeg = next(one for one in camera["renditions"] if one["codec"] == "jpeg")
    assert (camera["decoder"], camera["analyser"], video["encoder"]) == who
    assert camera["gpu"] == (0 if not_decoding is None else None)
    assert camera["no_gpu_reason"] == not_decoding
    assert video["encoder_on_gpu"] == (not_encoding is None)
    assert (not_encoding or "") in (video["no_gpu_reason"] or "")
    assert jpeg["encoder_on_gpu"] == (camera["analyser"] == "cuda")
    assert camera["reconnects"] == 0 and stats(server)["gpu_faults"] == 0
    server.logged(f"decoded by {who[0]} on GPU 0" if not_decoding is None else
                  f"decoded by {who[0]} (not on a GPU: {not_decoding})")
    server.logged(f"front: h264 by {who[2]}" + (f", not on a GPU: {video['no_gpu_reason']}"
                                                if not_encoding else ""))
    assert end(server)["faults"] == 0


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
    server = daemon({name: {"uri": clip, "gpu": "require", "analysis-fps": 1, "analysis-width": 64}
                     for name in names},
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


def test_what_a_camera_holds_there_is_what_the_driver_counts(daemon, tmp_path, clip, large):
    front = {"uri": large, "analysis-fps": 1, "stall-timeout-ms": 60000}
    off = {"uri": clip, "gpu": "off"}
    server = daemon({"front": front, "off": off}, env=gpu.environment(tmp_path))
    server.live("front", "off", seconds=60)

    def settled():
        told, used = server.camera("front")["gpu_memory"], gpus(server)[0]["memory_used"]
        return told if told == used else None

    def figures():
        return str((server.camera("front"), gpus(server)))
    alone = until(settled, 60, figures)
    assert 20e6 < alone < 60e6  # the goal, beyond the context
    assert gpus(server)[0]["memory_total"] == 8 << 30
    assert server.camera("off")["gpu_memory"] is None
    with server.stream("front", "?width=640") as stream:
        stream.live()
        stream.parts(1)
        watched = until(lambda: (settled() or 0) > alone and settled(), 60, figures)
    assert alone < watched < 60e6
    server.reload({"front": {**front, "enabled": "false"}, "off": off})
    until(lambda: gpus(server)[0]["memory_used"] == 0 and
          server.camera("front")["gpu_memory"] is None, 20, figures)
    assert end(server)["live_bytes"] == 0


FAULTS = {"a kernel": "cuLaunchKernel:40:700", "the decoder": "cuvidDecodePicture:10:700",
          "a picture": "cuvidMapVideoFrame64:8:2", "memory": "cuMemAllocPitch_v2:2:2",
          "at the start": "cuvidCreateDecoder:1:2", "waiting": "cuLaunchKernel:40:700:late"}


def fault_told(server):
    """The event of it: GPU, how many faults it had, whether it is lost."""
    events = server.get("/api/v1/events?kinds=gpu-fault").json()["events"]
    return [(event["gpu"], event["faults"], event["lost"]) for event in events]


@pytest.mark.parametrize("fail", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_costs_no_camera(daemon, tmp_path, clip, fail):
    server = daemon({"front": clip}, env=gpu.environment(tmp_path, fail))
    until(lambda: place(server, "front")[0] == "avdec_h264", 30, lambda: str(server.camera("front")))
    server.live("front")
    assert place(server, "front")[1:] == (None, "GPU 0 has failed and is left alone for a while")
    camera = server.camera("front")
    assert camera["reconnects"] == 0 and camera["last_error"] is None
    assert stats(server)["gpu_faults"] == 1 and stats(server)["restart_wanted"] is None
    assert until(lambda: fault_told(server), 10, "an event tells it") == [(0, 1, False)]
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
    assert until(lambda: fault_told(server), 10, "an event tells it") == [(0, 1, True)]
    server.logged("GPU 0 no longer answers")
    assert stats(server)["gpu_faults"] == 1
    assert stats(server)["restart_wanted"] == "GPU 0 no longer answers"
    until(lambda: any(line.endswith("; a restart is wanted: GPU 0 no longer answers")
                      for _, line in notified.listen()), 5, lambda: str(notified.said))
    server.stop()


def test_a_driver_that_is_new_since_the_last_start_is_found(daemon, tmp_path, clip):
    there = gpu.environment(tmp_path)
    away = {key: value for key, value in there.items() if key != "LD_LIBRARY_PATH"}
    first = daemon({"front": clip}, env={**away, "LD_LIBRARY_PATH": "/nonexistent"})
    first.live("front", seconds=20)
    assert place(first, "front")[0] == "avdec_h264" and gpus(first) == []
    first.close()
    assert os.path.getsize(there["GST_REGISTRY"]) > 0
    second = daemon({"front": clip}, env=there)
    second.live("front", seconds=20)
    assert place(second, "front") == ("nvh264dec", 0, None)
    assert end(second)["faults"] == 0


STARTS = {"the driver": "cuInit:1:999", "the context": "cuCtxCreate:1:999"}


@pytest.mark.parametrize("fail", STARTS.values(), ids=STARTS.keys())
def test_a_gpu_that_answers_later_is_taken_into_use(daemon, tmp_path, clip, fail):
    with_registry = gpu.environment(tmp_path)
    daemon({}, env=with_registry).close()  # who looks for plug-ins calls the driver, too
    server = daemon({"front": clip, "side": clip}, env={**with_registry, "VEDETTE_EMU_FAIL": fail})
    server.live("front", "side", seconds=20)
    assert place(server, "front")[0] == place(server, "side")[0] == "avdec_h264"
    assert stats(server)["gpu_faults"] == 1 and stats(server)["restart_wanted"] is None
    for name in ("front", "side"):
        until(lambda name=name: place(server, name) == ("nvh264dec", 0, None), 40,
              lambda name=name: str(server.camera(name)))
        assert server.camera(name)["reconnects"] == 0 and server.state(name) == "live"
    assert stats(server)["gpu_faults"] == 1
    assert end(server)["faults"] == 0


def test_require_says_why_a_camera_has_no_gpu(daemon, clip):
    server = daemon({"front": {"uri": clip, "gpu": "require"}, "side": {"uri": clip, "gpu": "7"}},
                    env={"LD_LIBRARY_PATH": "/nonexistent"})
    server.until_state("front", "undecodable", 20)
    assert server.camera("front")["reason"].startswith("gpu=require: ")
    server.live("side", seconds=20)
    assert place(server, "side")[0] == "avdec_h264" and place(server, "side")[2]
