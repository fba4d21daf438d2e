/* What happened and what happens, the newest first. */

import {get} from "../api.js";
import {alertLine, h, icon, replace, setText} from "../dom.js";
import {feed} from "../feed.js";
import {fleet} from "../fleet.js";
import {countOf, timeOf} from "../format.js";
import {describe, KINDS} from "../kinds.js";
import {offers} from "../routes.js";

const PAGE = 100;
const MOST = 1000; /* that are listed; with more the list begins anew */

/* Those of the last hour have more to say than stands in them. */
function hasReasons(event) {
  return event.kind.startsWith("motion-") && offers("explain");
}

function whyLink({camera, time}) {
  return h("a", {class: "why", href: `#/cameras/${encodeURIComponent(camera)}/explain?at=${time}`}, "Why?");
}

function itemOf(event) {
  const {words, tone, text} = describe(event);
  const name = fleet.find(event.camera)?.name || event.camera;

  return h("li", {"data-tone": tone, "data-kind": event.kind, "data-id": event.id},
    h("span", {class: "dot", "aria-hidden": "true"}),
    h("time", {datetime: event.time, title: event.time}, timeOf(event.time)),
    event.camera ? h("a", {href: `#/cameras/${encodeURIComponent(event.camera)}`}, name) : h("span", {}, "vedette"),
    h("span", {class: "what", title: words}, text),
    hasReasons(event) && whyLink(event));
}

class Events {
  constructor(root, query) {
    this.camera = query.get("camera") ?? "";
    this.kinds = query.get("kinds") ?? "";
    this.next = null;
    this.stream = null;
    this.loads = 0;
    this.fresh = 0;
    this.list = h("ol", {class: "events"});
    this.alert = alertLine();
    this.live = h("p", {class: "pill", "data-state": "waiting"}, "connecting…");
    this.news = h("p", {class: "visually-hidden", role: "status"});
    this.older = h("button", {type: "button", hidden: true, onclick: () => this.loadOlder()}, "Older events");
    this.none = h("p", {class: "empty", hidden: true}, icon("bell"), "Nothing of this kind has happened yet.");
    this.cameraSelect = h("select", {"aria-label": "Camera", onchange: () => this.filter()});
    this.kindSelect = h("select", {"aria-label": "Kind", onchange: () => this.filter()},
      h("option", {value: ""}, "All kinds"),
      h("option", {value: "motion-start,motion-end"}, "Motion, all"),
      h("option", {value: "tampering-start,tampering-end"}, "Tampering, all"),
      Object.entries(KINDS).map(([kind, {words}]) => h("option", {value: kind}, words)));
    root.append(
      h("div", {class: "head"}, h("h1", {tabindex: "-1"}, "Events"), this.live,
        h("div", {class: "toolbar"}, this.cameraSelect, this.kindSelect)),
      this.alert, this.news, this.list, this.none, h("div", {class: "more"}, this.older));
    this.kindSelect.value = this.kinds;
    this.unwatch = fleet.watch(() => this.showCameras());
    this.load();
  }

  showCameras() {
    const ids = fleet.cameras.map((one) => one.id);
    const key = fleet.cameras.map((one) => `${one.id} ${one.name}`).join("\n");

    if (this.known === key) return;
    this.known = key;
    if (this.camera && !ids.includes(this.camera)) ids.push(this.camera); /* one that is gone has a past */
    replace(this.cameraSelect, h("option", {value: ""}, "All cameras"),
            ids.map((id) => h("option", {value: id}, fleet.find(id)?.name || id)));
    this.cameraSelect.value = this.camera;
  }

  filter() {
    const query = new URLSearchParams();

    this.camera = this.cameraSelect.value;
    this.kinds = this.kindSelect.value;
    if (this.camera) query.set("camera", this.camera);
    if (this.kinds) query.set("kinds", this.kinds);
    history.replaceState(null, "", `#/events${query.size > 0 ? `?${query}` : ""}`);
    this.load();
  }

  fits(event) {
    return (!this.camera || event.camera === this.camera) &&
           (!this.kinds || this.kinds.split(",").includes(event.kind));
  }

  async ask(cursor) {
    const query = new URLSearchParams({limit: PAGE});

    if (this.camera) query.set("camera", this.camera);
    if (this.kinds) query.set("kinds", this.kinds);
    if (cursor) query.set("cursor", cursor);
    return get(`/api/v1/events?${query}`);
  }

  /* The newest page, and then what happens behind it: nothing falls between the two. */
  async load() {
    const mine = ++this.loads;

    clearTimeout(this.timer);
    this.stream?.stop();
    this.stream = null;
    try {
      const {events, next} = await this.ask();
      if (mine !== this.loads) return;
      setText(this.alert, "");
      replace(this.list, events.map(itemOf));
      this.next = next;
      this.follow(events[0]?.id ?? null);
    } catch (error) {
      if (mine !== this.loads) return;
      setText(this.alert, error.message);
      this.timer = setTimeout(() => this.load(), 3000);
    }
    this.show();
  }

  follow(after) {
    this.fresh = 0;
    this.stream = feed(after, (event) => this.take(event), (state, error) => {
      this.live.dataset.state = state;
      setText(this.live, state === "live" ? "live" : "connecting…");
      if (error?.status > 0) setText(this.alert, error.message);
    });
  }

  take(event) {
    if (!this.fits(event)) return;
    if (this.list.children.length >= MOST) {
      this.load();
      return;
    }
    const item = itemOf(event);
    item.classList.add("fresh");
    this.list.prepend(item);
    this.fresh++;
    setText(this.news, `${countOf(this.fresh, "new event")}. ${describe(event).text}`);
    this.show();
  }

  async loadOlder() {
    const mine = this.loads;

    this.older.disabled = true;
    try {
      const {events, next} = await this.ask(this.next);
      if (mine !== this.loads) return;
      const items = events.map(itemOf);
      this.list.append(...items);
      this.next = next;
      if (!next) items[0]?.querySelector("a")?.focus(); /* the button goes */
    } catch (error) {
      setText(this.alert, error.message);
    } finally {
      this.older.disabled = false;
    }
    this.show();
  }

  show() {
    this.older.hidden = this.next === null;
    this.none.hidden = this.list.children.length > 0 || this.alert.textContent !== "";
  }

  close() {
    this.loads++;
    clearTimeout(this.timer);
    this.unwatch();
    this.stream?.stop();
  }
}

export function open(root, {query}) {
  return new Events(root, query);
}
