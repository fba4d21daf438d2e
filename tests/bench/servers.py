"""What is measured: vedette, Motion, the bare decoder, bare servers."""
import os
import re
import socket
import subprocess
import time

from kit.process import Process, built, free_port
from kit.wait import until

SIZES = {"360": (640, 360, 15), "1080": (1920, 1080, 30)}

MOTION = """daemon off
setup_mode off
log_level 6
log_file {directory}/motion.log
picture_output off
movie_output off
webcontrol_port {control}
webcontrol_parms 3
stream_port {port}
stream_maxrate {fps}
stream_quality 75
threshold 1500
text_left peer
text_right peer
width {width}
height {height}
framerate {fps}
netcam_params rtsp_transport=tcp
"""


class Motion(Process):
    """Motion 4.5 watching RTSP cameras, with one port for all streams."""

    def __init__(self, directory, uris, size):
        width, height, fps = SIZES[size]
        directory = f"{directory}/motion"
        os.makedirs(directory, exist_ok=True)
        self.port, self.control = free_port(), free_port()
        text = MOTION.format(directory=directory, control=self.control, port=self.port, fps=fps,
                             width=width, height=height)
        if len(uris) == 1:
            text += f"netcam_url {uris[0]}\n"
        for number, uri in enumerate(uris if len(uris) > 1 else [], 1):
            with open(f"{directory}/{number}.conf", "w", encoding="ascii") as file:
                file.write(f"camera_id {number}\nnetcam_url {uri}\n")
            text += f"camera {directory}/{number}.conf\n"
        with open(f"{directory}/motion.conf", "w", encoding="ascii") as file:
            file.write(text)
        self.several = len(uris) > 1
        super().__init__(["motion", "-n", "-c", f"{directory}/motion.conf"],
                         log=f"{directory}/out")

    def url(self, number=0):
        path = f"{number + 1}/stream" if self.several else ""
        return f"http://127.0.0.1:{self.port}/{path}"


class Floor(Process):
    """One bare decode at the clip's own pace: what no analysis of it can be cheaper than."""

    def __init__(self, clip):
        super().__init__(["gst-launch-1.0", "-q", "filesrc", f"location={clip}", "!", "qtdemux",
                          "!", "h264parse", "!", "avdec_h264", "max-threads=1", "!", "fakesink",
                          "sync=true"])


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Bare(Process):
    """A program of tests/bench that serves until its standard input ends."""

    def __init__(self, program, *arguments):
        self.port = free_port()
        super().__init__([built(f"tests/bench/{program}"), str(self.port), *arguments],
                         stdin=subprocess.PIPE)
        until(lambda: listens(self.port), 5, f"{program} listens")


class Hello(Bare):
    """The least that libmicrohttpd does."""

    def __init__(self):
        super().__init__("hello")


class BareFanout(Bare):
    """The least that one picture for many viewers costs: libjpeg, and a write for each."""

    def __init__(self, directory, jpeg):
        path = f"{directory}/picture.jpg"
        with open(path, "wb") as file:
            file.write(jpeg)
        super().__init__("bare-fanout", path)


class HttpFanout(Process):
    """The daemon's HTTP server alone, with ready-made pictures of 30 kB; certificate: by TLS."""

    FPS = 15

    def __init__(self, certificate=None):
        port = free_port()
        tls = [] if certificate is None else ["-t", certificate, "-k", certificate]
        super().__init__([built("tests/bench/http-fanout"), "-p", str(port), "-f", str(self.FPS),
                          *map(str, tls)])
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{port}/api/v1/cameras/cam0/stream.mjpg"
        until(lambda: listens(port), 5, "http-fanout listens")


def load(*arguments, wait=True):
    """mjpeg-load; its lines as {name: {key: number}}, or the running child."""
    child = subprocess.Popen([built("tests/bench/mjpeg-load"), *map(str, arguments)],
                             stdout=subprocess.PIPE, text=True)
    return load_result(child) if wait else child


def load_result(child):
    text, _ = child.communicate()
    lines = [line.split() for line in text.splitlines()]
    return {words[0]: {key: float(value) for key, value in
                       (word.split("=") for word in words[1:])} for words in lines}


def requests_a_second(url, seconds):
    """By 50 clients that stay connected; and the 99th percentile of an answer's time, in ms."""
    text = subprocess.run(["wrk", "-t", "1", "-c", "50", "--latency", "-d", str(seconds), url],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    assert "Non-2xx" not in text, text
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return (float(text.split("Requests/sec:")[1].split()[0]),
            float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit])


def settled(process, url, seconds=20):
    """Waits until a server's stream gives pictures."""
    def look():
        assert process.running(), f"{process.command} ended"
        return load("-n", 1, "-d", 2, url).get("first", {"n": 0})["n"] > 0
    until(look, seconds, f"a picture from {url}")
    time.sleep(2)  # the first seconds are start-up work, which is not what is measured
