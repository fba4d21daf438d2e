/* Who looks at the page? */

import {session} from "../api.js";
import {alertLine, h, setText} from "../dom.js";

export function open(root) {
  const user = h("input", {name: "user", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true, autofocus: true});
  const password = h("input", {name: "password", type: "password", autocomplete: "current-password", required: true});
  const button = h("button", {class: "primary", type: "submit"}, "Log in");
  const alert = alertLine();

  async function logIn(event) {
    event.preventDefault();
    button.disabled = true;
    setText(alert, "");
    try {
      await session.logIn(user.value, password.value);
    } catch (error) {
      setText(alert, error.message);
      password.value = "";
      password.focus();
    }
    button.disabled = false;
  }

  root.append(h("form", {class: "card login", onsubmit: logIn},
    h("img", {src: "/web/icon.svg", alt: "", width: 56, height: 56}),
    h("h1", {tabindex: "-1"}, "Log in"),
    h("label", {}, "User", user),
    h("label", {}, "Password", password),
    alert, button));
  user.focus();
  return {close() {}};
}
