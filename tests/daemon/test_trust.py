"""Certificates and passwords: who is let in, who is not and why, and what is told of it."""
import ssl
from contextlib import ExitStack

import pytest

from kit.camera import SMALL
from kit.certificate import Authority, self_signed
from kit.process import missing
from kit.wait import until
from kit.web import WebCamera

pytestmark = pytest.mark.skipif(missing("openssl") is not None,
                                reason="openssl is missing, which makes certificates")


@pytest.fixture
def certificates(tmp_path):
    """name -> file, and what is said of it where it is refused."""
    authority = Authority(tmp_path)
    other = Authority(tmp_path, "other")
    return authority.file, {
        "good": (authority.sign("good"), None),
        "host": (authority.sign("host", "DNS:front.example"), "is made out to front.example"),
        "expired": (authority.sign("expired", days=-1), "has expired"),
        "stranger": (other.sign("stranger"), "is signed by nobody known here"),
        "self": (self_signed(tmp_path), "is self-signed"),
    }


def judged(server, files):
    """One camera plays; each of the others says what is wrong with its certificate."""
    server.live("good", "any", seconds=15)
    for name, (_, reason) in files.items():
        if reason:
            server.until_reason(name, "untrusted", 15)
            text = server.camera(name)["reason"]
            assert reason in text and "tls=any" in text, text
            server.logged(reason)


def test_https_takes_the_certificates_that_it_should(daemon, certificates):
    authority, files = certificates
    with ExitStack() as stack:
        served = {name: stack.enter_context(WebCamera(pem=pem)) for name, (pem, _) in files.items()}
        cameras = {name: {"uri": one.uri(), "tls-ca-file": authority}
                   for name, one in served.items()}
        cameras["any"] = {"uri": served["expired"].uri(), "tls": "any"}
        judged(daemon(cameras), files)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_rtsps_takes_the_certificates_that_it_should(daemon, rtsp, certificates, transport):
    authority, files = certificates
    served = {name: rtsp(f"front={SMALL}", options=("--tls", str(pem)))
              for name, (pem, _) in files.items()}
    cameras = {name: {"uri": one.uri("front", scheme="rtsps"), "tls-ca-file": authority,
                      "transport": transport} for name, one in served.items()}
    cameras["any"] = {"uri": served["self"].uri("front", scheme="rtsps"), "tls": "any",
                      "transport": transport}
    judged(daemon(cameras), files)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3],
                         ids=["1.2", "1.3"])
def test_a_session_with_any_certificate_is_not_resumed_to_verify(daemon, tmp_path, version):
    with WebCamera(pem=self_signed(tmp_path), version=version) as camera:
        server = daemon({"front": {"uri": camera.uri(), "tls": "any"}})
        server.live("front", seconds=15)
        server.reload({"front": camera.uri()})
        server.until_reason("front", "untrusted", 15)


def test_a_camera_s_own_certificate_can_be_the_one_that_is_known(daemon, tmp_path):
    pem = self_signed(tmp_path)
    with WebCamera(pem=pem) as camera:
        server = daemon({"front": {"uri": camera.uri(), "tls-ca-file": tmp_path / "self.crt"}})
        server.live("front", seconds=15)


def test_nobody_known_by_the_system_signed_a_test_s_certificate(daemon, certificates):
    with WebCamera(pem=certificates[1]["good"][0]) as camera:
        server = daemon({"front": camera.uri()})
        server.until_reason("front", "untrusted", 15)
        assert "signed by nobody known here" in server.camera("front")["reason"]


def test_a_plain_camera_is_no_tls_camera(daemon, rtsp):
    with WebCamera() as camera:
        plain = rtsp(f"front={SMALL}")
        server = daemon({"web": camera.uri().replace("http:", "https:"),
                         "front": plain.uri("front", scheme="rtsps")})
        for name in ("web", "front"):
            until(lambda n=name: server.reason(n), 15, "a reason")
            assert "nobody" not in server.camera(name)["reason"], server.camera(name)
