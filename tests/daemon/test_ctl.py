"""vedettectl against the running daemon, at the control socket and over HTTP."""
import fcntl
import http.server
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import termios
import threading

import pytest

from kit.certificate import Authority
from kit.daemon import environment
from kit.process import TOP, Process, built, readable
from kit.wait import SLOW, until

SCENE = "test:moving?width=320&height=240&fps=15"
PROGRAM = built("src/vedettectl")
DONE, REFUSED, USAGE, AWAY, NOT_FOUND, FORBIDDEN = range(6)


class Ctl:
    def __init__(self, *options, env=None, prefix=()):
        self.command = [*prefix, PROGRAM, *options]
        self.env = environment({"VEDETTE_TOKEN": "", **(env or {})})

    def run(self, *arguments, status=DONE, text=None):
        done = subprocess.run([*self.command, *arguments], input=text or "", text=True,
                              capture_output=True, env=self.env, timeout=60 * SLOW, check=False)
        assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
        assert (done.stderr != "") == (status != DONE), done.stderr
        return done.stdout if status == DONE else done.stderr

    def json(self, *arguments):
        return json.loads(self.run("--json", *arguments))


@pytest.fixture
def served(daemon, tmp_path):
    """A daemon with a control socket, and a vedettectl that asks there."""
    def start(cameras=None, users=False, state=True):
        path = tmp_path / "control.sock"
        options = {"control-socket": path}
        if users:
            Ctl("--users-file", str(tmp_path / "users.conf")).run(
                "passwd", "root", "--role", "admin", "--stdin", text="secret\n")
            options["users-file"] = tmp_path / "users.conf"
        (tmp_path / "state").mkdir(exist_ok=True)
        server = daemon({"front": SCENE} if cameras is None else cameras, options=options,
                        arguments=["--state", str(tmp_path / "state")] if state else [])
        return server, Ctl("--socket", str(path))
    return start


@pytest.mark.short
def test_cameras_are_looked_at_and_changed(served, tmp_path):
    server, ctl = served()
    server.live("front")
    assert ctl.json("status")["cameras"]["total"] == 1
    assert "cameras.total" in ctl.run("status")
    assert ctl.run("cameras", "--ids") == "front\n"
    assert ctl.run("cameras").splitlines()[0].split() == ["CAMERA", "NAME", "STATE", "REASON"]
    assert ctl.json("cameras", "front")["id"] == "front"
    assert "motion_threshold" in ctl.run("cameras", "front")
    assert "nothing was done" in ctl.run("set", "front", "motion-threshold=20", "--dry-run")
    assert ctl.json("config", "diff") == {"cameras": []}
    said = ctl.run("set", "front", "motion-threshold=20", "name=Gate")
    assert "motion_threshold: 20, was 16 (live)" in said and 'name: "Gate"' in said
    assert ctl.json("set", "front", "name=", "--no-persist")["kept"] is False
    assert ctl.json("add", "back", f"uri={SCENE}", "annotate=false")["id"] == "back"
    assert server.camera("back")["configuration"]["annotate"] is False
    said = ctl.run("probe", f"uri={SCENE}", "gpu=off", "password=-", text="geheim77\n")
    assert said.startswith("reached: mjpeg 320x240 over test, decoded by jpegdec; the first picture")
    assert ctl.json("probe", f"uri={SCENE}")["reached"] is True
    said = ctl.run("probe", "uri=rtsp://127.0.0.1:1/x", status=REFUSED)
    assert said == "vedettectl: not reached: nobody takes connections at 127.0.0.1:1\n"
    assert "ring_seconds" in ctl.run("probe", f"uri={SCENE}", "ring-seconds=0", status=REFUSED)
    ctl.run("probe", f"uri={SCENE}", "password=geheim77", status=USAGE)
    assert ctl.run("cameras", "--ids") == "back\nfront\n" and "geheim77" not in server.log()
    for order in ("disable", "enable", "restart"):
        ctl.run(order, "back")
    server.logged("back: audit: unix ")
    ctl.run("snapshot", "back", "-o", str(tmp_path / "x.jpg"), "--width", "160")
    assert (tmp_path / "x.jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    ctl.run("remove", "back")
    assert ctl.run("cameras", "--ids") == "front\n"


def rows(table):
    return [line.split() for line in table.splitlines()]


def test_what_differs_from_the_files_is_told_of_all_cameras(served, tmp_path):
    server, ctl = served({"front": SCENE, "yard": SCENE, "plain": SCENE})
    ctl.run("set", "front", "motion-threshold=20", "password=-", text="geheim77\n")
    ctl.run("set", "front", "name=Gate", "--no-persist")
    ctl.run("add", "back", f"uri={SCENE}")
    ctl.run("remove", "yard")
    back, front, yard = ctl.json("config", "diff")["cameras"]
    assert (back["id"], back["change"], back["kept"]) == ("back", "added", True)
    assert [one["option"] for one in back["options"]] == ["uri"]
    assert (front["id"], front["change"], front["kept"]) == ("front", "changed", False)
    assert {one["option"]: (one["value"], one["files"], one["origin"]["from"])
            for one in front["options"]} == {"motion_threshold": (20, 16, "preset"),
                                             "password": ("***", "", "preset"),
                                             "name": ("Gate", "front", "preset")}
    assert yard == {"id": "yard", "change": "removed", "kept": True, "options": []}
    assert rows(ctl.run("config", "diff")) == [
        ["CAMERA", "CHANGE", "OPTION", "FILES", "NOW"],
        ["back", "added", "uri", SCENE],
        ["front", "changed,", "not", "kept", "name", "front", "Gate"],
        ["front", "changed,", "not", "kept", "password", "***"],
        ["front", "changed,", "not", "kept", "motion_threshold", "16", "20"],
        ["yard", "removed", "-", "-", "-"]]
    server.stop()
    server, ctl = served({"front": SCENE, "yard": SCENE, "plain": SCENE})
    _, front, again = ctl.json("config", "diff")["cameras"]
    assert again == yard and front["kept"] and "name" not in str(front["options"])
    assert server.camera("plain")["id"] == "plain" and "geheim77" not in server.log()


@pytest.mark.short
def test_exit_codes_tell_what_went_wrong(served, tmp_path):
    server, ctl = served()
    assert "there is no camera back" in ctl.run("restart", "back", status=NOT_FOUND)
    assert "1 to 255" in ctl.run("set", "front", "motion-threshold=999", status=REFUSED)
    for wrong in (["frobnicate"], [], ["cameras", "a", "b"], ["set", "front"], ["status", "--ids"],
                  ["--wrong"], ["set", "front", "colour=red"], ["set", "front", "name"],
                  ["snapshot", "front"], ["restart", "../x"], ["top", "--count", "0"],
                  ["status", "--url"], ["status", "--url", "http://127.0.0.1:1"],
                  ["set", "front", "password=hush"]):
        ctl.run(*wrong, status=USAGE)
    said = Ctl("--socket", str(tmp_path / "no")).run("status", status=AWAY)
    assert said == f"vedettectl: vedetted cannot be asked at {tmp_path}/no: " \
        "No such file or directory\n"
    Ctl("--url", "https://127.0.0.1:1").run("status", status=AWAY)
    web = Ctl("--url", server.url)
    assert web.json("cameras")["cameras"][0]["id"] == "front"
    assert "Usage" in ctl.run("--help") and "vedettectl" in ctl.run("set", "--help")


@pytest.mark.short
def test_it_asks_over_https_whom_it_trusts_alone(daemon, tmp_path):
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    authority.sign("site")
    os.chmod(tmp_path / "site.key", 0o600)
    users = tmp_path / "users.conf"
    token = Ctl("--users-file", str(users)).run("token", "add", "tablet", "--role=operator").strip()
    server = daemon({"front": SCENE}, trust=authority.file, options={
        "tls-certificate": tmp_path / "site.crt", "tls-key": tmp_path / "site.key",
        "users-file": users, "control-socket": tmp_path / "control.sock"})
    assert server.url.startswith("https://")

    def web(*options, token=token):
        return Ctl("--url", server.url, *options, env={"VEDETTE_TOKEN": token})
    trusting = web("--cacert", str(authority.file))
    assert trusting.run("cameras", "--ids") == "front\n"
    trusting.run("restart", "front")
    server.logged("front: audit: token tablet, 127.0.0.1 vedettectl: connected anew")
    trusting.run("remove", "front", status=FORBIDDEN)
    web("--cacert", str(authority.file), token="").run("status", status=FORBIDDEN)
    for options in ((), ("--cacert", str(other.file)), ("--cacert", str(tmp_path / "none"))):
        assert "cannot be asked" in web(*options).run("status", status=AWAY)
    picture = tmp_path / "front.jpg"
    server.session.headers["Authorization"] = f"Bearer {token}"
    server.live("front")
    trusting.run("snapshot", "front", "-o", str(picture))
    assert picture.read_bytes()[:2] == b"\xff\xd8"
    # the control socket is a file of this machine: as it was
    assert Ctl("--socket", str(tmp_path / "control.sock")).run("cameras", "--ids") == "front\n"


@pytest.mark.short
def test_a_token_is_not_sent_where_others_read_it():
    token = {"VEDETTE_TOKEN": "vdt_x"}
    for url in ("http://192.0.2.1:8080", "http://cams.example", "http://127.0.0.1.example",
                "http://[2001:db8::1]:1"):
        assert "https://" in Ctl("--url", url, env=token).run("status", status=USAGE)
    for url in ("http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "https://[::1]:1"):
        Ctl("--url", url, env=token).run("status", status=AWAY)
    said = Ctl("--url", "https://anna:hush@127.0.0.1:1").run("status", status=USAGE)
    assert "command line" in said and "hush" not in said


@pytest.mark.short
def test_what_goes_to_this_machine_passes_no_proxy(daemon):
    server = daemon({"front": SCENE})
    proxied = Ctl("--url", server.url, env={"http_proxy": "http://127.0.0.1:9", "no_proxy": "",
                                            "VEDETTE_TOKEN": "vdt_x"})
    assert proxied.run("cameras", "--ids") == "front\n"


@pytest.mark.short
def test_who_is_not_vedetted_is_found_out():
    class Foreign(http.server.BaseHTTPRequestHandler):
        body = b""

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.body)))
            self.end_headers()
            self.wfile.write(self.body)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Foreign) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ctl = Ctl("--url", f"http://127.0.0.1:{server.server_port}")
        for Foreign.body in (b"", b"<p>hello", b"7"):
            for arguments in (["status", "--json"], ["cameras", "--ids"], ["top", "--count=1"]):
                assert "is it vedetted?" in ctl.run(*arguments, status=REFUSED)
        Foreign.body = b'{"cameras": [{}]}'
        assert ctl.run("cameras", "--ids") == ""
        server.shutdown()


@pytest.mark.short
def test_a_value_that_is_no_text_is_refused(served):
    _, ctl = served()
    for wrong in (["set", "front", b"name=\xff"], ["add", "back", f"uri={SCENE}", b"name=\xff"]):
        assert "no UTF-8" in ctl.run(*wrong, status=USAGE)
    assert ctl.run("cameras", "--ids") == "front\n"


@pytest.mark.short
def test_accounts_are_made_and_count_at_once(served, tmp_path):
    server, ctl = served(users=True)
    users = tmp_path / "users.conf"
    file = Ctl("--users-file", str(users))
    assert users.stat().st_mode & 0o777 == 0o600
    assert "$argon2id$" in users.read_text() and "secret" not in users.read_text()
    assert Ctl("--config", server.config).run("token", "list").split()[0] == "TOKEN"
    assert ctl.run("cameras", "--ids") == "front\n"
    web = Ctl("--url", server.url)
    assert "needed" in web.run("status", status=FORBIDDEN)
    token = file.run("token", "add", "tablet", "--cameras", "f*", "--expires", "30d").strip()
    assert token.startswith("vdt_") and token not in users.read_text()
    (tmp_path / "token").write_text(token + "\n")
    tablet = Ctl("--url", server.url, "--token-file", str(tmp_path / "token"))
    until(lambda: server.session.get(server.url + "/api/v1/cameras", headers={
        "Authorization": f"Bearer {token}"}).status_code == 200, 10, "the token is known")
    assert tablet.run("cameras", "--ids") == "front\n"
    assert Ctl("--url", server.url, env={"VEDETTE_TOKEN": token}).run("cameras", "--ids")
    assert "role" in tablet.run("restart", "front", status=FORBIDDEN)
    # who says who he is, is that one, also at the control socket
    Ctl(*ctl.command[1:], env={"VEDETTE_TOKEN": token}).run("restart", "front", status=FORBIDDEN)
    listed = file.json("token", "list")
    assert listed[0]["name"] == "tablet" and listed[0]["role"] == "viewer"
    file.run("token", "add", "tablet", status=REFUSED)
    file.run("token", "add", "x", "--role", "chief", status=USAGE)
    file.run("token", "add", "x", "--expires", "soon", status=USAGE)
    file.run("token", "add", "a]\n[user b", status=USAGE)
    file.run("token", "remove", "tablet")
    file.run("token", "remove", "tablet", status=NOT_FOUND)
    file.run("passwd", "anna", "--role", "operator", "--expires", "30d", "--stdin", text="one\n")
    file.run("passwd", "anna", "--stdin", text="one\n")
    assert "expires=" in users.read_text()
    file.run("passwd", "anna", "--expires", "never", "--stdin", text="two\n")
    assert "expires=" not in users.read_text()
    until(lambda: server.session.get(server.url + "/api/v1/session",
                                     auth=("anna", "two")).status_code == 200, 10, "she is known")
    assert server.session.get(server.url + "/api/v1/session",
                              auth=("anna", "two")).json()["role"] == "operator"
    file.run("passwd", "anna", "--stdin", status=USAGE, text="\n")
    file.run("passwd", "anna", status=USAGE)
    file.run("passwd", "anna", "--delete")
    file.run("passwd", "anna", "--delete", status=NOT_FOUND)


def test_who_is_no_administrator_is_nobody_at_the_socket(served, tmp_path):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root becomes somebody else")
    _, ctl = served(users=True)
    nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o005 != 0o005:
            os.chmod(folder, folder.stat().st_mode | 0o055)
    asked = Ctl(*ctl.command[1:], prefix=nobody)
    assert "Permission denied" in asked.run("status", status=AWAY)  # the file's mode
    os.chmod(tmp_path / "control.sock", 0o666)
    asked.run("status", status=FORBIDDEN)  # the daemon's judgement


def terminal():
    try:
        return pty.openpty()
    except OSError as error:  # as in a chroot without /dev/pts
        return pytest.skip(f"no pseudo terminal: {error}")


def shown(master, slave):
    """All that was written to a terminal: it comes in pieces, some of them later."""
    os.write(slave, b"END\n")
    text = b""
    while not text.endswith(b"END\r\n"):
        text += os.read(master, 65536)
    return text.removesuffix(b"END\r\n").decode()


def test_a_password_is_typed_unseen_and_stands_in_no_argument(tmp_path):
    users = str(tmp_path / "users.conf")
    main, side = terminal()
    with Process([PROGRAM, "passwd", "anna", "--users-file", users], log=tmp_path / "log",
                 stdin=side) as child:
        for prompt in ("New password:", "The same again:"):
            until(lambda prompt=prompt: prompt in child.log(), 10, "it asks")
            assert "hush" not in readable(f"/proc/{child.pid}/cmdline")
            os.write(main, b"hush-hush\n")
        assert child.child.wait(60 * SLOW) == DONE
        assert "hush" not in child.log()
    os.set_blocking(main, False)
    os.close(side)
    try:
        shown = os.read(main, 1000)
    except (BlockingIOError, OSError):
        shown = b""
    assert b"hush" not in shown
    os.close(main)
    assert "[user anna]\nrole=viewer\ncameras=*\n" in open(users, encoding="utf-8").read()


@pytest.mark.short
@pytest.mark.parametrize("prompt", ["New password:", "The same again:"])
def test_a_prompt_that_is_interrupted_changes_nothing_and_leaves_the_terminal(tmp_path, prompt):
    users = tmp_path / "users.conf"
    main, side = terminal()
    before = termios.tcgetattr(side)
    with Process([PROGRAM, "passwd", "anna", "--users-file", str(users)], log=tmp_path / "log",
                 stdin=side) as child:
        until(lambda: "New password:" in child.log(), 10, "it asks")
        if prompt != "New password:":
            os.write(main, b"hush-hush\n")
        until(lambda: prompt in child.log(), 10, "it asks")
        os.write(main, b"hu")
        child.signal(signal.SIGINT)
        assert child.child.wait(60 * SLOW) == REFUSED
        assert child.log().endswith(f"{prompt} \nvedettectl: interrupted: nothing is changed\n")
    assert termios.tcgetattr(side) == before and not users.exists()
    os.close(side)
    os.close(main)


@pytest.mark.short
def test_events_and_figures_are_followed(served, tmp_path):
    server, ctl = served()
    server.live("front")
    lines = ctl.run("top", "--count", "2").splitlines()
    assert len(lines) == 4 and lines[0].split()[:3] == ["CAMERA", "STATE", "FPS"]
    assert lines[1].split()[:2] == ["front", "live"] and "\033" not in "".join(lines)
    for words, kind in ((["watch", "front", "--json"], "json"), (["watch"], "text"), (["top"], "")):
        with Process([*ctl.command, *words], log=tmp_path / f"log-{kind}", env=ctl.env) as child:
            def heard():
                if kind:
                    server.session.post(server.url + "/api/v1/cameras/front/test-event")
                return child.log()
            until(heard, 20, "it prints something")
            child.signal(signal.SIGINT)
            assert child.child.wait(20 * SLOW) == DONE, child.log()
        first = child.log().splitlines()[0]
        if kind == "json":
            assert json.loads(first)["camera"] == "front"
        elif kind == "text":
            assert len(first.split()) >= 3
    with Process([*ctl.command, "watch"], log=tmp_path / "log-end", env=ctl.env) as child:
        until(lambda: server.session.post(server.url + "/api/v1/cameras/front/test-event")
              and child.log(), 20, "it prints something")
        server.stop()
        assert child.child.wait(20 * SLOW) == AWAY


@pytest.mark.short
def test_figures_of_many_cameras_stay_within_the_terminal(served):
    _, ctl = served({f"c{i:02}": {"uri": SCENE, "enabled": "false"} for i in range(20)})
    master, slave = terminal()
    for rows, last in ((10, "and 13 more"), (50, "c19")):
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))
        subprocess.run([*ctl.command, "top", "--count=1"], stdout=slave, env=ctl.env,
                       timeout=60 * SLOW, check=True)
        lines = shown(master, slave).splitlines()
        assert "CAMERA" in lines[0] and lines[1].startswith("c00 ")
        assert len(lines) < rows and lines[-1].startswith(last), lines
    os.close(slave)
    os.close(master)


@pytest.mark.short
def test_a_configuration_is_checked(tmp_path):
    good, bad = tmp_path / "good.conf", tmp_path / "bad.conf"
    good.write_text("[camera front]\nuri=test:moving\n")
    bad.write_text("[camera front]\nuri=test:moving\ncolour=red\n")
    assert Ctl().run("config", "check", str(good)) == "no errors\n"
    assert "bad.conf:3" in Ctl().run("config", "check", str(bad), status=REFUSED)
    done = subprocess.run([PROGRAM, "--json", "config", "check", str(bad)], capture_output=True,
                          env=environment(), check=False)
    assert done.returncode == REFUSED and json.loads(done.stdout)["good"] is False


@pytest.mark.short
def test_the_control_socket_is_systemds_where_nothing_else_is_said(daemon, tmp_path):
    server = daemon({"front": SCENE}, env={"RUNTIME_DIRECTORY": f"{tmp_path}:/elsewhere"})
    path = tmp_path / "control.sock"
    assert path.stat().st_mode & 0o7777 == 0o660
    assert Ctl("--socket", str(path)).run("cameras", "--ids") == "front\n"
    server.stop()
    assert not path.exists()


@pytest.mark.short
def test_bash_completes_the_cameras_that_there_are(served):
    _, ctl = served({"front": SCENE, "fence": SCENE, "back": SCENE})
    script = os.path.join(TOP, "src", "ctl", "vedettectl")

    def complete(*words):
        run = subprocess.run(
            ["bash", "-c", '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vedettectl; '
             'echo "${COMPREPLY[@]}"', script, *ctl.command, *words],
            capture_output=True, text=True, timeout=60 * SLOW, check=True)
        assert run.stderr == ""
        return run.stdout.split()
    assert complete("restart", "f") == ["fence", "front"]
    assert complete("watch", "front", "b") == ["back"]
    assert complete("restart", "front", "") == []
