"""What /metrics says, to promtool, to a Prometheus, and beside /api/v1/stats."""
import os
import re
import shutil
import subprocess

import pytest
import requests

from kit.camera import SMALL
from kit.process import TOP, Process, free_port
from kit.wait import until

ETC = os.path.join(os.path.abspath(TOP), "etc")
CAMERAS = {"walkers": "test:moving?width=320&height=180&fps=15",
           "two": {"uri": "test:moving?width=320&height=180&fps=15",
                   "analysis-uri": "test:quiet?width=160&height=90&fps=5"},
           "off": {"uri": "test:quiet", "enabled": "false"}}
STAGES = ("receive", "decode", "analyse", "draw", "encode", "queue", "send", "total")


def tool(name):
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"no {name}")


def scrape(server):
    """name -> {labels: value}, labels as they are written: 'camera="a",stream="shown"'"""
    answer = server.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    metrics = {}
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            name, labels, value = re.fullmatch(r"(\w+)(?:{(.*)})? (\S+)", line).groups()
            assert (labels or "") not in metrics.setdefault(name, {}), line
            metrics[name][labels or ""] = float(value)
    return metrics


def counted(server, stage, camera="walkers"):
    return scrape(server)["vedette_stage_seconds_count"][f'camera="{camera}",stage="{stage}"']


@pytest.mark.short
@tool("promtool")
def test_promtool_takes_the_page_and_the_rules(daemon):
    server = daemon(CAMERAS)
    server.live("walkers", "two")
    checked = subprocess.run(["promtool", "check", "metrics"], input=server.get("/metrics").text,
                             text=True, capture_output=True, check=False, timeout=60)
    assert checked.returncode == 0 and checked.stderr == "", checked.stderr
    checked = subprocess.run(["promtool", "check", "rules", f"{ETC}/prometheus/vedette.rules.yml"],
                             text=True, capture_output=True, check=False, timeout=60)
    assert checked.returncode == 0 and "14 rules found" in checked.stdout, checked.stderr


SUMS = {"units": "vedette_camera_units_total", "bytes": "vedette_camera_received_bytes_total",
        "frames": "vedette_camera_frames_total", "reconnects": "vedette_camera_reconnects_total"}


def differences(server):
    """Which sums are not those of the stats: name -> (ours, theirs); and theirs."""
    metrics, stats = scrape(server), server.get("/api/v1/stats").json()

    def total(name):
        return sum(metrics[name].values())
    ours = {key: total(name) for key, name in SUMS.items()}
    ours["dropped"] = (total("vedette_camera_drops_total") +
                       total("vedette_camera_decode_errors_total"))
    told = {key: stats["streams"][key] for key in ours}
    for key, name in (("pictures", "sent_pictures"), ("skipped", "skipped_pictures"),
                      ("bytes", "sent_bytes")):
        ours["sent " + key] = total(f"vedette_camera_{name}_total")
        told["sent " + key] = stats["viewers"][key]
    return {key: (ours[key], told[key]) for key in ours if ours[key] != told[key]}, told


def test_counters_are_those_of_the_stats(daemon, rtsp):
    camera = rtsp(f"front={SMALL}")
    server = daemon({"front": {"uri": camera.uri("front"), "stall-timeout-ms": 60000}})
    server.live("front")
    with server.stream("front") as stream:
        stream.at_least(10, 10)
    camera("stall", "front")  # nothing moves the counters any more
    until(lambda: server.camera("front")["last_unit_age_seconds"] > 2, 10, "the camera is silent")
    until(lambda: server.camera("front")["viewers"]["count"] == 0, 10, "nobody watches")
    until(lambda: differences(server)[0] == {}, 2, lambda: differences(server))
    _, told = differences(server)
    assert told["sent pictures"] >= 10 and told["frames"] >= 10 and told["units"] >= 10, told


def test_every_state_is_there_and_one_is_true(daemon):
    server = daemon(CAMERAS)
    server.live("walkers", "two")
    until(lambda: server.camera("two")["main_stream"]["state"] == "live", 10, "two streams")
    states = until(lambda: scrape(server)["vedette_camera_state"], 1, "states")
    for labels in ('camera="walkers",stream="shown"', 'camera="two",stream="main"',
                   'camera="two",stream="shown"', 'camera="off",stream="shown"'):
        state = "off" if "off" in labels else "live"
        until(lambda: scrape(server)["vedette_camera_state"][f'{labels},state="{state}"'] == 1, 5,
              labels)
        assert sum(value for key, value in states.items() if key.startswith(labels)) == 1
    assert len(states) == 4 * 6


def test_each_stage_counts_the_pictures_that_are_sent(daemon):
    server = daemon(CAMERAS)
    server.live("walkers")
    assert counted(server, "total") == 0 and counted(server, "draw") == 0
    until(lambda: counted(server, "decode") > 5 and counted(server, "analyse") > 5, 10, "decoded")
    with server.stream("walkers", "?fps=0") as stream:
        stream.at_least(20, 10)
        for stage in STAGES:
            until(lambda: counted(server, stage) >= 18, 5, lambda: f"{stage}: {scrape(server)}")
    metrics = scrape(server)
    for stage in STAGES:
        labels = f'camera="walkers",stage="{stage}"'
        count = metrics["vedette_stage_seconds_count"][labels]
        buckets = [value for key, value in metrics["vedette_stage_seconds_bucket"].items()
                   if key.startswith(labels)]
        assert len(buckets) == 17 and buckets == sorted(buckets) and buckets[-1] == count
        assert 0 < metrics["vedette_stage_seconds_sum"][labels] < count * 5
    sums = metrics["vedette_stage_seconds_sum"]
    mean = {stage: sums[f'camera="walkers",stage="{stage}"'] /
            metrics["vedette_stage_seconds_count"][f'camera="walkers",stage="{stage}"']
            for stage in STAGES}
    assert mean["total"] > mean["draw"] + mean["encode"], mean


def test_the_process_is_told(daemon):
    server = daemon(CAMERAS)
    metrics = scrape(server)
    pid = server.get("/api/v1/stats").json()["process"]["pid"]
    assert metrics["process_threads"][""] >= 5 and metrics["process_open_fds"][""] >= 5
    assert 1e6 < metrics["process_resident_memory_bytes"][""] < \
        metrics["process_virtual_memory_bytes"][""]
    with open(f"/proc/{pid}/limits", encoding="ascii") as file:
        limit = next(line for line in file if line.startswith("Max open files")).split()[3]
    assert metrics["process_max_fds"][""] == float(limit)
    with open("/proc/stat", encoding="ascii") as file:
        booted = next(int(line.split()[1]) for line in file if line.startswith("btime"))
    assert booted - 5 < metrics["process_start_time_seconds"][""]


class Prometheus(Process):
    """A Prometheus that looks at one server, with our rules."""

    def __init__(self, directory, target):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        with open(f"{directory}/prometheus.yml", "w", encoding="utf-8") as file:
            file.write(f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n"
                       f"rule_files: ['{ETC}/prometheus/vedette.rules.yml']\n"
                       f"scrape_configs:\n- job_name: vedette\n"
                       f"  static_configs: [{{targets: ['{target}']}}]\n")
        super().__init__(["prometheus", f"--config.file={directory}/prometheus.yml",
                          f"--storage.tsdb.path={directory}/prometheus",
                          f"--web.listen-address={self.url[7:]}"],
                         log=f"{directory}/prometheus.log", env=dict(os.environ))

    def get(self, path):
        try:
            answer = requests.get(self.url + "/api/v1/" + path, timeout=30)
        except requests.ConnectionError:
            assert self.running(), self.log()
            return None
        return answer.json()["data"] if answer.status_code == 200 else None

    def value(self, query):
        """Of the one series that answers it; None while there is none."""
        data = self.get("query?query=" + requests.utils.quote(query))
        return float(data["result"][0]["value"][1]) if data and data["result"] else None


@tool("prometheus")
def test_a_prometheus_reads_it(daemon, tmp_path):
    server = daemon(CAMERAS)
    server.live("walkers")
    with Prometheus(tmp_path, server.url[7:]) as prometheus:
        live = 'vedette_camera_state{camera="walkers",state="live"}'
        until(lambda: prometheus.value(live) == 1, 30, prometheus.log)
        assert prometheus.value('up{job="vedette"}') == 1
        until(lambda: (prometheus.value(
            'vedette:stage_seconds:p99{camera="walkers",stage="decode"}') or 0) > 0, 30,
              "the rule gives a quantile")
        groups = prometheus.get("rules")["groups"]
        assert [rule["health"] for rule in groups[0]["rules"]] == ["ok"] * 14, groups
        assert all(rule["state"] == "inactive" for rule in groups[0]["rules"] if "state" in rule)
