"""stream.mp4: the camera's picture as a video."""
import io
import math
import os
import socket
import subprocess
import tempfile

import pytest
from PIL import Image, ImageChops, ImageStat

from kit.camera import SMALL
from kit.process import Process, built, free_port, missing
from kit.stream import Stream
from kit.video import Video, decode, probe
from kit.wait import until
from kit.web import WebCamera

SCENE = "test:moving?width=320&height=240&fps=15"
QUIET = "test:quiet?width=320&height=240&fps=15&noise=0"


@pytest.fixture(autouse=True)
def needed():
    """What encodes is there where libavcodec is; what comes is judged by what others wrote."""
    if not os.path.exists(built("plugins/.libs/libgstvedettecodec.so")):
        pytest.skip("built without libavcodec, so nothing encodes a video")
    if missing("ffmpeg", "ffprobe"):
        pytest.skip("ffmpeg is missing")


def video(server, name="front", query=""):
    return Video(f"{server.url}/api/v1/cameras/{name}/stream.mp4{query}")


def only_rendition(server, name="front"):
    renditions = server.camera(name)["renditions"]
    assert len(renditions) == 1, renditions
    return renditions[0]


def times_grow(fragments):
    times = [one.at for one in fragments]
    return all(before < after for before, after in zip(times, times[1:]))


@pytest.mark.short
@pytest.mark.parametrize("codec, name", [("h264", "h264"), ("h265", "hevc")])
def test_ffmpeg_reads_codec_size_times_and_pictures(daemon, tmp_path, codec, name):
    server = daemon({"front": SCENE})
    server.live("front")
    with video(server, query=f"?codec={codec}&fps=0&width=160") as viewer:
        viewer.take(75, 30)
        path = viewer.save(tmp_path / "video.mp4")
        told = only_rendition(server)
    stream, packets = probe(path)
    assert stream == (name, 160, 120)
    assert [key for _, key in packets] == [one.key for one in viewer.fragments]
    assert [key for _, key in packets][:1] == [True] and len(packets) == 75
    assert all(before[0] < after[0] for before, after in zip(packets, packets[1:]))
    assert decode(path) == ("", 75)
    assert told["codec"] == codec and told["encoder"] and told["quality"] is None
    assert told["bitrate"] == 2000 and told["viewers"]["count"] == 1
    assert f"{codec} by {told['encoder']}" in server.log()


def psnr(a, b):
    mean = ImageStat.Stat(ImageChops.difference(a, b).convert("L")).sum2[0] / (a.width * a.height)
    return 10 * math.log10(255 * 255 / max(mean, 1e-9))


def picture(viewer, tmp_path):
    """The newest picture of the video."""
    path = viewer.save(tmp_path / "video.mp4")
    complaints, count = decode(path, str(tmp_path / "%03d.png"))
    assert complaints == "" and count == len(viewer.fragments)
    return Image.open(tmp_path / f"{count:03d}.png").convert("RGB")


def test_what_is_seen_is_what_a_snapshot_shows(daemon, tmp_path):
    server = daemon({"front": {"uri": QUIET, "name": "Hof", "show-time": "false"}})
    server.live("front")
    shots = {}
    for annotate in (0, 1):
        query = f"?annotate={annotate}"
        answer = server.get(f"/api/v1/cameras/front/snapshot.jpg{query}&quality=95")
        shots[annotate] = Image.open(io.BytesIO(answer.content)).convert("RGB")
    for annotate in (0, 1):
        with video(server, query=f"?annotate={annotate}") as viewer:
            viewer.take(20)
            seen = picture(viewer, tmp_path)
        assert psnr(seen, shots[annotate]) > 30
        assert psnr(seen, shots[1 - annotate]) < psnr(seen, shots[annotate]) - 6


@pytest.mark.short
def test_viewers_of_the_same_share_one_encoder(daemon):
    server = daemon({"front": SCENE})
    server.live("front")
    with video(server) as one, video(server, query="?codec=h264&bitrate=2000") as two, \
            video(server, query="?bitrate=500") as other:
        for viewer in (one, two, other):
            viewer.take(30)
        renditions = server.camera("front")["renditions"]
        assert sorted(each["viewers"]["count"] for each in renditions) == [1, 2]
        shared = next(each for each in renditions if each["viewers"]["count"] == 2)
        assert shared["bitrate"] == 2000
        assert {each["bitrate"] for each in renditions} == {500, 2000}
        bodies = {fragment.body for fragment in one.fragments}
        assert sum(fragment.body in bodies for fragment in two.fragments) >= 20
    until(lambda: server.camera("front")["renditions"] == [], 6, "nothing is encoded for nobody")


@pytest.mark.short
def test_who_comes_later_begins_with_a_key_picture(daemon, tmp_path):
    server = daemon({"front": SCENE})
    server.live("front")
    with video(server) as first:
        first.take(5)
        for turn in range(3):
            with video(server) as late:
                late.take(5, 4)  # a key picture is made for it, before the 60th
                assert late.fragments[0].key
                assert decode(late.save(tmp_path / f"{turn}.mp4")) == ("", 5)
            first.take(20)
        first.take(5)
        keys = sum(one.key for one in first.fragments)
        assert 2 <= keys <= 2 + len(first.fragments) / 15  # one a second, at most
        assert times_grow(first.fragments)


@pytest.mark.short
def test_a_viewer_that_stops_reading_costs_others_nothing(daemon, tmp_path):
    server = daemon({"front": "test:moving?width=640&height=360&fps=15"})
    server.live("front")
    query = "?fps=0&bitrate=50000"
    stuck = [Stream(f"{server.url}/api/v1/cameras/front/stream.mp4{query}") for _ in range(3)]
    for stream in stuck:
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with video(server, query=query) as viewer:
        viewer.take(90, 60)

        def counted():
            clients = server.camera("front")["viewers"]["clients"]
            return clients[-1]["pictures"] >= 90 and clients
        clients = until(counted, 5, "what it got is counted")
        slow, fast = clients[0], clients[-1]
        # one that came just when the next key picture did may be overtaken by it
        assert fast["skipped"] <= 3
        assert decode(viewer.save(tmp_path / "video.mp4")) == ("", 90)
        assert len(clients) == 4 and slow["pictures"] < fast["pictures"] / 2
    for stream in stuck:
        stream.close()


def test_a_camera_that_goes_away_and_comes_back(daemon, rtsp, tmp_path):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": {"uri": camera.uri("front"), "stall-timeout-ms": 1000}})
    server.live("front")
    with video(server) as viewer:
        viewer.take(10)
        camera.close()
        server.until_state("front", "waiting")
        viewer.take(2)
        again = rtsp(f"front={SMALL}", port=camera.port)
        server.live("front", seconds=20)
        viewer.take(20)
        again.close()
        assert viewer.size() == (320, 240)
        assert times_grow(viewer.fragments)
        assert decode(viewer.save(tmp_path / "video.mp4")) == ("", len(viewer.fragments))


def test_another_size_ends_the_video_and_it_can_be_had_anew(daemon):
    with WebCamera(size=(320, 240)) as camera:
        server = daemon({"front": camera.uri()})
        server.live("front")
        with video(server) as viewer:
            viewer.take(5)
            camera.resize(400, 304)
            viewer.until_end()
            assert viewer.size() == (320, 240)
        with video(server) as viewer:
            viewer.take(5)
            assert viewer.size() == (400, 304)


@pytest.mark.short
def test_a_camera_that_is_away_has_its_card(daemon, tmp_path):
    server = daemon({"front": f"rtsp://127.0.0.1:{free_port()}/x"})
    with video(server) as viewer:
        viewer.take(3, 10)
        assert viewer.size() == (640, 360) and viewer.fragments[0].key
        card = server.get("/api/v1/cameras/front/snapshot.jpg")
        assert card.status_code == 503
        shot = Image.open(io.BytesIO(card.content)).convert("RGB")
        assert psnr(picture(viewer, tmp_path), shot) > 20  # another second's


@pytest.mark.short
def test_hostile_parameters_are_refused(daemon):
    server = daemon({"front": SCENE})
    for query in ("codec=av1", "codec=", "codec=h264%00", "codec=h264&codec=h265", "bitrate=0",
                  "bitrate=15", "bitrate=50001", "bitrate=-1", "bitrate=1e3", "width=8193",
                  "fps=61", "annotate=2", "quality=75", "bitrate=99999999999999999999"):
        answer = server.get(f"/api/v1/cameras/front/stream.mp4?{query}")
        assert answer.status_code == 400, query
        assert answer.json()["error"]["details"][0]["option"] in (query.split("=")[0],), query
    assert server.get("/api/v1/cameras/nobody/stream.mp4").status_code == 404
    head = server.session.head(server.url + "/api/v1/cameras/front/stream.mp4", timeout=60)
    assert head.status_code == 200 and head.headers["Content-Type"] == "video/mp4"
    assert "Content-Length" not in head.headers
    assert server.camera("front")["renditions"] == []


def test_ways_to_watch_a_camera_are_limited(daemon):
    server = daemon({"front": SCENE})
    server.live("front")
    viewers = [video(server, query=f"?width={16 * i}&bitrate=16") for i in range(2, 18)]
    with Stream(f"{server.url}/api/v1/cameras/front/stream.mp4?bitrate=17") as one_more:
        assert one_more.status == 503
    for viewer in viewers:
        viewer.take(1, 30)
        viewer.close()


PLAY = """(() => {
    const video = document.createElement('video');
    video.muted = true;
    video.src = '/api/v1/cameras/front/stream.mp4?fps=0';
    document.body.append(video);
    window.video = video;
    return video.play();
})()"""
LOOK = """[video.currentTime, video.getVideoPlaybackQuality().totalVideoFrames,
    video.videoWidth, video.videoHeight, video.error && video.error.message]"""


def test_chromium_plays_it(daemon, browser):
    server = daemon({"front": SCENE})
    server.live("front")
    with video(server) as early:  # the page's viewer is not the first: its video begins later
        early.take(5)
        browser.open(server.url + "/")
        until(lambda: browser.run("document.readyState") == "complete", 20, "the page")
        browser.run(PLAY)
        time, frames, width, height, error = browser.run(LOOK)
        assert (width, height, error) == (320, 240, None)

        def plays():
            now = browser.run(LOOK)
            return now[0] > time + 1 and now[1] > frames + 10
        until(plays, 20, lambda: f"it plays: {browser.run(LOOK)}")
    assert browser.errors == []


def test_vlc_plays_it(daemon):
    if missing("cvlc", "setpriv"):
        pytest.skip("VLC is missing")
    server = daemon({"front": SCENE})
    server.live("front")
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        subprocess.run(["chmod", "777", directory], check=True)
        with Process(["cvlc", "-I", "dummy", "--no-audio", "--vout", "dummy", "--video-filter",
                      "scene", "--scene-path", directory, "--scene-ratio", "5",
                      f"{server.url}/api/v1/cameras/front/stream.mp4"], as_nobody=True,
                     env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}):
            def pictures():
                done = subprocess.run(["ls", directory], check=True, stdout=subprocess.PIPE)
                return len(done.stdout.split()) >= 5
            until(pictures, 60, "VLC shows pictures")
