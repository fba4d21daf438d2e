/* What is drawn of a camera: masks, zones and lines as shapes, and the fields of a zone or a line. */

import {Field} from "./fields.js";
import {h} from "./dom.js";

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const WHOLE_MS = 60000;

export const isMask = (shape) => shape.kind === "mask";
export const isLine = (shape) => shape.kind === "line";
export const isZone = (shape) => !isMask(shape) && !isLine(shape);

/* What stands at the left and at the right of who goes along a line. */
export const sidesOf = ({direction}) => [direction === "in" ? "" : "out", direction === "out" ? "" : "in"];

/* As the configuration has them: an ignored zone has neither size nor time. */
const zoneOf = ({kind, points, minSize, minMs}) => kind === "ignore"
  ? {points, ignore: true, min_size: 0, min_ms: null}
  : {points, ignore: false, min_size: minSize, min_ms: minMs};

const lineOf = ({points, direction}) => ({points, direction});

export function shapesOf({masks, zones, lines}) {
  return [
    ...masks.map((points) => ({kind: "mask", points})),
    ...Object.entries(zones).map(([name, {points, ignore, min_size: minSize, min_ms: minMs}]) =>
      ({kind: ignore ? "ignore" : "zone", name, points, minSize, minMs})),
    ...Object.entries(lines).map(([name, {points, direction}]) => ({kind: "line", name, points, direction})),
  ];
}

/* What tells one drawing from another. */
export function markOf(shapes) {
  return JSON.stringify([shapes.filter(isMask).map(({points}) => points),
                         shapes.filter(isZone).map((shape) => [shape.name, zoneOf(shape)]),
                         shapes.filter(isLine).map((shape) => [shape.name, lineOf(shape)])]);
}

/* As a merge patch: what has one of these names and is not drawn goes. */
export function patchOf(shapes, names) {
  const named = (kept, is, made) => Object.fromEntries([...kept.map((name) => [name, null]),
                                                        ...shapes.filter(is).map((shape) => [shape.name, made(shape)])]);

  return {
    masks: shapes.filter(isMask).map(({points}) => points),
    zones: named(names.zones, isZone, zoneOf),
    lines: named(names.lines, isLine, lineOf),
  };
}

export const namesOf = ({zones, lines}) => ({zones: Object.keys(zones), lines: Object.keys(lines)});

/* word: "zone" or "line". */
export function freeName(shapes, word) {
  for (let number = 1; ; number++)
    if (!shapes.some(({name}) => name === `${word}-${number}`)) return `${word}-${number}`;
}

/* What is wrong with a zone's or a line's name, or "". */
export function wrongName(shapes, shape) {
  if (isMask(shape)) return "";
  if (!NAME.test(shape.name)) return "a name has 1 to 63 letters a-z, digits and -, and does not begin with -";
  const same = shapes.some((other) => other !== shape && isLine(other) === isLine(shape) && other.name === shape.name);
  return same ? `another ${isLine(shape) ? "line" : "zone"} has this name` : "";
}

/* The fields of the zone that is worked on. changed(): it is another than before. */
export class ZoneFields {
  constructor({changed}) {
    const field = (name, label, schema) => new Field(`zone_${name}`, schema, {label, changed: () => this.wrote()});

    this.shape = null;
    this.changed = changed;
    this.name = field("name", "Name", {type: "string", description: "Events tell it: a-z, digits and -."});
    this.ignore = field("ignore", "Nothing counts here", {type: "boolean", description: "As for a street or a tree, also where another zone lies."});
    this.size = field("min_size", "Smallest box", {type: "number", minimum: 0, maximum: 100, "x-unit": "% of the picture", description: "Smaller ones do not count in this zone."});
    this.ms = field("min_ms", "Shortest motion", {type: "integer", minimum: 0, maximum: WHOLE_MS, "x-unit": "ms", description: "Empty: as the camera's event min."});
    this.fields = [this.name, this.ignore, this.size, this.ms];
    this.root = h("section", {class: "card", hidden: true}, h("h2", {}, "Zone"),
                  h("div", {class: "fields"}, this.fields.map(({root}) => root)));
  }

  /* null: none. */
  show(shape) {
    if (shape === this.shape) return;
    this.shape = shape;
    this.root.hidden = shape === null;
    if (shape === null) return;
    this.name.show(shape.name);
    this.ignore.show(shape.kind === "ignore");
    this.size.show(shape.minSize);
    this.ms.show(shape.minMs ?? "");
    this.judge();
  }

  judge(wrong = "") {
    this.name.fail(wrong);
    for (const {control} of [this.size, this.ms]) control.disabled = this.ignore.value;
  }

  wrote() {
    const {shape} = this;

    shape.name = this.name.value;
    shape.kind = this.ignore.value ? "ignore" : "zone";
    shape.minSize = Number(this.size.value);
    shape.minMs = this.ms.value === "" ? null : this.ms.value;
    this.judge();
    this.changed();
  }
}

/* The fields of the line that is worked on. changed(): it is another than before. */
export class LineFields {
  constructor({changed}) {
    const field = (name, label, schema) => new Field(`line_${name}`, schema, {label, changed: () => this.wrote()});

    this.shape = null;
    this.changed = changed;
    this.name = field("name", "Name", {type: "string", description: "Events tell it: a-z, digits and -."});
    this.direction = field("direction", "What counts", {type: "string", enum: ["both", "in", "out"], description: "Whoever crosses the line as the arrow shows."});
    this.root = h("section", {class: "card", hidden: true}, h("h2", {}, "Line"),
                  h("div", {class: "fields"}, this.name.root, this.direction.root));
  }

  /* null: none. */
  show(shape) {
    if (shape === this.shape) return;
    this.shape = shape;
    this.root.hidden = shape === null;
    if (shape === null) return;
    this.name.show(shape.name);
    this.direction.show(shape.direction);
    this.judge();
  }

  judge(wrong = "") {
    this.name.fail(wrong);
  }

  wrote() {
    this.shape.name = this.name.value;
    this.shape.direction = this.direction.value;
    this.judge();
    this.changed();
  }
}
