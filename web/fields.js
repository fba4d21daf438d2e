/* Fields of forms, made of the schema of a camera's options. */

import {sentence} from "./api.js";
import {h, hidden, replace, setText} from "./dom.js";

const CAPITALS = new Set(["ca", "gpu", "jpeg", "tls", "uri"]);
export const APPLIES = {
  nothing: "changes nothing",
  live: "takes effect live",
  analysis: "analysis begins anew",
  reconnect: "connects anew",
};

/* "event_min_ms" is "Event min": the unit stands beside the field. */
export function labelOf(name) {
  const words = name.replace(/_ms$/, "").split("_").map((word) => CAPITALS.has(word) ? word.toUpperCase() : word).join(" ");

  return words.charAt(0).toUpperCase() + words.slice(1);
}

/* A value as it is told, in plans and as the default. */
export function valueText(schema, value) {
  if (schema.writeOnly) return value ? "hidden" : "none";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "object" && value !== null) return String(Object.keys(value).length);
  return value === "" || value === null || value === undefined ? "none" : String(value);
}

const isNumber = ({type}) => type === "integer" || type === "number";

function controlOf(schema, attributes) {
  if (schema.type === "boolean") return h("input", {type: "checkbox", ...attributes});
  if (schema.enum) return h("select", attributes, schema.enum.map((value) => h("option", {value}, value)));
  if (isNumber(schema)) return h("input", {type: "number", step: schema.type === "integer" ? 1 : 0.01, min: schema.minimum, max: schema.maximum, ...attributes});
  const text = {autocapitalize: "none", spellcheck: "false", ...attributes};
  if (schema.writeOnly) return h("input", {type: "password", autocomplete: "new-password", ...text});
  return h("input", {type: "text", autocomplete: "off", ...text});
}

function factsOf(schema) {
  const unit = schema["x-unit"] ? ` ${schema["x-unit"]}` : "";

  return [
    isNumber(schema) && `${schema.minimum} to ${schema.maximum}${unit}`,
    schema.default !== undefined && schema.default !== "" && `default ${valueText(schema, schema.default)}`,
    schema["x-applies"] && `a change ${APPLIES[schema["x-applies"]].replace("analysis begins", "begins analysis").replace("connects", "connects the camera")}`,
  ].filter(Boolean);
}

/* One option: its label, control, what is wrong with it, help and facts. `changed` is called when it is another. */
export class Field {
  constructor(name, schema, {label = labelOf(name), required = false, changed = () => {}} = {}) {
    const id = (part) => `${part}-${name}`;

    this.name = name;
    this.label = label;
    this.schema = schema;
    this.shown = schema.type === "boolean" ? false : "";
    this.dropped = false; /* it is to be taken back */
    this.changed = changed;
    this.control = controlOf(schema, {
      id: id("option"), name, oninput: () => this.changed(),
      "aria-required": required ? "true" : null,
      "aria-describedby": `${id("error")} ${id("help")} ${id("facts")}`,
    });
    if (schema.writeOnly) this.control.addEventListener("focus", () => this.control.select());
    this.error = h("p", {class: "field-error", id: id("error")});
    this.facts = h("span", {}, factsOf(schema).join(" · "));
    this.origin = h("span");
    this.reset = h("button", {type: "button", class: "quiet reset", hidden: true, "aria-pressed": false, onclick: () => this.drop(!this.dropped)}, "Reset", hidden(` ${label}`));
    const words = h("label", {for: id("option")}, label);
    const check = schema.type === "boolean";
    this.root = h("div", {class: check ? "field check" : "field", "data-option": name},
      check ? null : words,
      h("div", {class: "entry"}, this.control, check ? words : schema["x-unit"] && h("span", {class: "unit"}, schema["x-unit"]), this.reset),
      this.error,
      h("p", {class: "help", id: id("help")}, schema.description),
      h("p", {class: "hint", id: id("facts")}, this.facts, this.origin));
  }

  /* What the form has; a number that is none is the text that was written. */
  get value() {
    const {type, value, checked} = this.control;

    if (type === "checkbox") return checked;
    return type === "number" && value !== "" ? Number(value) : value;
  }

  get differs() {
    return this.dropped || this.value !== this.shown;
  }

  /* As a merge patch has it. */
  get wanted() {
    return this.dropped ? null : this.value;
  }

  /* Takes what the daemon has. What was written here stays where `keep`. */
  show(value, keep = false) {
    this.shown = value;
    if (keep) return;
    if (this.schema.type === "boolean") this.control.checked = value;
    else this.control.value = value;
    this.mark(false);
  }

  /* Where the value comes from; only what the API changed can be taken back. */
  showOrigin({from, file, line} = {from: "preset"}) {
    const place = file ? ` (${file}, line ${line})` : "";
    const words = {preset: "as built in", defaults: `from the defaults of all cameras${place}`, camera: `from the configuration's files${place}`, api: "changed on this page or by the API"}[from] ?? from;

    setText(this.origin, `${this.facts.textContent ? " · " : ""}${words}`);
    this.reset.hidden = from !== "api";
    if (this.reset.hidden && this.dropped) this.show(this.shown);
  }

  mark(dropped) {
    this.dropped = dropped;
    this.control.disabled = dropped;
    this.reset.setAttribute("aria-pressed", String(dropped));
  }

  drop(dropped) {
    this.mark(dropped);
    this.changed();
  }

  fail(text) {
    setText(this.error, text && sentence(text));
    this.control.setAttribute("aria-invalid", String(Boolean(text)));
  }
}

/*
 * Puts what an ApiError says of single options at their fields; the rest of it, as a text, is returned.
 * Without an error all fields are good.
 */
export function place(fields, error) {
  const rest = [];
  const wrong = new Map();

  for (const {option, allowed} of error?.details ?? []) {
    const name = option.replaceAll("-", "_");
    if (fields.some((field) => field.name === name)) wrong.set(name, allowed);
    else rest.push(sentence(`${option ? `${option}: ` : ""}${allowed}`));
  }
  for (const field of fields) field.fail(wrong.get(field.name) ?? "");
  if (!error) return "";
  const count = wrong.size === 1 ? "One value cannot be taken." : `${wrong.size} values cannot be taken.`;
  return [wrong.size > 0 ? count : rest.length === 0 && error.message, ...rest].filter(Boolean).join(" ");
}

export function focusWrong(fields) {
  fields.find((field) => field.error.textContent)?.control.focus();
}

/* "Motion threshold: 16 → 20, takes effect live" of each change in a plan. */
export function showPlan(list, fields, changed) {
  replace(list, changed.map(({option, from, to, applies}) => {
    const field = fields.find((one) => one.name === option.replaceAll("-", "_"));
    const schema = field?.schema ?? {};
    return h("li", {}, h("b", {}, field?.label ?? labelOf(option)), " ",
      schema.writeOnly ? (to ? "is another one" : "is removed") : `${valueText(schema, from)} → ${valueText(schema, to)}`,
      h("span", {class: "applies", "data-applies": applies}, APPLIES[applies] ?? applies));
  }));
}
