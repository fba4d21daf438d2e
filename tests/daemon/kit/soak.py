"""Cameras that come and go, for as long as it takes to see what they leave behind.

What is used differs from cycle to cycle, by what happens to be on its way in or out. What was left
behind is there after every cycle, so the least of several tells it.
"""
from . import meter
from .wait import until


def size(daemon):
    """Memory of its own in MB, descriptors and threads."""
    return (meter.own_mb(daemon.pid), meter.descriptors(daemon.pid), meter.threads(daemon.pid))


def least(sizes):
    return [min(values) for values in zip(*sizes)]


def settled(daemon, before):
    """Waits until what was taken down is gone: descriptors and threads are again as few."""
    until(lambda: size(daemon)[1] <= before[1] + 2 and size(daemon)[2] <= before[2] + 1, 20,
          lambda: f"no more than {before} is used: {size(daemon)}")


def add_and_remove(daemon, kept, guest, cycles):
    """kept: cameras that stay; guest: one more, which comes alive and goes, that many times.
    The least that was used after a cycle."""
    sizes = []
    for _ in range(cycles):
        daemon.reload({**kept, "guest": guest})
        until(lambda: daemon.cameras().get("guest", {}).get("state") == "live", 15,
              "the guest is live")
        daemon.reload(kept)
        until(lambda: "guest" not in daemon.cameras(), 5, "the guest is gone")
        sizes.append(size(daemon))
    return least(sizes)


def reconnect(daemon, farm, names, rounds):
    """All connections to the farm are cut, and each of these cameras comes back, again and again.
    The least that was used after a round."""
    sizes = []
    for _ in range(rounds):
        before = daemon.cameras()
        farm("drop", "*")
        until(lambda: all(camera["state"] == "live" and
                          camera["reconnects"] > before[name]["reconnects"]
                          for name, camera in daemon.cameras().items() if name in names),
              20, "all cameras are back")
        sizes.append(size(daemon))
    return least(sizes)
