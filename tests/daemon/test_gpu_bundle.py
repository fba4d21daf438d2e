"""tests/gpu/bundle and tests/gpu/run: what they pack runs elsewhere, here with the emulated driver."""
import os
import re
import shutil
import subprocess

import pytest

from kit import gpu
from kit.process import BUILD, TOP, built


def clean(**more):
    """The environment without what this build's tests and make have put into it."""
    names = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "LD_LIBRARY_PATH")
    return {name: value for name, value in os.environ.items()
            if name not in names and not name.startswith(("GST_", "G_"))} | more


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """Packed, unpacked at another place, and without the clips that take the emulation minutes."""
    if not os.path.exists(built("src/vedette-gpubench")):
        pytest.skip("built without CUDA")
    folder = tmp_path_factory.mktemp("bundle")
    made = subprocess.run([f"{TOP}/tests/gpu/bundle", "--build", BUILD, str(folder / "made")],
                          env=clean(), capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    sizes = re.search(r"made: (\d+) bytes, packed (\d+)$", made.stdout.strip())
    assert int(sizes[1]) <= 40e6 and int(sizes[2]) <= 20e6
    elsewhere = folder / "another place"
    elsewhere.mkdir()
    subprocess.run(["tar", "-C", elsewhere, "-xf", folder / "made.tar.xz"], check=True)
    shutil.rmtree(folder / "made")
    for clip in ("large.mp4", "large.h265", "large.mov", "small.h265"):
        (elsewhere / "made" / "clips" / clip).unlink()
    return elsewhere / "made"


def run(bundle, *steps, **environment):
    done = subprocess.run([str(bundle / "run"), "--patience", "20", *steps], env=clean(**environment), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def emulated(directory, **more):
    environment = gpu.environment(directory)
    return {name: environment[name] for name in ("LD_LIBRARY_PATH", "VEDETTE_EMU_KERNELS")} | more


def test_nothing_is_there_that_only_this_machine_has(bundle):
    here = os.path.abspath(BUILD).encode()
    assert not any(path.is_symlink() for path in bundle.rglob("*"))
    names = {path.name for path in bundle.rglob("*")}
    assert not [name for name in names if name.startswith(("libav", "libcuda", "libnvcuvid"))]
    needed = subprocess.run(["ldd", *map(str, bundle.glob("bin/*")), *map(str, bundle.glob("plugins/*"))],
                            env=clean(LD_LIBRARY_PATH=str(bundle / "lib")), capture_output=True,
                            text=True, check=True).stdout
    paths = set(re.findall(r"=> (\S.*) \(", needed))
    own = {path for path in paths if path.startswith(str(bundle / "lib"))}
    assert len(own) > 40 and not any(path.encode().startswith(here) for path in paths)
    assert {os.path.basename(path) for path in paths - own} <= {
        path.name for path in (bundle / "libc").iterdir()}


def test_without_a_driver_it_says_so_and_skips(bundle):
    if any(os.path.exists(f"{folder}/libcuda.so.1") for folder in
           ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/nvidia/lib64")):
        pytest.skip("there is a driver here")
    assert run(bundle) == (77, "There is no NVIDIA driver here (libcuda.so.1): nothing was run\n"
                               "0 passed, 0 failed, 1 skipped\n")


def test_without_a_device_it_says_so_and_skips(bundle, tmp_path):
    status, text = run(bundle, **emulated(tmp_path, VEDETTE_EMU_DEVICES="0"))
    assert status == 77 and "the NVIDIA driver finds no GPU\n" in text
    assert text.endswith("There is no GPU that can be used here: nothing was run\n"
                         "0 passed, 0 failed, 1 skipped\n")


def test_the_device_is_told_and_its_tests_are_counted(bundle, tmp_path):
    status, text = run(bundle, "info", "elements", "pipelines", **emulated(tmp_path))
    assert status == 0, text
    assert "\ndevice: Emulated CUDA device\n" in text  # nobody takes it for a real one
    assert "\nbundle: vedette " in text and "\nNVDEC H.264: 48x16 to 4096x4096\n" in text
    counted = re.findall(r"^test-\S+: (\d+) passed, 0 failed, (\d+) skipped", text, re.M)
    assert len(counted) == 6 and int(counted[-1][0]) == 2 and int(counted[-1][1]) == 4
    passed, skipped = (sum(int(one[i]) for one in counted) for i in (0, 1))
    assert text.endswith(f"\n{passed + 1} passed, 0 failed, {skipped} skipped\n")


def test_with_its_own_c_library_it_is_the_same(bundle, tmp_path):
    """As on a machine whose C library is too old: the loader that programs name does not start them."""
    changed = tmp_path / "changed"
    shutil.copytree(bundle, changed)
    for program in (changed / "bin").iterdir():
        code = program.read_bytes()
        assert code.count(b"/lib64/ld-linux-x86-64.so.2\0") == 1
        program.write_bytes(code.replace(b"/lib64/ld-", b"/nope4/ld-"))
    status, text = run(changed, "info", **emulated(tmp_path))
    assert "they run with their own" in text and "\ndevice: Emulated CUDA device\n" in text
    assert status == 0 and text.endswith("\n1 passed, 0 failed, 0 skipped\n")


def test_a_failure_is_a_failure(bundle, tmp_path):
    status, text = run(bundle, "pipelines", **emulated(tmp_path, VEDETTE_EMU_FAIL="cuLaunchKernel:20:700"))
    assert status == 1 and re.search(r"\n\d+ passed, [12] failed, \d+ skipped\n$", text), text


def test_a_step_that_is_none_is_refused(bundle, tmp_path):
    for wrong in (["operator"], ["--patience", "0"], ["--patience"]):
        status, text = run(bundle, *wrong, **emulated(tmp_path))
        assert status == 64 and text.startswith("usage: ")
