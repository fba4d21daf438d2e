"""vedettectl replay: recordings that are made here, of which it is known what moves where."""
import contextlib
import io
import json
import os
import re
import signal
import subprocess

import pytest
from PIL import Image

from kit.daemon import environment
from kit.process import built, missing, readable, shared
from kit.wait import SLOW, until

DONE, REFUSED, USAGE, _, NOT_FOUND = range(5)
WIDTH, HEIGHT, FPS, SIDE = 320, 240, 25, 48
BEGIN, END, ALL = 100, 150, 225  # pictures: a square is there from one to the other
EXACT = {"analysis-fps": FPS, "analysis-width": WIDTH, "event-min-ms": 200, "event-gap-ms": 600}


def place(number):
    """The square's left upper corner, or None."""
    return (40 + 4 * (number - BEGIN), 96) if BEGIN <= number < END else None


def picture(number, ground, square):
    image = Image.new("L", (WIDTH, HEIGHT), ground)
    if place(number):
        x, y = place(number)
        image.paste(square, (x, y, x + SIDE, y + SIDE))
    return image


def jpeg(image):
    data = io.BytesIO()
    image.save(data, "JPEG", quality=95)
    return data.getvalue()


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("replay") / "square.mjpeg"
    path.write_bytes(b"".join(jpeg(picture(number, 80, 200)) for number in range(ALL)))
    return path


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    """The mask that each picture should have."""
    if missing("ffmpeg"):
        pytest.skip("ffmpeg is missing")
    path = tmp_path_factory.mktemp("truth") / "square.gt.mkv"
    convert(["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS)], "-",
            path, "-c:v", "ffv1",
            data=b"".join(picture(number, 0, 255).tobytes() for number in range(ALL)))
    return path


def convert(before, source, target, *how, data=b""):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *before, "-i", str(source), *how, str(target)],
                   input=data, check=True, timeout=120 * SLOW)


def settings(path, cameras):
    path.write_text("".join(
        f"[camera {name}]\nuri=test:quiet\n" + "".join(f"{key}={value}\n" for key, value in of.items())
        for name, of in cameras.items()))
    return str(path)


@pytest.fixture
def exact(tmp_path):
    return settings(tmp_path / "exact.conf", {"door": EXACT})


def replay(*arguments, status=DONE, cwd=None):
    done = subprocess.run([built("src/vedettectl"), "replay", *map(str, arguments)],
                          stdin=subprocess.DEVNULL, capture_output=True, env=environment(),
                          timeout=300 * SLOW, check=False, cwd=cwd)
    assert done.returncode == status, f"{arguments} ended with {done.returncode}:\n{done.stderr.decode()}"
    if status == DONE:
        assert done.stderr == b""
        return done.stdout.decode()
    said = done.stderr.decode()
    assert said.startswith("vedettectl: ") and said.count("\n") == 1, said
    return said[len("vedettectl: "):-1]


def lines(*arguments):
    return [json.loads(line) for line in replay("--json", *arguments).splitlines()]


def of_type(told, name):
    return [line for line in told if line["type"] == name]


def only(told, name):
    found = of_type(told, name)
    assert len(found) == 1, told
    return found[0]


@pytest.mark.short
def test_the_same_gives_the_same_bytes(clip, exact, tmp_path):
    def run(number):
        masks, events = tmp_path / f"{number}.mkv", tmp_path / f"{number}.json"
        tracks = tmp_path / f"{number}.txt"
        told = replay("--json", clip, "--config", exact, "--masks", masks, "--events", events,
                      "--tracks", tracks)
        return told, masks.read_bytes(), events.read_bytes(), tracks.read_bytes()
    first, second = run(1), run(2)
    assert first == second
    assert len(first[1]) > 1000
    events = json.loads(first[2])["events"]
    assert events == [json.loads(line) for line in first[0].splitlines() if '"event"' in line]
    assert [event["kind"] for event in events] == ["motion-start", "motion-end"]
    began, over = (event["reasons"] for event in events)
    assert began["seconds"] >= began["min_seconds"] and began["largest"] > began["min_area"] > 0
    assert (began["boxes"], began["counted"], over["ended"]) == (1, 1, "gap")
    assert not list(tmp_path.glob("*.part"))


def test_a_light_that_goes_on_is_told_and_is_no_motion(exact, tmp_path):
    path = tmp_path / "light.mjpeg"
    path.write_bytes(b"".join(jpeg(Image.new("L", (WIDTH, HEIGHT), 160 if number >= BEGIN else 80))
                              for number in range(ALL)))
    told = only(lines(path, "--config", exact), "event")
    assert told["kind"] == "light-changed" and told["since"] == BEGIN / FPS
    assert told["until"] <= (BEGIN + 1) / FPS
    assert abs(told["brightness_before"] - 80 / 255) < 0.01
    assert abs(told["brightness"] - 160 / 255) < 0.01
    assert "31 %" in replay(path, "--config", exact)


@pytest.mark.short
def test_what_is_followed_is_written_and_crosses_lines(clip, tmp_path):
    file = settings(tmp_path / "lines.conf", {"door": {**EXACT, "lines": "middle: 0.5,0 0.5,1"}})
    out = tmp_path / "tracks.txt"
    crossed = only([line for line in lines(clip, "--config", file, "--tracks", out)
                    if line.get("kind") == "line-crossed"], "event")
    middle = BEGIN + (WIDTH / 2 - 40 - SIDE / 2) / 4
    assert (crossed["line"], crossed["direction"], crossed["count"]) == ("middle", "out", 1)
    assert middle <= crossed["frame"] <= middle + 5
    rows = [row.split(",") for row in out.read_text().splitlines()]
    assert {row[1] for row in rows} == {str(crossed["track"])}
    assert {tuple(row[6:]) for row in rows} == {("1", "-1", "-1", "-1")}
    numbers = [int(row[0]) - 1 for row in rows]
    assert numbers[0] <= BEGIN + 0.6 * FPS and numbers[-1] >= END - 2
    for number, row in zip(numbers, rows):
        if place(number):
            box, (x, y) = [float(value) for value in row[2:6]], place(number)
            assert box == pytest.approx([x, y, SIDE, SIDE], abs=8), (number, box)
    assert "middle  out" in replay(clip, "--config", file)


@pytest.mark.short
def test_events_are_told_by_the_recordings_time(clip, exact):
    told = lines(clip, "--config", exact)
    start, end = of_type(told, "event")
    assert start["settings"] == "a" and start["clip"] == str(clip)
    assert start["since"] == pytest.approx(BEGIN / FPS, abs=0.1)
    assert start["at"] == pytest.approx(BEGIN / FPS + 0.2, abs=0.1)
    assert start["frame"] == pytest.approx(BEGIN + 5, abs=2)
    assert end["since"] == start["since"]
    assert end["until"] == pytest.approx((END - 1) / FPS, abs=0.2)
    assert end["seconds"] == pytest.approx(end["until"] - end["since"])
    assert end["peak_share"] == pytest.approx(SIDE * SIDE / WIDTH / HEIGHT, rel=0.25)
    summary = only(told, "clip")
    assert summary["camera"] == "door"
    assert (summary["pictures"], summary["analysed"], summary["events"]) == (ALL, ALL, 1)
    assert summary["seconds"] == pytest.approx((ALL - 1) / FPS)
    assert [line["percent"] for line in of_type(told, "progress")][-1] == 100
    start, end = of_type(lines(clip, "--config", exact, "--start", "2027-01-01T12:00:00+01:00"), "event")
    assert end["since_time"].startswith("2027-01-01T11:00:04.")
    assert end["until_time"].startswith("2027-01-01T11:00:0")
    assert start["time"] < end["time"]


def test_what_people_are_told(clip, exact):
    told = replay(clip, "--config", exact).splitlines()
    assert told[0] == f"{clip}: 1 event in 9.0 s; {ALL} pictures, {ALL} analysed"
    assert told[1].split() == ["SINCE", "UNTIL", "SECONDS", "PEAK", "ZONES"]
    assert len(told) == 3 and told[2].split()[0].startswith("4.")


def raw_masks(path):
    """Their pictures, and the time of each in milliseconds."""
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries",
         "stream=codec_name,width,height,pix_fmt:packet=pts_time", "-of", "json", str(path)],
        capture_output=True, check=True, timeout=60 * SLOW)
    told = json.loads(probed.stdout)
    stream = told["streams"][0]
    assert (stream["codec_name"], stream["pix_fmt"]) == ("ffv1", "gray")
    times = [round(float(packet["pts_time"]) * 1000) for packet in told["packets"]]
    data = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt",
                           "gray", "-fps_mode", "passthrough", "-"],
                          capture_output=True, check=True, timeout=60 * SLOW).stdout
    size = stream["width"] * stream["height"]
    assert len(data) == size * len(times)
    return (stream["width"], stream["height"]), times, [
        data[i * size:(i + 1) * size] for i in range(len(times))]


@pytest.mark.skipif(missing("ffmpeg", "ffprobe"), reason="ffmpeg is missing")
def test_masks_show_what_moves(clip, exact, tmp_path):
    replay(clip, "--config", exact, "--masks", tmp_path / "m.mkv")
    size, times, masks = raw_masks(tmp_path / "m.mkv")
    assert size == (WIDTH, HEIGHT)
    assert times == [number * 1000 // FPS for number in range(ALL)]
    for number in (10, 90, 99):
        assert masks[number].count(255) == 0
    for number in (BEGIN + 10, END - 10):
        x, y = place(number)
        mask = Image.frombytes("L", size, masks[number])
        assert set(masks[number]) == {0, 255}
        inside = mask.crop((x, y, x + SIDE, y + SIDE)).tobytes().count(255)
        around = mask.crop((x - 12, y - 12, x + SIDE + 12, y + SIDE + 12)).tobytes().count(255)
        assert inside > 0.95 * SIDE * SIDE
        assert around < 1.3 * SIDE * SIDE
    slow = settings(tmp_path / "slow.conf", {"door": {"analysis-fps": 5, "analysis-width": 160}})
    replay(clip, "--config", slow, "--masks", tmp_path / "slow.mkv")
    size, times, masks = raw_masks(tmp_path / "slow.mkv")
    assert size == (160, 120) and times == list(range(0, 9000, 200))


@pytest.mark.short
def test_masks_are_compared_with_true_ones(clip, exact, truth, tmp_path):
    judged = only(lines(clip, "--config", exact, "--truth", truth), "truth")
    assert judged["of"] == "pixels" and judged["pictures"] >= ALL - 75
    assert judged["right"] + judged["missed"] == (END - BEGIN) * SIDE * SIDE
    assert judged["recall"] > 0.95 and judged["precision"] > 0.7
    assert judged["f"] == pytest.approx(
        2 * judged["precision"] * judged["recall"] / (judged["precision"] + judged["recall"]), abs=2e-4)
    half = settings(tmp_path / "half.conf", {"door": {**EXACT, "analysis-width": WIDTH // 2}})
    judged = only(lines(clip, "--config", half, "--truth", truth), "truth")
    assert judged["right"] + judged["missed"] == (END - BEGIN) * SIDE * SIDE
    assert judged["recall"] > 0.9 and judged["precision"] > 0.6
    told = replay(clip, "--config", exact, "--truth", truth).splitlines()
    assert told[-2].startswith("pixels of ") and told[-1].startswith("precision ")
    convert([], truth, tmp_path / "few.mkv", "-c:v", "ffv1", "-frames:v", "30")
    said = replay(clip, "--truth", tmp_path / "few.mkv", status=REFUSED)
    assert said == f"{clip}: {tmp_path}/few.mkv has 30 masks, and the recording more pictures"


def test_events_are_compared_with_visits(clip, exact, tmp_path):
    table = tmp_path / "visits.csv"
    table.write_text(f"visit,enter_frame,leave_frame\n1,{BEGIN},{END}\n")
    judged = only(lines(clip, "--config", exact, "--truth", table), "truth")
    assert (judged["visits"], judged["found"], judged["events"], judged["false"]) == (1, 1, 1, 0)
    assert judged["each"][0]["late"] == pytest.approx(0, abs=0.1)
    table.write_text("enter_frame,leave_frame\n0,20\n")
    judged = only(lines(clip, "--config", exact, "--truth", table), "truth")
    assert (judged["found"], judged["false"], judged["recall"], judged["precision"]) == (0, 1, 0, 0)
    told = replay(clip, "--config", exact, "--truth", table)
    assert "0 of 1 visits found, 1 of 1 events false\n" in told


@pytest.mark.short
def test_two_settings_are_compared(clip, exact, tmp_path):
    blind = settings(tmp_path / "blind.conf", {"door": {**EXACT, "motion-threshold": 250}})
    told = lines(clip, "--config", exact, "--against", blind)
    assert [line["settings"] for line in of_type(told, "clip")] == ["a", "b"]
    difference = only(told, "difference")
    assert (difference["same"], difference["moved"], difference["only_b"]) == (0, [], [])
    assert len(difference["only_a"]) == 1


def test_the_difference_is_told_to_people(clip, exact, tmp_path):
    blind = settings(tmp_path / "blind.conf", {"door": {**EXACT, "motion-threshold": 250}})
    assert only(lines(clip, "--config", exact, "--against", exact), "difference")["same"] == 1
    assert "1 only with A, 0 only with B" in replay(clip, "--config", exact, "--against", blind)


def test_settings_are_those_of_a_camera(clip, tmp_path):
    file = settings(tmp_path / "three.conf", {
        "drive": {**EXACT, "zones": "none ignore: 0,0 1,0 1,1 0,1"},
        "gate": {**EXACT, "zones": "left: 0,0 0.6,0 0.6,1 0,1; away: 0.9,0 1,0 1,1"},
        "blind": {"analysis": "false"},
        "hidden": {**EXACT, "masks": "0,0 1,0 1,1 0,1"}})
    assert of_type(lines(clip, "--config", file, "--camera", "drive"), "event") == []
    end = of_type(lines(clip, "--config", file, "--camera", "gate"), "event")[-1]
    assert end["zones"] == ["left"]
    assert of_type(lines(clip, "--config", file, "--camera", "hidden"), "event") == []
    said = replay(clip, "--config", file, status=REFUSED)  # the first one
    assert said == f"{file}: analysis=false: motion is not looked for"
    said = replay(clip, "--config", file, "--camera", "front", status=NOT_FOUND)
    assert said == f"{file} has no camera front"
    none = tmp_path / "none.conf"
    none.write_text("[defaults]\nmotion-threshold=250\n")
    assert of_type(lines(clip, "--config", none), "event") == []


def test_several_recordings_are_played_one_after_the_other(clip, exact):
    told = lines(clip, clip, "--config", exact)
    assert [line["events"] for line in of_type(told, "clip")] == [1, 1]
    for option in ("--masks", "--tracks", "--truth"):
        said = replay(clip, clip, option, "x", status=USAGE)
        assert said == f"{option} takes one recording at a time"


KINDS = {
    "square.avi": ("-c", "copy"),
    "square.mkv": ("-c", "copy"),
    "square.mp4": ("-c:v", "libx264", "-bf", "2", "-g", "50"),
    "square.264": ("-c:v", "libx264", "-bf", "0", "-g", "50"),
    "square.265": ("-c:v", "libx265", "-x265-params", "log-level=none:bframes=0"),
}


@pytest.mark.skipif(missing("ffmpeg"), reason="ffmpeg is missing")
@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_file_gives_the_event(clip, exact, tmp_path, name):
    file = tmp_path / name
    convert(["-f", "mjpeg", "-r", str(FPS)], clip, file, "-pix_fmt", "yuvj420p", *KINDS[name])
    told = lines(file, "--config", exact)
    assert only(told, "clip")["pictures"] == ALL
    start, end = of_type(told, "event")
    assert start["since"] == pytest.approx(BEGIN / FPS, abs=0.2)
    assert end["until"] == pytest.approx((END - 1) / FPS, abs=0.3)


@pytest.mark.short
@pytest.mark.skipif(missing("ffmpeg"), reason="ffmpeg is missing")
def test_a_file_that_is_cut_short_is_played_so_far(clip, exact, tmp_path):
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    convert(["-f", "mjpeg", "-r", str(FPS)], clip, whole, "-c", "copy")
    cut.write_bytes(whole.read_bytes()[:whole.stat().st_size // 2])
    done = subprocess.run([built("src/vedettectl"), "replay", "--config", exact, str(cut)],
                          capture_output=True, env=environment(), text=True,
                          timeout=120 * SLOW, check=False)
    assert done.returncode == REFUSED
    assert "cut.mkv: 1 event in 4." in done.stdout or "cut.mkv: 0 events in 4." in done.stdout
    assert done.stderr.startswith(f"vedettectl: {cut}: the pictures end at 4.")
    assert done.stderr.endswith(" s of 9.0 s, as if it had been cut short\n")


@pytest.mark.short
def test_what_cannot_be_is_said_in_one_sentence(clip, exact, tmp_path):
    text, empty, picture_alone = tmp_path / "a.txt", tmp_path / "b.mp4", tmp_path / "c.mp4"
    text.write_text("visit,enter\n1,2\n")
    empty.write_text("")
    picture_alone.write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isomiso2")
    kinds = "this is no mp4, mkv, avi, H.264, H.265 or MJPEG file"
    away = tmp_path / "away"

    def said(*arguments, status=REFUSED):
        return replay(*arguments, status=status)
    assert said(away, status=NOT_FOUND) == (
        f"{away}: the file cannot be opened: No such file or directory")
    assert said(tmp_path) == f"{tmp_path}: this is a folder and no file"
    assert said(text) == f"{text}: {kinds}"
    assert said(empty) == f"{empty}: {kinds}"
    assert said(picture_alone).startswith(f"{picture_alone}: the file cannot be played: ")
    assert said(clip, "--config", away) == f"{away}: cannot be read: No such file or directory"
    assert said(clip, "--truth", away, status=NOT_FOUND).startswith(f"{away}: ")
    assert said(clip, "--truth", text) == (
        f"{text} is neither a video nor a table with enter_frame,leave_frame for a head")
    for option in ("--masks", "--tracks", "--events"):
        assert said(clip, option, away / "x") == (
            f"{away}/x cannot be written: No such file or directory")
        assert said(clip, option, tmp_path) == f"{tmp_path} cannot be written: it is no file"
        assert said(clip, option, "/dev/null") == "/dev/null cannot be written: it is no file"
        assert said(clip, option, clip) == f"{clip} is one of the recordings and cannot be written"
    linked, same = tmp_path / "linked", tmp_path / "same"
    linked.symlink_to(clip)
    assert said(clip, "--events", linked).startswith(f"{linked} is one of the recordings")
    assert said(clip, "--events", exact, "--config", exact) == (
        f"{exact} is read and cannot be written")
    assert said(clip, "--events", same, "--tracks", same, status=USAGE) == (
        "--tracks and --events name the same file")
    dashed = tmp_path / "-dashed.txt"
    dashed.write_text("no video")
    assert replay("--", "-dashed.txt", status=REFUSED, cwd=tmp_path) == f"-dashed.txt: {kinds}"
    assert said(clip, "--start", "noon", status=USAGE).startswith("--start=noon: a time as ")
    assert said(clip, "--against", exact, status=USAGE).startswith("--against compares with --config")
    assert said(clip, "--camera", "door", status=USAGE).startswith("--camera names one of --config")
    wrong = settings(tmp_path / "wrong.conf", {"door": {"motion-threshold": 300}})
    assert said(clip, "--config", wrong).startswith(f"{wrong}:3: motion-threshold: ")
    assert os.path.exists("/dev/null") and not os.path.isfile("/dev/null")


def children_of(pid):
    return [int(one) for one in readable(f"/proc/{pid}/task/{pid}/children").split()]


@contextlib.contextmanager
def replaying(clip, exact, tmp_path, *arguments):
    """vedettectl and the process that does its work, in the middle of it."""
    long = tmp_path / "long.mjpeg"
    long.write_bytes(clip.read_bytes() * 40)
    with subprocess.Popen(
            [built("src/vedettectl"), "replay", "--json", long, "--config", exact, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as running:
        try:
            assert running.stdout.readline()
            child, = children_of(running.pid)
            yield running, child
        finally:
            end(running)


def end(running):
    """Both processes, also where a test has failed and one of them does not run."""
    for pid in [*children_of(running.pid), running.pid] if running.poll() is None else ():
        os.kill(pid, signal.SIGKILL)


def ended(running):
    """What it said at its end."""
    running.stdout.read()
    assert running.wait(60 * SLOW) == REFUSED
    return running.stderr.read().decode()


@pytest.mark.short
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_it_and_leaves_nothing(clip, exact, tmp_path, number):
    with replaying(clip, exact, tmp_path, "--masks", tmp_path / "m.mkv") as (running, child):
        running.send_signal(number)
        assert ended(running) == "vedettectl: it was interrupted\n"
    until(lambda: not os.path.exists(f"/proc/{child}"), 10, "the process that replays is gone")
    assert not list(tmp_path.glob("m.mkv*"))


def test_a_second_interruption_waits_for_nothing(clip, exact, tmp_path):
    with replaying(clip, exact, tmp_path) as (running, child):
        def stands():
            return all("\nState:\tT" in readable(f"/proc/{child}/task/{thread}/status")
                       for thread in os.listdir(f"/proc/{child}/task"))

        os.kill(child, signal.SIGSTOP)
        until(stands, 10, "the process that replays stands still")
        running.send_signal(signal.SIGINT)

        def is_asked():
            pending = re.search(r"ShdPnd:\s*(\w+)", readable(f"/proc/{child}/status"))[1]
            return int(pending, 16) >> (signal.SIGTERM - 1) & 1
        until(is_asked, 10, "the process that replays is asked to end")
        running.send_signal(signal.SIGINT)
        assert ended(running) == "vedettectl: it was interrupted\n"
    assert not os.path.exists(f"/proc/{child}")


@pytest.mark.short
def test_a_crash_is_said(clip, exact, tmp_path):
    with replaying(clip, exact, tmp_path) as (running, child):
        os.kill(child, signal.SIGKILL)
        assert ended(running) == "vedettectl: vedette-replay crashed: signal 9\n"


def test_the_visits_of_a_real_recording_are_found(tmp_path):
    video = shared("intel_one_by_one_person.h265")
    if not video:
        pytest.skip("no shared data")
    file = settings(tmp_path / "intel.conf", {"door": {"event-gap-ms": 1000}})
    told = lines(video, "--config", file, "--truth", shared("intel_one_by_one_person.events.csv"))
    judged = only(told, "truth")
    assert only(told, "clip")["pictures"] == 1394
    assert (judged["visits"], judged["found"], judged["false"]) == (6, 6, 0)
    # The labels are by eye, to 15 pictures of a tenth of a second.
    assert all(-1.5 <= visit["late"] <= 0.5 for visit in judged["each"])
