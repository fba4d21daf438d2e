"""Lines that what moves crosses."""
import pytest

from kit.wait import until

SCENE = "test:moving?width=320&height=240&fps=10&figures=1"


def told(server, camera):
    answer = server.get(f"/api/v1/events?limit=1000&camera={camera}&kinds=line-crossed")
    assert answer.status_code == 200, answer.text
    return answer.json()["events"]


@pytest.mark.short
def test_who_crosses_a_line_is_told_and_lines_change_while_pictures_go_by(daemon, tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    server = daemon({"front": {"uri": SCENE, "lines": "middle: 0.5,0 0.5,1"}},
                    arguments=("--state", str(folder)))
    server.live("front")
    first = until(lambda: told(server, "front"), 60,
                  lambda: f"it crosses the middle: {server.camera('front')['motion']}")[-1]
    assert (first["line"], first["count"]) == ("middle", 1)
    assert first["direction"] in ("in", "out") and first["track"] >= 1 and first["speed"] > 0
    until(lambda: server.camera("front")["crossed"]["middle"][first["direction"]], 5, "it is counted")
    name = "vedette_camera_line_crossings_total"
    series = f'{name}{{camera="front",line="middle",direction="{first["direction"]}"}} '
    page = until(lambda: (lambda text: text if f"{series}0" not in text else None)(
        server.get("/metrics").text), 5, "the page has it")
    assert series in page and f'{name}{{camera="front",line="middle",direction="in"}}' in page
    assert abs(first["box"]["x"] + first["box"]["width"] / 2 - 0.5) < 0.3
    answer = server.session.patch(
        f"{server.url}/api/v1/cameras/front/configuration",
        json={"lines": {"middle": {"direction": "out"}, "cross": {"points": [[0.4, 0], [0.6, 1]]}}})
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert plan["applies"] == "live" and plan["done"] and plan["kept"]
    assert set(server.camera("front")["crossed"]) == {"middle", "cross"}
    assert plan["changed"][0]["to"] == {
        "middle": {"points": [[0.5, 0], [0.5, 1]], "direction": "out"},
        "cross": {"points": [[0.4, 0], [0.6, 1]], "direction": "both"}}
    until(lambda: [one for one in told(server, "front")
                   if one["line"] == "cross" and one["count"] == 1], 60, "it crosses the new one")
    assert server.camera("front")["reconnects"] == 0
