"""The page in a real browser."""
import os

from kit.process import built
from kit.wait import until

# Sums of a few pixels of every canvas, or of every picture drawn to one.
LOOK = """[...document.querySelectorAll('canvas, img')].filter(e => (e.naturalWidth || e.width) > 99)
.map(e => {
    const c = document.createElement('canvas');
    c.width = 64; c.height = 36;
    const d = c.getContext('2d');
    d.drawImage(e, 0, 0, 64, 36);
    return d.getImageData(0, 0, 64, 36).data.reduce((a, b) => (a * 31 + b) % 1000003, 7);
})"""


def moving(browser):
    """How many pictures of the page differ between two looks."""
    before = browser.run(LOOK)

    def differ():
        after = browser.run(LOOK)
        return sum(a != b for a, b in zip(before, after)) if len(after) == len(before) else 0
    return max(differ() for _ in range(40))


def test_eight_cameras_move_on_one_page(daemon, browser):
    cameras = {f"c{i}": {"uri": f"test:moving?width=320&height=240&fps=10&seed={i}",
                         "name": f"Kamera {i}"} for i in range(8)}
    server = daemon(cameras)
    server.live(*cameras)
    browser.open(server.url + "/")
    try:
        until(lambda: moving(browser) == 8, 20, lambda: f"8 pictures move: {browser.run(LOOK)}")
        text = browser.run("document.body.innerText")
        assert all(f"Kamera {i}" in text for i in range(8))
        assert "live" in text.lower()
    finally:
        browser.screenshot(os.path.join(built("tests"), "page.png"))
    assert browser.errors == []
    assert sum(one["viewers"]["count"] for one in server.cameras().values()) >= 8


def test_the_page_shows_who_is_left_out_of_the_wall(daemon, browser):
    scene = "test:moving?width=320&height=240&fps=10"
    server = daemon({"front": scene, "side": scene})
    server.live("front", "side")
    many = [server.stream("front", f"?width={16 * i}") for i in range(1, 17)]
    browser.open(server.url + "/")
    until(lambda: moving(browser) == 1, 20, "the other moves")
    until(lambda: "front is watched in 16 ways" in browser.run("document.body.innerText"), 5,
          lambda: "the page says why: " + browser.run("document.body.innerText"))
    for one in many:
        one.close()
    until(lambda: moving(browser) == 2, 30, "both move")
    until(lambda: "watched in" not in browser.run("document.body.innerText"), 3, "no word of it")


def test_a_wall_of_many_leaves_the_page_its_status(daemon, browser):
    cameras = {f"c{i}": {"uri": "test:quiet?width=64&height=48&fps=1", "analysis": "false"}
               for i in range(400)}
    server = daemon(cameras)
    browser.open(server.url + "/")
    until(lambda: browser.run("document.querySelectorAll('[data-pictures]').length") == 400, 20,
          lambda: "all have a picture: " + browser.run("document.body.innerText")[:500])
    assert browser.run("document.getElementById('summary').textContent").startswith("400 cameras")


def test_the_page_tells_when_a_camera_goes_and_returns(daemon, browser, rtsp):
    camera = rtsp("front=gen:h264:320x240@15")
    server = daemon({"front": camera.uri("front"), "side": "test:moving?width=320&height=240"})
    server.live("front", "side")
    browser.open(server.url + "/")
    until(lambda: moving(browser) == 2, 20, "both move")
    camera("refuse")
    until(lambda: server.state("front") != "live", 6, "the camera is away")
    until(lambda: "next try" in browser.run("document.body.innerText"), 6,
          lambda: "the page says so: " + browser.run("document.body.innerText"))
    camera("open")
    server.live("front")
    until(lambda: moving(browser) == 2, 10, "both move again")


def test_the_page_goes_on_after_the_daemon_was_away(daemon, browser, tmp_path):
    cameras = {"front": "test:moving?width=320&height=240&fps=10"}
    server = daemon(cameras)
    browser.open(server.url + "/")
    until(lambda: moving(browser) == 1, 20, "it moves")
    server.stop()
    daemon(cameras, port=server.port)
    until(lambda: moving(browser) == 1, 20, "it moves again")
