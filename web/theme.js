/* Dark or light: as the system says, or as was chosen here. */

import {icon, replace} from "./dom.js";
import {recall, remember} from "./memory.js";

const THEMES = [
  {name: "", icon: "auto", words: "as the system"},
  {name: "dark", icon: "moon", words: "dark"},
  {name: "light", icon: "sun", words: "light"},
];

function chosen() {
  const name = recall("theme") ?? "";

  return Math.max(0, THEMES.findIndex((theme) => theme.name === name));
}

/* The button goes from one to the next. early.js has set what was chosen before anything is seen. */
export function initTheme(button) {
  const show = (at) => {
    const theme = THEMES[at];
    remember("theme", theme.name);
    document.documentElement.dataset.theme = theme.name;
    button.setAttribute("aria-label", `Colours: ${theme.words}`);
    button.title = `Colours: ${theme.words}`;
    replace(button, icon(theme.icon));
  };

  show(chosen());
  button.addEventListener("click", () => show((chosen() + 1) % THEMES.length));
}
