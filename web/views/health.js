/* How the daemon is: its stages' latencies, its process, its cameras and GPUs. */

import {get, request, session} from "../api.js";
import {Chart} from "../chart.js";
import {alertLine, h, replace, setText} from "../dom.js";
import {fleet} from "../fleet.js";
import {bitsOf, bytesOf, durationOf, latencyOf, stateOf} from "../format.js";
import {between, quantile, stagesOf} from "../metrics.js";

const POLL_MS = 2000;
const MIB = 1024 * 1024;

const STAGES = {
  receive: ["Receive", "from the last byte of a picture to its place in the ring"],
  decode: ["Decode", "from the decoder's input to the picture"],
  analyse: ["Analyse", "what searching for motion took"],
  draw: ["Draw", "scaling, and drawing boxes and texts"],
  encode: ["Encode", "making the JPEG or video picture"],
  queue: ["Queue", "until its first byte goes to a viewer"],
  send: ["Send", "until the viewer's socket took its last byte"],
  total: ["Total", "from the whole received picture to the last byte sent"],
};

const COLUMNS = [
  ["Camera", (one) => h("a", {href: `#/cameras/${encodeURIComponent(one.id)}`}, one.name || one.id)],
  ["State", stateOf],
  ["Received", (one) => fps(one.fps)],
  ["Decoded", (one) => fps(one.fps_decoded)],
  ["Analysed", (one) => fps(one.fps_analysed)],
  ["Bit rate", (one) => (Number.isFinite(one.bitrate) ? bitsOf(one.bitrate) : "–")],
  ["Left out", (one) => String(one.dropped)],
  ["Reconnects", (one) => String(one.reconnects)],
  ["Works on", (one) => (one.decoder === null ? "–" : one.gpu === null ? "CPU" : `GPU ${one.gpu}`)],
  ["Viewers", (one) => String(one.viewers.count)],
];

function fps(number) {
  return Number.isFinite(number) ? number.toFixed(1) : "–";
}

/* Columns of numbers stand right; the first is a row's heading. */
function tableOf(caption, columns, rows) {
  return h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
    h("table", {},
      h("thead", {}, h("tr", {}, columns.map(([name], i) => h("th", {scope: "col", class: i > 1 ? "number" : null}, name)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(([, of], i) =>
        h(i === 0 ? "th" : "td", {scope: i === 0 ? "row" : null, class: i > 1 ? "number" : null}, of(row))))))));
}

/* Texts alone where the rows are those of before, so that nobody loses his place in it. */
function showTable(root, caption, columns, rows, key) {
  if (root.dataset.key !== key) {
    root.dataset.key = key;
    replace(root, rows.length > 0 ? tableOf(caption, columns, rows) : h("p", {}, "There are none."));
    return;
  }
  [...root.querySelectorAll("tbody tr")].forEach((row, i) => columns.forEach(([, of], column) => {
    const text = of(rows[i]);
    if (typeof text === "string") setText(row.children[column], text);
  }));
}

const GPU_COLUMNS = [
  ["GPU", (one) => `${one.number}: ${one.name}`],
  ["State", (one) => (one.lost ? "lost" : one.usable ? "in use" : "left alone after a fault")],
  ["Streams", (one) => String(one.streams)],
  ["To decode", (one) => `${one.megapixels_per_second.toFixed(0)} Mpixel/s`],
  ["Memory", (one) => (one.memory_used === null ? "–" : `${bytesOf(one.memory_used)} of ${bytesOf(one.memory_total)}`)],
  ["Faults", (one) => String(one.faults)],
];

class Health {
  constructor(root) {
    this.before = null; /* the last stats */
    this.stages = null; /* and the last histograms */
    this.text = "";
    this.alert = alertLine();
    this.restart = h("p", {class: "alert", role: "status"});
    this.facts = h("dl", {class: "figures"});
    this.cpu = new Chart({title: "Processor", lines: [{name: "cores", tone: "accent"}], format: (value) => (Number.isFinite(value) ? value.toFixed(2) : "–")});
    this.memory = new Chart({title: "Memory", lines: [{name: "resident", tone: "accent"}], format: (value) => bytesOf(value * MIB)});
    this.rate = new Chart({title: "Received", lines: [{name: "rate", tone: "accent"}], format: bitsOf});
    this.charts = new Map(Object.entries(STAGES).map(([stage, [title, what]]) => {
      const chart = new Chart({title, lines: [{name: "50 %", tone: "live"}, {name: "95 %", tone: "warn"}], format: latencyOf});
      chart.element.title = what;
      chart.element.dataset.stage = stage;
      return [stage, chart];
    }));
    this.select = h("select", {"aria-label": "Cameras whose latencies are shown", onchange: () => this.choose()});
    this.cameras = h("div");
    this.gpus = h("div");
    this.gpuCard = h("section", {class: "card", hidden: true}, h("h2", {}, "GPUs"), this.gpus);
    root.append(
      h("div", {class: "head"}, h("h1", {tabindex: "-1"}, "Health")),
      this.alert, this.restart,
      h("section", {class: "card", "aria-labelledby": "process"}, h("h2", {id: "process"}, "Daemon"), this.facts,
        h("div", {class: "charts"}, [this.cpu, this.memory, this.rate].map((chart) => chart.element))),
      h("section", {class: "card", "aria-labelledby": "stages"},
        h("div", {class: "head"}, h("h2", {id: "stages"}, "How long pictures take"), session.seesAll && this.select),
        session.seesAll && h("p", {class: "note"}, "So many pictures in a hundred took at most so long, step by step, in the last two seconds."),
        session.seesAll ? h("div", {class: "charts"}, [...this.charts.values()].map((chart) => chart.element))
                        : h("p", {}, "These are of all cameras, and not yours to see.")),
      h("section", {class: "card", "aria-labelledby": "table"}, h("h2", {id: "table"}, "Cameras"), this.cameras),
      this.gpuCard);
    this.unwatch = fleet.watch(() => this.showCameras());
    this.onVisibility = () => this.poll();
    document.addEventListener("visibilitychange", this.onVisibility);
    this.poll();
  }

  async poll() {
    const mine = this.round = {};

    clearTimeout(this.timer);
    if (document.hidden) return;
    try {
      const [stats, text] = await Promise.all([get("/api/v1/stats"), session.seesAll ? request("/metrics").then((answer) => answer.text()) : ""]);
      if (mine !== this.round) return;
      setText(this.alert, "");
      this.showStats(stats);
      this.text = text;
      this.showStages();
    } catch (error) {
      if (mine !== this.round) return;
      setText(this.alert, error.message);
    }
    this.timer = setTimeout(() => this.poll(), POLL_MS);
  }

  showStats(stats) {
    const {process, viewers, streams, cameras} = stats;
    const facts = [
      ["Version", stats.version],
      ["Runs for", durationOf(process.uptime_seconds)],
      ["Cameras", `${cameras.live} of ${cameras.enabled} live`],
      ["Viewers", `${viewers.count} of ${viewers.max}${viewers.slow ? `, ${viewers.slow} slow` : ""}`],
      ["Pictures", `${fps(streams.fps)} fps in, ${fps(streams.fps_decoded)} decoded`],
      ["Left out", `${streams.dropped} received, ${viewers.skipped} for viewers`],
      ["Reconnects", String(streams.reconnects)],
      ["Threads", `${process.threads}, ${process.descriptors} descriptors`],
    ];

    replace(this.facts, facts.map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text))));
    setText(this.restart, stats.restart_wanted ? `vedetted had better be restarted: ${stats.restart_wanted}.` : "");
    const seconds = (new Date(stats.time) - new Date(this.before?.time)) / 1000;
    if (!this.before || seconds > 0)
      this.cpu.add([this.before ? (process.cpu_seconds - this.before.process.cpu_seconds) / seconds : NaN], {shown: !this.before});
    this.memory.add([process.rss_bytes / MIB]);
    this.rate.add([streams.bitrate]);
    this.before = stats;
    this.showGpus(stats.gpus);
  }

  /* What all cameras took, or the chosen one, since the last look; at first since the daemon's start. */
  showStages() {
    const wanted = this.select.value;
    const stages = stagesOf(this.text, (camera) => !wanted || camera === wanted);

    for (const [stage, chart] of this.charts) {
      const newer = stages.get(stage);
      if (!newer) continue;
      const span = between(this.stages?.get(stage), newer);
      chart.add([quantile(span, 0.5), quantile(span, 0.95)], {shown: !this.stages});
    }
    this.stages = stages;
  }

  choose() {
    this.stages = null;
    for (const chart of this.charts.values()) chart.clear();
    this.showStages();
  }

  showCameras() {
    const {cameras} = fleet;
    const key = cameras.map((one) => `${one.id} ${one.name}`).join("\n");

    if (this.known !== key) {
      this.known = key;
      const chosen = this.select.value;
      replace(this.select, h("option", {value: ""}, "All cameras"), cameras.map((one) => h("option", {value: one.id}, one.name || one.id)));
      this.select.value = cameras.some((one) => one.id === chosen) ? chosen : "";
    }
    showTable(this.cameras, "Cameras", COLUMNS, cameras, key);
  }

  showGpus(gpus) {
    this.gpuCard.hidden = gpus.length === 0;
    showTable(this.gpus, "GPUs", GPU_COLUMNS, gpus, gpus.map((one) => one.number).join());
  }

  close() {
    this.round = null;
    clearTimeout(this.timer);
    this.unwatch();
    document.removeEventListener("visibilitychange", this.onVisibility);
  }
}

export function open(root) {
  return new Health(root);
}
