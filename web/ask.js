/* Asks a question that must be answered before anything else goes on. */

import {h} from "./dom.js";

let open = null;

/* Whether the answer is yes; Escape and dismiss() say no. danger: yes loses something. */
export function ask({title, text, yes, no = "Cancel", danger = false}) {
  dismiss();
  return new Promise((resolve) => {
    const dialog = open = h("dialog", {
      class: "card ask",
      "aria-labelledby": "ask-title",
      "aria-describedby": "ask-text",
      onclose: () => {
        dialog.remove();
        if (open === dialog) open = null;
        resolve(dialog.returnValue === "yes");
      },
    },
    h("h2", {id: "ask-title"}, title),
    h("p", {id: "ask-text"}, text),
    h("form", {method: "dialog", class: "toolbar"},
      h("button", {value: "no", autofocus: true}, no),
      h("button", {value: "yes", class: danger ? "danger" : "primary"}, yes)));

    document.body.append(dialog);
    dialog.showModal();
  });
}

export function dismiss() {
  open?.close("no");
}
