"""What is found in real footage, and that nothing is found where nothing is."""
import csv
import subprocess

import pytest

from kit.daemon import environment
from kit.process import built, shared
from kit.wait import holds, until


class Report:
    def __init__(self, line):
        number, self.ms, self.share, noise, primed, *boxes = line.split()
        self.number, self.ms, self.share = int(number), int(self.ms), float(self.share)
        self.noise, self.primed = float(noise), primed == "1"
        self.boxes = [[int(value) / 65536 for value in box.split(",")] for box in boxes]


def reports(clip):
    """All that vdmotion reports of a clip, faster than real time."""
    path = shared(clip)
    if not path:
        pytest.skip(f"the shared clip {clip} is not there")
    done = subprocess.run([built("tests/daemon/motion-run"), path], check=True,
                          stdout=subprocess.PIPE, timeout=900, env=environment())
    return [Report(line) for line in done.stdout.decode().splitlines()]


def overlap(a, b):
    """Intersection over the smaller of two boxes (left, top, width, height)."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0
    return width * height / min(a[2] * a[3], b[2] * b[3])


def walkers():
    """The ground truth by frame: boxes in 0..1 of the picture."""
    truth = {}
    with open(shared("pets09_s2l1.gt.txt"), encoding="ascii") as file:
        for row in csv.reader(file):
            box = [float(row[2]) / 768, float(row[3]) / 576, float(row[4]) / 768,
                   float(row[5]) / 576]
            truth.setdefault(int(row[0]) - 1, []).append(box)
    return truth


def test_the_walkers_are_found():
    found = reports("pets09_s2l1.mp4")
    truth = walkers()
    wanted = hits = good = boxes = 0
    for report in found[70:]:
        people = truth.get(round(report.ms * 7 / 1000), [])
        wanted += len(people)
        hits += sum(any(overlap(one, box) > 0.3 for box in report.boxes) for one in people)
        boxes += len(report.boxes)
        good += sum(any(overlap(one, box) > 0.3 for one in people) for box in report.boxes)
    assert wanted > 2000
    assert hits > 0.75 * wanted, f"{hits} of {wanted} people were in a box"
    assert good > 0.75 * boxes, f"{good} of {boxes} boxes had somebody in them"


def visits():
    with open(shared("intel_one_by_one_person.events.csv"), encoding="ascii") as file:
        return [(int(row["enter_frame"]), int(row["leave_frame"])) for row in csv.DictReader(file)]


def test_six_visits_are_six_stretches_of_motion():
    found = reports("intel_one_by_one_person.h265")
    frames = [(round(report.ms / 100), report.share) for report in found]
    stretches = []
    for frame, share in frames:
        if share < 0.002:
            continue
        if stretches and frame - stretches[-1][1] <= 20:
            stretches[-1][1] = frame
        else:
            stretches.append([frame, frame])
    stretches = [one for one in stretches if one[1] - one[0] >= 20]
    assert len(stretches) == len(visits()), stretches
    for (enter, leave), (begin, end) in zip(visits(), stretches):
        assert abs(begin - enter) <= 30 and abs(end - leave) <= 45, stretches


def test_a_quiet_noisy_scene_stays_silent(daemon):
    server = daemon({"quiet": "test:quiet?width=640&height=360&fps=15&noise=12"})
    server.live("quiet")
    until(lambda: (server.camera("quiet")["motion"] or {}).get("primed"), 10,
          lambda: f"the background is learnt: {server.camera('quiet')}")
    holds(lambda: server.camera("quiet")["motion"]["boxes"] == [], 4,
          lambda: f"nothing moves: {server.camera('quiet')['motion']}")


def test_moving_figures_show_in_the_status(daemon):
    server = daemon({"moving": "test:moving?width=640&height=360&fps=15&figures=3"})
    server.live("moving")

    def figures():
        motion = server.camera("moving")["motion"]
        return motion if motion and len(motion["boxes"]) >= 2 else None
    motion = until(figures, 10, lambda: f"figures are found: {server.camera('moving')['motion']}")
    assert motion["share"] > 0


@pytest.mark.short
def test_what_moves_keeps_its_track(daemon):
    server = daemon({"moving": "test:moving?width=640&height=360&fps=15&figures=1"})
    server.live("moving")

    def track(least=0.0):
        motion = server.camera("moving")["motion"] or {"tracks": []}
        for one in motion["tracks"]:
            if one["visible"] and one["age_seconds"] >= least:
                assert one["id"] in [box["track"] for box in motion["boxes"]], motion
                return one
        return None
    first = until(track, 20, lambda: f"it is followed: {server.camera('moving')['motion']}")
    assert first["id"] >= 1 and first["speed"] > 0 and first["age_seconds"] >= 0.4
    later = until(lambda: track(2.0), 30, "it is followed for longer")
    assert later["id"] >= first["id"] and 0 < later["width"] <= 1


@pytest.mark.short
def test_masked_figures_are_not_found(daemon):
    server = daemon({"moving": {"uri": "test:moving?width=640&height=360&fps=15&figures=3",
                                "masks": "0,0 1,0 1,1 0,1"}})
    server.live("moving")
    until(lambda: (server.camera("moving")["motion"] or {}).get("primed"), 10, "it is analysed")
    holds(lambda: server.camera("moving")["motion"]["boxes"] == [], 3, "nothing is seen")
