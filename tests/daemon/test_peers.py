"""Cameras that nobody here wrote, and files of all kinds."""
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from kit.process import Process, free_port, missing, shared
from kit.wait import until


@pytest.fixture(scope="session")
def clips():
    """Makes small clips with ffmpeg: clips("name.mp4", "-c:v", ...)."""
    if missing("ffmpeg"):
        pytest.skip("ffmpeg is missing, which makes the clips")
    # VLC does not run as root and must read them; each pytest that begins shuts the others' folder.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vedette-clips-"))
    os.chmod(folder, 0o755)

    def make(name, *arguments, size="320x240", seconds=3):
        path = folder / name
        if not path.exists():
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i",
                            f"testsrc2=size={size}:rate=15:duration={seconds}", *arguments,
                            str(path)], check=True)
        return str(path)
    yield make
    shutil.rmtree(folder)


@pytest.fixture
def process(tmp_path):
    """Starts other programs and ends them."""
    started = []

    def start(command, **keywords):
        started.append(Process(command, log=str(tmp_path / f"other{len(started)}.log"),
                               **keywords))
        return started[-1]
    yield start
    for one in started:
        one.close()


X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "15", "-bf", "0", "-pix_fmt", "yuv420p")


def vlc(process, clip, output):
    if missing("cvlc", "setpriv"):
        pytest.skip("VLC is missing")
    return process(["cvlc", "-I", "dummy", "--no-interact", "--loop", clip, "--sout", output,
                    "--sout-keep"], as_nobody=True,
                   env={**os.environ, "HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"})


def test_vlc_as_an_rtsp_camera_over_udp(daemon, process, clips):
    port = free_port()
    vlc(process, clips("h264.mp4", *X264), f"#rtp{{sdp=rtsp://127.0.0.1:{port}/cam}}")
    server = daemon({"vlc": f"rtsp://127.0.0.1:{port}/cam"})
    with server.stream("vlc") as stream:
        assert stream.live(60).size() == (320, 240)


def test_vlc_as_an_http_mjpeg_camera(daemon, process, clips):
    port = free_port()
    vlc(process, clips("mjpeg.avi", "-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"),
        "#standard{access=http{mime=multipart/x-mixed-replace;"
        f"boundary=7b3cc56e5f51db803f790dad720ed50a}},mux=mpjpeg,dst=127.0.0.1:{port}/cam}}")
    server = daemon({"vlc": f"http://127.0.0.1:{port}/cam"})
    with server.stream("vlc") as stream:
        assert stream.live(60).size() == (320, 240)


def test_motion_as_an_http_mjpeg_camera(daemon, process, clips, tmp_path):
    if missing("motion"):
        pytest.skip("Motion is missing")
    port = free_port()
    config = tmp_path / "motion.conf"
    config.write_text(
        "daemon off\nsetup_mode off\npicture_output off\nmovie_output off\nwebcontrol_port 0\n"
        f"stream_port {port}\nstream_maxrate 15\nwidth 320\nheight 240\nframerate 15\n"
        f"netcam_url file://{clips('long.mp4', *X264, seconds=60)}\n")
    process(["motion", "-n", "-c", str(config)])
    server = daemon({"motion": f"http://127.0.0.1:{port}/"})
    with server.stream("motion") as stream:
        assert stream.live(60).size() == (320, 240)
        first = stream.live().number
        stream.until(lambda part: part.live and part.number > first + 10, 2, "its pictures")
    assert server.camera("motion")["reconnects"] <= 10  # those of Motion's own start


@pytest.mark.short
def test_another_vedette_is_an_http_mjpeg_camera(daemon):
    first = daemon({"front": "test:moving?width=320&height=240&fps=15"})
    second = daemon({"far": f"{first.url}/api/v1/cameras/front/stream.mjpg"})
    with second.stream("far") as stream:
        assert stream.live().size() == (320, 240)
    first.stop()
    until(lambda: second.state("far") != "live", 6, "the far camera is away")


FILES = {"mp4": X264, "mkv": (*X264, "-f", "matroska"),
         "h264": (*X264, "-f", "h264"),
         "h265": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error",
                  "-pix_fmt", "yuv420p", "-f", "hevc"),
         "mjpeg": ("-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", "-f", "mjpeg")}


def test_files_of_all_kinds_play_and_begin_again(daemon, clips):
    cameras = {kind: {"uri": clips(f"clip.{kind}", *options), "file-fps": 15}
               for kind, options in FILES.items()}
    server = daemon(cameras)
    for kind in cameras:
        with server.stream(kind) as stream:
            assert stream.live(15).size() == (320, 240), kind
    with server.wall() as stream:
        seen = stream.parts(5)  # longer than the clips
    for kind in cameras:
        live = [part for part in seen if part.live and part.camera == kind]
        count = live[-1].number - live[0].number
        took = live[-1].captured - live[0].captured
        assert took > 4 and 11 < count / took < 18, f"{kind}: {count} of 15 frames/s in {took} s"
        assert server.camera(kind)["reconnects"] == 0, kind


# What real cameras also send. Each plays or is refused with a reason; either way at once.
ODD = {
    "h264-10bit": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"),
    "h265-10bit": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error",
                   "-pix_fmt", "yuv420p10le"),
    "h264-422": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv422p"),
    "h264-444": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"),
    "interlaced": ("-c:v", "libx264", "-preset", "ultrafast", "-flags", "+ilme+ildct", "-x264opts",
                   "tff=1", "-pix_fmt", "yuv420p"),
    "b-frames": ("-c:v", "libx264", "-preset", "medium", "-bf", "3", "-pix_fmt", "yuv420p"),
    "vp9": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-f", "matroska"),
    "mjpeg-422": ("-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj422p", "-f", "matroska"),
    "mjpeg-444": ("-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj444p", "-f", "matroska"),
}
MUST_PLAY = {"h264-422", "b-frames", "mjpeg-422", "sound", "odd-size"}


def test_odd_streams_play_or_are_refused_with_a_reason(daemon, clips):
    cameras = {name: clips(f"{name}.mkv", *options) for name, options in ODD.items()}
    cameras["odd-size"] = clips("odd-size.mkv", "-c:v", "mjpeg", "-q:v", "4", "-pix_fmt",
                                "yuvj420p", "-f", "matroska", size="321x243")
    cameras["sound"] = sound(clips)
    cameras["only-sound"] = only_sound(clips)
    cameras["text"] = __file__
    cameras["folder"] = os.path.dirname(__file__)
    server = daemon(cameras)
    for name in cameras:
        told = until(lambda one=name: settled(server, one), 20,
                     lambda one=name: f"{one} plays or says why not: {server.camera(one)}")
        assert name not in MUST_PLAY or told["state"] == "live", told
        assert name not in ("only-sound", "text", "folder") or told["state"] != "live", told
    with server.stream("odd-size") as stream:
        assert stream.live().size()[0] in (321, 320, 322)


def settled(server, name):
    told = server.camera(name)
    return told if told["state"] == "live" or told["reason_code"] else None


def sound(clips):
    folder = os.path.dirname(clips("h264.mp4", *X264))
    path = f"{folder}/sound.mp4"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", f"{folder}/h264.mp4", "-f",
                    "lavfi", "-i", "sine=duration=3", "-c:v", "copy", "-c:a", "aac", path],
                   check=True)
    return path


def only_sound(clips):
    path = os.path.dirname(clips("h264.mp4", *X264)) + "/only-sound.mkv"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i",
                    "sine=duration=3", "-c:a", "pcm_s16le", path], check=True)
    return path


REAL = ("pets09_s2l1.mp4", "sbi_highway1.mp4", "cdnet_pedestrians.mjpeg",
        "intel_one_by_one_person.h265", "libvpl_cars_320x240.h264", "libvpl_cars_320x240.h265",
        "libvpl_cars_320x240.mjpeg", "openh264_BA_MW_D.264", "openh264_BA_MW_D_IDR_LOST.264",
        "pets09_s2l1_f000-299_droppednals.h264")


def test_real_clips_play_together(daemon):
    cameras = {f"c{number}": shared(name) for number, name in enumerate(REAL)}
    if not all(cameras.values()):
        pytest.skip("the shared clips are not there")
    server = daemon(cameras)
    for name, clip in cameras.items():
        if "IDR_LOST" in clip:  # nothing to begin with: it must only say so
            until(lambda one=name: settled(server, one), 20, f"{clip}: {name}")
        else:
            server.until_state(name, "live", 20)


def test_built_in_scenes_show_and_fail_as_told(daemon):
    server = daemon({"moving": "test:moving", "quiet": "test:quiet", "light": "test:light",
                     "failing": "test:failing?up=2"})
    server.live("moving", "quiet", "light", "failing")
    until(lambda: server.state("failing") != "live", 8, "the failing one fails")
    server.live("failing", seconds=10)
    assert all(server.camera(name)["reconnects"] == 0 for name in ("moving", "quiet", "light"))
