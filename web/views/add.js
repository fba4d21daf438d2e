/* A new camera. */

import {get, send, sentence} from "../api.js";
import {alertLine, h, icon, setText} from "../dom.js";
import {Field, focusWrong, place} from "../fields.js";
import {fleet} from "../fleet.js";
import {Trial} from "../trial.js";

const ASKED = {id: {label: "Id", required: true}, name: {label: "Name"}, uri: {label: "Address", required: true}, user: {label: "User"}, password: {label: "Password"}};

export function open(root) {
  const alert = alertLine();
  const entries = h("div", {class: "fields"});
  const fields = [];
  const trial = new Trial({value: written, refused: showRefusal});
  let busy = false;
  let closed = false;

  /* What the camera is made of. */
  function written() {
    return Object.fromEntries(fields.filter((field) => field.value !== "").map((field) => [field.name, field.value]));
  }

  /* error: null where there is none. */
  function showRefusal(error) {
    setText(alert, place(fields, error));
    if (error) focusWrong(fields);
  }

  async function begin() {
    try {
      const {properties} = await get("/api/v1/schema");
      for (const [name, words] of Object.entries(ASKED)) fields.push(new Field(name, {...properties[name], "x-applies": null}, words));
      entries.append(...fields.map((field) => field.root), trial.root);
      entries.addEventListener("input", () => trial.forget());
      if (!closed) fields[0].control.focus();
    } catch (error) {
      setText(alert, error.message);
    }
  }

  /* That an id is taken is said of the document; it belongs at the id. */
  function refuse(error) {
    if (error.status === 409) error.details = [{option: "id", allowed: sentence(error.message)}];
    showRefusal(error);
  }

  async function add(event) {
    event.preventDefault();
    if (busy || fields.length === 0) return;
    busy = true;
    try {
      const {id} = await send("POST", "/api/v1/cameras", written());
      await fleet.refresh();
      if (!closed) location.hash = `#/cameras/${encodeURIComponent(id)}`;
    } catch (error) {
      refuse(error);
    }
    busy = false;
  }

  root.append(
    h("div", {class: "head"},
      h("a", {class: "button quiet", href: "#/cameras", "aria-label": "All cameras", title: "All cameras"}, icon("back")),
      h("h1", {tabindex: "-1"}, "Add camera")),
    h("form", {class: "card add", novalidate: true, onsubmit: add},
      h("p", {class: "note"}, "It is watched at once. All else can be changed in its settings later."),
      alert, entries,
      h("div", {class: "toolbar"},
        h("button", {type: "submit", class: "primary"}, icon("plus"), "Add camera"),
        h("a", {class: "button", href: "#/cameras"}, "Cancel"))));
  begin();
  return {close() {
    closed = true;
    trial.forget();
  }};
}
