"""A viewer: reads multipart/x-mixed-replace strictly, part by part."""
import json
import socket
import ssl
import time
import urllib.parse

from .wait import SLOW, Watch, idle_s


class Part:
    def __init__(self, headers, body):
        self.headers = headers
        self.body = body
        self.at, self.idle = time.monotonic(), idle_s()

    @property
    def live(self):
        return self.headers["x-state"] == "live"

    @property
    def number(self):
        return int(self.headers["x-frame"])

    @property
    def captured(self):
        """Seconds since 1970."""
        return float(self.headers["x-timestamp"])

    @property
    def camera(self):
        return self.headers["x-camera"]

    def size(self):
        """Width and height, out of the JPEG's frame header."""
        at = 2
        while at < len(self.body):
            marker, length = self.body[at + 1], int.from_bytes(self.body[at + 2:at + 4], "big")
            if 0xC0 <= marker <= 0xC2:
                return (int.from_bytes(self.body[at + 7:at + 9], "big"),
                        int.from_bytes(self.body[at + 5:at + 7], "big"))
            at += 2 + length
        raise AssertionError("a JPEG without a size")


class Closed(Exception):
    """The server ended the stream."""


class Stream:
    """One viewer of a URL. Raises AssertionError on anything a browser would stumble over."""

    def __init__(self, url, timeout=60, agent="pytest", trust=None):
        parts = urllib.parse.urlsplit(url)
        self.timeout = timeout * SLOW
        self.socket = socket.create_connection((parts.hostname, parts.port), self.timeout)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=trust)
            self.socket = context.wrap_socket(self.socket, server_hostname=parts.hostname)
        path = parts.path + ("?" + parts.query if parts.query else "")
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                             f"User-Agent: {agent}\r\n\r\n").encode())
        self.file = self.socket.makefile("rb", buffering=1 << 16)
        self.status = int(self.file.readline().split()[1])
        self.headers = self.head()
        self.chunk = None  # bytes left of the chunk; None: not chunked
        if self.headers.get("transfer-encoding") == "chunked":
            self.chunk = 0
        self.boundary = None
        if self.status == 200 and "boundary=" in self.headers.get("content-type", ""):
            name = self.headers["content-type"].split("boundary=")[1].strip('"')
            self.boundary = b"--" + name.encode()

    def head(self):
        headers = {}
        while (line := self.file.readline().strip()):
            name, value = line.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        return headers

    def error(self):
        """The body of an answer that is no stream."""
        return json.loads(self.file.read(int(self.headers["content-length"])))

    def read(self, count):
        data = b""
        while len(data) < count:
            if self.chunk == 0:
                self.next_chunk()
            want = count - len(data)
            piece = self.file.read(want if self.chunk is None else min(want, self.chunk))
            if not piece:
                raise Closed
            data += piece
            if self.chunk is not None:
                self.chunk -= len(piece)
                if self.chunk == 0:
                    self.file.readline()
        return data

    def next_chunk(self):
        line = self.file.readline().strip()
        self.chunk = int(line, 16) if line else 0
        if self.chunk == 0:
            raise Closed

    def line(self):
        data = b""
        while not data.endswith(b"\n"):
            data += self.read(1)
        return data.strip()

    def part(self):
        line = self.line()
        while not line:
            line = self.line()
        assert line == self.boundary, f"{line!r} where a boundary should be"
        headers = {}
        while (line := self.line()):
            name, value = line.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        body = self.read(int(headers["content-length"]))
        assert body[:2] == b"\xff\xd8" and body[-2:] == b"\xff\xd9", "not a whole JPEG"
        return Part(headers, body)

    def parts(self, seconds):
        """All parts of the next seconds."""
        end = time.monotonic() + seconds
        got = []
        while time.monotonic() < end:
            got.append(self.part())
        return got

    def until(self, good, seconds, what):
        """The first part for which good(part) is true."""
        watch = Watch()
        while watch.passed() < seconds * SLOW:
            try:
                part = self.part()
            except TimeoutError:
                break
            if good(part):
                return part
        raise AssertionError(f"not within {seconds * SLOW:g} s: {what}")

    def at_least(self, count, seconds, good=lambda part: part.live):
        """The first so many good parts, which take no longer than this."""
        got, watch = [], Watch()
        while len(got) < count:
            part = self.part()
            got += [part] if good(part) else []
            assert watch.passed() < seconds * SLOW, f"{len(got)} of {count} pictures in time"
        return got

    def live(self, seconds=10):
        return self.until(lambda part: part.live, seconds, "a live picture")

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def busy(parts):
    """Whether there was hardly an idle processor while these came."""
    return parts[-1].idle - parts[0].idle < (parts[-1].at - parts[0].at) / 2


def steps(parts):
    """By how much each live part's frame number is more than the one before."""
    numbers = [part.number for part in parts if part.live]
    return [after - before for before, after in zip(numbers, numbers[1:])]
