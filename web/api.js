/*
 * Asks the daemon. Errors are ApiError, whose message is a sentence for people; a session that is
 * over makes the page show its login.
 */

const ANSWER_MS = 10000;
const ROLES = ["viewer", "operator", "admin"];

export class ApiError extends Error {
  /* status 0: it did not answer. details: [{option, allowed}] of what cannot be taken. */
  constructor(status, code, message, details = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/* "front is watched in 16 ways" becomes a sentence. */
export function sentence(text) {
  const first = text.charAt(0).toUpperCase() + text.slice(1);

  return /[.!?…]$/.test(first) ? first : `${first}.`;
}

async function errorOf(response) {
  const retry = Number(response.headers.get("retry-after"));
  let error = {};

  try {
    error = (await response.json()).error ?? {};
  } catch {
    /* a proxy's page, or nothing */
  }
  let message = sentence(error.message || `The daemon answered with status ${response.status}`);
  if (response.status === 401) message = "The session is over, or nobody is logged in.";
  if (response.status === 429) message = `${message} Try again in ${retry || 1} s.`;
  return new ApiError(response.status, error.code || "", message, error.details);
}

/*
 * What fetch() answers, when it is good. Says the session's token, or an empty one, so that the
 * browser never asks for a password itself. `stream`: it may take for ever.
 */
export async function request(path, {method = "GET", headers = {}, body, signal, stream = false} = {}) {
  const signals = [signal, stream ? null : AbortSignal.timeout(ANSWER_MS)].filter(Boolean);
  let response;

  try {
    response = await fetch(path, {
      method,
      body,
      headers: {"X-CSRF-Token": session.token, ...headers},
      cache: "no-store",
      signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0],
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "unreachable", "The daemon does not answer.");
  }
  if (response.ok) return response;
  if (response.status === 401 && session.who) session.over();
  throw await errorOf(response);
}

/* What request() answered, read to its end. */
export async function valueOf(response) {
  try {
    return await response.json();
  } catch {
    throw new ApiError(0, "unreachable", "The daemon's answer broke off.");
  }
}

export async function get(path, options) {
  return valueOf(await request(path, options));
}

/* Sends `value` as JSON; what is answered, or null where there is nothing to say. */
export async function send(method, path, value, {headers, ...options} = {}) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  const type = body === undefined ? {} : {"Content-Type": "application/json"};
  const response = await request(path, {method, body, headers: {...type, ...headers}, ...options});

  return response.status === 204 ? null : valueOf(response);
}

export const camera = (id, rest = "") => `/api/v1/cameras/${encodeURIComponent(id)}${rest}`;

/* Base64 of UTF-8, as HTTP's Basic has it. */
function basic(user, password) {
  const bytes = new TextEncoder().encode(`${user}:${password}`);

  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/* Who looks at this page. Tells "change" when that is somebody else. */
class Session extends EventTarget {
  constructor() {
    super();
    this.who = null; /* what /api/v1/session says; null: nobody yet */
  }

  get token() {
    return this.who?.csrf_token ?? "";
  }

  /* Whether there is something to log out of. */
  get named() {
    return Boolean(this.who?.name);
  }

  /* Whether metrics, which are of all cameras, may be read. */
  get seesAll() {
    return Boolean(this.who?.cameras.includes("*"));
  }

  may(role) {
    return Boolean(this.who) && ROLES.indexOf(this.who.role) >= ROLES.indexOf(role);
  }

  become(who) {
    this.who = who;
    this.dispatchEvent(new Event("change"));
  }

  over() {
    this.become(null);
  }

  /* At the start: a session of before, or a daemon that asks nobody. */
  async find() {
    try {
      this.become(await get("/api/v1/session"));
    } catch (error) {
      if (error.status !== 401) throw error;
      this.become(null);
    }
  }

  async logIn(user, password) {
    try {
      this.become(await send("POST", "/api/v1/session", undefined,
                             {headers: {Authorization: basic(user, password)}}));
    } catch (error) {
      if (error.status === 401) error.message = "The name or the password is wrong.";
      throw error;
    }
  }

  async logOut() {
    await send("DELETE", "/api/v1/session");
    this.over();
  }
}

export const session = new Session();
