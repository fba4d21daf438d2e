"""Running as a service: reload, stop, readiness, watchdog, and what must not be told."""
import ctypes
import os
import re
import signal
import socket
import sys
import time

import pytest

from kit.camera import SMALL, TcpCamera, say_nothing
from kit.daemon import environment
from kit.notified import Notified
from kit.process import Process, built, readable
from kit.wait import SLOW, Watch, until

SCENE = "test:moving?width=320&height=240&fps=15"


class StoppedThread:
    """One thread of a process, named so, that stands still within the with-block."""
    SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17

    def __init__(self, pid, name):
        tasks = f"/proc/{pid}/task"
        self.tid = next(int(tid) for tid in os.listdir(tasks)
                        if readable(f"{tasks}/{tid}/comm").strip() == name)
        self.libc = ctypes.CDLL(None, use_errno=True)

    def ptrace(self, request):
        return self.libc.ptrace(request, self.tid, None, None)

    def __enter__(self):
        if self.ptrace(self.SEIZE) != 0:
            pytest.skip("tracing a thread is not permitted here")
        self.ptrace(self.INTERRUPT)
        os.waitpid(self.tid, 0x40000000)  # __WALL
        return self

    def __exit__(self, *_):
        self.ptrace(self.DETACH)


def test_a_reload_takes_no_frame_from_unchanged_cameras(daemon, rtsp):
    camera = rtsp(f"front={SMALL}", f"side={SMALL}")
    stays = {"uri": camera.uri("front"), "transport": "tcp"}
    server = daemon({"front": stays, "side": camera.uri("side"), "away": SCENE})
    server.live("front", "side", "away")
    with server.stream("front", "?fps=0") as stream:
        stream.live()
        parts = stream.parts(1)
        server.reload({"front": stays, "side": {"uri": camera.uri("side"), "transport": "udp"},
                       "new": SCENE})
        server.kept("front", parts + stream.parts(3))
    until(lambda: set(server.cameras()) == {"front", "side", "new"}, 5, "cameras came and went")
    server.live("side", "new")
    assert server.camera("front")["reconnects"] == 0


def test_live_options_change_without_a_gap(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    before = {"uri": camera.uri("front"), "transport": "tcp", "jpeg-quality": 90}
    server = daemon({"front": before})
    server.live("front")
    with server.stream("front", "?fps=0") as stream:
        stream.live()
        parts = stream.parts(1)
        large = len(parts[-1].body)
        server.reload({"front": {**before, "jpeg-quality": 10, "name": "Other",
                                 "motion-threshold": 40}})
        watch, after = Watch(), []
        while not after or len(after[-1].body) > large * 0.8:
            after += stream.parts(1)
            assert watch.passed() < 3 * SLOW, "the new quality takes effect"
        again = {part.number: part for part in parts + after}  # one may be drawn again as it is now
        server.kept("front", list(again.values()))
    assert server.camera("front")["name"] == "Other"
    assert server.camera("front")["reconnects"] == 0


@pytest.mark.short
def test_a_bad_file_changes_nothing_and_is_told(daemon):
    server = daemon({"front": SCENE})
    server.live("front")
    with server.stream("front", "?fps=0") as stream:
        stream.live()
        parts = stream.parts(1)
        server.reload({"front": {"uri": SCENE, "jpeg-quality": "many"}, "new": SCENE})
        parts += stream.parts(1)
        server.logged("jpeg-quality")
        server.kept("front", parts + stream.parts(1))
    assert set(server.cameras()) == {"front"}
    assert re.search(r"vedette\.conf:\d+: jpeg-quality", server.log())


@pytest.mark.short
def test_sigterm_ends_it_in_under_two_seconds_with_hanging_cameras(daemon, rtsp):
    camera = rtsp(f"front={SMALL}", f"side={SMALL}")
    with TcpCamera(say_nothing) as silent:
        server = daemon({"front": camera.uri("front"), "side": camera.uri("side"),
                         "silent": f"rtsp://127.0.0.1:{silent.port}/x",
                         "web": f"http://127.0.0.1:{silent.port}/x"})
        server.live("front", "side")
        until(lambda: silent.connections >= 2, 5, "the silent camera is asked")
        with server.stream("front") as stream:
            stream.live()
            camera.signal(signal.SIGSTOP)  # no TEARDOWN is answered any more
            assert server.stop() < 2 * SLOW


def test_sigint_ends_it_too(daemon):
    server = daemon({"front": SCENE})
    server.live("front")
    assert server.stop(signal.SIGINT) < 2 * SLOW


@pytest.mark.parametrize("name", ["SIGUSR1", "SIGUSR2", "SIGPIPE"])
def test_signals_that_are_meant_for_others_end_nothing(daemon, name):
    server = daemon({"front": SCENE})
    server.live("front")
    server.signal(getattr(signal, name))
    assert server.get("/healthz").status_code == 200
    server.reload({"front": SCENE, "side": SCENE})
    until(lambda: len(server.cameras()) == 2, 5, "it still obeys the others")
    assert server.running()


def test_one_camera_is_no_plural(daemon):
    server = daemon({"front": SCENE})
    server.logged("serving 1 camera on port")
    server.reload({"front": SCENE, "side": SCENE})
    server.logged("is read again: 2 cameras")
    server.reload({"front": SCENE})
    server.logged("is read again: 1 camera\n")
    assert "1 cameras" not in server.log()


def test_systemd_is_told_readiness_status_and_progress(daemon, tmp_path):
    notified = Notified(tmp_path)
    server = daemon({"front": SCENE}, wait=False,
                    env={"NOTIFY_SOCKET": notified.path, "WATCHDOG_USEC": "1000000"})
    until(lambda: notified.has("READY=1"), 10, lambda: f"it is ready: {notified.said}")
    assert server.listens()  # at once: readiness means listening
    until(lambda: notified.has("STATUS="), 5, "a status")
    server.live("front")
    until(lambda: notified.count("WATCHDOG=1") >= 3, 4, lambda: f"the watchdog: {notified.said}")
    server.stop()
    assert notified.has("STOPPING=1")


def test_systemd_is_told_of_each_reload_and_of_its_end(daemon, tmp_path):
    """As Type=notify-reload wants it, also of a reload that changes nothing because of an error."""
    notified = Notified(tmp_path)
    server = daemon({"front": SCENE}, env={"NOTIFY_SOCKET": notified.path})
    for number, uri in enumerate((SCENE, "nonsense", SCENE), 2):
        asked_us = time.monotonic_ns() // 1000
        server.reload({"front": uri})
        until(lambda n=number: notified.count("READY=1") == n, 5,
              lambda: f"it is ready again: {notified.said}")
        said = [line for _, line in notified.said if not line.startswith(("STATUS", "WATCHDOG"))]
        assert [line.split("=")[0] for line in said[-3:]] == ["RELOADING", "MONOTONIC_USEC",
                                                              "READY"], said
        assert asked_us <= int(said[-2].split("=")[1]) <= time.monotonic_ns() // 1000
    assert server.running()


def test_the_status_tells_how_many_cameras_are_live(daemon, tmp_path):
    notified = Notified(tmp_path)
    server = daemon({"front": SCENE, "away": "rtsp://127.0.0.1:9/x"},
                    env={"NOTIFY_SOCKET": notified.path})
    server.live("front")
    server.until_reason("away", "refused")
    until(lambda: notified.has("STATUS=1 of 2"), 5, lambda: f"the status: {notified.said}")


def test_the_watchdog_is_not_fed_when_the_process_hangs(daemon, tmp_path):
    notified = Notified(tmp_path)
    server = daemon({"front": SCENE}, env={"NOTIFY_SOCKET": notified.path,
                                           "WATCHDOG_USEC": "1000000"})
    until(lambda: notified.count("WATCHDOG=1") >= 1, 4, "it is fed")
    server.signal(signal.SIGSTOP)
    until(lambda: "State:\tT" in readable(f"/proc/{server.pid}/status"), 5, "it has stopped")
    notified.listen()
    before = notified.count("WATCHDOG=1")
    time.sleep(1.5)
    assert notified.count("WATCHDOG=1") == before
    server.signal(signal.SIGCONT)
    until(lambda: notified.count("WATCHDOG=1") > before, 4, "it is fed again")


def test_the_watchdog_is_not_fed_when_the_http_thread_hangs(daemon, tmp_path):
    """And /healthz, which only that thread could answer, is not what notices it."""
    notified = Notified(tmp_path)
    server = daemon({"front": SCENE}, env={"NOTIFY_SOCKET": notified.path,
                                           "WATCHDOG_USEC": "1000000"})
    until(lambda: notified.count("WATCHDOG=1") >= 1, 4, "it is fed")
    with StoppedThread(server.pid, "http"):
        server.logged("the HTTP thread does not move", 15)
        before = notified.count("WATCHDOG=1")
        until(lambda: notified.count("STATUS=") >= 1, 10, "the main loop runs")
        time.sleep(2.5)  # two turns of what feeds it
        assert notified.count("WATCHDOG=1") == before
    until(lambda: notified.count("WATCHDOG=1") > before, 10, "it is fed again")
    assert server.get("/healthz").status_code == 200


def ended(server):
    """What it ended with by itself: an error is what was asked for."""
    status = server.child.wait(60)
    server.child.returncode = 0
    return status


def test_it_is_not_ready_when_it_cannot_listen(daemon, tmp_path):
    notified = Notified(tmp_path)
    first = daemon({"front": SCENE})
    second = daemon({"front": SCENE}, wait=False, options={"listen": f"127.0.0.1:{first.port}"},
                    env={"NOTIFY_SOCKET": notified.path})
    assert ended(second) == 1
    assert not notified.has("READY=1")
    assert str(first.port) in second.log()


def test_what_hangs_while_it_stops_does_not_hide_that_it_failed(daemon):
    """Or nobody would start it again."""
    first = daemon({})
    second = daemon({f"c{i}": SCENE for i in range(40)}, wait=False,
                    options={"listen": f"127.0.0.1:{first.port}"})
    second.logged("Address already in use")
    second.signal(signal.SIGSTOP)
    time.sleep(2)  # as long as stopping may take, and more
    second.signal(signal.SIGCONT)
    assert ended(second) == 1


def command_with_socket(command, address):
    """Starts a program as systemd would, with a listening socket of this address."""
    giver = """import os, socket, sys
path = sys.argv[1].startswith("/")
given = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
given.bind(sys.argv[1] if path else (sys.argv[1], 0))
given.listen()
os.dup2(given.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])"""
    return [sys.executable, "-c", giver, address, *command]


def start_with_socket(directory, address, *arguments):
    config = directory / "vedette.conf"
    config.write_text("[camera front]\nuri=test:quiet\n")
    command = [built("src/vedetted"), "--config", str(config), *arguments]
    return Process(command_with_socket(command, address), log=str(directory / "log"),
                   env=environment())


@pytest.mark.short
def test_a_socket_that_others_reach_is_refused_when_it_is_handed_over(tmp_path):
    with start_with_socket(tmp_path, "0.0.0.0") as server:
        assert server.child.wait(60) == 78
        assert "LISTEN_FDS" in server.log() and "--insecure-listen" in server.log()


@pytest.mark.parametrize("address, arguments", [("127.0.0.1", []),
                                                ("0.0.0.0", ["--insecure-listen"])])
def test_a_socket_that_is_handed_over_is_served(tmp_path, address, arguments):
    with start_with_socket(tmp_path, address, *arguments) as server:
        until(lambda: "serving 1 camera on port" in server.log(), 10, server.log)


def test_a_unix_socket_that_is_handed_over_is_served(tmp_path):
    path = str(tmp_path / "http.sock")
    with start_with_socket(tmp_path, path) as server:
        until(lambda: "serving 1 camera on the Unix socket that was handed over" in server.log(),
              10, server.log)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(15) == b"HTTP/1.1 200 OK"


def secrets_in(server, words):
    """Where any of these words can be read by somebody else."""
    pid = server.pid
    places = {"log": server.log()}
    for path in ("/api/v1/cameras", "/api/v1/stats", "/api/v1/cameras/front", "/readyz"):
        places[path] = server.get(path).text
    for name in ("cmdline", "comm"):
        places[name] = readable(f"/proc/{pid}/{name}")
    for task in os.listdir(f"/proc/{pid}/task"):
        places[f"thread {task}"] = readable(f"/proc/{pid}/task/{task}/comm")
    return [f"{word} in {place}" for place, text in places.items() for word in words
            if word in text]


def test_passwords_are_nowhere_to_be_read(daemon, rtsp):
    camera = rtsp(f"front={SMALL}", user="joe:geheim77")
    server = daemon({
        "front": camera.uri("front"),
        "wrong": camera.uri("front", user="joe:falsch88"),
        "beside": {"uri": f"rtsp://127.0.0.1:{camera.port}/nope", "user": "joe",
                   "password": "neben99"},
        "web": "http://joe:http66@127.0.0.1:9/x?token=zeichen55",
        "file": "/nonexistent/zeichen.mp4"},
        options={"log-level": "debug"}, env={"GST_DEBUG": "2"})
    server.live("front")
    until(lambda: all(one["reason_code"] for name, one in server.cameras().items() if name != "front"),
          15, lambda: f"the others say why not: {server.cameras()}")
    words = ("geheim77", "falsch88", "neben99", "http66", "zeichen55")
    assert secrets_in(server, words) == []
    server.reload({"front": {"uri": camera.uri("front", user="joe:anders44"),
                             "jpeg-quality": "x"}})
    server.logged("jpeg-quality")
    assert secrets_in(server, (*words, "anders44")) == []

