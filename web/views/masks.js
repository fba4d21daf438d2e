/* Private parts of a camera's picture, those in which motion counts or does not, and lines, drawn over it. */

import {camera as path, request, send, valueOf} from "../api.js";
import {alertLine, h, icon, replace, setText} from "../dom.js";
import {fleet} from "../fleet.js";
import {countOf} from "../format.js";
import {Polygons} from "../polygons.js";
import {offers} from "../routes.js";
import {Painter, pictures, renditionOf} from "../stream.js";
import {freeName, isLine, isMask, isZone, LineFields, markOf, namesOf, patchOf, shapesOf, sidesOf, wrongName, ZoneFields} from "../zones.js";

const MOST_MASKS = 16;
const MOST_ZONES = 16;
const MOST_LINES = 16;
const MOST_POINTS = 64;
const NEW = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]];
const NEW_LINE = [[0.4, 0.5], [0.6, 0.5]];
const SHIFT = 0.03; /* from one new shape to the next, so that none hides another */

class Masks {
  constructor(root, id) {
    this.id = id;
    this.etag = "";
    this.kept = markOf([]); /* what the daemon has */
    this.names = namesOf({zones: {}, lines: {}}); /* that it has */
    this.ready = false;
    this.saving = false;
    this.polygons = new Polygons({
      all: "Masks, zones and lines on the picture", most: MOST_POINTS, changed: () => this.say(), chosen: () => this.offer(),
      label: (shape, number) => (isMask(shape) ? `Mask ${number}` : `${isLine(shape) ? "Line" : "Zone"} ${shape.name}`),
      isOpen: isLine, sides: sidesOf,
    });
    const written = () => {
      this.polygons.place();
      this.say();
    };
    this.zone = new ZoneFields({changed: written});
    this.line = new LineFields({changed: written});
    this.heading = h("h1", {tabindex: "-1"}, `Masks, zones and lines of ${id}`);
    this.canvas = h("canvas", {width: 1280, height: 720, role: "img", "aria-label": `Live picture of ${id}`});
    this.stage = h("div", {class: "stage"}, this.canvas, this.polygons.element);
    this.alert = alertLine();
    this.conflict = h("div");
    this.words = h("p", {class: "note", role: "status"});
    const button = (name, words, onclick, more = {}) => h("button", {type: "button", onclick, ...more}, icon(name), words);
    this.addMask = button("plus", "Add a mask", () => this.more(NEW, {kind: "mask"}));
    this.addZone = button("plus", "Add a zone", () => this.more(NEW, {kind: "zone", name: freeName(this.polygons.shapes, "zone"), minSize: 0, minMs: null}));
    this.addLine = button("plus", "Add a line", () => this.more(NEW_LINE, {kind: "line", name: freeName(this.polygons.shapes, "line"), direction: "both"}));
    this.remove = button("trash", "Delete", () => this.polygons.remove());
    this.discard = h("button", {type: "button", onclick: () => this.read()}, "Discard");
    this.save = button("check", "Save", () => this.keep(), {class: "primary"});
    const back = `#/cameras/${encodeURIComponent(id)}`;
    root.append(
      h("div", {class: "head"},
        h("a", {class: "button quiet", href: back, "aria-label": "Back to the camera", title: "Back to the camera"}, icon("back")),
        this.heading,
        offers("settings") && h("a", {class: "button", href: `${back}/settings`}, icon("gear"), "Settings")),
      this.alert, this.conflict,
      h("div", {class: "drawing"},
        this.stage,
        h("div", {class: "toolbar", role: "group", "aria-label": "Masks, zones and lines"}, this.addMask, this.addZone, this.addLine, this.remove, this.discard, this.save),
        this.words, this.zone.root, this.line.root),
      h("p", {class: "note"}, "What lies under a mask is hidden before anything else sees the picture: it is neither shown nor searched for motion. Motion counts where there is a zone, and once there is one it counts nowhere else; with “nothing counts here” a zone is left out. Something is where the middle of its box's lower edge is, and crosses a line where that does."),
      h("p", {class: "note"}, "Drag points, shapes, and the small dots between two points, which become new ones. With the keyboard: Tab goes from one to the next, arrows move it, with Shift further, Delete removes it."));
    this.painter = new Painter(this.canvas, () => this.fit());
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.stage);
    this.unwatch = fleet.watch(() => setText(this.heading, `Masks, zones and lines of ${fleet.find(id)?.name || id}`));
    this.stream = pictures(path(id, `/stream.mjpg?annotate=0&width=${renditionOf(this.stage.clientWidth || 960)}`),
                           (headers, bytes) => this.painter.show({bytes, live: headers.get("x-state") !== "placeholder"}));
    this.offer();
    this.read();
  }

  get drawn() {
    return markOf(this.polygons.shapes);
  }

  get unsaved() {
    return this.ready && this.drawn !== this.kept;
  }

  /* The picture lies in the middle of the stage, as large as it fits. */
  fit() {
    const {clientWidth: width, clientHeight: height} = this.stage;
    const scale = Math.min(width / this.canvas.width, height / this.canvas.height);
    const [w, h] = [this.canvas.width * scale, this.canvas.height * scale];

    this.polygons.fit({x: (width - w) / 2, y: (height - h) / 2, width: w, height: h});
  }

  /* drawn: what was saved just now; what was drawn since then stays. */
  async read(drawn = this.drawn) {
    try {
      const answer = await request(path(this.id, "/configuration"));
      const values = await valueOf(answer);

      this.etag = answer.headers.get("etag");
      this.kept = markOf(shapesOf(values));
      this.names = namesOf(values);
      this.ready = true;
      if (this.drawn === drawn) this.polygons.set(shapesOf(values));
      setText(this.alert, "");
      replace(this.conflict);
    } catch (error) {
      setText(this.alert, error.message);
    }
    this.say();
  }

  say() {
    const told = [[isMask, "mask"], [isZone, "zone"], [isLine, "line"]]
      .map(([is, word]) => [this.polygons.shapes.filter(is).length, word]).filter(([count]) => count > 0)
      .map(([count, word]) => countOf(count, word));
    const count = told.length > 1 ? `${told.slice(0, -1).join(", ")} and ${told.at(-1)}` : told[0] ?? countOf(0, "mask");

    setText(this.words, this.unsaved ? `${count}, not saved yet.` : `${count}.`);
    this.offer();
  }

  offer() {
    const {shapes, current} = this.polygons;
    const full = (button, count, most, words) => {
      button.disabled = !this.ready || count >= most;
      button.title = count >= most ? `There can be ${most} ${words}.` : "";
    };

    full(this.addMask, shapes.filter(isMask).length, MOST_MASKS, "masks");
    full(this.addZone, shapes.filter(isZone).length, MOST_ZONES, "zones");
    full(this.addLine, shapes.filter(isLine).length, MOST_LINES, "lines");
    this.zone.show(current && isZone(current) ? current : null);
    this.line.show(current && isLine(current) ? current : null);
    this.remove.disabled = current === null;
    this.save.disabled = this.discard.disabled = !this.unsaved || this.saving;
  }

  more(points, shape) {
    const by = (this.polygons.shapes.length % 8) * SHIFT;

    this.polygons.add({...shape, points: points.map(([x, y]) => [Math.round((x + by) * 1e4) / 1e4, Math.round((y + by) * 1e4) / 1e4])});
  }

  /* Whether all zones and lines have names; one that has none is shown, first that which is worked on. */
  judge() {
    const {shapes, current} = this.polygons;
    const wrong = current && wrongName(shapes, current) ? current : shapes.find((shape) => wrongName(shapes, shape));
    const at = shapes.indexOf(wrong);

    if (at < 0) return true;
    const fields = isLine(shapes[at]) ? this.line : this.zone;
    this.polygons.choose(at, null);
    fields.judge(wrongName(shapes, shapes[at]));
    fields.name.control.focus();
    return false;
  }

  async keep() {
    const {drawn} = this;

    if (this.saving || !this.judge()) return;
    this.saving = true;
    try {
      await send("PATCH", path(this.id, "/configuration"), patchOf(this.polygons.shapes, this.names), {headers: {"If-Match": this.etag}});
      await this.read(drawn);
    } catch (error) {
      if (error.status === 412) this.disagree();
      else setText(this.alert, [error.message, ...error.details.map(({allowed}) => allowed)].join(" "));
    }
    this.saving = false;
    this.offer();
  }

  /* What is drawn stays until one says whose counts. */
  disagree() {
    setText(this.alert, "");
    replace(this.conflict, h("p", {class: "alert", role: "alert"},
      "Somebody else has changed this camera since it was read here, so nothing was saved. ",
      h("button", {type: "button", onclick: () => this.read()}, "Take over theirs"),
      h("button", {type: "button", onclick: () => this.insist()}, "Save mine")));
  }

  async insist() {
    try {
      const answer = await request(path(this.id, "/configuration"));

      this.etag = answer.headers.get("etag");
      this.names = namesOf(await valueOf(answer));
    } catch (error) {
      setText(this.alert, error.message);
      return;
    }
    await this.keep();
  }

  close() {
    this.unwatch();
    this.resized.disconnect();
    this.stream.stop();
  }
}

export function open(root, {id}) {
  return new Masks(root, id);
}
