"""HTTPS, as clients that others wrote see it."""
import os
import shutil
import socket
import ssl
import subprocess

import pytest
import requests

from kit.browser import Browser
from kit.certificate import Authority
from kit.daemon import run_once
from kit.process import built, free_port, missing
from kit.wait import SLOW, until

SCENE = "test:moving?width=320&height=240&fps=15"
# "secret", as test_access.py has it
ANNA = "[user anna]\nrole=admin\ncameras=*\npassword=$argon2id$v=19$m=65536,t=2,p=1$" \
    "c29tZXNhbHQxNmJ5dGVzIQ$gSPNSypqCsN2pRIYCykqzA+YCFGPR4YWdFlsusKEu+o\n"


class Site:
    """Certificates of one authority, and the files that the daemon reads them from."""

    def __init__(self, folder):
        self.folder, self.authority = folder, Authority(folder)
        self.certificate, self.key = folder / "site.pem", folder / "site.key"
        self.show("first")

    def sign(self, name, days=30):
        self.authority.sign(name, days=days)
        (self.folder / f"{name}.key").chmod(0o600)

    def put(self, source, target):
        """Replaces a file at once, as those do who renew certificates."""
        shutil.copy(source, f"{target}.new")
        os.rename(f"{target}.new", target)

    def chain(self, name):
        path = self.folder / f"{name}-chain.pem"
        path.write_text((self.folder / f"{name}.crt").read_text()
                        + self.authority.file.read_text())
        return path

    def show(self, name, days=30):
        self.sign(name, days)
        self.put(self.chain(name), self.certificate)
        self.put(self.folder / f"{name}.key", self.key)

    @property
    def options(self):
        return {"tls-certificate": self.certificate, "tls-key": self.key}

    def start(self, daemon, cameras=None, options=None, **keywords):
        return daemon({"front": SCENE} if cameras is None else cameras,
                      options={**self.options, **(options or {})}, trust=self.authority.file,
                      **keywords)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    return Site(folder)


@pytest.fixture
def users(tmp_path):
    path = tmp_path / "users.conf"
    path.write_text(ANNA)
    path.chmod(0o600)
    return path


def connect(server):
    context = ssl.create_default_context(cafile=server.trust)
    return context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 60),
                               server_hostname="127.0.0.1")


def shown(server):
    """The name in the certificate that a new connection is shown."""
    with connect(server) as connection:
        return dict(pair[0] for pair in connection.getpeercert()["subject"])["commonName"]


def curl(server, path, *arguments):
    done = subprocess.run(["curl", "-sS", "--cacert", server.trust, *arguments, server.url + path],
                          capture_output=True, timeout=60 * SLOW, check=False)
    return done.returncode, done.stdout


@pytest.mark.short
def test_curl_and_openssl_are_served_by_tls_1_2_and_1_3_alone(daemon, site):
    server = site.start(daemon)
    server.logged(f"on port {server.port}, by TLS")
    server.live("front")
    for version in ("1.2", "1.3"):
        status, body = curl(server, "/api/v1/cameras/front/snapshot.jpg", "--tlsv" + version,
                            "--tls-max", version)
        assert status == 0 and body[:2] == b"\xff\xd8" and body[-2:] == b"\xff\xd9"
    # curl: 35 is a handshake that failed; OpenSSL speaks the old ones at security level 0 alone
    assert curl(server, "/healthz", "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0")[0] == 35
    assert curl(server, "/healthz")[0] == 0
    said = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}",
                           "-CAfile", server.trust, "-showcerts", "-verify_return_error"],
                          input=b"", capture_output=True, timeout=60 * SLOW, check=False).stdout
    assert said.count(b"BEGIN CERTIFICATE") == 2 and b"Verify return code: 0 (ok)" in said
    with socket.create_connection(("127.0.0.1", server.port), 60) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        got = b""
        while (piece := plain.recv(100)):
            got += piece
        assert got.startswith(b"HTTP/1.1 400 ") and b"https alone" in got
    assert curl(server, "/healthz")[0] == 0


@pytest.mark.parametrize("path", ["stream.mjpg", "stream.mp4?width=160"])
def test_ffmpeg_watches(daemon, site, path):
    if missing("ffmpeg"):
        pytest.skip("ffmpeg is missing")
    if "mp4" in path and not os.path.exists(built("plugins/.libs/libgstvedettecodec.so")):
        pytest.skip("built without libavcodec, so nothing encodes a video")
    server = site.start(daemon)
    server.live("front")
    done = subprocess.run(["ffmpeg", "-v", "error", "-ca_file", server.trust, "-tls_verify", "1",
                           "-i", f"{server.url}/api/v1/cameras/front/{path}", "-frames:v", "30",
                           "-f", "framecrc", "-"], capture_output=True, timeout=120 * SLOW,
                          check=False)
    pictures = [line for line in done.stdout.splitlines() if not line.startswith(b"#")]
    assert done.returncode == 0 and done.stderr == b"" and len(pictures) == 30


@pytest.mark.short
def test_a_new_certificate_is_taken_and_streams_go_on(daemon, site):
    server = site.start(daemon)
    server.live("front")
    with server.stream("front") as viewer:
        viewer.live()
        assert shown(server) == "first"
        site.show("second")
        until(lambda: shown(server) == "second", 10, "the new certificate is shown")
        server.logged(f"{site.certificate} is read again")
        before = viewer.part().number
        # without waiting for it to be noticed
        site.show("third")
        server.reload({"front": SCENE})
        until(lambda: shown(server) == "third", 10, "the third certificate is shown")
        assert viewer.at_least(15, 30)[-1].number > before


def test_a_pair_that_does_not_match_changes_nothing_and_is_told_once(daemon, site):
    server = site.start(daemon)
    wrong = f"tls-key={site.key}: it is not the key of the certificate in {site.certificate}"
    site.sign("second")
    site.put(site.chain("second"), site.certificate)
    server.logged(f"{wrong}; going on with the certificate that was read before")
    assert shown(server) == "first"
    server.reload({"front": SCENE})
    server.logged("is read again: 1 camera")
    assert shown(server) == "first"
    site.put(site.folder / "second.key", site.key)
    until(lambda: shown(server) == "second", 10, "the whole pair is taken")
    assert server.log().count(wrong) == 2  # when it was found, and at the reload
    assert "PRIVATE" not in server.log()


@pytest.mark.short
def test_a_cookie_is_secure_where_it_comes_by_tls(daemon, site, users):
    login = {"auth": ("anna", "secret"), "headers": {"X-Forwarded-Proto": "https"}}
    server = site.start(daemon, options={"users-file": users})
    answer = server.session.post(server.url + "/api/v1/session", **login)
    flags = [flag.strip() for flag in answer.headers["Set-Cookie"].split(";")[1:]]
    assert sorted(flags) == ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]
    headers = {"X-CSRF-Token": answer.json()["csrf_token"]}
    for origin, wanted in ((f"http://127.0.0.1:{server.port}", 403), ("https://evil.example", 403),
                           (f"https://127.0.0.1:{server.port}", 204)):
        assert server.session.post(f"{server.url}/api/v1/cameras/front/restart",
                                   headers={**headers, "Origin": origin}).status_code == wanted
    plain = daemon({}, options={"users-file": users})
    answer = plain.session.post(plain.url + "/api/v1/session", **login)
    assert "Secure" not in answer.headers["Set-Cookie"]


def takes_nothing(server):
    """Nobody was sent anything while 15 pictures came."""
    before = server.get("/api/v1/stats").json()
    until(lambda: server.get("/api/v1/stats").json()["streams"]["frames"]
          >= before["streams"]["frames"] + 15, 20, "pictures come")
    return server.get("/api/v1/stats").json()["viewers"]["bytes"] == before["viewers"]["bytes"]


def test_viewers_that_are_stuck_hold_up_nobody(daemon, site):
    server = site.start(daemon, cameras={"front": "test:moving?width=1280&height=720&fps=15"})
    server.live("front")
    stuck = []
    for _ in range(20):
        connection = connect(server)
        connection.sendall(b"GET /api/v1/cameras/front/stream.mjpg?fps=0 HTTP/1.1\r\n"
                           b"Host: localhost\r\n\r\n")
        stuck.append(connection)
    until(lambda: takes_nothing(server), 30, "nobody takes anything any more")
    with server.stream("front", "?fps=0") as viewer:
        server.kept("front", viewer.at_least(45, 20))
    for connection in stuck:
        connection.close()
    until(lambda: server.get("/api/v1/viewers").json()["viewers"] == [], 30, "they are gone")


def test_handshakes_that_never_end_hold_up_nobody(daemon, site):
    server = site.start(daemon, options={"max-connections": 200, "max-viewers": 100})
    server.live("front")
    hello = ssl.MemoryBIO()
    begun = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname="x")
    with pytest.raises(ssl.SSLWantReadError):
        begun.do_handshake()
    text = hello.read()
    idle = [socket.create_connection(("127.0.0.1", server.port), 60) for _ in range(100)]
    for number, connection in enumerate(idle):
        connection.sendall(text[:(0, 20, len(text))[number % 3]])
    with server.stream("front") as viewer:
        server.kept("front", viewer.at_least(45, 20))
    for connection in idle:  # each is ended, though it is never idle for longer than the others
        connection.settimeout(60)
    until(lambda: all(ended(connection) for connection in idle), 40, "all are ended")


def ended(connection):
    try:
        while connection.recv(4096, socket.MSG_DONTWAIT):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        pass
    return True


def configuration(site, *lines):
    options = [f"{name}={value}" for name, value in site.options.items()]
    return "\n".join(["[vedette]", *options, *lines]) + "\n"


@pytest.mark.short
def test_the_check_names_what_is_wrong_with_them(tmp_path, site):
    assert run_once(tmp_path, configuration(site), "--check")[0] == 0
    for option, other in (("tls-certificate", "tls-key"), ("tls-key", "tls-certificate")):
        status, output = run_once(tmp_path, f"[vedette]\n{option}={site.key}\n", "--check")
        assert status == 78 and f"vedette.conf:2: {option}: " in output and f"{other}=" in output
    site.key.chmod(0o644)
    status, output = run_once(tmp_path, configuration(site), "--check")
    assert status == 0 and f"tls-key={site.key}: everybody on this machine may use it" in output
    site.show("old", days=-1)
    status, output = run_once(tmp_path, configuration(site), "--check")
    assert status == 0 and f"tls-certificate={site.certificate}: it has expired on" in output
    site.sign("second")
    site.put(site.chain("second"), site.certificate)
    for arguments in ([], ["--check"]):
        status, output = run_once(tmp_path, configuration(site), *arguments)
        assert status == 78 and "it is not the key of the certificate" in output
    site.key.unlink()
    for arguments in ([], ["--check"]):
        status, output = run_once(tmp_path, configuration(site), *arguments)
        assert status == 78 and f"tls-key={site.key}: cannot be read: No such file" in output


@pytest.mark.short
def test_others_reach_it_by_tls_and_with_accounts_alone(daemon, tmp_path, site, users):
    anywhere = "listen=0.0.0.0:8443"
    for text in (configuration(site, anywhere), f"[vedette]\n{anywhere}\nusers-file={users}\n"):
        status, output = run_once(tmp_path, text, "--check")
        assert status == 78 and "tls-certificate=, tls-key= and users-file=" in output
    assert run_once(tmp_path, configuration(site, anywhere, f"users-file={users}"),
                    "--check")[0] == 0
    port = free_port()
    server = site.start(daemon, port=port, options={"listen": f"0.0.0.0:{port}",
                                                    "users-file": users})
    assert server.get("/api/v1/cameras").status_code == 401
    # the accounts cannot be taken away behind its back
    server.options["listen"] = f"127.0.0.1:{port}"
    del server.options["users-file"]
    server.reload({"front": SCENE})
    server.logged("users-file= cannot go while other machines reach this server")
    assert server.get("/api/v1/cameras").status_code == 401


def test_a_browser_shows_the_picture(daemon, site, tmp_path):
    if missing("chromium"):
        pytest.skip("Chromium is missing")
    server = site.start(daemon)
    server.live("front")
    with Browser(tmp_path, "--ignore-certificate-errors") as browser:
        browser.open(server.url + "/")
        until(lambda: browser.run("location.protocol") == "https:", 20, "it is there")
        width = browser.run("""new Promise((good, bad) => {
            const image = new Image();
            image.onload = () => good(image.naturalWidth);
            image.onerror = () => bad("no picture");
            image.src = "/api/v1/cameras/front/stream.mjpg";
        })""")
        assert width == 320 and browser.errors == []


def test_requests_verifies_it(daemon, site):
    server = site.start(daemon, cameras={})
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(server.url + "/healthz", timeout=60)
    assert "Strict-Transport-Security" not in server.get("/healthz").headers
