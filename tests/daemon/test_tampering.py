"""What is wrong with a camera's pictures, and that nothing is with ordinary ones."""
import subprocess

import pytest

from kit.daemon import environment
from kit.process import built, shared
from kit.wait import until

SCENE = "test:quiet?width=160&height=120&fps=5"
CLIPS = [("cdnet_pedestrians.mjpeg", 25), ("sbi_highway1.mp4", 15),
         ("intel_one_by_one_person.h265", 10), ("libvpl_cars_320x240.h264", 30),
         ("openh264_BA_MW_D_IDR_LOST.264", 15)]


@pytest.mark.parametrize("clip, fps", CLIPS)
def test_ordinary_clips_have_nothing_wrong(clip, fps):
    path = shared(clip)
    if not path:
        pytest.skip(f"the shared clip {clip} is not there")
    done = subprocess.run([built("tests/daemon/tamper-run"), path, str(fps)], check=True,
                          stdout=subprocess.PIPE, timeout=300, env=environment())
    *events, last = done.stdout.decode().splitlines()
    assert events == []
    assert last.startswith("looks ") and int(last.split()[1]) >= 2


def told(server):
    answer = server.get("/api/v1/events?camera=front&kinds=tampering-start,tampering-end")
    assert answer.status_code == 200, answer.text
    return answer.json()["events"]


def change(server, **options):
    answer = server.session.patch(f"{server.url}/api/v1/cameras/front/configuration", json=options)
    assert answer.status_code == 200, answer.text
    assert answer.json()["applies"] == "live"


@pytest.mark.short
def test_a_picture_that_turns_black_is_told_until_nobody_wants_to_know(daemon):
    server = daemon({"front": {"uri": SCENE}})
    server.live("front")
    status = server.camera("front")["tampering"]
    assert set(status) == {"covered", "blinded", "defocused", "moved", "shaken", "frozen", "black",
                           "noisy", "ir-flip"}
    change(server, masks=[[[0, 0], [1, 0], [1, 1], [0, 1]]])
    begun = until(lambda: told(server), 20, "it is told")[0]
    assert (begun["kind"], begun["what"], begun["limit"]) == ("tampering-start", "black", 50)
    assert begun["score"] > 70 and begun["since"] < begun["time"]
    since = until(lambda: server.camera("front")["tampering"]["black"]["since"], 5, "it is shown")
    assert since == begun["since"]
    change(server, tampering="moved,shaken")
    over = until(lambda: told(server) if len(told(server)) > 1 else None, 5, "it is over")[0]
    assert (over["kind"], over["what"], over["since"]) == ("tampering-end", "black", begun["since"])
    assert over["seconds"] >= 6
    until(lambda: set(server.camera("front")["tampering"]) == {"moved", "shaken"}, 5, "two are left")
    answer = server.session.patch(f"{server.url}/api/v1/cameras/front/configuration",
                                  json={"tampering": "stolen"})
    assert answer.status_code == 422 and "covered, blinded" in answer.text
