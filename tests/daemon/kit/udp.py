"""An RTSP camera that sends H.264 over UDP, packet by packet as a test wants it."""
import socket
import struct
import subprocess
import threading
import time

from .camera import TcpCamera
from .hostile import answer

SSRC = 0x5eed
FPS = 25
MTU = 400
SDP = (b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
       b"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n")


def made_units(count):
    """Access units of H.264, each the list of its NAL units; a key frame each second."""
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc=size=320x240:rate={FPS}",
               "-frames:v", str(count), "-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v",
               "baseline", "-tune", "zerolatency", "-g", str(FPS), "-b:v", "1M", "-x264-params",
               "slices=1:aud=1:repeat-headers=1", "-f", "h264", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    units = []
    for nal in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]:
        if nal[0] & 31 == 9:
            units.append([])
        else:
            units[-1].append(nal)
    assert len(units) == count
    return units


def packets_of(unit, sequence, stamp, ssrc=SSRC):
    """RTP packets of an access unit, RFC 6184: small NAL units alone, others as FU-A."""
    pieces = []
    for nal in unit:
        if len(nal) <= MTU:
            pieces.append(nal)
            continue
        body = [nal[at:at + MTU] for at in range(1, len(nal), MTU)]
        for i, part in enumerate(body):
            edge = (0x80 if i == 0 else 0) | (0x40 if i == len(body) - 1 else 0)
            pieces.append(bytes([nal[0] & 0xe0 | 28, edge | nal[0] & 31]) + part)
    return [struct.pack(">BBHII", 0x80, 96 | (0x80 if i == len(pieces) - 1 else 0),
                        (sequence + i) & 0xffff, stamp & 0xffffffff, ssrc) + piece
            for i, piece in enumerate(pieces)]


def open_udp(host="127.0.0.1"):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((host, 0))
    return one


class UdpCamera(TcpCamera):
    """mangle(number, packets) answers the packets of unit `number` as they are sent, each alone or
    with the socket it is sent from. transport: what SETUP adds to its answer, with {rtp} and {rtcp}
    for the server's ports. A client gets all units once."""

    def __init__(self, units, mangle=None, transport=";server_port={rtp}-{rtcp}", first=65500,
                 after=None):
        self.units, self.mangle, self.transport = units, mangle, transport
        self.first, self.after = first, after
        self.sequence = first  # of the next packet
        self.rtp, self.rtcp = open_udp(), open_udp()
        self.client = self.connection = None  # the ports of its side; its newest one
        self.sent = threading.Event()  # all of them
        self.left = threading.Event()
        self.heard = {"rtp": [], "rtcp": []}  # (data, from) that came to our ports
        for name in self.heard:
            threading.Thread(target=self.listen, args=(name,), daemon=True).start()
        super().__init__(self.converse)

    def uri(self):
        return f"rtsp://127.0.0.1:{self.port}/x"

    def listen(self, name):
        while True:
            try:
                data, origin = getattr(self, name).recvfrom(4096)
            except OSError:
                return
            if not data:
                return
            self.heard[name].append((data, origin))

    def converse(self, connection):
        self.connection = connection
        file = connection.makefile("rb")
        while (line := file.readline()):
            headers = {}
            while (header := file.readline().strip()):
                key, _, value = header.partition(b":")
                headers[key.lower()] = value.strip()
            self.reply(connection, line.split()[0], headers)
        self.left.set()

    def reply(self, connection, method, headers):
        body, more = b"", b"Session: 7;timeout=60\r\n"
        if method == b"DESCRIBE":
            body, more = SDP, b"Content-Type: application/sdp\r\n"
        elif method == b"SETUP":
            asked = headers[b"transport"].decode()
            if "client_port=" not in asked:
                connection.sendall(answer(headers[b"cseq"], b"461 Unsupported Transport"))
                return
            self.client = [int(port) for port in asked.split("client_port=")[1].split("-")]
            said = asked + self.transport.format(rtp=self.rtp.getsockname()[1],
                                                 rtcp=self.rtcp.getsockname()[1])
            more += b"Transport: " + said.encode() + b"\r\n"
        connection.sendall(answer(headers[b"cseq"], headers=more, body=body))
        if method == b"PLAY":
            self.left.clear()
            threading.Thread(target=self.play, daemon=True).start()

    def play(self):
        self.sequence, begin = self.first, time.monotonic()
        for number, unit in enumerate(self.units):
            packets = packets_of(unit, self.sequence, number * 90000 // FPS)
            self.sequence += len(packets)
            self.send(self.mangle(number, packets) if self.mangle else packets)
            if self.left.wait(max(0, begin + (number + 1) / FPS - time.monotonic())):
                break
        self.sent.set()
        if self.after:
            self.after(self)

    def send(self, packets):
        for packet in packets:
            data, origin = packet if isinstance(packet, tuple) else (packet, self.rtp)
            origin.sendto(data, ("127.0.0.1", self.client[0]))

    def send_rtcp(self, data):
        self.rtcp.sendto(data, ("127.0.0.1", self.client[1]))

    def close(self):
        super().close()
        for name in self.heard:
            one = getattr(self, name)
            open_udp().sendto(b"", one.getsockname())
            one.close()
