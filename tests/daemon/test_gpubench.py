"""vedette-gpubench on the emulated GPU: that it measures all of it, not what comes out."""
import json
import os
import subprocess

import pytest

from kit import gpu
from kit.process import built

PROGRAM = built("src/vedette-gpubench")
OPERATORS = ["copy from device to device", "motion, fused", "JPEG, quality 75",
             "scale to 640x360, BT.709 to full range", "scale, same size, BT.709 to full range",
             "fill a quarter", "pixelate a quarter", "16 frames", "compose 400x32 of text (blend)"]


def start(directory, *arguments, **environment):
    if not os.path.exists(PROGRAM):
        pytest.skip("built without CUDA")
    return subprocess.Popen(
        [PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "GST_PLUGIN_PATH": built("plugins/.libs"), "GST_REGISTRY_FORK": "no",
             "G_DEBUG": "fatal-criticals", **gpu.environment(directory, **environment)})


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One with everything as JSON, and one on a card without NVDEC as text; side by side."""
    folder = tmp_path_factory.mktemp("gpubench")
    clip = str(folder / "clip.mp4")
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=8",
                    "-t", "4", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast",
                    "-tune", "zerolatency", "-g", "16", clip], check=True)
    whole = start(folder, "--quick", "--json", "--clip", clip)
    partly = start(folder, "--quick", "--clip", clip, VEDETTE_EMU_NVDEC="none",
                   GST_REGISTRY=str(folder / "gst-registry-none.bin"))
    answer = {"clip": clip}
    for name, process in (("whole", whole), ("partly", partly)):
        out, log = process.communicate(timeout=600)
        assert process.returncode == 0, log
        assert gpu.counters(log)["faults"] == 0 and gpu.counters(log)["live_bytes"] == 0
        answer[name] = out
    return answer


@pytest.fixture(scope="module")
def report(runs):
    return json.loads(runs["whole"])


def rows(report, table):
    return {row["name"]: row for row in report["tables"][table]["rows"]}


def test_the_device_is_named(report):
    assert report["facts"]["device"] == "Emulated CUDA device"
    assert report["facts"]["memory"].startswith("8192 MiB")
    assert report["facts"]["NVDEC H.264"] == "48x16 to 4096x4096"
    assert report["facts"]["NVDEC AV1"] == "no"


def test_every_operator_has_its_figures(report):
    table = rows(report, "operators")
    assert list(table) == OPERATORS
    for name, row in table.items():
        assert row["us"] > 0 and row["megabytes"] > 0 and row["floor_us"] > 0, name
        assert row["floor_percent"] == pytest.approx(row["floor_us"] / row["us"] * 100, rel=1e-3)
        assert (row["us_many"] is None) == name.startswith("copy"), name
    assert table["motion, fused"]["megabytes"] == pytest.approx(
        (1920 * 1080 + 480 * 270 * 4 + 1096) / 1e6)


def test_streams_grow(report):
    assert [row["streams"] for row in rows(report, "analysis").values()] == [1, 2]
    assert [row["streams"] for row in rows(report, "jpeg").values()] == [1, 2]
    for row in [*rows(report, "analysis").values(), *rows(report, "jpeg").values()]:
        assert row["per_second"] > 0 and row["cpu_ms"] > 0
    assert all(row["megabytes_each"] > 1 for row in rows(report, "analysis").values())
    assert all(10 < row["kilobytes"] < 1000 for row in rows(report, "jpeg").values())


def test_cameras_are_decoded(report):
    table = rows(report, "nvdec")
    assert list(table) == ["decode alone", "decode, mask and motion"]
    assert all(row["per_second"] > 0 and row["streams"] == 2 for row in table.values())
    assert report["tables"]["nvdec"]["notes"][0].startswith("clip: H.264, 160x120, 32 pictures")
    cameras = rows(report, "cameras")
    assert list(cameras)[0] == "1 camera"
    assert all(row["per_second"] > 0 and row["megabytes_each"] > 0 for row in cameras.values())
    assert "skipped" not in report["tables"]


def test_what_goes_over_the_bus_is_added_up(report, runs):
    table = rows(report, "bus")
    assert table["from the GPU: motion's reports"]["kilobytes_per_second"] == pytest.approx(32.88)
    jpeg = rows(report, "jpeg")["1 stream"]["kilobytes"]
    assert table["from the GPU while watched: JPEGs"]["kilobytes_per_second"] == pytest.approx(
        jpeg * 30, rel=0.01)
    assert 0 < table["to the GPU: the compressed clip"]["kilobytes_per_second"] < 1000


def test_goals_are_judged(report):
    goals = report["goals"]
    assert len(goals) == 4 and all(goal["verdict"] in ("met", "missed") for goal in goals[:2])
    for goal in goals:
        if goal["value"] is not None:
            met = (goal["value"] >= goal["target"]) == (goal["sense"] == ">=")
            assert goal["verdict"] == ("met" if met else "missed")
    memory = next(goal for goal in goals if goal["what"].startswith("GPU memory of a camera"))
    assert 0.5 < memory["value"] < 2 and memory["verdict"] == "met"


def test_a_card_without_nvdec_has_its_operators_measured(runs):
    text = runs["partly"]
    assert "Emulated CUDA device" in text
    assert all("\n" + name in text for name in OPERATORS)
    assert "Left out: decoding by NVDEC\n  GStreamer has no nvh264dec here" in text
    assert text.count("not measured") == 3


def test_it_says_what_there_is_and_measures_nothing(tmp_path):
    out, log = start(tmp_path, "--info", VEDETTE_EMU_NVDEC="jpeg").communicate(timeout=60)
    assert "device: Emulated CUDA device\n" in out and "\nNVDEC H.264: no\n" in out
    assert "libnvidia-encode: " in out and "Operators" not in out
    assert gpu.counters(log)["launches"] == 0


@pytest.mark.parametrize("environment, arguments, why", [
    ({"VEDETTE_EMU_DEVICES": "0"}, [], "the NVIDIA driver finds no GPU"),
    ({}, ["--device", "3"], "there is no GPU 3: the NVIDIA driver finds 1, counted from 0"),
    ({"LD_LIBRARY_PATH": "/nonexistent"}, [], "there is no NVIDIA driver here (libcuda.so.1)"),
    ({"fail": "cuModuleLoadData:1:218"}, [],
     "the GPU does not take our kernels: CUDA_ERROR_INVALID_PTX"),
    ({"VEDETTE_EMU_MEMORY": "9000000"}, [], "memory on the GPU: CUDA_ERROR_OUT_OF_MEMORY")])
def test_without_a_gpu_it_says_so(tmp_path, environment, arguments, why):
    process = start(tmp_path, *arguments, **environment)
    out, log = process.communicate(timeout=60)
    assert process.returncode != 0 and "motion, fused" not in out
    assert f"vedette-gpubench: {why}\n" in log


@pytest.mark.parametrize("arguments", [["--seconds", "0"], ["--device", "-1"], ["clip.mp4"]])
def test_arguments_that_cannot_be_are_refused(tmp_path, arguments):
    process = start(tmp_path, *arguments)
    assert process.communicate(timeout=60)[0] == "" and process.returncode == 64
