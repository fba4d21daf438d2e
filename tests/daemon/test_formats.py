"""What a stream may be made of: each kind plays in its size, or is refused in plain words."""
import subprocess

import pytest

from kit.fields import paff
from kit.process import missing
from kit.wait import until

SOURCE = "testsrc2=size={}:rate=25:duration=1"
SOUND = ("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac")
SECOND = ("-f", "lavfi", "-i", SOURCE.format("160x120"))
FIELDS = ("-flags", "+ildct+ilme", "-x264opts", "tff=1")
QUIET = ("-x265-params", "log-level=error")
DEEP = "is not supported; set the camera to 8-bit 4:2:0"

# name: encoder, pixels, options of ffmpeg, size, and why it is refused (None: it plays)
KINDS = {
    "h264.mp4": ("libx264", "yuv420p", (), "320x240", None),
    "h264-422.mp4": ("libx264", "yuv422p", (), "320x240", None),
    "h264-444.mp4": ("libx264", "yuv444p", (), "321x241", None),
    "h264-grey.mp4": ("libx264", "gray", (), "320x240", None),
    "h264-10.mp4": ("libx264", "yuv420p10le", (), "320x240", "H.264 high-10 (10-bit 4:2:0) " + DEEP),
    "h264-422-10.mp4": ("libx264", "yuv422p10le", (), "320x240",
                        "H.264 high-4:2:2 (10-bit 4:2:2) " + DEEP),
    "h264-rgb.mp4": ("libx264rgb", "rgb24", (), "320x240", "8-bit GBR; only 8-bit YUV"),
    "mbaff.mp4": ("libx264", "yuv420p", FIELDS, "320x240", None),
    "h265.mp4": ("libx265", "yuv420p", QUIET, "320x240", None),
    "h265-422.mp4": ("libx265", "yuv422p", QUIET, "320x240", None),
    "h265-444.mp4": ("libx265", "yuv444p", QUIET, "320x240", None),
    "h265-grey.mp4": ("libx265", "gray", QUIET, "320x240", None),
    "h265-10.mp4": ("libx265", "yuv420p10le", QUIET, "320x240",
                    "H.265 main-10 (10-bit 4:2:0) " + DEEP),
    "h265-fields.mp4": ("libx265", "yuv420p", ("-x265-params", "log-level=error:interlace=1"),
                        "320x240", "each picture comes as two fields"),
    "jpeg.mkv": ("mjpeg", "yuvj420p", (), "321x241", None),
    "jpeg-422.mkv": ("mjpeg", "yuvj422p", (), "321x241", None),
    "jpeg-444.avi": ("mjpeg", "yuvj444p", (), "321x241", None),
    "sound.mkv": ("libx264", "yuv420p", (*SOUND, "-map", "1", "-map", "0"), "320x240", None),
    "two.mp4": ("libx264", "yuv420p", (*SECOND, *SOUND, "-map", "0", "-map", "1", "-map", "2"),
                "320x240", None),
    "mpeg4.mp4": ("mpeg4", "yuv420p", (), "320x240", "only H.264, H.265 and MJPEG are supported"),
    "h264.ts": ("libx264", "yuv420p", (), "320x240", "this is no mp4, mkv, avi"),
}


def scale(size):
    width, height = size.split("x")
    return f"scale={width}:{height}"  # the source itself has even sizes only


def make(path, encoder, pixels, options, size):
    inputs, with_inputs, rest = list(options), [], []
    while inputs:  # -f lavfi -i X stand before what is for the output
        if inputs[0] == "-f":
            with_inputs += inputs[:4]
            inputs = inputs[4:]
        else:
            rest.append(inputs.pop(0))
    if encoder.startswith("libx26"):
        rest = ["-preset", "ultrafast", *rest]
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", SOURCE.format("320x240"),
                    *with_inputs, "-vf", scale(size), "-c:v", encoder, "-pix_fmt", pixels, "-g",
                    "25", *rest, path], check=True)
    return str(path)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    if missing("ffmpeg"):
        pytest.skip("ffmpeg is missing, which makes the clips")
    folder = tmp_path_factory.mktemp("clips")
    return {name: make(folder / name, *kind[:4]) for name, kind in KINDS.items()}


def camera_id(name):
    return name.replace(".", "-")


def test_every_kind_plays_or_is_refused_in_plain_words(daemon, clips):
    server = daemon({camera_id(name): path for name, path in clips.items()})
    for name, (_, _, _, size, refusal) in KINDS.items():
        one = camera_id(name)
        if refusal:
            until(lambda n=one: server.reason(n), 15, f"{name} says why not")
            assert server.reason(one) == "unsupported", server.camera(one)
            assert refusal in server.camera(one)["reason"], server.camera(one)
        else:
            server.live(one, seconds=15)
            camera = server.camera(one)
            assert f"{camera['width']}x{camera['height']}" == size, camera
            with server.stream(one) as stream:
                assert stream.live().size() == (camera["width"], camera["height"])


def test_fields_in_pictures_of_their_own_become_frames(daemon, tmp_path):
    clip = tmp_path / "paff.h264"
    clip.write_bytes(paff())
    server = daemon({"front": str(clip)})
    with server.stream("front") as stream:
        assert stream.live().size() == (160, 128)
        until(lambda: server.camera("front")["frames"] >= 20, 15, "frames of more than one turn")
    camera = server.camera("front")
    assert camera["drops"]["undecodable"] == 0 and camera["reconnects"] == 0, camera


@pytest.mark.parametrize("end, encoder", [("h264", ("libx264",)), ("h265", ("libx265", *QUIET)),
                                          ("mjpeg", ("mjpeg",))])
def test_a_file_whose_size_changes_goes_on(daemon, tmp_path, end, encoder):
    if missing("ffmpeg"):
        pytest.skip("ffmpeg is missing, which makes the clips")
    whole = tmp_path / f"both.{end}"
    for size in ("320x240", "160x120"):
        part = make(tmp_path / f"{size}.{end}", encoder[0], "yuv420p", encoder[1:], size)
        with open(part, "rb") as file, open(whole, "ab") as both:
            both.write(file.read())
    server = daemon({"front": str(whole)})
    with server.stream("front") as stream:
        for size in ((160, 120), (320, 240), (160, 120)):
            stream.until(lambda part, s=size: part.live and part.size() == s, 15, f"{size}")
    assert server.camera("front")["reconnects"] == 0
