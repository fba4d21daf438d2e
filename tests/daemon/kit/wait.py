"""Waiting for events with a deadline; nothing here sleeps for its own sake.

How soon something happens is promised of a machine that has time for it, and is tested beside other
tests and compilers. So time counts while some processor is idle, and the rest of it as a tenth: who
waits for anything but a processor is late as soon as ever, and nothing may hang for long.
"""
import os
import time

# A build with a sanitizer is slower; limits that are about time are multiplied by this.
SLOW = float(os.environ.get("VEDETTE_SLOW", "1"))
LOOK_EVERY_S = 0.02
STRETCH = 10  # a limit lasts so many times as long where no processor is ever idle
TICK = os.sysconf("SC_CLK_TCK")


def idle_s():
    """Seconds that the processors were idle, or waited for a disk, all of them together."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = file.readline().split()
    return (int(fields[4]) + int(fields[5])) / TICK


class Watch:
    """Time since it was made, as far as it counts."""

    def __init__(self):
        self.start, self.idle = time.monotonic(), idle_s()

    def passed(self):
        wall = time.monotonic() - self.start
        return min(wall, max(idle_s() - self.idle, wall / STRETCH))


def until(look, seconds, what):
    """The first true answer of look(), or an AssertionError that says what did not come."""
    watch = Watch()
    while True:
        answer = look()
        if answer:
            return answer
        if watch.passed() > seconds * SLOW:
            text = what() if callable(what) else what
            raise AssertionError(f"not within {seconds * SLOW:g} s: {text}")
        time.sleep(LOOK_EVERY_S)


def holds(look, seconds, what):
    """Fails when look() stops being true within that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert look(), what() if callable(what) else what
        time.sleep(LOOK_EVERY_S)
