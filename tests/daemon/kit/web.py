"""An HTTP camera: MJPEG with or without TLS and a password."""
import base64
import hashlib
import os
import re
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from .hostile import huge_jpeg

REALM = "camera"
PACE_S = 0.04


def md5(*words):
    return hashlib.md5(":".join(words).encode()).hexdigest()


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802, as the library calls it
        camera = self.server.camera
        camera.requests += 1
        if camera.user and not self.allowed(camera):
            self.send_response(401)
            self.send_header("WWW-Authenticate", camera.challenge())
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=b")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.pictures(camera)
        except OSError:
            pass  # the viewer left
        self.close_connection = True

    def pictures(self, camera):
        while not camera.closed:
            jpeg = camera.jpeg
            self.wfile.write(b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
                             % len(jpeg) + jpeg + b"\r\n")
            time.sleep(PACE_S)  # the camera's pace

    def allowed(self, camera):
        given = self.headers.get("Authorization", "")
        if not camera.digest:
            return given == "Basic " + base64.b64encode(
                f"{camera.user}:{camera.password}".encode()).decode()
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', given))
        if not given.startswith("Digest ") or fields.get("nonce") != camera.nonce:
            return False
        secret = md5(camera.user, REALM, camera.password)
        asked = md5("GET", fields["uri"])
        return fields["response"] == md5(secret, camera.nonce, fields["nc"], fields["cnonce"],
                                         "auth", asked)


class WebCamera:
    """user: "name:password" or None; pem: a file with certificate and key, or None;
    version: the newest of TLS that it knows."""

    def __init__(self, user=None, digest=False, pem=None, version=None, size=(320, 240),
                 port=0):
        self.user, _, self.password = (user or "").partition(":")
        self.digest, self.closed, self.requests = digest, False, 0
        self.nonce = os.urandom(8).hex()
        self.resize(*size)
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
        self.server.daemon_threads = True
        self.server.camera = self
        self.port = self.server.server_port
        self.scheme = "http"
        if pem:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            if version:
                context.maximum_version = version
            self.server.socket = context.wrap_socket(  # a handshake holds up nobody else
                self.server.socket, server_side=True, do_handshake_on_connect=False)
            self.scheme = "https"
        self.server.handle_error = lambda *_: None  # handshakes that the other side gave up
        self.thread = Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def challenge(self):
        if self.digest:
            return f'Digest realm="{REALM}", nonce="{self.nonce}", qop="auth", algorithm=MD5'
        return f'Basic realm="{REALM}"'

    def resize(self, width, height):
        self.jpeg = huge_jpeg(width, height)

    def uri(self, user=None):
        return f"{self.scheme}://{user + '@' if user else ''}127.0.0.1:{self.port}/video.mjpg"

    def close(self):
        self.closed = True
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
