/* A small line chart of the last so many values, as SVG. */

import {h, s, setText} from "./dom.js";

const WIDTH = 240, HEIGHT = 64;
const FEWEST = 15;
const STEPS = [1, 2, 5, 10];

/* The next of 1, 2, 5, 10, 20 ... that is not smaller. */
function roundUp(value) {
  if (!(value > 0)) return 1;
  const decade = 10 ** Math.floor(Math.log10(value));

  return decade * STEPS.find((step) => step * decade >= value * 0.999);
}

/* Pieces of a line: what is not known is a gap. The first few values have the width of FEWEST. */
function pathOf(values, top) {
  const width = WIDTH / (Math.max(values.length, FEWEST) - 1);
  let path = "", pen = "M";

  values.forEach((value, i) => {
    if (!Number.isFinite(value)) {
      pen = "M";
      return;
    }
    path += `${pen}${(i * width).toFixed(1)} ${(HEIGHT - value / top * HEIGHT).toFixed(1)}`;
    pen = "L";
  });
  return path;
}

export class Chart {
  /* lines: [{name, tone}]; format: a value as text; length: how many values are shown. */
  constructor({title, lines, format, length = 60}) {
    this.title = title;
    this.lines = lines;
    this.format = format;
    this.length = length;
    this.values = lines.map(() => []);
    this.paths = lines.map(({tone}) => s("path", {class: "line", "data-tone": tone}));
    this.top = h("span", {class: "top", "aria-hidden": "true"});
    this.svg = s("svg", {viewBox: `0 -2 ${WIDTH} ${HEIGHT + 4}`, preserveAspectRatio: "none", role: "img", "aria-label": title},
      s("path", {class: "grid", d: `M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`}), this.paths);
    this.numbers = lines.map(() => h("b", {}, "–"));
    this.element = h("figure", {class: "chart"},
      h("figcaption", {}, h("span", {}, title),
        lines.map(({name, tone}, i) => h("span", {class: "legend", "data-tone": tone}, h("span", {class: "dot", "aria-hidden": "true"}), `${name} `, this.numbers[i]))),
      h("div", {class: "plot"}, this.svg, this.top));
  }

  /* One value a line. `shown`: they are told, but stand in no line yet. */
  add(values, {shown = false} = {}) {
    values.forEach((value, i) => {
      setText(this.numbers[i], this.format(value));
      if (!shown) this.values[i].push(value);
      if (this.values[i].length > this.length) this.values[i].shift();
    });
    this.draw();
    this.svg.setAttribute("aria-label", `${this.title}: ${this.lines.map(({name}, i) => `${name} ${this.format(values[i])}`).join(", ")}`);
  }

  clear() {
    this.values = this.lines.map(() => []);
    this.draw();
  }

  draw() {
    const known = this.values.flat().filter(Number.isFinite);
    const top = roundUp(Math.max(0, ...known));

    this.paths.forEach((path, i) => path.setAttribute("d", pathOf(this.values[i], top)));
    setText(this.top, known.length > 0 ? this.format(top) : "");
  }
}
