"""What the API changed, as it is found at the start."""
import pytest

from kit.daemon import run_once
from kit.wait import until

SCENE = "test:moving?width=320&height=240&fps=15"
FILES = f"[defaults]\nstream-fps=7\n[camera front]\nuri={SCENE}\n[camera yard]\nuri={SCENE}\n"
CHANGES = f"""[camera front]
stream-fps=5
[camera side]
uri={SCENE}
password=geheim
[camera yard]
deleted=true
"""


@pytest.fixture(name="state")
def _state(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "changes.conf").write_text(CHANGES)
    return folder


def configuration(server, name):
    return server.get(f"/api/v1/cameras/{name}").json()["configuration"]


@pytest.mark.short
def test_changes_hold_at_the_start_and_over_a_reload(daemon, state):
    server = daemon(FILES, arguments=("--state", str(state)))
    assert set(server.cameras()) == {"front", "side"}
    assert configuration(server, "front")["stream_fps"] == 5
    assert configuration(server, "side")["stream_fps"] == 7
    assert configuration(server, "side")["password"] == "***"
    server.reload(FILES.replace("stream-fps=7", "stream-fps=9\njpeg-quality=50"))
    until(lambda: configuration(server, "side")["stream_fps"] == 9, 5, "the files are read again")
    assert set(server.cameras()) == {"front", "side"}
    assert configuration(server, "front")["stream_fps"] == 5
    assert configuration(server, "front")["jpeg_quality"] == 50
    assert (state / "changes.conf").read_text() == CHANGES


def test_a_change_that_makes_no_sense_is_left_out_and_named(daemon, state):
    (state / "changes.conf").write_text("[camera front]\nstream-fps=61\n[camera attic]\nloop=no\n")
    server = daemon(FILES, arguments=("--state", str(state)))
    assert configuration(server, "front")["stream_fps"] == 7
    assert "warning [camera attic]: the camera stands in no file any more" in server.log()
    assert "warning [camera front] stream-fps: '61' is out of range" in server.log()


def test_a_damaged_file_is_kept_aside(daemon, state):
    (state / "changes.conf").write_text(CHANGES[:-10])
    server = daemon(FILES, arguments=("--state", str(state)))
    assert set(server.cameras()) == {"front", "yard"}
    assert "changes.conf:7: neither [group]" in server.log()
    assert "going on without" in server.log()
    assert (state / "changes.conf.bad").read_text() == CHANGES[:-10]
    assert not (state / "changes.conf").exists()


@pytest.mark.short
def test_the_check_reads_them_too(tmp_path, state):
    status, output = run_once(tmp_path, FILES, "--check", "--state", str(state))
    assert status == 0 and "no errors, 2 cameras" in output
    (state / "changes.conf").write_text(CHANGES + "[camera attic]\nloop=no\n")
    status, output = run_once(tmp_path, FILES, "--check", "--state", str(state))
    assert status == 0 and "[camera attic]: the camera stands in no file" in output
    (state / "changes.conf").write_text(CHANGES + "[nonsense]\n")
    status, output = run_once(tmp_path, FILES, "--check", "--state", str(state))
    assert status == 78 and "changes.conf:8: the only groups here are [camera ID]" in output
    assert (state / "changes.conf").exists() and "geheim" not in output


def test_another_configuration_has_no_changes(tmp_path):
    status, output = run_once(tmp_path, FILES, "--check")
    assert status == 0 and "no errors, 2 cameras" in output
