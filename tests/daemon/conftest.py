"""Fixtures, and a reporter that says each test as one TAP line."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from kit.browser import Browser  # noqa: E402
from kit.camera import RtspCamera  # noqa: E402
from kit.daemon import Daemon  # noqa: E402
from kit.process import built, missing  # noqa: E402


class Tap:
    """Prints the protocol that Automake's driver reads; diagnostics go out as comments."""

    def __init__(self, out):
        self.out = out
        self.count = 0
        self.reports = []

    def say(self, line):
        self.out.write(line + "\n")
        self.out.flush()

    def pytest_collection_finish(self, session):
        self.say(f"1..{len(session.items)}")

    def pytest_collectreport(self, report):
        if report.failed:
            for line in str(report.longrepr).splitlines():
                self.say("# " + line)
            self.say("Bail out! tests cannot be read")

    def pytest_runtest_logreport(self, report):
        """One line for what a test's beginning, the test and its end said together."""
        self.reports.append(report)
        if report.when == "teardown":
            self.result(report.nodeid.split("/")[-1].replace("::", " "), self.reports)
            self.reports = []

    def result(self, name, reports):
        self.count += 1
        failed = [report for report in reports if report.failed]
        skipped = [report for report in reports if report.skipped]
        if failed:
            self.say(f"not ok {self.count} {name}")
        elif skipped:
            reason = skipped[0].longrepr[2].removeprefix("Skipped: ")
            self.say(f"ok {self.count} {name} # SKIP {reason}")
        else:
            self.say(f"ok {self.count} {name}")
            self.say(f"# {sum(report.duration for report in reports):.1f} s")
        for report in failed:
            for line in str(report.longrepr).splitlines():
                self.say("# " + line)


def pytest_addoption(parser):
    parser.addoption("--tap", type=int, metavar="FD", help="print TAP to this descriptor")


def pytest_configure(config):
    number = config.getoption("--tap")
    if number is not None:
        config.pluginmanager.register(Tap(os.fdopen(number, "w")))


@pytest.fixture
def daemon(tmp_path):
    """Starts daemons: daemon({"front": "rtsp://..."}); all are ended, in under two seconds."""
    started = []

    def start(cameras, **keywords):
        directory = tmp_path / f"daemon{len(started)}"
        directory.mkdir()
        started.append(Daemon(directory, cameras, **keywords))
        return started[-1]
    yield start
    errors = []
    for one in started:
        try:
            one.close()
        except AssertionError as error:
            errors.append(str(error))
        for word in ("CRITICAL", "GLib-WARNING", "runtime error:", "AddressSanitizer",
                     "ThreadSanitizer"):
            if word in one.log():
                before, _, after = one.log().partition(word)
                begin = before.rfind("\n") + 1
                errors.append(f"{word} in the log:\n{before[begin:]}{word}{after[:4000]}")
    assert not errors, "\n".join(errors)


@pytest.fixture
def rtsp(tmp_path):
    """Starts RTSP cameras: rtsp("front=gen:h264:320x240@15")."""
    if not os.path.exists(built("tests/daemon/rtsp-camera")):
        pytest.skip("built without gst-rtsp-server, so there is no RTSP test camera")
    started = []

    def start(*mounts, **keywords):
        started.append(RtspCamera(tmp_path, *mounts, **keywords))
        return started[-1]
    yield start
    for one in started:
        one.close()


@pytest.fixture
def browser(tmp_path):
    if missing("chromium"):
        pytest.skip("Chromium is missing")
    with Browser(tmp_path) as one:
        yield one
