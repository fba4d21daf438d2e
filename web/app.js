/*
 * The frame: which view the address names, who looks at it, what is told in the header. A view is a
 * module of views/ that exports open(root, params): it fills `root`, whose first heading is a h1,
 * and returns something with a close(); while its `unsaved` is true it is not left unasked. params:
 * {id, query}, of "#/cameras/{id}?query".
 */

import {ApiError, session} from "./api.js";
import {ask, dismiss} from "./ask.js";
import {$, h, icon, replace, setText} from "./dom.js";
import {fleet} from "./fleet.js";
import {countOf, shareOf} from "./format.js";
import {mayOpen, routeOf, ROUTES} from "./routes.js";
import {initTheme} from "./theme.js";

const LOGIN = {view: "login"};

let current = null;   /* the view that is open */
let address = "";     /* its own */
let asking = false;   /* whether to leave it */
let leaving = false;  /* the answer was yes */
let opened = 0;       /* grows with each */
let first = true;     /* the one that the page began with */

/* What the address asks for; addresses of before, "#front", are put right. */
function wanted() {
  const [path, query] = location.hash.slice(1).split("?");
  const found = routeOf(path);

  if (found) return {...found, query: new URLSearchParams(query)};
  const before = path && !path.includes("/");
  history.replaceState(null, "", before ? `#/cameras/${path}` : "#/cameras");
  return before ? wanted() : {...routeOf("/cameras"), query: new URLSearchParams()};
}

function closeCurrent() {
  dismiss();
  try {
    current?.close();
  } finally {
    current = null;
    $("main").replaceChildren();
  }
}

function fail(root, title, text) {
  replace(root, h("div", {class: "head"}, h("h1", {tabindex: "-1"}, title)), h("p", {class: "alert", role: "alert"}, text));
}

async function openView() {
  const mine = ++opened;
  const {route, id, query} = session.who ? wanted() : {route: LOGIN};
  const root = h("div", {class: `page page-${route.view}`});

  address = location.hash;
  leaving = false;
  closeCurrent();
  showNav(route);
  $("main").append(root);
  if (route !== LOGIN && !mayOpen(route)) {
    fail(root, "Not allowed", `${session.who.name} may not see this: ${session.who.role} is not enough, or all cameras must be seen.`);
  } else {
    try {
      const module = await import(`./views/${route.view}.js`);
      if (mine !== opened) return;
      current = module.open(root, {id, query});
    } catch (error) {
      if (mine !== opened) return;
      if (!(error instanceof ApiError)) console.error(error);
      fail(root, "This cannot be shown", error instanceof ApiError ? error.message : "This part of the page could not be loaded.");
    }
  }
  showTitle();
  if (!first) root.querySelector("[autofocus], h1")?.focus({preventScroll: true});
  first = false;
  window.scrollTo(0, 0);
}

async function mayLeave() {
  if (leaving || !current?.unsaved) return true;
  asking = true;
  const yes = await ask({title: "Leave without saving?", text: "What you changed here is not saved yet.", yes: "Leave", no: "Stay", danger: true});
  asking = false;
  return yes;
}

/* Asked before the address changes, so that a "stay" leaves no trace in the history. */
async function follow(event) {
  const link = event.target.closest('a[href^="#/"]');

  if (!link || !current?.unsaved || event.ctrlKey || event.metaKey || event.shiftKey || link.hash === address) return;
  event.preventDefault();
  if (!await mayLeave()) return;
  leaving = true;
  location.hash = link.hash;
}

/* The address has changed by itself: the view follows, or it is put back. */
async function moved() {
  const stays = current;

  if (asking) dismiss();
  else if (location.hash === address && current?.unsaved) return;
  else if (await mayLeave()) return openView();
  if (current === stays && location.hash !== address) history.pushState(null, "", address);
}

/* --- the header -------------------------------------------------------------------------------- */

function showNav(route) {
  const entries = ROUTES.filter((one) => one.nav && mayOpen(one)).map((one) =>
    h("a", {
      href: `#${one.path}`,
      "aria-current": one === route ? "page" : route.view !== "add" && route.path?.startsWith(`${one.path}/`) ? "true" : null,
    }, icon(one.icon), h("span", {}, one.nav)));

  replace($("nav"), ...entries);
  $("nav").hidden = entries.length === 0;
  $("summary").hidden = !session.who;
  replace($("account"), session.named && [
    h("span", {class: "who", title: `Logged in as ${session.who.role}`}, icon("user"), `${session.who.name} · ${session.who.role}`),
    session.who.kind === "user" && h("button", {type: "button", class: "quiet", onclick: logOut, "aria-label": "Log out", title: "Log out"}, icon("leave")),
  ]);
}

async function logOut() {
  try {
    await session.logOut();
  } catch (error) {
    setText($("fleet"), error.message);
  }
}

function showTitle() {
  const {cameras} = fleet;
  const away = cameras.filter((one) => one.state !== "live" && one.state !== "off").length;
  const name = $("main").querySelector("h1")?.textContent;

  document.title = `${away ? `(${away}) ` : ""}${name ? `${name} · ` : ""}vedette`;
}

function showSummary() {
  const {cameras, lost, known} = fleet;
  const live = cameras.filter((one) => one.state === "live").length;
  const moving = cameras.filter((one) => shareOf(one.motion) > 0.001).length;

  if (lost) setText($("fleet"), "The daemon does not answer.");
  else if (known) setText($("fleet"), `${countOf(cameras.length, "camera")}, ${live} live`);
  setText($("moving"), moving && !lost ? `, ${moving} with motion` : ""); /* beside what is announced: it never rests */
  $("summary").toggleAttribute("data-lost", lost);
  showTitle();
}

/* --- the beginning ------------------------------------------------------------------------------ */

async function begin() {
  for (;;) {
    try {
      await session.find();
      return;
    } catch (error) {
      setText($("fleet"), error.message);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

initTheme($("theme"));
fleet.addEventListener("change", showSummary);
$("skip").addEventListener("click", () => ($("main").querySelector("h1") ?? $("main")).focus());
await begin();
session.addEventListener("change", () => {
  fleet.forget();
  fleet.refresh();
  openView();
});
document.addEventListener("click", follow);
window.addEventListener("hashchange", moved);
window.addEventListener("beforeunload", (event) => current?.unsaved && event.preventDefault());
window.addEventListener("pagehide", closeCurrent);
window.addEventListener("pageshow", (event) => event.persisted && openView());
fleet.refresh();
openView();
