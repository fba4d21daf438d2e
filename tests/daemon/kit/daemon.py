"""The daemon under test, from its configuration to its end."""
import os
import signal
import subprocess
import time

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .process import Process, built, free_port
from .stream import Stream, busy, steps
from .wait import SLOW, STRETCH, Watch, idle_s, until

STOP_S = 2  # whatever the cameras do


def camera_text(cameras):
    """Configuration of cameras: id -> URI, or id -> {option: value}."""
    text = ""
    for name, options in cameras.items():
        if isinstance(options, str):
            options = {"uri": options}
        text += f"[camera {name}]\n"
        text += "".join(f"{option}={value}\n" for option, value in options.items())
    return text


def environment(changes=None):
    """What a daemon is started with. Plugins are looked at in the daemon itself, since one that
    was built with a sanitizer cannot be loaded by GStreamer's scanner."""
    answer = dict(os.environ, GST_PLUGIN_PATH=built("plugins/.libs"), GST_REGISTRY_FORK="no",
                  GST_REGISTRY=f"{built('tests')}/gst-registry-daemon.bin")
    answer.pop("NOTIFY_SOCKET", None)
    answer.pop("G_DEBUG", None)
    answer.update(changes or {})
    return answer


class Daemon(Process):
    def __init__(self, directory, cameras, options=None, arguments=(), env=None, wait=True,
                 port=None, trust=None):
        self.directory = str(directory)
        self.config = f"{directory}/vedette.conf"
        self.port = port or free_port()
        self.options = {"listen": f"127.0.0.1:{self.port}", **(options or {})}
        scheme = "https" if "tls-certificate" in self.options else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.trust = trust and str(trust)  # PEM: who signed its certificate
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = self.trust or True
        # One that nobody used for 15 s may be closed in the very moment it is used again. A 503 is an
        # answer, whatever Retry-After says.
        self.session.mount(self.url, HTTPAdapter(
            max_retries=Retry(1, connect=0, status=0, respect_retry_after_header=False)))
        self.write(cameras)
        self.started, self.idle = time.monotonic(), idle_s()
        super().__init__([built("src/vedetted"), "--config", self.config, *arguments],
                         log=f"{directory}/daemon.log", env=environment(env))
        if wait:
            try:
                until(self.listens, 20, lambda: f"the daemon listens:\n{self.log()}")
            except AssertionError:
                self.kill()
                raise

    def write(self, cameras):
        text = "[vedette]\n" + "".join(f"{k}={v}\n" for k, v in self.options.items())
        with open(self.config + ".new", "w", encoding="utf-8") as file:
            file.write(text + (cameras if isinstance(cameras, str) else camera_text(cameras)))
        os.rename(self.config + ".new", self.config)

    def reload(self, cameras):
        self.write(cameras)
        self.signal(signal.SIGHUP)

    def listens(self):
        assert self.running(), f"the daemon ended with {self.child.returncode}:\n{self.log()}"
        try:
            return self.get("/readyz").status_code == 200
        except requests.ConnectionError:
            return False

    def get(self, path, timeout=60):
        return self.session.get(self.url + path, timeout=timeout * SLOW)

    def cameras(self):
        answer = self.get("/api/v1/cameras")
        assert answer.status_code == 200
        return {camera["id"]: camera for camera in answer.json()["cameras"]}

    def camera(self, name):
        answer = self.get(f"/api/v1/cameras/{name}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self, name):
        return self.camera(name)["state"]

    def reason(self, name):
        """Why the camera is not live, as one word; None when there is nothing to say."""
        return self.camera(name)["reason_code"]

    def drops(self, name):
        return sum(self.camera(name)["drops"].values())

    def left_out(self, name):
        """Pictures it counts as left out because encoder or viewer could not follow."""
        return sum(one["skipped"] + one["viewers"]["skipped"]
                   for one in self.camera(name)["renditions"])

    def kept(self, name, parts):
        """The camera gave all its pictures, and no part is missing that is not counted as left out.
        For who still watches, since a rendition's counters go with it, and at the camera's own
        rate: what comes too early for a rate is nobody's fault and not counted. A machine that has
        time for it leaves out no more than half."""
        gaps = steps(parts)
        missing = sum(gaps) - len(gaps)
        assert gaps and min(gaps) >= 1, gaps
        few = sum(gaps) if busy(parts) else len(gaps)
        assert missing <= few, gaps
        until(lambda: self.left_out(name) >= missing, 5,
              lambda: f"{missing} of {name} are missing: {gaps} {self.camera(name)}")
        camera = self.camera(name)
        late = camera["drops"].pop("decoder_too_slow")  # of all its time, not of these parts alone
        idle, passed = idle_s() - self.idle, time.monotonic() - self.started
        assert late <= few or idle < passed / 2, (late, few, idle, passed)
        assert not any(camera["drops"].values()), camera["drops"]

    def until_reason(self, name, reason, seconds=10):
        until(lambda: self.reason(name) == reason, seconds,
              lambda: f"{name} says {reason}: {self.camera(name)}\n{self.log()[-3000:]}")

    def until_state(self, name, states, seconds=10):
        """Waits for a camera's state to be one of these; the camera as the API tells it."""
        states = (states,) if isinstance(states, str) else states

        def look():
            camera = self.camera(name)
            return camera if camera["state"] in states else None
        return until(look, seconds, lambda: f"{name} is {' or '.join(states)}: "
                     f"{self.camera(name)}\n{self.log()[-3000:]}")

    def live(self, *names, seconds=10):
        for name in names:
            self.until_state(name, "live", seconds)

    def stream(self, name, query="", **keywords):
        return self.watch(f"/api/v1/cameras/{name}/stream.mjpg{query}", **keywords)

    def wall(self, query="", **keywords):
        return self.watch(f"/api/v1/wall.mjpg{query}", **keywords)

    def watch(self, path, **keywords):
        stream = Stream(self.url + path, trust=self.trust, **keywords)
        assert stream.status == 200, stream.error()
        return stream

    def logged(self, text, seconds=5):
        return until(lambda: text in self.log(), seconds,
                     lambda: f"{text!r} in the log:\n{self.log()}")

    def stop(self, *numbers):
        """SIGTERM, or these signals; how long it took."""
        watch = Watch()
        for number in numbers or (signal.SIGTERM,):
            self.signal(number)
        try:
            status = self.child.wait(STOP_S * STRETCH * SLOW)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"a signal does not end it:\n{self.log()[-3000:]}") from None
        took = watch.passed()
        assert status == 0, f"it ended with {status}:\n{self.log()[-6000:]}"
        return took

    def close(self):
        self.session.close()
        if self.running():
            took = self.stop()
            assert took < STOP_S * SLOW, f"it took {took:.1f} s to stop:\n{self.log()[-3000:]}"
        elif self.child.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f"it ended with {self.child.returncode}:\n{self.log()[-6000:]}")


def run_once(directory, text, *arguments, seconds=60):
    """Runs the daemon with this configuration to its own end: exit status and output."""
    config = f"{directory}/vedette.conf"
    if text is not None:
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)
    done = subprocess.run([built("src/vedetted"), "--config", config, *arguments], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=seconds * SLOW, env=environment())
    return done.returncode, done.stdout.decode()
