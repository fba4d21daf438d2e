/*
 * All options of one camera, as the schema has them. What a change would interrupt is asked for while
 * one writes, and what somebody else changed meanwhile is never overwritten unseen (If-Match).
 */

import {camera as path, get, request, send, valueOf} from "../api.js";
import {ask} from "../ask.js";
import {alertLine, h, icon, replace, setText} from "../dom.js";
import {APPLIES, Field, focusWrong, place, showPlan} from "../fields.js";
import {fleet} from "../fleet.js";
import {countOf} from "../format.js";
import {offers} from "../routes.js";

const PAUSE_MS = 300; /* in the writing, until what it would do is asked for */

/* Each begins at an option and has all up to the next one, also such as are not known here. */
const SECTIONS = [["The camera", "uri"], ["How it is reached", "user"], ["Analysis", "gpu"], ["Streams", "stream_fps"]];

class Settings {
  constructor(root, id) {
    this.id = id;
    this.fields = [];
    this.etag = "";
    this.asked = 0; /* grows with each question, so that a late answer is not taken */
    this.saving = false;
    this.makeFrame(root);
    this.gone = false;
    this.begin();
  }

  makeFrame(root) {
    const back = `#/cameras/${encodeURIComponent(this.id)}`;

    this.alert = alertLine();
    this.conflict = h("div", {role: "alert"});
    this.effect = h("p", {class: "effect", role: "status"}, "Asking for the settings…");
    this.plan = h("ul", {class: "plan"});
    this.save = h("button", {type: "submit", class: "primary"}, icon("check"), "Save");
    this.discard = h("button", {type: "button", onclick: () => this.forget()}, "Discard");
    this.sections = h("div");
    this.pane = h("aside", {class: "card changes", "aria-label": "Changes"},
      h("h2", {}, "Changes"), this.conflict, this.alert, this.effect, this.plan,
      h("div", {class: "toolbar"}, this.save, this.discard));
    this.form = h("form", {class: "split", novalidate: true, onsubmit: (event) => this.submit(event)}, this.sections, this.pane);
    root.append(
      h("div", {class: "head"},
        h("a", {class: "button quiet", href: back, "aria-label": "Back to the camera", title: "Back to the camera"}, icon("back")),
        h("h1", {tabindex: "-1"}, `Settings of ${this.name}`),
        offers("masks") && h("a", {class: "button", href: `${back}/masks`}, icon("mask"), "Masks, zones and lines"),
        h("button", {type: "button", class: "danger", onclick: () => this.remove()}, icon("trash"), "Remove camera")),
      this.form);
  }

  get name() {
    return fleet.find(this.id)?.name || this.id;
  }

  get unsaved() {
    return !this.gone && Object.keys(this.changes()).length > 0;
  }

  async begin() {
    try {
      const {properties} = await get("/api/v1/schema");
      if (this.closed) return;
      this.makeFields(properties);
      await this.load();
      this.offer();
    } catch (error) {
      setText(this.effect, "");
      setText(this.alert, error.message);
    }
  }

  /* Masks, zones and lines are drawn, elsewhere; the id cannot be changed. */
  makeFields(properties) {
    let grid;

    for (const [name, schema] of Object.entries(properties)) {
      const section = SECTIONS.find(([, from]) => from === name);
      if (section) {
        grid = h("div", {class: "fields"});
        this.sections.append(h("section", {class: "card"}, h("h2", {}, section[0]), grid));
      }
      if (!grid || ["array", "object"].includes(schema.type) || name === "id") continue;
      const field = new Field(name, schema, {changed: () => this.wrote()});
      this.fields.push(field);
      grid.append(field.root);
    }
  }

  /* Takes what holds now, with its mark. keep(field): what was written there stays. */
  async load(keep = () => false) {
    const [answer, origins] = await Promise.all([request(path(this.id, "/configuration")), get(path(this.id, "/configuration/origins"))]);
    const values = await valueOf(answer);

    this.etag = answer.headers.get("etag");
    for (const field of this.fields) {
      field.show(values[field.name], keep(field));
      field.showOrigin(origins[field.name]);
    }
  }

  /* As a merge patch. */
  changes() {
    return Object.fromEntries(this.fields.filter((field) => field.differs).map((field) => [field.name, field.wanted]));
  }

  async order(changes, query = "") {
    const answer = await request(path(this.id, `/configuration${query}`), {
      method: "PATCH",
      body: JSON.stringify(changes),
      headers: {"Content-Type": "application/merge-patch+json", "If-Match": this.etag},
    });

    return valueOf(answer);
  }

  /* --- what it would do ------------------------------------------------------------------------- */

  /* Nothing is asked before there is a pause. */
  wrote() {
    clearTimeout(this.timer);
    this.asked++;
    this.timer = setTimeout(() => this.preview(), PAUSE_MS);
  }

  offer(words = "Nothing is changed.") {
    this.pane.toggleAttribute("data-pending", this.unsaved);
    setText(this.alert, place(this.fields, null));
    replace(this.conflict);
    replace(this.plan);
    setText(this.effect, words);
  }

  async preview() {
    const mine = ++this.asked;
    const changes = this.changes();

    if (Object.keys(changes).length === 0) {
      this.offer();
      return;
    }
    try {
      const {changed, applies} = await this.order(changes, "?dry_run=1");
      if (mine !== this.asked || this.closed) return;
      this.offer(changed.length > 0 ? `${countOf(changed.length, "change")}, not saved yet: ${APPLIES[applies] ?? applies}.` : "Not saved yet; no value becomes another.");
      showPlan(this.plan, this.fields, changed);
    } catch (error) {
      if (mine === this.asked && !this.closed) this.refuse(error);
    }
  }

  refuse(error) {
    const text = place(this.fields, error);

    this.pane.toggleAttribute("data-pending", true);
    replace(this.plan);
    setText(this.effect, "Not saved.");
    setText(this.alert, error.status === 412 ? "" : text);
    if (error.status !== 412) replace(this.conflict);
    else if (!this.conflict.hasChildNodes())
      replace(this.conflict,
        h("p", {class: "alert"}, "Somebody else has changed this camera since it was read here, so nothing was saved. ",
          "Take over what is new to see both together; what you wrote stays in its fields."),
        h("p", {}, h("button", {type: "button", onclick: () => this.takeOver()}, icon("restart"), "Take over what is new")));
  }

  /* --- what is done ----------------------------------------------------------------------------- */

  async submit(event) {
    const changes = this.changes();

    event.preventDefault();
    if (this.saving || !this.etag) return;
    clearTimeout(this.timer);
    if (Object.keys(changes).length === 0) {
      this.offer();
      return;
    }
    this.saving = true;
    this.asked++;
    try {
      const {applies, kept} = await this.order(changes);
      await this.load((field) => field.differs && field.wanted !== changes[field.name]);
      this.offer(`Saved: ${APPLIES[applies] ?? applies}.${kept ? "" : " It holds until vedetted ends."}`);
      fleet.refresh();
      if (Object.keys(this.changes()).length > 0) this.wrote();
    } catch (error) {
      this.refuse(error);
      focusWrong(this.fields);
    }
    this.saving = false;
  }

  async takeOver() {
    try {
      await this.load((field) => field.differs);
      replace(this.conflict);
      this.save.focus();
      await this.preview();
    } catch (error) {
      this.refuse(error);
    }
  }

  async forget() {
    clearTimeout(this.timer);
    this.asked++;
    try {
      await this.load();
      this.offer();
    } catch (error) {
      this.refuse(error);
    }
  }

  async remove() {
    const text = "Whoever watches it is disconnected, and its settings are lost. Its events stay in the list.";

    if (!await ask({title: `Remove ${this.name}?`, text, yes: "Remove", danger: true})) return;
    clearTimeout(this.timer);
    try {
      await send("DELETE", path(this.id));
      this.gone = true;
      await fleet.refresh();
      if (!this.closed) location.hash = "#/cameras";
    } catch (error) {
      setText(this.alert, error.message);
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
  }
}

export function open(root, {id}) {
  return new Settings(root, id);
}
