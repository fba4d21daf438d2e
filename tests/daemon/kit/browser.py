"""Headless Chromium over its debugging pipe: two descriptors and JSON, no library."""
import base64
import fcntl
import json
import os
import select
import tempfile
import time

from .process import Process, missing
from .wait import SLOW

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--window-size=1280,900", "--remote-debugging-pipe"]


class Browser:
    """One page. Console errors and failed requests are collected in errors."""

    def __init__(self, directory, *flags):
        assert not missing("chromium")
        self.profile = tempfile.TemporaryDirectory(dir=directory, ignore_cleanup_errors=True)
        read_theirs, self.to = os.pipe()
        self.of, write_theirs = os.pipe()
        self.errors, self.number, self.buffer = [], 0, b""
        self.process = Piped(["chromium", *FLAGS, *flags, f"--user-data-dir={self.profile.name}",
                              "about:blank"], read_theirs, write_theirs, f"{directory}/chromium.log")
        os.close(read_theirs)
        os.close(write_theirs)
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.page = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    page = None

    def send(self, method, **parameters):
        """A command and its answer; what happens meanwhile is noted."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.page:
            message["sessionId"] = self.page
        os.write(self.to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 120 * SLOW
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]

    def receive(self, deadline):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.of], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"Chromium does not answer: {self.process.log()[-2000:]}"
            piece = os.read(self.of, 1 << 20)
            assert piece, f"Chromium ended: {self.process.log()[-2000:]}"
            self.buffer += piece
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        self.note(message)
        return message

    def note(self, message):
        method, said = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(said["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and said["type"] in ("error", "assert"):
            self.errors.append(json.dumps(said["args"]))
        elif method == "Log.entryAdded" and said["entry"]["level"] == "error":
            self.errors.append(said["entry"]["text"] + " " + said["entry"].get("url", ""))

    def open(self, url):
        self.send("Page.navigate", url=url)

    def run(self, script):
        """The value of a JavaScript expression, awaited when it is a promise."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def screenshot(self, path):
        data = self.send("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        self.process.close()
        os.close(self.to)
        os.close(self.of)
        self.profile.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Piped(Process):
    """A process that finds its pipe as descriptors 3 and 4."""

    def __init__(self, command, read_end, write_end, log):
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (read_end, write_end)]
        shell = f'exec "$@" 3<&{ends[0]} 4>&{ends[1]}'
        super().__init__(["/bin/bash", "-c", shell, "bash", *command], log=log, pass_fds=ends)
        for end in ends:
            os.close(end)
