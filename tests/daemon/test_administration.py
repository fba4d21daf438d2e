"""The unlucky administrator: odd files, signals at the wrong time, and too little of everything."""
import os
import resource
import signal
import subprocess

import pytest

from kit.camera import TcpCamera, say_nothing
from kit.daemon import run_once
from kit.hostile import count_of
from kit.process import built
from kit.wait import SLOW, until

SCENE = "test:moving?width=320&height=240&fps=15"


def answered(server, before):
    """The first line that a reload has written behind so much of the log."""
    until(lambda: "read again" in server.log()[before:] or "going on" in server.log()[before:],
          5, "the reload is answered")
    return server.log()[before:].splitlines()[0]


def test_a_storm_of_reloads_leaves_nothing_behind(daemon):
    server = daemon({"front": SCENE})
    server.live("front")
    descriptors, threads = count_of(server.pid, "fd"), count_of(server.pid, "task")
    for _ in range(100):
        server.signal(signal.SIGHUP)
    for i in range(30):
        server.reload({"front": SCENE, f"other{i % 3}": SCENE})
        assert server.get("/healthz").status_code == 200
    server.reload({"front": SCENE})
    until(lambda: set(server.cameras()) == {"front"}, 5, "the others are gone")
    until(lambda: count_of(server.pid, "fd") <= descriptors + 2
          and count_of(server.pid, "task") <= threads, 10,
          lambda: f"{count_of(server.pid, 'fd')} files, {count_of(server.pid, 'task')} threads")
    assert server.camera("front")["reconnects"] == 0


def test_a_configuration_that_vanished_changes_nothing(daemon):
    server = daemon({"front": SCENE})
    server.live("front")
    os.unlink(server.config)
    before = len(server.log())
    server.signal(signal.SIGHUP)
    assert "No such file" in answered(server, before)
    assert set(server.cameras()) == {"front"}


@pytest.mark.parametrize("make, said", [
    (os.mkdir, "plain file"), (os.mkfifo, "plain file"),
    (lambda path: os.symlink("/nonexistent", path), "No such file"),
    (lambda path: os.symlink("/dev/zero", path), "plain file"),
    (lambda path: os.symlink(path, path), "symbolic links"),
], ids=["folder", "pipe", "dangling", "device", "loop"])
def test_what_is_no_file_among_the_cameras_is_told(daemon, make, said):
    server = daemon({"front": SCENE})
    server.live("front")
    drop_ins = os.path.join(server.directory, "cameras.d")
    os.mkdir(drop_ins)
    make(os.path.join(drop_ins, "odd.conf"))
    before = len(server.log())
    server.signal(signal.SIGHUP)
    line = answered(server, before)
    assert "odd.conf" in line and said in line
    assert set(server.cameras()) == {"front"}


def test_a_configuration_that_is_a_pipe_does_not_hang_the_start(tmp_path):
    os.mkfifo(tmp_path / "vedette.conf")
    status, text = run_once(tmp_path, None)
    assert status == 78
    assert "not a plain file" in text


def test_who_asks_twice_to_stop_gets_a_proper_end(daemon):
    with TcpCamera(say_nothing) as silent:
        server = daemon({"front": SCENE, "hangs": f"rtsp://127.0.0.1:{silent.port}/x"})
        server.live("front")
        numbers = (signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        assert server.stop(*numbers) < 3 * SLOW


def test_closed_standard_files_are_not_taken_by_others(daemon):
    server = daemon({"front": SCENE})
    server.stop()
    command = f'exec "{built("src/vedetted")}" -c "{server.config}" <&- >&- 2>&-'
    environment = dict(os.environ, GST_PLUGIN_PATH=built("plugins/.libs"))
    server.child = subprocess.Popen(["/bin/sh", "-c", command], env=environment)
    server.pid = server.child.pid
    until(server.listens, 10, "it listens")
    server.live("front")
    for number in range(3):
        assert os.readlink(f"/proc/{server.pid}/fd/{number}") == "/dev/null"


def limited(files):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, files)
    return limit


def test_as_many_files_as_allowed_are_taken(daemon, tmp_path):
    server = daemon({"front": SCENE})
    server.stop()
    hard = min(5000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    with open(tmp_path / "log", "wb") as log:
        server.child = subprocess.Popen(
            server.command, stderr=log, preexec_fn=limited((256, hard)),
            env=dict(os.environ, GST_PLUGIN_PATH=built("plugins/.libs")))
    server.pid = server.child.pid
    until(server.listens, 10, "it listens")
    assert resource.prlimit(server.pid, resource.RLIMIT_NOFILE) == (hard, hard)


def test_too_few_files_are_told(daemon, tmp_path):
    server = daemon({"front": SCENE})
    server.stop()
    server.log_path = str(tmp_path / "log")
    with open(server.log_path, "wb") as log:
        server.child = subprocess.Popen(
            server.command, stderr=log, preexec_fn=limited((256, 256)),
            env=dict(os.environ, GST_PLUGIN_PATH=built("plugins/.libs")))
    server.pid = server.child.pid
    until(server.listens, 10, "it listens")
    # each viewer may ask for pictures of his own, in 16 ways at most
    server.logged("1100 connections and 1 camera may need 1238 open files, and 256 are allowed: "
                  "raise LimitNOFILE=")
    server.live("front")


def test_one_camera_too_many_is_refused(tmp_path):
    text = "".join(f"[camera c{i}]\nuri={SCENE}\n" for i in range(513))
    status, said = run_once(tmp_path, text)
    assert status == 78
    assert "512 are allowed" in said


def test_five_hundred_cameras_start_and_stop_in_time(daemon):
    with TcpCamera(say_nothing) as silent:
        server = daemon({f"c{i}": f"rtsp://127.0.0.1:{silent.port}/{i}" for i in range(512)})
        assert len(server.cameras()) == 512
        until(lambda: silent.connections >= 500, 20, "the cameras are asked")
        assert server.get("/healthz").status_code == 200
        assert server.stop() < 2 * SLOW
