"""What happens, as it is told: the history, the stream, and what a crash leaves of them."""
import signal
import subprocess
import time

import pytest
import requests

from kit.listener import Listener
from kit.wait import SLOW, Watch, until

MOVING = "test:moving?width=320&height=240&fps=15"
QUIET = "test:quiet?width=320&height=240&fps=5"


def history(server, query=""):
    answer = server.get("/api/v1/events" + query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_event(server, camera="front"):
    answer = server.session.post(f"{server.url}/api/v1/cameras/{camera}/test-event")
    assert answer.status_code == 200, answer.text
    return answer.json()


test_event.__test__ = False


@pytest.fixture
def state(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    return {"STATE_DIRECTORY": str(folder)}


@pytest.mark.short
def test_the_history_is_filtered_and_paged(daemon):
    server = daemon({"front": QUIET, "back": QUIET})
    server.live("front", "back")
    made = [test_event(server, "front" if n % 2 else "back")["id"] for n in range(5)]
    assert made == sorted(set(made))
    newest = history(server, "?kinds=test")
    assert [e["id"] for e in newest["events"]] == made[::-1] and newest["next"] is None
    assert [e["id"] for e in history(server, "?kinds=test&camera=front")["events"]] == \
        [made[3], made[1]]
    pages, query = [], "?kinds=test&order=oldest&limit=2"
    cursor = ""
    while cursor is not None:
        page = history(server, query + (f"&cursor={cursor}" if cursor else ""))
        pages.append([e["id"] for e in page["events"]])
        cursor = page["next"]
    assert pages == [made[:2], made[2:4], made[4:]]
    states = history(server, "?kinds=camera-state&camera=back")["events"]
    assert (states[-1]["from"], states[-1]["to"]) == (None, "live")
    since = newest["events"][1]["time"]
    later = [e["id"] for e in newest["events"] if e["time"] >= since]
    assert later[:2] == [made[4], made[3]] and len(later) < 5
    assert [e["id"] for e in history(server, f"?kinds=test&since={since}")["events"]] == later
    assert history(server, "?until=2001-01-01T00:00:00Z")["events"] == []


@pytest.mark.short
def test_what_cannot_be_asked_is_refused(daemon):
    server = daemon({"front": QUIET})
    for query in ("kinds=motion", "since=yesterday", "cursor=x", "limit=1001", "order=both",
                  "camera=a&camera=b", "what=1"):
        answer = server.get("/api/v1/events?" + query)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_parameter"), query
    answer = server.session.post(server.url + "/api/v1/cameras/none/test-event")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    answer = requests.get(server.url + "/api/v1/events/stream", timeout=10,
                          headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_parameter")


@pytest.mark.short
def test_motion_is_told_as_it_happens_and_ends(daemon):
    server = daemon({"front": {"uri": MOVING, "event-min-ms": "200", "event-gap-ms": "500"}})
    with Listener(server) as listener:
        assert listener.answer.headers["Content-Type"] == "text/event-stream"
        kinds = []
        while "motion-start" not in kinds:
            number, event = listener.next()
            assert number == event["id"]
            kinds.append(event["kind"])
        assert event["camera"] == "front" and 0 < event["peak_share"] <= 1 and event["boxes"]
        server.reload({"front": {"uri": MOVING, "analysis": "false"}})
        server.reload({})
        while "motion-end" not in kinds or "configuration" not in kinds:
            _, event = listener.next()
            kinds.append(event["kind"])


@pytest.mark.short
def test_a_listener_goes_on_where_it_was(daemon):
    server = daemon({"front": QUIET})
    server.live("front")
    first = test_event(server)["id"]
    rest = [test_event(server)["id"] for _ in range(3)]
    with Listener(server, first) as listener:
        assert [listener.next()[0] for _ in rest] == rest
        live = test_event(server)["id"]
        assert listener.next()[0] == live


def test_more_than_memory_holds_comes_from_the_journal_over_a_restart(daemon, state):
    server = daemon({"front": QUIET}, env=state)
    server.live("front")
    first = test_event(server)["id"]
    made = [test_event(server)["id"] for _ in range(1300)]
    with Listener(server, first) as listener:
        assert [listener.next()[0] for _ in made] == made
    server.kill()
    again = daemon({"front": QUIET}, env=state)
    with Listener(again, made[-3]) as listener:
        assert [listener.next()[0] for _ in range(2)] == made[-2:]
        assert test_event(again)["id"] > made[-1]


def test_a_kill_loses_nothing_that_was_acknowledged(daemon, state):
    told = []
    for _ in range(3):
        server = daemon({"front": QUIET}, env=state)
        until(lambda: server.get("/api/v1/cameras/front").status_code == 200, 10, "it is there")
        told += [test_event(server)["id"] for _ in range(20)]
        server.kill()
    server = daemon({"front": QUIET}, env=state)
    kept = {e["id"] for e in history(server, "?kinds=test&limit=1000")["events"]}
    assert len(set(told)) == 60 and set(told) <= kept


def test_a_listener_is_told_that_nothing_happens(daemon):
    server = daemon({})
    with Listener(server) as listener:
        watch, begun = Watch(), time.monotonic()
        comments = (line for line in listener.lines if line.startswith(b":"))
        next(comments)
        assert watch.passed() < 2 * SLOW
        next(comments)
        assert time.monotonic() - begun > 14 and watch.passed() < 18 * SLOW


@pytest.mark.short
def test_curl_reads_the_stream(daemon):
    server = daemon({"front": QUIET})
    server.live("front")
    first = test_event(server)["id"]
    second = test_event(server)
    wanted, got = f"id: {second['id']}\ndata: {{\"id\":{second['id']},", ""
    with subprocess.Popen(["curl", "-sN", "-m", "60", "-H", f"Last-Event-ID: {first}",
                           server.url + "/api/v1/events/stream"],
                          stdout=subprocess.PIPE, text=True) as curl:
        while wanted not in got and (line := curl.stdout.readline()):
            got += line
        curl.kill()
    assert wanted in got


def test_stopping_ends_listeners(daemon):
    server = daemon({"front": QUIET})
    with Listener(server) as listener:
        next(listener.lines)
        server.signal(signal.SIGTERM)
        until(lambda: not server.running(), 5, "it ends")
        assert server.child.returncode == 0
