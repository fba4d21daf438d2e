/* One camera large: its picture with boxes or without, what is known of it, and what can be done. */

import {camera as path, get, send, session} from "../api.js";
import {alertLine, h, icon, replace, setText} from "../dom.js";
import {fleet} from "../fleet.js";
import {bitsOf, countOf, durationOf, fpsOf, percentOf, rateOf, reasonOf, shareOf, stateOf, timeOf} from "../format.js";
import {describe} from "../kinds.js";
import {recall, remember} from "../memory.js";
import {offers} from "../routes.js";
import {Painter, pictures, renditionOf} from "../stream.js";
import {Video} from "../video.js";

const EVENTS = 6;
const OLD_MS = 5000; /* a picture older than this is said to be old */

function details(status) {
  const main = status.main_stream;
  const size = (one) => (one?.width ? `${one.width} × ${one.height}` : "–");

  return [
    ["Picture", main ? `${size(status)}, main stream ${size(main)}` : size(status)],
    ["Received", [status.codec?.toUpperCase(), status.transport === "test" ? "built in" : status.transport?.toUpperCase(), fpsOf(status.fps), bitsOf(status.bitrate)].filter(Boolean).join(", ")],
    ["Decoded", [status.decoder, fpsOf(status.fps_decoded), status.gpu === null ? "on the CPU" : `on GPU ${status.gpu}`].filter(Boolean).join(", ")],
    ["Motion", status.motion ? `${percentOf(shareOf(status.motion))} of the picture` : "not analysed"],
    ["Left out", countOf(status.dropped, "picture")],
    ["Viewers", `${status.viewers.count}${status.viewers.slow ? `, ${status.viewers.slow} slow` : ""}`],
    ["Connection", `${stateOf(status).toLowerCase()} for ${durationOf(status.since_seconds)}, ${countOf(status.reconnects, "reconnect")}`],
    status.last_error && ["Last error", `${status.last_error.text} (${timeOf(status.last_error.time)})`],
  ].filter(Boolean);
}

class Camera {
  constructor(root, id) {
    this.id = id;
    this.status = null;
    this.stream = null;
    this.rendition = "";
    this.drawnAt = 0;
    this.boxes = recall("boxes") !== "no";
    this.video = false;
    this.heading = h("h1", {tabindex: "-1"}, id);
    this.words = h("span", {role: "status"});
    this.rate = h("span");
    this.state = h("span", {class: "state"}, this.words, this.rate);
    this.reason = h("p", {class: "reason"});
    this.canvas = h("canvas", {width: 1280, height: 720, role: "img", "aria-label": `Live picture of ${id}`});
    this.stage = h("div", {class: "stage"}, this.canvas, this.reason);
    this.alert = alertLine();
    this.refused = ""; /* why the last order was not carried out */
    this.streamless = ""; /* and why no pictures come */
    this.facts = h("dl", {class: "facts"});
    this.events = h("ul", {class: "short-events"});
    this.makeButtons();
    root.append(
      h("div", {class: "head"},
        h("a", {class: "button quiet", href: "#/cameras", "aria-label": "All cameras", title: "All cameras"}, icon("back")),
        this.heading, this.state,
        h("div", {class: "group", role: "group", "aria-label": "Other cameras"}, this.previous, this.next)),
      this.alert,
      h("div", {class: "split"},
        h("div", {},
          this.stage,
          h("div", {class: "toolbar", role: "group", "aria-label": "Picture"},
            this.boxesButton, this.videoButton, this.snapshot, this.full)),
        h("aside", {"aria-label": "About this camera"},
          this.actions,
          h("section", {class: "card"}, h("h2", {}, "Now"), this.facts),
          h("section", {class: "card"}, h("h2", {}, "Lately"), this.events,
            h("a", {href: `#/events?camera=${encodeURIComponent(id)}`}, "All of its events")))));
    this.painter = new Painter(this.canvas, ({live}) => this.drawn(live));
    this.onKey = (event) => this.key(event);
    this.onVisibility = () => this.keepStream();
    this.resized = new ResizeObserver(() => this.keepStream());
    this.resized.observe(this.stage);
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("visibilitychange", this.onVisibility);
    this.unwatch = fleet.watch(() => this.take());
    this.showEvents();
  }

  makeButtons() {
    const button = (name, words, onclick, more = {}) => h("button", {type: "button", onclick, ...more}, icon(name), words);
    const link = (name, words, href) => h("a", {class: "button", href}, icon(name), words);
    const place = `#/cameras/${encodeURIComponent(this.id)}`;

    this.previous = h("button", {type: "button", "aria-label": "Previous camera", onclick: () => this.step(-1)}, icon("left"));
    this.next = h("button", {type: "button", "aria-label": "Next camera", onclick: () => this.step(1)}, icon("right"));
    this.boxesButton = button("boxes", "Boxes", () => this.toggleBoxes(), {"aria-pressed": this.boxes});
    this.videoButton = button("video", "Video", () => this.toggleVideo(), {"aria-pressed": "false", title: "H.264 in place of single pictures: less to send, a little later"});
    this.snapshot = h("a", {class: "button", href: path(this.id, "/snapshot.jpg"), target: "_blank", rel: "noopener"}, icon("photo"), "Snapshot");
    this.full = button("full", "Full screen", () => this.stage.requestFullscreen(), {hidden: !document.fullscreenEnabled}); /* an iPhone has it for videos alone */
    this.restart = button("restart", "Reconnect", () => this.order("restart"));
    this.enable = button("power", "Switch on", () => this.order("enable"));
    this.disable = button("power", "Switch off", () => this.order("disable"));
    this.actions = h("div", {class: "toolbar", role: "group", "aria-label": "Camera"},
      session.may("operator") && [this.restart, this.enable, this.disable],
      offers("explain") && link("why", "Reasons", `${place}/explain`),
      offers("settings") && link("gear", "Settings", `${place}/settings`),
      offers("masks") && link("mask", "Masks, zones and lines", `${place}/masks`));
  }

  take() {
    const status = fleet.find(this.id);

    if (!status) {
      setText(this.alert, fleet.lost ? "The daemon does not answer." : "There is no such camera, or it is not yours to see.");
      this.stopStream();
      return;
    }
    this.showTrouble();
    const changed = this.status?.state !== status.state;
    this.status = status;
    setText(this.heading, status.name || this.id);
    const rate = rateOf(status);
    setText(this.words, stateOf(status));
    setText(this.rate, rate ? ` · ${rate}` : "");
    this.state.dataset.state = this.stage.dataset.state = status.state;
    this.stage.toggleAttribute("data-old", performance.now() - this.drawnAt > OLD_MS);
    setText(this.reason, reasonOf(status));
    this.canvas.setAttribute("aria-label", `Live picture of ${status.name || this.id}`);
    this.enable.hidden = status.enabled;
    this.disable.hidden = this.restart.hidden = !status.enabled;
    this.previous.disabled = this.next.disabled = fleet.cameras.length < 2;
    this.showFacts(details(status));
    if (changed) this.showEvents();
    this.keepStream();
  }

  showTrouble() {
    setText(this.alert, fleet.lost ? "The daemon does not answer; trying again." : this.refused || this.streamless);
  }

  showFacts(facts) {
    if (this.facts.children.length !== facts.length)
      replace(this.facts, facts.map(() => h("div", {}, h("dt"), h("dd"))));
    facts.forEach(([name, text], i) => {
      const [term, value] = this.facts.children[i].children;
      setText(term, name);
      setText(value, text || "–");
    });
  }

  /* --- the picture ------------------------------------------------------------------------------ */

  /* The width that fits, or the camera's own where that is no larger. */
  width() {
    const own = this.status.main_stream?.width ?? this.status.width;
    const fits = renditionOf(this.stage.clientWidth || 960);

    return own && own <= fits ? 0 : fits;
  }

  /* A connection to a machine that is gone would be waited on for minutes. */
  keepStream() {
    if (document.hidden || fleet.lost || !this.status || this.status.state === "off") {
      this.stopStream();
      return;
    }
    const asked = `width=${this.width()}&annotate=${this.boxes ? 1 : 0}`;
    const rendition = `${this.video ? "mp4" : "mjpg"}?${asked}`;
    if (this.rendition === rendition) return;
    this.stopStream();
    this.rendition = rendition;
    this.stage.dataset.rendition = rendition;
    const address = path(this.id, `/stream.${rendition}`);
    const onState = (state, error) => {
      this.streamless = error?.status > 0 ? error.message : "";
      this.showTrouble();
    };
    if (this.video) this.stream = new Video(this.stage, address, onState);
    else this.stream = pictures(address, (headers, bytes) =>
      this.painter.show({bytes, live: headers.get("x-state") !== "placeholder"}), onState);
    this.snapshot.href = path(this.id, `/snapshot.jpg?annotate=${this.boxes ? 1 : 0}`);
  }

  drawn(live) {
    this.stage.toggleAttribute("data-placeholder", !live);
    this.drawnAt = performance.now();
    this.stage.dataset.pictures = Number(this.stage.dataset.pictures || 0) + 1;
  }

  stopStream() {
    this.stream?.stop();
    this.stream = null;
    this.rendition = "";
    this.streamless = "";
  }

  toggleBoxes() {
    this.boxes = !this.boxes;
    remember("boxes", this.boxes ? "yes" : "no");
    this.boxesButton.setAttribute("aria-pressed", this.boxes);
    this.keepStream();
  }

  toggleVideo() {
    this.video = !this.video;
    this.videoButton.setAttribute("aria-pressed", this.video);
    this.keepStream();
  }

  /* --- orders and others ------------------------------------------------------------------------ */

  async order(verb) {
    try {
      await send("POST", path(this.id, `/${verb}`));
      this.refused = "";
      await fleet.refresh();
    } catch (error) {
      this.refused = error.message;
    }
    this.showTrouble();
  }

  step(by) {
    const ids = fleet.cameras.map((one) => one.id);
    const at = ids.indexOf(this.id);

    if (at >= 0 && ids.length > 1)
      location.replace(`#/cameras/${encodeURIComponent(ids[(at + by + ids.length) % ids.length])}`);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea, video")) return;
    if (event.key === "ArrowLeft") this.step(-1);
    if (event.key === "ArrowRight") this.step(1);
  }

  async showEvents() {
    try {
      const {events} = await get(`/api/v1/events?limit=${EVENTS}&camera=${encodeURIComponent(this.id)}`);
      replace(this.events, events.map((event) => {
        const {words, text} = describe(event);
        return h("li", {}, h("time", {datetime: event.time}, timeOf(event.time)), h("span", {}, text || words));
      }), events.length === 0 && h("li", {}, "Nothing yet."));
    } catch {
      /* the list of before will do */
    }
  }

  close() {
    this.unwatch();
    this.resized.disconnect();
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.stopStream();
  }
}

export function open(root, {id}) {
  return new Camera(root, id);
}
