"""Cameras that mean harm, or are broken beyond what one meets; a few lines of sockets each."""
import socket
import struct
import time

SDP = (b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
       b"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n")
# As much as one camera is given while it is watched what it costs.
ENDLESS = 3000
LUMP = b"x" * 65536


def request(file):
    """Method and CSeq of the next request; None at the end."""
    line = file.readline()
    if not line:
        return None
    cseq = b"0"
    while (header := file.readline().strip()):
        if header.lower().startswith(b"cseq:"):
            cseq = header.split(b":")[1].strip()
    return line.split()[0], cseq


def answer(cseq, status=b"200 OK", headers=b"", body=b""):
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    return (b"RTSP/1.0 " + status + b"\r\nCSeq: " + cseq + b"\r\n" + headers + length
            + b"\r\n" + body)


def rtsp(play, sdp=SDP, answers=None):
    """A camera that does RTSP as it should, but for `answers`: method -> function(connection,
    cseq), and has `play`(connection) once PLAY is answered."""
    def serve(connection):
        file = connection.makefile("rb")
        while (asked := request(file)):
            method, cseq = asked
            if answers and method in answers:
                answers[method](connection, cseq)
            elif method == b"DESCRIBE":
                connection.sendall(answer(cseq, headers=b"Content-Type: application/sdp\r\n",
                                          body=sdp))
            elif method == b"SETUP":
                connection.sendall(answer(cseq, headers=b"Session: 1\r\nTransport: RTP/AVP/TCP;"
                                          b"unicast;interleaved=0-1\r\n"))
            elif method == b"PLAY":
                connection.sendall(answer(cseq, headers=b"Session: 1\r\n"))
                if play:
                    play(connection)
            else:
                connection.sendall(answer(cseq, headers=b"Public: OPTIONS, DESCRIBE, SETUP, "
                                          b"PLAY, GET_PARAMETER\r\n"))
    return serve


def interleaved(channel, data):
    return struct.pack(">cBH", b"$", channel, len(data)) + data


def rtp(sequence, stamp, payload, ssrc=1, marker=True, kind=96):
    return struct.pack(">BBHII", 0x80, kind | (0x80 if marker else 0), sequence & 0xffff,
                       stamp & 0xffffffff, ssrc) + payload


def mad_packets(connection):
    """Packets of all sizes, numbers and times that jump, channels nobody asked for."""
    sizes = (0, 1, 2, 3, 4, 11, 12, 13, 100, 1400, 65000)
    for i in range(4000):
        size = sizes[i % len(sizes)]
        body = bytes([(i * 37 + 97) % 256]) * size
        packet = rtp(i * i * 7919, i * 90000 * (-1) ** i, body, ssrc=1 + i // 7)
        connection.sendall(interleaved((0, 0, 0, 1, 7, 255)[i % 6], packet[:size + 6])
                           + interleaved(0, packet))
        time.sleep(0.001)


def http(headers, then, status=b"200 OK"):
    """An HTTP camera: answers with these headers, then does then(connection)."""
    def serve(connection):
        file = connection.makefile("rb")
        if not request(file):
            return
        connection.sendall(b"HTTP/1.1 " + status + b"\r\n" + headers + b"\r\n")
        then(connection)
    return serve


MULTIPART = b"Content-Type: multipart/x-mixed-replace; boundary=b\r\n"


def repeat(data, count=ENDLESS, pause=0.0):
    def send(connection):
        for _ in range(count):
            connection.sendall(data)
            if pause:
                time.sleep(pause)
    return send


def slowly(data, pause=1.0):
    """One byte a second, for ever."""
    def send(connection, *_):
        while True:
            for byte in data:
                connection.sendall(bytes([byte]))
                time.sleep(pause)
    return send


def huge_jpeg(width, height, progressive=False):
    """A JPEG that says to be so large, and has some bytes of data."""
    table = b"\xff\xdb\x00\x43\x00" + bytes([1] * 64)
    frame = struct.pack(">BBHBHHB", 0xff, 0xc2 if progressive else 0xc0, 17, 8, height, width, 3)
    frame += b"\x01\x22\x00\x02\x11\x00\x03\x11\x00"
    codes = b""
    for kind in (0x00, 0x10):
        codes += b"\xff\xc4\x00\x14" + bytes([kind]) + bytes([1] + [0] * 15) + b"\x00"
    scan = b"\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00" + (b"\x00\x00\x00" if progressive
                                                              else b"\x00\x3f\x00")
    return b"\xff\xd8" + table + frame + codes + scan + b"\x00" * 4096 + b"\xff\xd9"


def parts(jpeg):
    return (b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            + jpeg + b"\r\n")


class Bits:
    """Exponential Golomb codes, as parameter sets are written in."""

    def __init__(self):
        self.text = ""

    def put(self, value, count):
        self.text += format(value, f"0{count}b")
        return self

    def golomb(self, *values):
        for value in values:
            code = format(value + 1, "b")
            self.text += "0" * (len(code) - 1) + code
        return self

    def bytes(self):
        text = self.text + "1"
        text += "0" * (-len(text) % 8)
        raw = bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))
        out = b""
        for byte in raw:
            if out[-2:] == b"\0\0" and byte <= 3:
                out += b"\x03"
            out += bytes([byte])
        return out


def h264_of_size(width, height):
    """An H.264 byte-stream whose SPS announces this size, with key frames of nonsense."""
    sps = Bits().put(0x42, 8).put(0xc0, 8).put(62, 8).golomb(0, 0, 2, 1).put(0, 1)
    sps.golomb(width // 16 - 1, height // 16 - 1).put(1, 1).put(1, 1).put(0, 1).put(0, 1)
    pps = Bits().golomb(0, 0).put(0, 2).golomb(0, 0, 0).put(0, 3).golomb(0, 0, 0).put(4, 3)
    slice_ = Bits().golomb(0, 7, 0).put(0, 4).golomb(0)
    start = b"\0\0\0\1"
    return start + b"\x67" + sps.bytes() + start + b"\x68" + pps.bytes() + \
        start + b"\x65" + slice_.bytes() + b"\x80" * 200


def memory_mb(pid):
    """What the process has of its own in memory."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_")) / 1024


def count_of(pid, what):
    """Open descriptors ("fd") or threads ("task")."""
    import os
    return len(os.listdir(f"/proc/{pid}/{what}"))


def raw(port, data, timeout=60, half=False, limit=100000):
    """What a server answers to these bytes until it closes."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(data)
        if half:
            connection.shutdown(socket.SHUT_WR)
        try:
            while len(got) < limit and (piece := connection.recv(65536)):
                got += piece
        except (TimeoutError, ConnectionError):
            pass
    return got
