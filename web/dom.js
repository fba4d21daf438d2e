/* Makes and changes elements. The policy allows no markup from texts, and nothing here makes any. */

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

/* Attributes by name; "onclick" and its kin are listeners, true and false are there or not, but said of "aria-". */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-") && typeof value === "boolean") element.setAttribute(name, String(value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
}

function append(element, children) {
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/* h("button", {type: "button", onclick: f}, icon("plus"), "Add") */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);

  setAttributes(element, attributes);
  return append(element, children);
}

/* The same of SVG. */
export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);

  setAttributes(element, attributes);
  return append(element, children);
}

/* One of icons.svg; it says nothing to screen readers, so a text or label stands beside it. */
export function icon(name) {
  return s("svg", {class: "icon", "aria-hidden": "true", viewBox: "0 0 24 24"},
           s("use", {href: `/web/icons.svg#${name}`}));
}

/* Touches only what changed, so that nothing is announced or laid out twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function replace(element, ...children) {
  element.replaceChildren();
  return append(element, children);
}

/* A word for screen readers alone. */
export function hidden(text) {
  return h("span", {class: "visually-hidden"}, text);
}

/* A line that says what went wrong, announced at once; empty it is not seen. */
export function alertLine() {
  return h("p", {class: "alert", role: "alert"});
}
