/* Why what moved before a camera was an event, or was none: now, or at a time of the last hour. */

import {camera as path, get} from "../api.js";
import {alertLine, h, icon, replace, setText} from "../dom.js";
import {fleet} from "../fleet.js";
import {countOf, timeOf} from "../format.js";
import {amountOf, marginOf, ReasonDrawing, runsOf, stageOf, toneOf, wordsOf} from "../reasons.js";
import {Painter, pictures, renditionOf} from "../stream.js";

const POLL_MS = 1000;
const STEP_MS = 1000;
const EVENTS = {none: "", began: "The event began.", "goes-on": "An event goes on.", over: "The event ended."};

/* As <input type="datetime-local"> has it. */
function localOf(time) {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}

const PASSED = new Map([[true, "yes"], [false, "no"], [null, "–"]]);

function stageRow({stage, unit, value, limit, margin, passed, option}) {
  return h("tr", {"data-passed": String(passed)},
    h("th", {scope: "row"}, stageOf(stage), option && h("small", {}, `${option}=`)),
    h("td", {}, amountOf(value, unit)), h("td", {}, amountOf(limit, unit)),
    h("td", {}, unit ? marginOf(margin, unit) : "–"), h("td", {}, PASSED.get(passed)));
}

function zoneRow({name, ignore, boxes, seconds, min_seconds: least, margin}) {
  return h("tr", {},
    h("th", {scope: "row"}, name, ignore && h("small", {}, "ignored")),
    h("td", {}, String(boxes)), h("td", {}, amountOf(seconds, "seconds")), h("td", {}, amountOf(least, "seconds")),
    h("td", {}, ignore ? "–" : marginOf(margin, "seconds")));
}

class Explain {
  constructor(root, id, query) {
    const at = new Date(query.get("at") ?? "");

    this.id = id;
    this.at = Number.isNaN(at.getTime()) ? null : at; /* null: now, again and again */
    this.asked = 0;
    this.timer = 0;
    this.drawing = new ReasonDrawing();
    this.heading = h("h1", {tabindex: "-1"}, `Reasons: ${id}`);
    this.canvas = h("canvas", {width: 1280, height: 720, role: "img", "aria-label": `Live picture of ${id}`});
    this.stage = h("div", {class: "stage"}, this.canvas, this.drawing.element);
    this.alert = alertLine();
    this.code = h("strong", {class: "code"});
    this.text = h("p", {role: "status"});
    this.when = h("p", {class: "note"});
    this.verdict = h("section", {class: "card verdict", "aria-label": "Verdict"}, this.code, this.text, this.when);
    this.stages = h("tbody");
    this.zones = h("tbody");
    this.around = h("ol", {class: "around"});
    this.makeControls();
    root.append(
      h("div", {class: "head"},
        h("a", {class: "button quiet", href: `#/cameras/${encodeURIComponent(id)}`, "aria-label": "Back to the camera", title: "Back to the camera"}, icon("back")),
        this.heading,
        h("div", {class: "toolbar", role: "group", "aria-label": "When"}, this.now, this.earlier, this.time, this.later)),
      this.alert,
      h("div", {class: "split"},
        h("div", {}, this.verdict, this.stage),
        h("aside", {"aria-label": "The numbers"},
          h("section", {class: "card", "aria-label": "The way to an event"}, h("h2", {}, "The way to an event"),
            this.table(["Stage", "Value", "Limit", "Margin", "Passed"], this.stages)),
          this.zoneCard = h("section", {class: "card", "aria-label": "Zones"}, h("h2", {}, "Zones"),
            this.table(["Zone", "Boxes", "Moved", "Needed", "Margin"], this.zones)),
          h("section", {class: "card"}, h("h2", {}, "A minute before and after"), this.around))));
    this.painter = new Painter(this.canvas, () => this.fit());
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.stage);
    this.onVisibility = () => !document.hidden && this.load();
    document.addEventListener("visibilitychange", this.onVisibility);
    this.unwatch = fleet.watch(() => setText(this.heading, `Reasons: ${fleet.find(id)?.name || id}`));
    this.stream = pictures(path(id, `/stream.mjpg?annotate=0&fps=5&width=${renditionOf(this.stage.clientWidth || 960)}`),
                           (headers, bytes) => this.painter.show({bytes, live: headers.get("x-state") !== "placeholder"}));
    this.load();
  }

  table(heads, body) {
    return h("table", {class: "numbers"},
      h("thead", {}, h("tr", {}, heads.map((words) => h("th", {scope: "col"}, words)))), body);
  }

  makeControls() {
    const step = (name, words, by) => h("button", {type: "button", "aria-label": words, title: words, onclick: () => this.step(by)}, icon(name));

    this.now = h("button", {type: "button", "aria-pressed": this.at === null, onclick: () => this.go(null)}, "Now");
    this.earlier = step("left", "A second earlier", -STEP_MS);
    this.later = step("right", "A second later", STEP_MS);
    this.time = h("input", {type: "datetime-local", step: "1", "aria-label": "Time", onchange: () => this.typed()});
  }

  typed() {
    const time = new Date(this.time.value);

    if (!Number.isNaN(time.getTime())) this.go(time);
  }

  step(by) {
    const from = this.at ?? new Date(this.shown ?? Date.now());

    this.go(new Date(from.getTime() + by));
  }

  /* null: now. */
  go(time) {
    const query = time === null ? "" : `?at=${time.toISOString()}`;

    this.at = time;
    this.now.setAttribute("aria-pressed", time === null);
    history.replaceState(null, "", `#/cameras/${encodeURIComponent(this.id)}/explain${query}`);
    this.load();
  }

  /* The picture lies in the middle of the stage, as large as it fits. */
  fit() {
    const {clientWidth: width, clientHeight: height} = this.stage;
    const scale = Math.min(width / this.canvas.width, height / this.canvas.height);
    const [w, h] = [this.canvas.width * scale, this.canvas.height * scale];

    this.drawing.fit({x: (width - w) / 2, y: (height - h) / 2, width: w, height: h});
  }

  async load() {
    const mine = ++this.asked;
    const query = this.at === null ? "" : `?at=${encodeURIComponent(this.at.toISOString())}`;

    clearTimeout(this.timer);
    try {
      const answer = await get(path(this.id, `/explain${query}`));
      if (mine !== this.asked) return;
      setText(this.alert, "");
      this.show(answer);
    } catch (error) {
      if (mine !== this.asked) return;
      setText(this.alert, error.message);
    }
    if (this.at === null && !document.hidden) this.timer = setTimeout(() => this.load(), POLL_MS);
  }

  show({at, verdict, reason, before, after, kept_since: oldest}) {
    this.shown = reason?.time ?? at;
    if (document.activeElement !== this.time) this.time.value = localOf(new Date(this.at ?? at));
    this.verdict.dataset.tone = toneOf(verdict.code);
    this.verdict.dataset.code = verdict.code;
    setText(this.code, wordsOf(verdict.code));
    setText(this.text, verdict.text);
    setText(this.when, this.sayWhen(reason, oldest));
    this.drawing.show(reason);
    replace(this.stages, (reason?.stages ?? []).map(stageRow));
    this.zoneCard.hidden = !reason?.zones.length;
    replace(this.zones, (reason?.zones ?? []).map(zoneRow));
    this.showAround([...before, reason && {from: reason.from, to: reason.to, code: verdict.code, event: reason.event.state, text: verdict.text}, ...after].filter(Boolean));
  }

  /* The picture is always of now, and what is drawn over it of then. */
  sayWhen(reason, oldest) {
    const since = oldest ? ` Reasons are kept since ${timeOf(oldest)}.` : "";

    if (!reason) return since.trim();
    const of = `Of ${timeOf(reason.time)}, ${countOf(reason.pictures, "picture")}; a pixel has to differ by ${reason.threshold} grey levels, noise is ${reason.noise.toFixed(1)}.`;
    return `${of}${this.at === null ? "" : " The picture below is of now; what is drawn over it is of then."}${since}`;
  }

  showAround(lines) {
    const {activeElement} = document;
    const kept = this.around.contains(activeElement) ? activeElement.dataset.from : null;

    replace(this.around, runsOf(lines).reverse().map(({from, code, event, text}) =>
      h("li", {"data-tone": toneOf(code)},
        h("button", {type: "button", class: "quiet", "data-from": from, onclick: () => this.go(new Date(from))}, timeOf(from)),
        h("span", {class: "dot", "aria-hidden": "true"}),
        h("span", {title: text}, `${wordsOf(code)}${EVENTS[event] ? `. ${EVENTS[event]}` : ""}`))));
    if (kept) this.around.querySelector(`[data-from="${kept}"]`)?.focus();
  }

  close() {
    this.asked++;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.unwatch();
    this.resized.disconnect();
    this.stream.stop();
  }
}

export function open(root, {id, query}) {
  return new Explain(root, id, query);
}
