"""HTTP cameras: passwords, and pictures that change their size."""
import os

import pytest

from kit.camera import SMALL
from kit.process import readable
from kit.wait import until
from kit.web import WebCamera

WORD = "geheim77"
WRONG = "falsch88"


def told(server, name="front"):
    """All that others can read of the daemon and this camera."""
    text = server.log()
    for path in ("/api/v1/cameras", f"/api/v1/cameras/{name}", "/api/v1/stats"):
        text += server.get(path).text
    return text + "".join(readable(f"/proc/{server.pid}/{file}") for file in ("cmdline", "environ"))


@pytest.mark.short
@pytest.mark.parametrize("digest", [True, False], ids=["digest", "basic"])
def test_the_right_password_opens_and_a_wrong_one_is_told(daemon, digest):
    with WebCamera(user=f"joe:{WORD}", digest=digest) as camera:
        server = daemon({"front": camera.uri(f"joe:{WORD}"), "wrong": camera.uri(f"joe:{WRONG}"),
                         "none": camera.uri()}, options={"log-level": "debug"})
        server.live("front")
        for name in ("wrong", "none"):
            server.until_reason(name, "unauthorized")
            assert "401" in server.camera(name)["reason"]
        for name in ("front", "wrong"):
            assert WORD not in told(server, name) and WRONG not in told(server, name)


def test_a_wrong_password_does_not_storm(daemon):
    with WebCamera(user=f"joe:{WORD}", digest=True) as camera:
        server = daemon({"front": camera.uri(f"joe:{WRONG}")})
        server.until_reason("front", "unauthorized")
        until(lambda: server.camera("front")["tries"] >= 3, 20, "it tries again")
        camera_tries = server.camera("front")["tries"] + 1
        assert camera.requests <= 3 * camera_tries  # each asks without and with it


def test_a_password_file_is_read_again_at_a_reload(daemon, tmp_path):
    secret = tmp_path / "front.password"
    secret.write_text(WRONG + "\n")
    secret.chmod(0o640)
    with WebCamera(user=f"joe:{WORD}", digest=True) as camera:
        front = {"uri": camera.uri(), "user": "joe", "password-file": secret}
        server = daemon({"front": front})
        server.until_reason("front", "unauthorized")
        secret.write_text(WORD + "\n")
        server.reload({"front": front})
        server.live("front")
        before = server.camera("front")["since"]
        secret.write_text(WORD + "\nanother line\n")
        server.reload({"front": {**front, "name": "Front"}})
        until(lambda: server.camera("front")["name"] == "Front", 5, "the reload")
        assert server.camera("front")["since"] == before  # the same password: no new connection
        os.unlink(secret)
        server.reload({"front": front})
        server.logged("password-file: cannot be read")
        assert server.state("front") == "live"
        assert WORD not in told(server) and WRONG not in told(server)


def test_another_size_goes_on(daemon):
    with WebCamera(size=(320, 240)) as camera:
        server = daemon({"front": camera.uri()})
        with server.stream("front") as stream:
            assert stream.live().size() == (320, 240)
            for size in ((400, 304), (161, 91), (320, 240)):
                camera.resize(*size)
                stream.until(lambda part, s=size: part.live and part.size() == s, 6, "the new size")
        assert server.camera("front")["reconnects"] == 0


def test_a_camera_that_becomes_another_kind_says_so(daemon, rtsp):
    """A changed configuration at the same name: from HTTP to RTSP and back."""
    other = rtsp(f"front={SMALL}")
    with WebCamera() as camera:
        server = daemon({"front": camera.uri()})
        server.live("front")
        for uri, codec in ((other.uri("front"), "h264"), (camera.uri(), "mjpeg")):
            server.reload({"front": uri})
            until(lambda c=codec: server.camera("front")["codec"] == c and
                  server.state("front") == "live", 10, f"it is {codec}")
