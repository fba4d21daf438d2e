"""Cameras that come and go leave nothing behind. The long form is tests/bench/run cycles."""
from kit import soak
from kit.wait import SLOW

STRETCHES = 4
SCENE = {"uri": "test:moving?width=160&height=120&fps=15"}
SMALL = "gen:h264:160x120@15"


def least_growth(sizes):
    """MB from one stretch to the next: what leaks does so in each, a heap that settles does not."""
    return min(after[0] - before[0] for before, after in zip(sizes, sizes[1:]))


def test_cameras_added_and_removed_leave_nothing(daemon):
    kept = {"front": SCENE}
    server = daemon(kept)
    server.live("front")
    soak.add_and_remove(server, kept, SCENE, 10)
    sizes = [soak.add_and_remove(server, kept, SCENE, 20) for _ in range(STRETCHES)]
    soak.settled(server, sizes[0])
    assert least_growth(sizes) < 0.6 * SLOW ** 3  # 30 kB a camera


def test_connections_lost_again_and_again_leave_nothing(daemon, rtsp):
    farm = rtsp(f"cam={SMALL}*10")
    cameras = {f"c{i}": {"uri": farm.uri(f"cam{i}"), "transport": "tcp"} for i in range(10)}
    server = daemon(cameras)
    server.live(*cameras)
    soak.reconnect(server, farm, cameras, 4)
    sizes = [soak.reconnect(server, farm, cameras, 4) for _ in range(STRETCHES)]
    soak.settled(server, sizes[0])
    assert least_growth(sizes) < 1 * SLOW ** 3  # 25 kB a connection
