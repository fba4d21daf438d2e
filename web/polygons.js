/*
 * Shapes drawn over a picture, by pointer, by touch and by keyboard: closed polygons or open lines,
 * whose points are shares of the picture, 0..1. Knows nothing of what they mean.
 */

import {s} from "./dom.js";
import {percentOf} from "./format.js";

const STEP = 0.005; /* of an arrow key */
const LARGE_STEP = 0.05; /* with Shift */
const GRAIN = 10000; /* a share is written with four digits */
const ARROW = 24; /* CSS pixels that one reaches to a side, and its head */
const HEAD = 7;
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

const round = (share) => Math.round(Math.min(1, Math.max(0, share)) * GRAIN) / GRAIN;

export class Polygons {
  /*
   * all: what they are together. label(shape, number): what one is called, "Mask 1". isOpen(shape): it
   * is a line. sides(shape): of a line, the words at its left and at its right; to one that has any
   * goes an arrow. most: how many points one has. changed(): shapes are others; chosen(): another shape
   * or point is worked on. A shape is an object with points; its kind is its element's data-kind, its
   * name stands beside it, and what else it has is the caller's.
   */
  constructor({all, label, isOpen = () => false, sides = () => ["", ""], most, changed, chosen}) {
    this.label = label;
    this.isOpen = isOpen;
    this.sides = sides;
    this.most = most;
    this.changed = changed;
    this.chosen = chosen;
    this.shapes = [];
    this.shape = null; /* that is worked on, and its point; null: none, or all of it */
    this.point = null;
    this.box = {x: 0, y: 0, width: 1, height: 1};
    this.element = s("svg", {class: "polygons", role: "group", tabindex: "-1", "aria-label": all});
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  /* Where the picture lies within the element, in CSS pixels. */
  fit(box) {
    this.box = box;
    this.place();
  }

  set(shapes) {
    this.shapes = shapes;
    this.choose(null, null);
    this.draw();
  }

  /* The shape that is worked on, or null. */
  get current() {
    return this.shapes[this.shape] ?? null;
  }

  add(shape) {
    this.shapes.push(shape);
    this.edited(this.shapes.length - 1, null);
  }

  /* The chosen point, or the whole shape where none is or too few would be left. */
  remove() {
    if (this.shape === null) return;
    const {points} = this.shapes[this.shape];
    const least = this.isOpen(this.shapes[this.shape]) ? 2 : 3;

    if (this.point !== null && points.length > least) {
      points.splice(this.point, 1);
      this.edited(this.shape, this.point % points.length);
    } else {
      this.shapes.splice(this.shape, 1);
      this.edited(null, null);
    }
  }

  /* Other elements than before are needed; the focus goes to what is worked on. */
  edited(shape, point) {
    this.choose(shape, point);
    this.draw();
    this.focus();
    this.changed();
  }

  choose(shape, point) {
    this.shape = shape;
    this.point = point;
    this.mark();
    this.chosen();
  }

  focus() {
    const drawn = this.shape === null ? null : this.drawn[this.shape];

    ((this.point === null ? drawn?.body : drawn?.points[this.point]) ?? this.element).focus();
  }

  /* --- elements --------------------------------------------------------------------------------- */

  draw() {
    this.drawn = this.shapes.map((one, shape) => {
      const {points, kind} = one;
      const open = this.isOpen(one);
      const handle = (className, point, grab) => s("circle", {
        class: className, r: className === "point" ? 9 : 6, tabindex: "0", role: "button",
        onfocus: () => className === "point" && this.choose(shape, point),
        onpointerdown: (event) => grab(event, point),
      });
      const sides = open ? points.length - 1 : points.length;

      return {
        body: s(open ? "polyline" : "polygon", {
          tabindex: "0", role: "button", "data-kind": kind, onfocus: () => this.choose(shape, null),
          onpointerdown: (event) => this.drag(event, shape, null),
        }),
        words: s("text", {"aria-hidden": "true"}),
        arrow: open && [s("path", {class: "way"}), s("text", {"aria-hidden": "true"}), s("text", {"aria-hidden": "true"})],
        points: points.map((_, point) => handle("point", point, (event) => this.drag(event, shape, point))),
        sides: Array.from({length: points.length < this.most ? sides : 0}, (_, side) =>
          handle("side", side, (event) => this.split(event, shape, side))),
      };
    });
    this.element.replaceChildren(...this.drawn.flatMap(({body, words, arrow, points, sides}) => [body, words, ...(arrow || []), ...sides, ...points]));
    this.place();
    this.mark();
  }

  x(share) {
    return this.box.x + share * this.box.width;
  }

  y(share) {
    return this.box.y + share * this.box.height;
  }

  place() {
    const at = (element, [x, y], label) => {
      element.setAttribute("cx", this.x(x));
      element.setAttribute("cy", this.y(y));
      element.setAttribute("aria-label", label);
    };

    (this.drawn ?? []).forEach(({body, words, arrow, points, sides}, shape) => {
      const {points: shares, kind, name: text = ""} = this.shapes[shape];
      const name = this.label(this.shapes[shape], this.shapes.filter((one, i) => one.kind === kind && i <= shape).length);
      const top = shares.reduce((a, b) => (b[1] < a[1] ? b : a));

      body.setAttribute("points", shares.map(([x, y]) => `${this.x(x)},${this.y(y)}`).join(" "));
      body.setAttribute("aria-label", `${name}, ${shares.length} points`);
      body.setAttribute("data-kind", kind);
      words.textContent = text;
      words.setAttribute("x", this.x(top[0]) + 12);
      words.setAttribute("y", this.y(top[1]) + 20);
      if (arrow) this.placeArrow(arrow, this.shapes[shape]);
      points.forEach((element, i) => at(element, shares[i],
        `${name}, point ${i + 1} of ${shares.length}, ${percentOf(shares[i][0])} from the left, ${percentOf(shares[i][1])} from the top`));
      sides.forEach((element, i) => {
        const [a, b] = [shares[i], shares[(i + 1) % shares.length]];
        at(element, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], `${name}, new point behind point ${i + 1}`);
      });
    });
  }

  /* Across the middle of a line's longest part, with a head where it goes to a side. */
  placeArrow([path, ...words], shape) {
    const points = shape.points.map(([x, y]) => [this.x(x), this.y(y)]);
    const parts = points.slice(1).map((to, i) => ({from: points[i], to, long: Math.hypot(to[0] - points[i][0], to[1] - points[i][1])}));
    const {from, to, long} = parts.reduce((a, b) => (b.long > a.long ? b : a));
    const [x, y] = [(from[0] + 2 * to[0]) / 3, (from[1] + 2 * to[1]) / 3]; /* beside the dot in the middle */
    const along = long > 0 ? [(to[0] - from[0]) / long, (to[1] - from[1]) / long] : [1, 0];
    const right = [-along[1], along[0]];
    const spot = (across, by = 0) => [x + right[0] * across + along[0] * by, y + right[1] * across + along[1] * by];
    const sides = this.sides(shape);
    const head = (way) => `M${spot(way * (ARROW - HEAD), HEAD)} L${spot(way * ARROW)} L${spot(way * (ARROW - HEAD), -HEAD)}`;

    path.setAttribute("d", [`M${spot(sides[0] ? -ARROW : 0)} L${spot(sides[1] ? ARROW : 0)}`, sides[0] && head(-1), sides[1] && head(1)].filter(Boolean).join(" "));
    words.forEach((element, i) => {
      const [wx, wy] = spot((i === 0 ? -1 : 1) * (ARROW + 12));

      element.textContent = sides[i];
      element.setAttribute("text-anchor", "middle");
      element.setAttribute("dominant-baseline", "central");
      element.setAttribute("x", wx);
      element.setAttribute("y", wy);
    });
  }

  mark() {
    (this.drawn ?? []).forEach(({body, points}, shape) => {
      body.toggleAttribute("data-chosen", shape === this.shape);
      points.forEach((element, point) => element.toggleAttribute("data-chosen", shape === this.shape && point === this.point));
    });
  }

  /* --- what people do --------------------------------------------------------------------------- */

  /* Moves a point, or all of a shape no further than to the picture's border. */
  move(shape, point, dx, dy) {
    const {points: all} = this.shapes[shape];
    const points = point === null ? all : [all[point]];
    const within = (by, axis) => Math.min(1 - Math.max(...points.map((one) => one[axis])),
                                          Math.max(-Math.min(...points.map((one) => one[axis])), by));
    const [x, y] = [within(dx, 0), within(dy, 1)];

    for (const one of points) {
      one[0] = round(one[0] + x);
      one[1] = round(one[1] + y);
    }
    this.place();
    this.changed();
  }

  drag(event, shape, point) {
    if (event.button > 0) return;
    event.preventDefault();
    const target = event.currentTarget;
    let last = [event.clientX, event.clientY];
    const moved = (next) => {
      this.move(shape, point, (next.clientX - last[0]) / this.box.width, (next.clientY - last[1]) / this.box.height);
      last = [next.clientX, next.clientY];
    };
    const done = () => {
      target.removeEventListener("pointermove", moved);
      target.removeEventListener("pointerup", done);
      target.removeEventListener("pointercancel", done);
    };

    target.focus();
    target.setPointerCapture(event.pointerId);
    target.addEventListener("pointermove", moved);
    target.addEventListener("pointerup", done);
    target.addEventListener("pointercancel", done);
  }

  split(event, shape, side) {
    if (event.button > 0) return;
    event.preventDefault();
    const {points} = this.shapes[shape];
    const [a, b] = [points[side], points[(side + 1) % points.length]];

    points.splice(side + 1, 0, [round((a[0] + b[0]) / 2), round((a[1] + b[1]) / 2)]);
    this.edited(shape, side + 1);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const side = this.drawn.flatMap(({sides}, shape) => sides.map((element, i) => ({element, shape, i})))
      .find(({element}) => element === event.target);

    if (side && ["Enter", " "].includes(event.key)) {
      event.preventDefault();
      this.split(event, side.shape, side.i);
    } else if (!side && this.shape !== null && event.key in ARROWS) {
      event.preventDefault();
      const step = event.shiftKey ? LARGE_STEP : STEP;
      const [x, y] = ARROWS[event.key];
      this.move(this.shape, this.point, x * step, y * step);
    } else if (!side && ["Delete", "Backspace"].includes(event.key)) {
      event.preventDefault();
      this.remove();
    }
  }
}
