"""Waiting for events with a deadline; nothing here sleeps for its own sake."""
import os
import time

# A build with a sanitizer is slower; limits that are about time are multiplied by this.
SLOW = float(os.environ.get("VEDETTE_SLOW", "1"))
LOOK_EVERY_S = 0.02


def until(look, seconds, what):
    """The first true answer of look(), or an AssertionError that says what did not come."""
    deadline = time.monotonic() + seconds * SLOW
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            text = what() if callable(what) else what
            raise AssertionError(f"not within {seconds * SLOW:g} s: {text}")
        time.sleep(LOOK_EVERY_S)


def holds(look, seconds, what):
    """Fails when look() stops being true within that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert look(), what() if callable(what) else what
        time.sleep(LOOK_EVERY_S)
