"""RTSP with packets over UDP: out of order, missing, from strangers; and what the camera is told."""
import random
import struct

import pytest

from kit import meter
from kit.camera import SMALL
from kit.udp import FPS, SSRC, UdpCamera, made_units, open_udp, packets_of
from kit.wait import until

COUNT = 3 * FPS


@pytest.fixture(scope="module")
def units():
    return made_units(COUNT)


@pytest.fixture
def camera(units):
    """Starts cameras: camera(mangle=...), and ends them."""
    started = []

    def start(**keywords):
        started.append(UdpCamera(keywords.pop("units", units), **keywords))
        return started[-1]
    yield start
    for one in started:
        one.close()


def plays(daemon, camera, **options):
    return daemon({"front": {"uri": camera.uri(), "transport": "udp", "stall-timeout-ms": 60000,
                             **options}})


def frames(server):
    return server.camera("front")["frames"]


def all_come(server, camera, count=COUNT):
    until(camera.sent.is_set, 30, "all is sent")
    until(lambda: frames(server) == count, 10, lambda: f"{count} frames: {server.camera('front')}")
    assert server.camera("front")["reconnects"] == 0


def test_packets_that_overtake_each_other_cost_no_frame(daemon, camera):
    order = random.Random(3)

    def mangle(number, packets):
        first, rest = packets[:1], packets[1:]
        if number == 0:  # what comes first is the beginning
            return packets
        rest = order.sample(rest, len(rest))
        return rest + rest[:3] + first + first
    one = camera(mangle=mangle)
    all_come(plays(daemon, one), one)


def test_a_packet_that_comes_within_latency_ms_is_waited_for(daemon, camera):
    kept = []

    def mangle(_, packets):
        late, kept[:] = kept[:], packets[1:2]  # one of each picture comes with the next picture
        return packets[:1] + packets[2:] + late
    one = camera(mangle=mangle, after=lambda self: self.send(kept))
    all_come(plays(daemon, one, **{"latency-ms": 2000}), one)


def test_packets_that_never_come_cost_their_picture_only(daemon, camera):
    """One packet each second, of a picture in the middle between two key frames."""
    def mangle(number, packets):
        return packets[:1] + packets[2:] if number % FPS == FPS // 2 else packets
    one = camera(mangle=mangle)
    server = plays(daemon, one)
    until(one.sent.is_set, 30, "all is sent")
    until(lambda: frames(server) >= COUNT - 3, 10, lambda: str(server.camera("front")))
    assert server.state("front") == "live" and server.camera("front")["reconnects"] == 0


def test_strangers_are_not_listened_to(daemon, camera, units):
    """The same numbers and the same sender from another address, before the camera's own."""
    stranger = open_udp("127.0.0.2")

    def mangle(_, packets):
        forged = [(packet[:12] + bytes(len(packet) - 12), stranger) for packet in packets]
        return forged + packets
    one = camera(mangle=mangle)
    server = plays(daemon, one)
    all_come(server, one)
    stranger.sendto(struct.pack(">BBHI", 0x81, 203, 1, SSRC), ("127.0.0.1", one.client[1]))
    one.send(packets_of(units[0], one.sequence, COUNT * 90000 // FPS))
    all_come(server, one, COUNT + 1)
    stranger.close()


@pytest.mark.parametrize("source", ["127.0.0.3", "192.0.2.7", "0.0.0.0", "nonsense"])
def test_packets_may_come_from_where_the_camera_says_and_from_itself(daemon, camera, source):
    """192.0.2.7: as a camera behind an address translation knows itself."""
    origin = open_udp("127.0.0.3") if source == "127.0.0.3" else None

    def mangle(_, packets):
        return [(packet, origin) for packet in packets] if origin else packets
    one = camera(mangle=mangle, transport=f";source={source};server_port={{rtp}}-{{rtcp}}")
    all_come(plays(daemon, one), one)


def test_ports_that_the_camera_does_not_tell_are_not_needed(daemon, camera):
    one = camera(transport="")
    all_come(plays(daemon, one), one)
    assert not one.heard["rtp"]


def test_only_the_address_that_talks_to_the_camera_is_open(daemon, camera):
    one = camera()
    server = plays(daemon, one)
    until(lambda: server.state("front") == "live", 10, "it is live")
    assert one.client[0] % 2 == 0 and one.client[1] == one.client[0] + 1
    with open(f"/proc/{server.pid}/net/udp", encoding="ascii") as file:
        local = [line.split()[1] for line in file if ":" in line.split()[1]]
    assert [entry.split(":")[0] for entry in local
            if int(entry.split(":")[1], 16) in one.client] == ["0100007F"] * 2


def test_the_way_in_is_opened_and_the_camera_is_told_what_came(daemon, camera, units):
    lost = []

    def mangle(number, packets):
        if number % FPS != FPS // 2:
            return packets
        lost.append(packets[1])
        return packets[:1] + packets[2:]
    one = camera(units=units * 4, mangle=mangle)
    server = plays(daemon, one)
    until(lambda: one.heard["rtp"] and one.heard["rtcp"], 10, "greetings")
    assert one.heard["rtp"][0] == (b"\x80" + bytes(11), ("127.0.0.1", one.client[0]))
    assert one.heard["rtcp"][0][1] == ("127.0.0.1", one.client[1])
    one.send_rtcp(struct.pack(">BBHIIIIII", 0x80, 200, 6, SSRC, 0x11112222, 0x33334444, 0, 0, 0))
    reports = until(lambda: [data for data, _ in one.heard["rtcp"] if data[0] & 31 == 1], 15,
                    "a report with a block")
    kind, _, about, missing, _, _, last, delay = struct.unpack(">HxxIIIIIII", reports[0][:32])
    assert (kind, about, last) == (0x81c9, SSRC, 0x22223333)
    assert 1 <= missing & 0xffffff <= len(lost) and missing >> 24 >= 1
    assert 0 < delay < 20 * 65536
    assert b"@vedette" in reports[0]
    assert server.state("front") == "live"


@pytest.mark.parametrize("how", ["bye", "teardown", "gone"])
def test_the_camera_s_end_is_noticed_at_once(daemon, camera, units, how):
    ends = {"bye": lambda self: self.send_rtcp(struct.pack(">BBHI", 0x81, 203, 1, SSRC)),
            "teardown": lambda self: self.connection.sendall(
                b"TEARDOWN rtsp://x/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
            "gone": lambda self: self.connection.shutdown(2)}
    one = camera(units=units[:FPS], after=ends[how])
    server = plays(daemon, one)
    until(one.sent.is_set, 30, "all is sent")
    server.logged(f"127.0.0.1:{one.port} ended the stream")


def test_a_stream_over_udp_has_two_threads(daemon, rtsp):
    farm = rtsp(f"cam={SMALL}*5")
    cameras = {f"c{i}": {"uri": farm.uri(f"cam{i}"), "transport": "udp"} for i in range(5)}
    server = daemon({"c0": cameras["c0"]})
    server.live("c0")
    until(lambda: meter.threads(server.pid) == 6 + 2, 10, lambda: str(meter.threads(server.pid)))
    server.reload(cameras)
    until(lambda: set(server.cameras()) == set(cameras), 10, lambda: str(set(server.cameras())))
    server.live(*cameras)
    until(lambda: meter.threads(server.pid) == 6 + 5 * 2, 10,
          lambda: str(meter.threads(server.pid)))
