"""Who may do what, in the running daemon."""
import os
import subprocess

import pytest

from kit.daemon import environment
from kit.listener import Listener
from kit.process import built
from kit.wait import until

SCENE = "test:moving?width=320&height=240&fps=15"
# what "argon2 ... -id -t 2 -k 65536 -p 1 -l 32 -e" prints of "secret"
SECRET = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQxNmJ5dGVzIQ$" \
    "gSPNSypqCsN2pRIYCykqzA+YCFGPR4YWdFlsusKEu+o"


def write(path, text, mode=0o600):
    with open(f"{path}.tmp", "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(f"{path}.tmp", mode)
    os.rename(f"{path}.tmp", path)


def account(role, cameras="*", name="anna"):
    return f"[user {name}]\nrole={role}\ncameras={cameras}\npassword={SECRET}\n"


def status(server, path, auth=None, method="get", **more):
    return getattr(server.session, method)(server.url + path, auth=auth, **more).status_code


@pytest.fixture
def users(tmp_path):
    return tmp_path / "users.conf"


ANNA = ("anna", "secret")


@pytest.mark.short
def test_accounts_see_their_cameras_and_a_change_counts_at_once(daemon, users):
    write(users, account("operator", "f*"))
    server = daemon({"front": SCENE, "back": SCENE}, options={"users-file": users})
    assert status(server, "/api/v1/cameras") == 401
    assert status(server, "/api/v1/cameras", ("anna", "wrong")) == 401
    answer = server.session.get(server.url + "/api/v1/cameras", auth=ANNA)
    assert [camera["id"] for camera in answer.json()["cameras"]] == ["front"]
    assert status(server, "/api/v1/cameras/back", ANNA) == 404
    assert status(server, "/api/v1/cameras/back/snapshot.jpg", ANNA) == 404
    assert status(server, "/api/v1/cameras/front/snapshot.jpg", ANNA) == 200
    assert status(server, "/api/v1/cameras/front/restart", ANNA, "post") == 204
    server.logged("front: audit: user anna, 127.0.0.1 python-requests: connected anew")
    write(users, account("viewer"))
    until(lambda: status(server, "/api/v1/cameras/back", ANNA) == 200, 5, "she sees all")
    assert status(server, "/api/v1/cameras/front/restart", ANNA, "post") == 403
    write(users, "[user anna]\nrole=chief\n")
    server.logged("going on with the users that were read before")
    assert status(server, "/api/v1/cameras/back", ANNA) == 200
    assert status(server, "/api/v1/cameras/back") == 401


@pytest.mark.short
@pytest.mark.parametrize("text, mode, why", [
    (account("viewer"), 0o640, "others than its owner may use it (mode 0640): chmod 600"),
    (account("chief"), 0o600, "users.conf:2: role='chief': allowed are viewer, operator and admin"),
    (None, 0o600, "users.conf: cannot be read: No such file or directory"),
])
def test_a_file_that_cannot_be_used_lets_nobody_in(tmp_path, users, text, mode, why):
    if text is not None:
        write(users, text, mode)
    config = tmp_path / "vedette.conf"
    config.write_text(f"[vedette]\nlisten=127.0.0.1:0\nusers-file={users}\n")
    for arguments in ([], ["--check"]):
        run = subprocess.run([built("src/vedetted"), "--config", str(config), *arguments],
                             env=environment(), capture_output=True, text=True, timeout=60,
                             check=False)
        assert run.returncode == 78 and why in run.stderr


@pytest.mark.short
def test_names_of_the_server_are_those_of_the_configuration(daemon):
    server = daemon({}, options={"allowed-hosts": "cams.example cams"})
    for host, wanted in (("cams.example", 200), ("cams:8080", 200), ("localhost", 200),
                         ("evil.example", 421)):
        assert status(server, "/api/v1/cameras", headers={"Host": host}) == wanted
    server.options["allowed-hosts"] = "evil.example"
    server.reload({})
    until(lambda: status(server, "/", headers={"Host": "evil.example"}) == 200, 5, "it is known")
    assert status(server, "/", headers={"Host": "cams"}) == 421


BELLA = ("bella", "secret")


def post_test(server, camera):
    answer = server.session.post(f"{server.url}/api/v1/cameras/{camera}/test-event", auth=BELLA)
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def history(server, auth, query=""):
    answer = server.session.get(server.url + "/api/v1/events" + query, auth=auth)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.short
def test_what_was_changed_is_told_of_what_is_seen(daemon, users):
    write(users, account("viewer", "f*") + account("admin", "*", "bella"))
    server = daemon({"front": SCENE, "fence": SCENE, "back": SCENE}, options={"users-file": users})
    for camera in ("back", "front", "fence"):
        assert status(server, f"/api/v1/cameras/{camera}", BELLA, "delete") == 200
    for who, wanted in ((BELLA, ["back", "fence", "front"]), (ANNA, ["fence", "front"])):
        told = server.session.get(server.url + "/api/v1/changes", auth=who).json()["cameras"]
        assert [(one["id"], one["change"]) for one in told] == [(id, "removed") for id in wanted]


@pytest.mark.short
def test_an_account_is_told_of_its_cameras_events_and_of_no_others(daemon, users, tmp_path):
    write(users, account("viewer", "f*") + account("admin", "*", "bella"))
    state = tmp_path / "state"
    state.mkdir()
    server = daemon({"front": SCENE}, options={"users-file": users},
                    env={"STATE_DIRECTORY": str(state)})
    with Listener(server, auth=ANNA) as live:
        server.reload({"front": SCENE, "back": SCENE, "fence": SCENE})
        until(lambda: status(server, "/api/v1/cameras/back", BELLA) == 200, 5, "it is there")
        hidden = post_test(server, "back")
        seen = [post_test(server, "front"), post_test(server, "fence")]
        told = []
        while not told or told[-1]["id"] != seen[-1]:
            told.append(live.next()[1])
    assert {event["camera"] for event in told} <= {None, "front", "fence"}
    assert [event["id"] for event in told if event["kind"] == "test"] == seen
    change, = [event for event in told if event["camera"] is None]
    assert (change["kind"], change["added"], change["who"]) == ("configuration", ["fence"], None)
    assert "back" in history(server, BELLA, "?kinds=configuration")["events"][0]["added"]

    mine = history(server, ANNA, "?limit=1000")["events"]
    assert {event["camera"] for event in mine} <= {None, "front", "fence"} and len(mine) >= 3
    assert [e["id"] for e in history(server, ANNA, "?kinds=test")["events"]] == seen[::-1]
    assert history(server, ANNA, "?camera=back")["events"] == []
    first = history(server, ANNA, "?kinds=test&limit=1")
    assert [e["id"] for e in first["events"]] == [seen[1]] and first["next"] == str(seen[1])
    assert hidden in [e["id"] for e in history(server, BELLA, "?kinds=test")["events"]]

    with Listener(server, hidden - 1, ANNA) as again:  # from memory
        assert again.next()[0] == seen[0]
    for _ in range(1100):  # more than memory holds, none of which she may see
        last = post_test(server, "back")
    mark = post_test(server, "front")
    with Listener(server, seen[1], ANNA) as late:
        number, event = late.next()
        while event["kind"] != "test":
            assert event["camera"] in ("front", "fence")
            number, event = late.next()
        assert number == mark and mark > last
    with Listener(server, seen[1], BELLA) as all_of_them:
        number, event = all_of_them.next()
        while event["kind"] != "test":
            number, event = all_of_them.next()
        assert event["camera"] == "back"

    assert server.session.delete(f"{server.url}/api/v1/cameras/fence", auth=BELLA).status_code == 200
    for auth, who in ((BELLA, "bella"), (ANNA, None)):
        change = history(server, auth, "?kinds=configuration&limit=1")["events"][0]
        assert change["removed"] == ["fence"]
        assert change["who"] is None if who is None else who in change["who"]
