/* What the daemon says of why motion was an event or was none: in words, and drawn over a picture. */

import {replace, s} from "./dom.js";
import {percentOf} from "./format.js";

const LINE = 18; /* CSS pixels from one line of text to the next */

/* code: [words, tone]. */
const CODES = {
  away: ["No picture", "bad"],
  "background-young": ["Still learning", "quiet"],
  "nothing-moved": ["Nothing moved", "quiet"],
  "another-light": ["Another light", "quiet"],
  "too-small": ["Too small", "warn"],
  "no-object": ["No object that counts", "warn"],
  "outside-zones": ["Outside the zones", "warn"],
  "ignored-zone": ["In an ignored zone", "warn"],
  "too-small-for-zone": ["Too small for its zone", "warn"],
  "too-short": ["Not for long enough", "warn"],
  counts: ["Motion", "moving"],
  "not-yet": ["Still to come", "quiet"],
  "not-analysed": ["Not analysed", "quiet"],
  "not-kept": ["Not kept any more", "quiet"],
  "no-picture": ["No picture", "quiet"],
};

/* Of a box, short enough to stand at it. */
const FATES = {
  counts: "counts",
  "too-small": "too small",
  "no-object": "no object",
  "outside-zones": "outside",
  "ignored-zone": "ignored",
  "too-small-for-zone": "too small here",
};

const STAGES = {
  background: "Background learned",
  changed: "Changed pixels",
  cleaned: "Left without specks",
  light: "More than another light",
  size: "Largest thing",
  objects: "Objects that count",
  zones: "Boxes that count",
  time: "For how long",
};

/* A code or stage that this page does not know is told by its name. */
export const wordsOf = (code) => CODES[code]?.[0] ?? code;
export const toneOf = (code) => CODES[code]?.[1] ?? "quiet";
export const stageOf = (name) => STAGES[name] ?? name;

export function amountOf(value, unit) {
  if (value === null || !unit) return "–";
  if (unit === "share") return `${(value * 100).toFixed(2)} %`;
  return unit === "seconds" ? `${value.toFixed(1)} s` : String(value);
}

export const marginOf = (value, unit) => (value > 0 ? "+" : "") + amountOf(value, unit).replace("-", "−");

/* Lines that say the same, one after the other, as one: {code, event, text, from, to}. */
export function runsOf(lines) {
  const runs = [];

  for (const line of lines) {
    const last = runs.at(-1);
    if (last && last.code === line.code && last.event === line.event) last.to = line.to;
    else runs.push({...line});
  }
  return runs;
}

/* Zones and boxes over a picture, for the eye alone: the tables beside it say the same. */
export class ReasonDrawing {
  constructor() {
    this.element = s("svg", {class: "polygons reasons", "aria-hidden": "true"});
    this.box = {x: 0, y: 0, width: 1, height: 1};
    this.reason = null;
  }

  /* Where the picture lies within the element, in CSS pixels. */
  fit(box) {
    this.box = box;
    this.draw();
  }

  /* null: nothing is known. */
  show(reason) {
    this.reason = reason;
    this.draw();
  }

  place([x, y]) {
    return [this.box.x + x * this.box.width, this.box.y + y * this.box.height];
  }

  zone({name, ignore, points}) {
    const places = points.map((point) => this.place(point));
    const [x, y] = places.reduce((first, one) => (one[1] < first[1] ? one : first));

    return [s("polygon", {"data-kind": ignore ? "ignore" : "zone", points: places.map((one) => one.join(",")).join(" ")}),
            s("text", {x: x + 6, y: y + LINE}, ignore ? `${name}, ignored` : name)];
  }

  figure({x, y, width, height, share, why}) {
    const [left, top] = this.place([x, y]);
    const [right, bottom] = this.place([x + width, y + height]);
    const text = s("text", {y: top > LINE ? top - 6 : bottom + LINE, x: left}, `${FATES[why] ?? why}, ${percentOf(share)}`);

    if (left > this.box.x + this.box.width * 0.75) { /* it would not fit to the right */
      text.setAttribute("x", right);
      text.setAttribute("text-anchor", "end");
    }
    return [s("rect", {"data-why": why, x: left, y: top, width: right - left, height: bottom - top}),
            s("circle", {"data-why": why, r: 4, cx: (left + right) / 2, cy: bottom}), text];
  }

  draw() {
    const {zones = [], boxes = []} = this.reason ?? {};

    replace(this.element, zones.map((one) => this.zone(one)), boxes.map((one) => this.figure(one)));
  }
}
