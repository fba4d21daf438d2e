/* Which view each address shows, and to whom. */

import {session} from "./api.js";

/*
 * nav: its entry in the navigation; role: that it needs; all: for who sees all cameras. A view that is
 * not here is not there: what would lead to it asks offers() first.
 */
export const ROUTES = [
  {path: "/cameras", view: "cameras", nav: "Cameras", icon: "grid"},
  {path: "/cameras/{id}", view: "camera"},
  {path: "/cameras/{id}/settings", view: "settings", role: "admin"},
  {path: "/cameras/{id}/masks", view: "masks", role: "admin"},
  {path: "/cameras/{id}/explain", view: "explain"},
  {path: "/add", view: "add", role: "admin", all: true},
  {path: "/events", view: "events", nav: "Events", icon: "bell"},
  {path: "/health", view: "health", nav: "Health", icon: "pulse"},
];

/* An escape that is broken is what it is. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/* {route, id} of an address, or null. */
export function routeOf(path) {
  for (const route of ROUTES) {
    const match = new RegExp(`^${route.path.replace("{id}", "([^/]+)")}$`).exec(path);
    if (match) return {route, id: match[1] && decoded(match[1])};
  }
  return null;
}

export function mayOpen(route) {
  return session.may(route.role ?? "viewer") && (!route.all || session.seesAll);
}

/* Whether there is such a view for who looks. */
export function offers(view) {
  return ROUTES.some((route) => route.view === view && mayOpen(route));
}
