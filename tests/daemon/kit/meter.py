"""What a process and its threads use: CPU time, memory, descriptors."""
import os
import time

TICK = os.sysconf("SC_CLK_TCK")


def cpu_s(pid):
    """CPU seconds so far, user and system, of all its threads, also those that ended."""
    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rollup_mb(pid, name):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    raise ValueError(f"no {name} of {pid}")


def pss_mb(pid):
    """Memory in MB; what is shared with other processes counts by its share."""
    return rollup_mb(pid, "Pss")


def own_mb(pid):
    """Memory in MB without files: heap, stacks, written data. Unlike PSS it stays as it is when
    another process that shares libraries with this one begins or ends."""
    return rollup_mb(pid, "Pss_Anon")


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def usage(pid, seconds):
    """CPU seconds a second over that time."""
    before, start = cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_s(pid) - before) / (time.monotonic() - start)
