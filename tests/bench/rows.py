"""The rows of the table: each measures one round and gives numbers by name."""
import contextlib
import pathlib
import socket
import statistics
import subprocess
import threading
import time

from kit import meter, soak
from kit.camera import RtspCamera
from kit.certificate import self_signed
from kit.daemon import Daemon
from kit.stream import Closed, Stream
from kit.wait import until
from servers import (BareFanout, Floor, Hello, HttpFanout, Motion, load, load_result,
                     requests_a_second, settled)


class Bench:
    """Where clips are, how long to look, and what is ended when a round is over."""

    def __init__(self, clips, seconds, directory):
        self.clips, self.seconds, self.directory = clips, seconds, directory
        self.stack = contextlib.ExitStack()

    def clip(self, name):
        return f"{self.clips}/{name}.mp4"

    def start(self, thing):
        return self.stack.enter_context(thing)

    def farm(self, name, count=1, **keywords):
        mount = f"cam={self.clip(name)}*{count}"
        return self.start(RtspCamera(self.directory, mount, **keywords))

    def vedette(self, cameras, **keywords):
        cameras = {name: {"transport": "tcp", **({"uri": options} if isinstance(options, str)
                                                 else options)}
                   for name, options in cameras.items()}
        return self.start(Daemon(self.directory, cameras, **keywords))

    def over(self):
        self.stack.close()


def uris(farm, count=1):
    return [farm.uri(f"cam{i}") for i in range(count)]


def cpu_of(processes, seconds):
    """CPU seconds a second of several processes over the same time."""
    before = [meter.cpu_s(process.pid) for process in processes]
    start = time.monotonic()
    time.sleep(seconds)
    span = time.monotonic() - start
    return [(meter.cpu_s(process.pid) - was) / span
            for process, was in zip(processes, before)]


def cameras_of(farm, count=1):
    return {f"c{i}": uri for i, uri in enumerate(uris(farm, count))}


def all_decoded(daemon, fps):
    """What is cheap because pictures are left out does not count."""
    for name, camera in daemon.cameras().items():
        assert 0.9 * fps < camera["fps_decoded"] < 1.1 * fps, f"{name}: {camera['fps_decoded']}"
        assert not camera["dropped"], f"{name}: {camera['dropped']}"


def quiet(daemon, motion, count=1):
    """All cameras live in both, and nobody watching any more."""
    daemon.live(*[f"c{i}" for i in range(count)], seconds=20)
    for i in range(count):
        settled(motion, motion.url(i))
    time.sleep(1)


def detect1080(bench):
    farm = bench.farm("busy1080")
    motion = bench.start(Motion(bench.directory, uris(farm), "1080"))
    daemon = bench.vedette(cameras_of(farm))
    quiet(daemon, motion)
    floor = bench.start(Floor(bench.clip("busy1080")))
    time.sleep(1)
    span = min(bench.seconds, 30)  # the clip is 40 s long and the floor plays it once
    mine, peer, bare = cpu_of([daemon, motion, floor], span)
    all_decoded(daemon, 30)
    return {"cpu": mine, "motion": peer, "floor": bare}


def substream(bench):
    farm = bench.start(RtspCamera(bench.directory, f"main={bench.clip('busy1080')}",
                                  f"sub={bench.clip('busy360')}"))
    motion = bench.start(Motion(bench.directory, [farm.uri("main")], "1080"))
    daemon = bench.vedette({"c0": {"uri": farm.uri("main"), "analysis-uri": farm.uri("sub")}})
    quiet(daemon, motion)
    mine, peer = cpu_of([daemon, motion], bench.seconds)
    all_decoded(daemon, 15)
    return {"cpu": mine, "motion": peer}


def eight360(bench):
    farm = bench.farm("busy360", 8)
    motion = bench.start(Motion(bench.directory, uris(farm, 8), "360"))
    daemon = bench.vedette(cameras_of(farm, 8))
    quiet(daemon, motion, 8)
    mine, peer = cpu_of([daemon, motion], bench.seconds)
    all_decoded(daemon, 15)
    return {"cpu": mine, "motion": peer}


def fan_one(bench, process, url, viewers):
    """CPU without and with viewers of one stream, and what the viewers got."""
    settled(process, url)
    idle = meter.usage(process.pid, 4)
    threads = meter.threads(process.pid)
    ramp = 4
    child = load("-n", viewers, "-d", bench.seconds + ramp + 2, "-w", ramp + 1, "--ramp", ramp,
                 url, wait=False)
    time.sleep(ramp + 1)
    busy = meter.usage(process.pid, bench.seconds)
    pss, more = meter.pss_mb(process.pid), meter.threads(process.pid) - threads
    got = load_result(child)
    fast = got["fast"]
    return {"cpu": busy, "us": (busy - idle) / fast["rate"] * 1e6, "pss": pss,
            "fps": fast["fps_min"], "threads": more, "gap": got["gaps"]["p99_ms"],
            "first": got["first"]["p99_ms"]}


def snapshot(daemon):
    """Once there is room: viewers who have just left may hold all connections yet."""
    def ask():
        answer = daemon.get("/api/v1/cameras/c0/snapshot.jpg")
        return answer.status_code == 200 and answer.content
    return until(ask, 10, "there is a snapshot")


def fan(viewers):
    def row(bench):
        farm = bench.farm("busy360")
        daemon = bench.vedette(cameras_of(farm))
        daemon.live("c0", seconds=20)
        mine = fan_one(bench, daemon, f"{daemon.url}/api/v1/cameras/c0/stream.mjpg", viewers)
        picture = snapshot(daemon)
        daemon.close()
        with BareFanout(bench.directory, picture) as bare:
            mine["bare-us"] = fan_one(bench, bare, f"http://127.0.0.1:{bare.port}/", viewers)["us"]
        motion = bench.start(Motion(bench.directory, uris(farm), "360"))
        peer = fan_one(bench, motion, motion.url(), viewers)
        return {**mine, **{f"motion-{key}": value for key, value in peer.items()}}
    return row


def by_curl(bench, server, viewers):
    """CPU a picture and viewer of ready-made pictures."""
    clients = [subprocess.Popen(["curl", "-skN", "-o", "/dev/null", server.url])
               for _ in range(viewers)]
    time.sleep(3)
    us = meter.usage(server.pid, bench.seconds) / (viewers * HttpFanout.FPS) * 1e6
    assert all(client.poll() is None for client in clients)
    for client in clients:
        client.kill()
        client.wait()
    return us


def tls50(bench):
    certificate = self_signed(pathlib.Path(bench.directory))
    with HttpFanout() as plain:
        bare = by_curl(bench, plain, 50)
    with HttpFanout(certificate) as secure:
        return {"us": by_curl(bench, secure, 50), "plain": bare}


def slow(bench):
    farm = bench.farm("busy360")
    daemon = bench.vedette(cameras_of(farm))
    daemon.live("c0", seconds=20)
    url = f"{daemon.url}/api/v1/cameras/c0/stream.mjpg"
    alone = load("-n", 20, "-d", bench.seconds, "-w", 1, url)
    both = load("-n", 40, "--slow", 20, "-d", bench.seconds, "-w", 1, url)
    return {"fps": both["fast"]["fps_min"], "alone": alone["fast"]["fps_min"],
            "gap": both["gaps"]["max_ms"], "gap-alone": alone["gaps"]["max_ms"]}


def first(bench):
    farm = bench.farm("busy360")
    daemon = bench.vedette(cameras_of(farm))
    daemon.live("c0", seconds=20)
    url = f"{daemon.url}/api/v1/cameras/c0/stream.mjpg"
    got = load("-n", 200, "-d", bench.seconds, "--ramp", bench.seconds - 1, url)
    return {"p50": got["first"]["p50_ms"], "p99": got["first"]["p99_ms"]}


def latency(size, transport="tcp"):
    def row(bench):
        marks = f"{bench.directory}/marks"
        open(marks, "w", encoding="ascii").close()
        farm = bench.farm(f"beacon{size}", marks=marks)
        daemon = bench.vedette({"c0": {"uri": farm.uri("cam0"), "transport": transport,
                                       "stream-fps": 60}})
        daemon.live("c0", seconds=20)
        watch = ["-n", 2, "-d", max(bench.seconds * 2, 30), "-w", 3, "--marks", f"{marks},/cam0"]
        mine = load(*watch, f"{daemon.url}/api/v1/cameras/c0/stream.mjpg")["latency"]
        daemon.close()
        answer = {"p50": mine["p50_ms"], "p99": mine["p99_ms"], "n": mine["n"]}
        if transport == "tcp":
            motion = bench.start(Motion(bench.directory, uris(farm), size))
            settled(motion, motion.url())
            answer["motion"] = load(*watch, motion.url())["latency"]["p50_ms"]
        return answer
    return row


class Watcher(threading.Thread):
    """Keeps watching a stream, through ends and refusals, and notes when live pictures came."""

    def __init__(self, url, least=0):
        super().__init__(daemon=True)
        self.url, self.least = url, least
        self.times, self.cards = [], []
        self.done = False
        self.start()

    def run(self):
        while not self.done:
            try:
                with Stream(self.url, timeout=30) as stream:
                    while not self.done:
                        self.note(stream.part())
            except (OSError, Closed, ValueError, IndexError):
                time.sleep(0.02)  # not there yet

    def note(self, part):
        live = part.headers.get("x-state", "live") == "live" and len(part.body) >= self.least
        (self.times if live else self.cards).append(part.at)

    def until_live_after(self, moment, seconds):
        """When the first live picture after that moment came."""
        return until(lambda: next((at for at in reversed(self.times) if at > moment), None) and
                     min(at for at in self.times if at > moment), seconds,
                     f"a picture of {self.url}")


def start_all(urls, begin, least=0):
    watchers = [Watcher(url, least) for url in urls]
    came = [watcher.until_live_after(0, 40) - begin for watcher in watchers]
    for watcher in watchers:
        watcher.done = True
    return max(came)


def start8(bench):
    farm = bench.farm("busy360", 8)
    begin = time.monotonic()
    daemon = bench.vedette(cameras_of(farm, 8), wait=False)
    mine = start_all([f"{daemon.url}/api/v1/cameras/c{i}/stream.mjpg" for i in range(8)], begin)
    daemon.close()
    begin = time.monotonic()
    motion = bench.start(Motion(bench.directory, uris(farm, 8), "360"))
    return {"s": mine,
            "motion": start_all([motion.url(i) for i in range(8)], begin, least=9000)}


def one_camera(bench, **keywords):
    farm = bench.farm("busy360", **keywords)
    daemon = bench.vedette(cameras_of(farm))
    daemon.live("c0", seconds=20)
    watcher = Watcher(f"{daemon.url}/api/v1/cameras/c0/stream.mjpg")
    until(lambda: daemon.camera("c0")["since_seconds"] > 4, 10, "it has worked for a while")
    watcher.until_live_after(time.monotonic(), 10)
    return farm, daemon, watcher


def drop(bench):
    """The longest time without a picture around the loss."""
    farm, daemon, watcher = one_camera(bench)
    farm("drop", "cam0")
    gone = time.monotonic()
    until(lambda: daemon.camera("c0")["reconnects"] == 1, 20, "it is back")
    watcher.until_live_after(time.monotonic() + 0.2, 10)
    times = [at for at in watcher.times if at > gone - 0.2]
    return {"s": max(after - before for before, after in zip(times, times[1:]))}


def back(bench):
    farm, _, watcher = one_camera(bench)
    farm.kill()
    time.sleep(5)
    bench.farm("busy360", port=farm.port)
    returned = time.monotonic()
    return {"s": watcher.until_live_after(returned, 30) - returned}


def stall(bench):
    """Until the status, the log and the picture say so."""
    farm, daemon, watcher = one_camera(bench)
    farm("stall", "cam0")
    begin = time.monotonic()
    daemon.until_reason("c0", "stalled", 15)
    status = time.monotonic() - begin
    until(lambda: watcher.cards and watcher.cards[-1] > begin, 15, "a placeholder")
    card = time.monotonic() - begin
    daemon.logged("stall", 15)
    return {"s": max(status, card, time.monotonic() - begin)}


def codec(bench):
    """H.265 in the middle of an H.264 session; the camera announces it to those who ask anew."""
    farm, daemon, _ = one_camera(bench)
    farm("switch", "cam0", bench.clip("busy360-hevc"))
    begin = time.monotonic()
    until(lambda: daemon.camera("c0")["reconnects"] > 0, 20, "the session is renewed")
    return {"s": time.monotonic() - begin}


def four_more(daemon, farm, transport):
    """Megabytes and threads that four cameras add to one."""
    used = []
    for count in (1, 5):
        cameras = {name: {"uri": uri, "transport": transport}
                   for name, uri in cameras_of(farm, count).items()}
        daemon.reload(cameras)
        until(lambda: [camera["transport"] for camera in daemon.cameras().values()] ==
              [transport] * count, 20, "the cameras are there")
        daemon.live(*cameras, seconds=20)
        time.sleep(8)
        used.append((meter.pss_mb(daemon.pid), meter.threads(daemon.pid)))
    return [after - before for before, after in zip(*used)]


def memory(bench):
    farm = bench.farm("busy1080", 5)
    daemon = bench.vedette({})
    time.sleep(2)
    idle = meter.pss_mb(daemon.pid)
    size, threads = four_more(daemon, farm, "tcp")
    _, udp = four_more(daemon, farm, "udp")
    return {"idle": idle, "camera": size / 4, "threads": threads / 4, "threads-udp": udp / 4}


def beside_hello(bench, url):
    """What 50 clients that stay connected get a second, and what a bare server gives them."""
    hello = bench.start(Hello())
    (mine, p99), (bare, _) = [requests_a_second(address, 5)
                              for address in (url, f"http://127.0.0.1:{hello.port}/hello")]
    return {"rate": mine, "p99": p99, "hello": bare}


def control(bench):
    farm = bench.farm("busy360")
    daemon = bench.vedette(cameras_of(farm))
    daemon.live("c0", seconds=20)
    return beside_hello(bench, f"{daemon.url}/api/v1/cameras/c0")


def fifty(bench, **options):
    """50 small cameras, all live, one of them watched."""
    farm = bench.start(RtspCamera(bench.directory, "cam=gen:h264:320x180@5*50"))
    daemon = bench.vedette({name: {"uri": uri, **options}
                            for name, uri in cameras_of(farm, 50).items()})
    daemon.live(*cameras_of(farm, 50), seconds=60)
    viewer = bench.start(load("-n", 1, "-d", 300, f"{daemon.url}/api/v1/cameras/c1/stream.mjpg",
                              wait=False))
    bench.stack.callback(viewer.terminate)
    return daemon


def control50(bench):
    daemon = fifty(bench)
    return {**beside_hello(bench, f"{daemon.url}/api/v1/cameras"),
            "kB": len(daemon.get("/api/v1/cameras").content) / 1000}


def patch(bench):
    """From an order to its answer, which comes when it has been carried out and is kept on disk."""
    daemon = fifty(bench)
    url = f"{daemon.url}/api/v1/cameras/c0/configuration"
    times = []
    for i in range(40):
        begin = time.monotonic()
        answer = daemon.session.patch(url, json={"motion_threshold": 10 + i % 2})
        times.append((time.monotonic() - begin) * 1000)
        assert answer.json()["applies"] == "live", answer.text
    return {"p50": statistics.median(times), "most": max(times)}


def sse(bench):
    """What 500 clients of server-sent events cost while nothing happens."""
    daemon = bench.vedette({})
    before = meter.usage(daemon.pid, bench.seconds)
    clients = [bench.stack.enter_context(socket.create_connection(("127.0.0.1", daemon.port)))
               for _ in range(500)]
    for client in clients:
        client.sendall(b"GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for client in clients:
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
    return {"cpu": meter.usage(daemon.pid, max(bench.seconds, 31)) - before}


def cycles(bench):
    """500 connections lost, 500 cameras added and removed. The first 200 of each bring the heaps to
    the size that they keep; what the last 150 took more than the 150 before is left over."""
    farm = bench.start(RtspCamera(bench.directory, f"cam={bench.clip('busy360')}*20",
                                  "guest=gen:h264:640x360@15"))
    kept = {name: {"uri": uri, "transport": "tcp"} for name, uri in cameras_of(farm, 20).items()}
    daemon = bench.vedette(kept)
    daemon.live(*kept, seconds=30)
    guest = {"uri": farm.uri("guest"), "transport": "tcp"}
    back = [soak.reconnect(daemon, farm, kept, rounds) for rounds in (10, 7, 8)]
    added = [soak.add_and_remove(daemon, kept, guest, times) for times in (200, 150, 150)]
    soak.settled(daemon, added[1])
    after = soak.size(daemon)
    return {"own": after[0], "added": added[2][0] - added[1][0], "back": back[2][0] - back[1][0],
            "descriptors": after[1] - added[1][1], "threads": after[2] - added[1][2]}


ROWS = {"detect1080": detect1080, "substream": substream, "eight360": eight360,
        **{f"fan{n}": fan(n) for n in (50, 200, 500, 1000)}, "tls50": tls50, "slow": slow,
        "first": first,
        "latency360": latency("360"), "latency1080": latency("1080"),
        "latency-udp": latency("360", "udp"), "start8": start8, "drop": drop, "back": back,
        "stall": stall, "codec": codec, "memory": memory, "control": control,
        "control50": control50, "patch": patch, "sse": sse, "cycles": cycles}
ONCE = {"cycles"}  # too long for three rounds
