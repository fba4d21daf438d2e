"""The figures of tests/bench/mot.py, on made tracks whose figures are known, and on real ones."""
import os
import subprocess
import sys

import pytest

from kit.daemon import environment
from kit.process import built, shared

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench"))
import mot  # noqa: E402  (where it is is only known now)

pytestmark = pytest.mark.short


def tracks(*lanes):
    """{frame: {id: box}}; a lane is (id, first frame, last frame, left)."""
    frames = {}
    for one, first, last, left in lanes:
        for frame in range(first, last + 1):
            frames.setdefault(frame, {})[one] = (left, 0, 10, 20)
    return frames


TRUTH = tracks((1, 1, 10, 0), (2, 1, 10, 100))


def test_the_truth_itself_is_perfect():
    found = mot.figures(TRUTH, tracks((8, 1, 10, 0), (9, 1, 10, 100)))
    assert (found.mota, found.idf1, found.switches, found.iou) == (1, 1, 0, 1)


def test_what_is_missed_or_false_counts():
    found = mot.figures(TRUTH, tracks((8, 1, 10, 0), (9, 6, 10, 100), (7, 1, 2, 500)))
    assert (found.misses, found.false, found.switches) == (5, 2, 0)
    assert found.mota == 1 - 7 / 20
    assert found.idf1 == 2 * 15 / (20 + 17)


def test_another_id_is_a_switch_and_half_an_identity():
    found = mot.figures(TRUTH, tracks((8, 1, 5, 0), (7, 6, 10, 0), (9, 1, 10, 100)))
    assert (found.misses, found.false, found.switches) == (0, 0, 1)
    assert found.mota == 1 - 1 / 20
    assert found.idf1 == 2 * 15 / (20 + 20)


def test_exchanged_ids_are_two_switches():
    found = mot.figures(TRUTH, tracks((8, 1, 5, 0), (8, 6, 10, 100), (9, 1, 5, 100), (9, 6, 10, 0)))
    assert found.switches == 2
    assert found.idf1 == 0.5


def test_less_than_half_alike_is_a_miss_and_a_false_one():
    found = mot.figures(tracks((1, 1, 1, 0)), tracks((8, 1, 1, 5)))
    assert (found.misses, found.false, found.mota, found.idf1) == (1, 1, -1, 0)


def test_a_pair_stays_one_though_another_is_nearer():
    found = mot.figures(tracks((1, 1, 4, 0)), tracks((8, 1, 4, 2), (9, 3, 4, 0)))
    assert (found.switches, found.false) == (0, 2)


def test_nothing_at_all_is_no_error():
    assert mot.figures({}, {}).mota == 0
    assert mot.figures(TRUTH, {}).mota == 0


def test_the_walkers_are_followed(tmp_path):
    clip, truth = shared("pets09_s2l1.mp4"), shared("pets09_s2l1.gt.txt")
    if not clip or not truth:
        pytest.skip("the shared clip pets09_s2l1.mp4 is not there")
    for name in ("first", "second"):
        with open(tmp_path / name, "wb") as file:
            subprocess.run([built("tests/tracks/track-run"), clip, "7", "768", "576"], check=True,
                           stdout=file, timeout=900, env=environment())
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    found = mot.figures(mot.read(truth), mot.read(tmp_path / "first"))
    assert found.mota > 0.45 and found.idf1 > 0.6, found
