"""The emulated NVIDIA driver for a daemon: the environment in which it finds a GPU."""
import os
import subprocess

import pytest

from .process import built

LIBRARIES = ("libcuda.so.1", "libnvcuvid.so.1", "libkernels.so")


# What a camera out of a file needs. The emulated driver must be there when GStreamer looks at its
# plug-ins, so the daemon does that itself, and to load all of them would be half of Debian.
PLUGINS = ("app", "coreelements", "isomp4", "jpeg", "jpegformat", "libav", "matroska", "nvcodec",
           "rtp", "typefindfunctions", "video4linux2", "videoparsersbad")


def link_plugins(folder):
    """A folder that has links to these plug-ins only."""
    system = subprocess.run(["pkg-config", "--variable=pluginsdir", "gstreamer-1.0"],
                            capture_output=True, check=True, text=True).stdout.strip()
    os.makedirs(folder, exist_ok=True)
    for name in PLUGINS:
        if not os.path.lexists(f"{folder}/libgst{name}.so"):
            os.symlink(f"{system}/libgst{name}.so", f"{folder}/libgst{name}.so")
    return folder


def environment(directory, fail=None, **more):
    """Skips where the emulated driver was not built. fail: as VEDETTE_EMU_FAIL has it."""
    folder = built("tests/emu/.libs")
    for name in LIBRARIES:
        if not os.path.exists(f"{folder}/{name}"):
            pytest.skip(f"built without {name} of the emulated driver")
    answer = {"LD_LIBRARY_PATH": folder, "VEDETTE_EMU_KERNELS": f"{folder}/libkernels.so",
              "VEDETTE_EMU_PRINT": "1",
              "GST_PLUGIN_SYSTEM_PATH_1_0": link_plugins(f"{directory}/plugins"),
              "GST_REGISTRY": f"{directory}/gst-registry-gpu.bin"}
    if fail:
        answer["VEDETTE_EMU_FAIL"] = fail
    answer.update(more)
    return answer


def counters(log):
    """What the emulated driver counted until the end: {"h2d": 0, ...}"""
    line = next(line for line in log.splitlines() if line.startswith("emulated CUDA:"))
    return {key: int(value) for key, value in (pair.split("=") for pair in line.split()[2:])}
