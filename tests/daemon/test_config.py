"""Configuration, judged from the outside."""
import re

import pytest

from kit.daemon import run_once

BAD = """[vedette]
listen=here
lisen=127.0.0.1:80
max-viewers=0

[camera front]
uri=rtsp://joe:geheim@127.0.0.1/x
jpeg-quality=101
transprot=tcp
masks=0,0 1

[camera Bad Id]
uri=test:quiet

[camera none]
name=no uri
"""


@pytest.mark.short
def test_every_error_is_told_with_file_and_line(tmp_path):
    status, output = run_once(tmp_path, BAD, "--check")
    assert status == 78
    lines = {int(number) for number in re.findall(r"vedette\.conf:(\d+): ", output)}
    assert {2, 3, 4, 8, 9, 10} <= lines
    assert lines & {12, 13} and lines & {15, 16}
    assert "did you mean listen" in output
    assert "did you mean transport" in output
    assert "allowed are 1 to 100" in output
    assert "geheim" not in output


def test_starting_with_errors_is_refused_as_checking_is(tmp_path):
    checked = run_once(tmp_path, BAD, "--check")
    started = run_once(tmp_path, BAD)
    assert started[0] == checked[0] == 78
    for line in checked[1].splitlines():
        assert line.split(": ", 1)[-1] in started[1]


@pytest.mark.short
def test_a_good_file_passes_the_check(tmp_path):
    status, output = run_once(tmp_path, "[camera front]\nuri=test:moving\n", "--check")
    assert status == 0, output


@pytest.mark.short
@pytest.mark.parametrize("arguments", [(), ("--check",)], ids=["start", "check"])
def test_an_address_that_others_reach_is_told_like_any_other_error(tmp_path, arguments):
    text = "[vedette]\nlisten=0.0.0.0:8080\nlog-level=x\n"
    status, output = run_once(tmp_path, text, *arguments)
    assert status == 78
    assert re.search(r"vedette\.conf:2: listen: .*--insecure-listen", output)
    assert "vedette.conf:3: log-level: 'x'" in output
    status, output = run_once(tmp_path, text, "--insecure-listen", *arguments)
    assert status == 78
    assert "listen" not in output and "vedette.conf:3: log-level: 'x'" in output


def test_insecure_listen_is_taken_by_the_check(tmp_path):
    text = "[vedette]\nlisten=0.0.0.0:8080\n"
    assert run_once(tmp_path, text, "--check")[0] == 78
    assert run_once(tmp_path, text, "--insecure-listen", "--check")[0] == 0


def test_a_missing_file_is_78_and_named(tmp_path):
    status, output = run_once(tmp_path, None)
    assert status == 78
    assert "vedette.conf" in output and "No such file" in output


@pytest.mark.parametrize("option", ["listen", "control-socket"])
def test_a_socket_that_cannot_be_made_is_told_by_its_option(tmp_path, option):
    path = f"{tmp_path}/none/x.sock"
    options = {"listen": "127.0.0.1:0", option: path}
    lines = "".join(f"{name}={value}\n" for name, value in options.items())
    status, output = run_once(tmp_path, "[vedette]\n" + lines)
    assert status == 1
    assert f" {option}={path}: No such file or directory\n" in output


def test_unknown_arguments_are_not_78_and_help_helps(tmp_path):
    status, output = run_once(tmp_path, "", "--wrong")
    assert status == 64 and "--wrong" in output
    status, output = run_once(tmp_path, "", "--help")
    assert status == 0 and "--check" in output and "--insecure-listen" in output


def test_help_config_tells_every_option(tmp_path):
    status, output = run_once(tmp_path, "", "--help-config")
    assert status == 0
    for word in ("listen", "analysis-fps", "jpeg-quality", "masks", "stall-timeout-ms"):
        assert word in output


def test_drop_in_files_are_read_and_their_errors_told(tmp_path):
    folder = tmp_path / "cameras.d"
    folder.mkdir()
    (folder / "10-side.conf").write_text("[camera side]\nuri=test:quiet\nfsp=5\n")
    status, output = run_once(tmp_path, "[camera front]\nuri=test:moving\n", "--check")
    assert status == 78
    assert "10-side.conf:3: " in output
