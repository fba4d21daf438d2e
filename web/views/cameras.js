/* The wall: all cameras live over one connection, in pictures as small as their tiles. */

import {$, h, hidden, icon, replace, setText} from "../dom.js";
import {fleet} from "../fleet.js";
import {rateOf, reasonOf, shareOf, stateOf} from "../format.js";
import {recall, remember} from "../memory.js";
import {offers} from "../routes.js";
import {Painter, pictures, renditionOf} from "../stream.js";

const OLD_MS = 5000; /* a picture older than this is said to be old */
const FIRST_LEFT_OUT_MS = 2000; /* until a wall is asked for anew, for who is not on it */
const MOST_LEFT_OUT_MS = 30000;
const SIZES = {small: "Small", medium: "Medium", large: "Large"};

class Tile {
  constructor(id) {
    this.id = id;
    this.canvas = h("canvas", {width: 640, height: 360, role: "img"});
    this.reason = h("p", {class: "reason"});
    this.name = h("a", {class: "name", href: `#/cameras/${id}`, "aria-describedby": `state-${id}`});
    this.state = h("span", {class: "state", id: `state-${id}`});
    this.rate = h("span", {class: "rate", title: "Frames a second"});
    this.motion = h("div");
    this.element = h("div", {class: "tile", role: "listitem", "data-state": "connecting"},
      h("div", {class: "view"}, this.canvas, this.reason),
      h("div", {class: "bar"},
        h("span", {class: "dot", "aria-hidden": "true"}), this.name,
        h("span", {class: "moving"}, "motion"), this.state, this.rate),
      h("div", {class: "motion", title: "Share of the picture in motion"}, this.motion));
    this.painter = new Painter(this.canvas, ({live}) => this.drawn(live));
    this.pictures = 0;
    this.drawnAt = 0;
    this.leftOut = ""; /* why it is not on the wall */
    this.status = {id};
  }

  show(picture) {
    this.leftOut = "";
    this.painter.show(picture);
  }

  drawn(live) {
    this.element.toggleAttribute("data-placeholder", !live);
    this.drawnAt = performance.now();
    this.element.dataset.pictures = ++this.pictures;
  }

  update(status) {
    const name = status.name || this.id;
    const motion = shareOf(status.motion);

    this.status = status;
    if (status.state === "off") this.leftOut = "";
    this.element.dataset.state = status.state;
    setText(this.name, name);
    setText(this.state, stateOf(status));
    setText(this.rate, rateOf(status));
    setText(this.reason, [reasonOf(status), this.leftOut].filter(Boolean).join("; "));
    this.motion.style.width = `${Math.min(100, Math.sqrt(motion) * 100)}%`;
    this.element.toggleAttribute("data-moving", motion > 0.001);
    this.element.toggleAttribute("data-old", performance.now() - this.drawnAt > OLD_MS);
    this.canvas.setAttribute("aria-label", `Picture of ${name}`);
  }
}

/* The pictures of all tiles. */
class Wall {
  /* What `key` names; it is due anew so long after it began with somebody left out. */
  constructor(tiles, key, width, patience, onState) {
    this.tiles = tiles;
    this.key = key;
    this.patience = patience;
    this.dueAt = Infinity;
    this.retry = pictures(`/api/v1/wall.mjpg?width=${width}`, (headers, bytes) => this.take(headers, bytes),
                          (state, error) => {
                            this.dueAt = Infinity;
                            if (error?.status === 503) this.refuse(error.message);
                            onState(state);
                          });
  }

  /* Before all pictures come those who are left out, with the reason. */
  take(headers, bytes) {
    const tile = this.tiles.get(headers.get("x-camera"));

    if (headers.get("content-type") === "application/json") {
      if (tile) tile.leftOut = JSON.parse(new TextDecoder().decode(bytes)).error.message;
      this.dueAt = Math.min(this.dueAt, performance.now() + this.patience);
    } else {
      tile?.show({bytes, live: headers.get("x-state") !== "placeholder"});
    }
  }

  refuse(why) {
    for (const tile of this.tiles.values()) tile.leftOut = why;
  }

  get due() {
    return performance.now() > this.dueAt;
  }

  stop() {
    this.retry.stop();
  }
}

function showLink(state) {
  const link = $("link");

  link.hidden = state === null;
  link.dataset.state = state === "live" ? "live" : "waiting";
  setText(link, state === "live" ? "connected" : "connecting…");
}

class Cameras {
  constructor(root) {
    this.tiles = new Map();
    this.wall = null;
    this.grid = h("div", {class: "wall", id: "wall", role: "list", "aria-label": "Cameras"});
    this.empty = h("p", {class: "empty", hidden: true});
    this.sizes = Object.entries(SIZES).map(([size, words]) =>
      h("button", {type: "button", "data-size": size, onclick: () => this.setSize(size)},
        icon(`size-${size}`), hidden(`${words} tiles`)));
    root.append(
      h("div", {class: "head"},
        h("h1", {tabindex: "-1"}, "Cameras"),
        h("div", {class: "group", role: "group", "aria-label": "Size of the tiles"}, this.sizes),
        offers("add") && h("a", {class: "button primary", href: "#/add"}, icon("plus"), "Add camera")),
      this.grid, this.empty);
    this.setSize(recall("tiles") ?? "medium");
    this.resized = new ResizeObserver(() => this.keepWall());
    this.resized.observe(this.grid);
    this.onVisibility = () => (document.hidden ? this.stopWall() : this.keepWall());
    document.addEventListener("visibilitychange", this.onVisibility);
    this.unwatch = fleet.watch(() => this.take());
  }

  setSize(size) {
    const known = size in SIZES ? size : "medium";

    remember("tiles", known);
    this.grid.dataset.size = known;
    for (const button of this.sizes) button.setAttribute("aria-pressed", button.dataset.size === known);
    this.keepWall();
  }

  take() {
    const {cameras, lost} = fleet;
    const ids = new Set(cameras.map((one) => one.id));

    document.body.toggleAttribute("data-lost", lost);
    if (lost) {
      this.stopWall(); /* a connection to a machine that is gone would be waited on for minutes */
      showLink("waiting");
      return;
    }
    for (const [id, tile] of this.tiles) {
      if (ids.has(id)) continue;
      tile.element.remove();
      this.tiles.delete(id);
    }
    cameras.forEach((status, i) => {
      if (!this.tiles.has(status.id)) this.tiles.set(status.id, new Tile(status.id));
      const tile = this.tiles.get(status.id);
      if (this.grid.children[i] !== tile.element) this.grid.insertBefore(tile.element, this.grid.children[i]);
      tile.update(status);
    });
    this.grid.dataset.count = Math.min(cameras.length, 5);
    this.showEmpty(cameras.length === 0);
    this.keepWall();
  }

  showEmpty(empty) {
    if (empty && this.empty.hidden)
      replace(this.empty, icon("grid"), "There is no camera yet. ",
              offers("add") ? h("a", {href: "#/add"}, "Add the first one") : "One is added in /etc/vedette/cameras.d/ or by the API.");
    this.empty.hidden = !empty;
  }

  /*
   * Connects anew when other cameras are to be seen, or other sizes, or now and then for who was
   * left out. The daemon puts all cameras there are on the wall: their ids need not fit in an
   * address, and however many there are, the status keeps a connection of the few that a browser
   * grants.
   */
  keepWall() {
    const ids = [...this.tiles.values()].filter((tile) => tile.status.state !== "off")
      .map((tile) => tile.id).sort();
    const width = renditionOf(this.grid.querySelector(".view")?.clientWidth || 480);
    const key = `${width} ${ids.join(",")}`;
    const same = this.wall?.key === key;

    if (document.hidden || fleet.lost || (same && !this.wall.due)) return;
    const patience = same ? Math.min(this.wall.patience * 2, MOST_LEFT_OUT_MS) : FIRST_LEFT_OUT_MS;
    this.stopWall();
    this.grid.dataset.rendition = width;
    showLink(ids.length > 0 ? "waiting" : null);
    if (ids.length > 0) this.wall = new Wall(this.tiles, key, width, patience, showLink);
  }

  stopWall() {
    this.wall?.stop();
    this.wall = null;
    showLink(this.tiles.size > 0 ? "waiting" : null);
  }

  close() {
    this.unwatch();
    this.resized.disconnect();
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.stopWall();
    showLink(null);
    document.body.removeAttribute("data-lost");
  }
}

export function open(root) {
  return new Cameras(root);
}
