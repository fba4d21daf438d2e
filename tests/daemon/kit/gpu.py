"""The emulated NVIDIA driver for a daemon: the environment in which it finds a GPU."""
import os

import pytest

from .process import built

LIBRARIES = ("libcuda.so.1", "libnvcuvid.so.1", "libkernels.so")


def environment(directory, fail=None, **more):
    """Skips where the emulated driver was not built. fail: as VEDETTE_EMU_FAIL has it."""
    folder = built("tests/emu/.libs")
    for name in LIBRARIES:
        if not os.path.exists(f"{folder}/{name}"):
            pytest.skip(f"built without {name} of the emulated driver")
    answer = {"LD_LIBRARY_PATH": folder, "VEDETTE_EMU_KERNELS": f"{folder}/libkernels.so",
              "VEDETTE_EMU_PRINT": "1", "GST_REGISTRY": f"{directory}/gst-registry-gpu.bin"}
    if fail:
        answer["VEDETTE_EMU_FAIL"] = fail
    answer.update(more)
    return answer


def counters(log):
    """What the emulated driver counted until the end: {"h2d": 0, ...}"""
    line = next(line for line in log.splitlines() if line.startswith("emulated CUDA:"))
    return {key: int(value) for key, value in (pair.split("=") for pair in line.split()[2:])}
