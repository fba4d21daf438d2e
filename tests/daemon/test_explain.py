"""Why there was an event, or none: by the interface and by vedettectl."""
import datetime

import pytest

from kit.wait import until
from test_access import account, users, write  # noqa: F401  users is a fixture
from test_ctl import NOT_FOUND, USAGE, served  # noqa: F401  served is a fixture

SCENE = "test:moving?width=320&height=240&fps=10&figures=1"
QUICK = {"uri": SCENE, "event-min-ms": "200", "event-gap-ms": "300"}
ALL = "0,0 1,0 1,1 0,1"


def explain(server, camera, at=None):
    answer = server.get(f"/api/v1/cameras/{camera}/explain" + (f"?at={at}" if at else ""))
    assert answer.status_code == 200, answer.text
    return answer.json()


def until_code(server, camera, code, state=None):
    """The first answer of such a verdict."""
    def look():
        answer = explain(server, camera)
        reason = answer["reason"]
        found = answer["verdict"]["code"] == code and (
            state is None or (reason and reason["event"]["state"] == state))
        return answer if found else None

    return until(look, 30, f"{camera} is told to be {code}")


def stage(answer, name):
    return next(one for one in answer["reason"]["stages"] if one["stage"] == name)


def is_about(value, other):
    return abs(value - other) < 1e-5


@pytest.mark.short
def test_each_camera_says_why_it_has_no_event(daemon):
    server = daemon({
        "small": {**QUICK, "motion-min-area": "9000"},
        "ignored": {**QUICK, "zones": f"street ignore: {ALL}"},
        "large": {**QUICK, "zones": f"door min-size=90%: {ALL}"},
        "short": {**QUICK, "event-min-ms": "60000"},
        "off": {**QUICK, "enabled": "false"},
        "blind": {**QUICK, "analysis": "false"},
    })
    server.live("small", "ignored", "large", "short", "blind")
    small = until_code(server, "small", "too-small")
    size = stage(small, "size")
    assert size["limit"] == 0.9 and 0 < size["value"] < 0.9 and size["passed"] is False
    assert is_about(size["margin"], size["value"] - 0.9) and size["option"] == "motion-min-area"
    assert "motion-min-area=9000 asks for 90.00 %" in small["verdict"]["text"]
    assert [box["why"] for box in small["reason"]["boxes"]] == ["too-small"]
    assert stage(small, "time")["passed"] is None
    ignored = until_code(server, "ignored", "ignored-zone")
    assert ignored["reason"]["boxes"][0]["zone"] == "street"
    assert "in zone street, which is ignored" in ignored["verdict"]["text"]
    zone = ignored["reason"]["zones"][0]
    assert (zone["name"], zone["ignore"], zone["points"]) == (
        "street", True, [[0, 0], [1, 0], [1, 1], [0, 1]])
    large = until_code(server, "large", "too-small-for-zone")
    assert "zone door asks for 90 % (min-size=)" in large["verdict"]["text"]
    short = until_code(server, "short", "too-short")
    needed = stage(short, "time")
    assert needed["limit"] == 60 and needed["value"] < 60 and needed["passed"] is False
    assert short["reason"]["event"]["state"] == "none"
    assert until_code(server, "off", "away")["verdict"]["text"] == (
        "There was no picture to look at: the camera was off.")
    assert until_code(server, "blind", "not-analysed")["reason"] is None


def test_an_event_is_explained_where_it_began_and_after_it(daemon):
    server = daemon({"front": {**QUICK, "zones": "door: 0.3,0 0.5,0 0.5,1 0.3,1"}})
    server.live("front")

    def events(kind):
        return server.get(f"/api/v1/events?kinds={kind}&order=oldest").json()["events"]

    end = until(lambda: events("motion-end"), 30, "motion has ended")[0]
    start = events("motion-start")[0]
    reasons = start["reasons"]
    assert reasons["zone"] == "door" and reasons["seconds"] >= reasons["min_seconds"] == 0.2
    assert reasons["largest"] >= reasons["min_area"] == 0.001
    assert 0 < reasons["cleaned"] <= 1 and 0 < reasons["changed"] <= 1
    assert 1 <= reasons["counted"] <= reasons["boxes"]
    assert reasons["text"].endswith("The event began.")
    assert end["reasons"]["ended"] == "gap"
    assert end["reasons"]["pause_seconds"] >= end["reasons"]["gap_seconds"] == 0.3
    then = explain(server, "front", start["time"])
    assert then["verdict"]["code"] == "counts"
    assert then["reason"]["event"]["state"] in ("began", "over")  # both may be in one second
    lines = [*then["before"], *then["after"], {"event": then["reason"]["event"]["state"]}]
    assert {"began", "over"} & {line["event"] for line in lines}
    minute = explain(server, "front", start["time"][:17] + "00Z&seconds=60")
    assert minute["reason"]["event"]["state"] == "began"
    assert minute["reason"]["time"] >= start["time"][:17]
    zone = then["reason"]["zones"][0]
    assert zone["name"] == "door" and is_about(zone["margin"], zone["seconds"] - 0.2)


@pytest.mark.short
def test_times_are_judged(daemon):
    server = daemon({"front": QUICK})
    server.live("front")
    until(lambda: explain(server, "front")["reason"], 30, "there is a reason")
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    for at, code in ((tomorrow.strftime("%Y-%m-%dT%H:%M:%SZ"), "not-yet"),
                     ("2001-02-03T04:05:06Z", "not-kept")):
        answer = explain(server, "front", at)
        assert (answer["verdict"]["code"], answer["reason"]) == (code, None)
        assert answer["before"] == answer["after"] == []
    assert explain(server, "front", "2001-02-03T06:05:06%2B02:00")["at"] == (
        "2001-02-03T04:05:06.000Z")
    wrong = server.get("/api/v1/cameras/front/explain?at=03:12")
    assert wrong.status_code == 400
    assert wrong.json()["error"]["details"] == [
        {"option": "at", "allowed": "a time, as 2026-11-22T15:04:05Z"}]
    assert server.get("/api/v1/cameras/front/explain?seconds=61").status_code == 400
    assert server.get("/api/v1/cameras/nobody/explain").status_code == 404


def test_who_does_not_see_a_camera_is_told_nothing_of_it(daemon, users):  # noqa: F811
    write(users, account("viewer", "front"))
    server = daemon({"front": QUICK, "yard": QUICK}, options={"users-file": users})
    server.session.auth = ("anna", "secret")
    server.live("front")
    assert server.get("/api/v1/cameras/front/explain").status_code == 200
    assert server.get("/api/v1/cameras/yard/explain").status_code == 404
    server.session.auth = None
    assert server.get("/api/v1/cameras/front/explain").status_code == 401


@pytest.mark.short
def test_vedettectl_tells_it_in_words_and_tables(served):  # noqa: F811
    server, ctl = served({"front": {**QUICK, "zones": f"street ignore: {ALL}"}})
    server.live("front")
    until_code(server, "front", "ignored-zone")
    now = datetime.datetime.now()
    answer = ctl.json("explain", "front")
    assert answer["camera"] == "front" and answer["reason"]["zones"][0]["name"] == "street"
    said = ctl.run("explain", "front").splitlines()
    assert said[0].startswith("front at 20") and ": " in said[0]
    assert said[1] == explain(server, "front", said[0].split()[2][:-1])["verdict"]["text"]
    heads = [line.split() for line in said]
    assert ["STAGE", "VALUE", "LIMIT", "MARGIN", "PASSED", "LIMIT", "IS", "SET", "BY"] in heads
    street = next(words for words in heads if words[:1] == ["street"])
    assert street[1] == "no"
    assert "The minute before:" in said
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for text, then in ((now.strftime("%H:%M:%S"), now.replace(microsecond=0)),
                       ("0:00", midnight), (now.strftime("%Y-%m-%dT%H:%M:%S"), now)):
        at = ctl.json("explain", "front", "--at", text)["at"]
        told = datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()
        assert abs(told - then.timestamp()) < 1, (text, at)
    assert "a time is wanted" in ctl.run("explain", "front", "--at", "24:00", status=USAGE)
    assert "there is no camera" in ctl.run("explain", "nobody", status=NOT_FOUND)
