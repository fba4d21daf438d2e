import {readParts} from "/parts.js";

const POLL_MS = 1000;
const ANSWER_MS = 5000;
const FIRST_RETRY_MS = 300;
const MOST_RETRY_MS = 10000;
const OLD_MS = 5000; /* a picture older than this is said to be old */
const FIRST_LEFT_OUT_MS = 2000; /* until a wall is asked for anew, for who is not on it */
const MOST_LEFT_OUT_MS = 30000;
const WIDTHS = [320, 480, 640, 960, 1280];

const STATES = {
  off: "Off",
  connecting: "Connecting",
  starting: "Starting",
  live: "Live",
  undecodable: "Cannot be shown",
  waiting: "Away",
};

const $ = (id) => document.getElementById(id);
const tiles = new Map();
let wall = null;
let shown = null; /* id of the camera that is shown large */
let pollTimer = 0;
let reloads = 0;
let lost = false; /* streams ended without our doing since the wall was last live */

const api = (id, rest = "") => `/api/v1/cameras/${encodeURIComponent(id)}${rest}`;

/* --- one camera ------------------------------------------------------------------------------ */

class Tile {
  constructor(id) {
    this.id = id;
    this.element = $("tile").content.firstElementChild.cloneNode(true);
    this.element.href = `#${id}`;
    this.canvas = this.element.querySelector("canvas");
    this.context = this.canvas.getContext("2d", {alpha: false});
    this.decoding = false;
    this.next = null;
    this.pictures = 0;
    this.drawnAt = 0;
    this.leftOut = ""; /* why it is not on the wall */
    this.status = {id};
  }

  part(name) {
    return this.element.querySelector(name);
  }

  get name() {
    return this.status.name || this.id;
  }

  /* Only the newest picture is worth decoding; one that waits is replaced. */
  async show(picture) {
    this.next = picture;
    this.leftOut = "";
    if (this.decoding) return;
    this.decoding = true;
    while (this.next) {
      const {bytes, live} = this.next;
      this.next = null;
      try {
        const bitmap = await createImageBitmap(new Blob([bytes], {type: "image/jpeg"}));
        this.draw(bitmap, live);
      } catch {
        this.element.dataset.broken = "";
      }
    }
    this.decoding = false;
  }

  draw(bitmap, live) {
    if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
      this.canvas.width = bitmap.width;
      this.canvas.height = bitmap.height;
    }
    this.context.drawImage(bitmap, 0, 0);
    bitmap.close();
    delete this.element.dataset.broken;
    this.element.toggleAttribute("data-placeholder", !live);
    this.pictures++;
    this.drawnAt = performance.now();
    this.element.dataset.pictures = this.pictures;
  }

  update(status) {
    const state = status.state || "off";
    const motion = shareOf(status.motion);
    const words = STATES[state] || state;

    this.status = status;
    if (state === "off") this.leftOut = "";
    this.element.dataset.state = state;
    setText(this.part(".name"), this.name);
    setText(this.part(".state"), words);
    setText(this.part(".rate"), rateOf(status));
    setText(this.part(".reason"), [reasonOf(status), this.leftOut].filter(Boolean).join("; "));
    this.part(".motion > div").style.width = `${Math.min(100, Math.sqrt(motion) * 100)}%`;
    this.element.toggleAttribute("data-moving", motion > 0.001);
    this.element.toggleAttribute("data-old", performance.now() - this.drawnAt > OLD_MS);
    this.canvas.setAttribute("aria-label", `${this.name}: ${words}`);
    this.element.setAttribute("aria-label", `${this.name}, ${words}. Show large`);
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/* motion is null where nothing was analysed yet. */
function shareOf(motion) {
  return motion?.share || 0;
}

function rateOf(status) {
  const fps = status.fps;
  return Number.isFinite(fps) && status.state === "live" ? `${fps.toFixed(fps < 10 ? 1 : 0)} fps` : "";
}

function durationOf(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

/* Why there is no picture, since when, and when it is tried again. */
function reasonOf(status) {
  if (status.state === "live") return "";
  const away = status.away_seconds ?? status.since_seconds;
  const next = status.next_try_seconds;
  let text = status.reason || "";

  if (Number.isFinite(away) && status.state !== "off")
    text += `${text ? ", " : ""}for ${durationOf(away)}`;
  if (Number.isFinite(next) && status.state === "waiting")
    text += `; next try in ${durationOf(Math.ceil(next))}`;
  return text;
}

/* --- the pictures of all cameras over one connection ------------------------------------------ */

class Wall {
  /* What `key` names; it is due anew so long after it began with somebody left out. */
  constructor(key, width, patience) {
    this.key = key;
    this.width = width;
    this.patience = patience;
    this.dueAt = Infinity;
    this.abort = new AbortController();
    this.state = "waiting";
    this.run();
  }

  async run() {
    let wait = FIRST_RETRY_MS;

    while (!this.abort.signal.aborted) {
      try {
        await this.watch(() => {
          wait = FIRST_RETRY_MS;
          this.setState("live");
        });
      } catch {
        /* tried again below, whatever it was */
      }
      if (this.abort.signal.aborted) return;
      this.setState("waiting");
      await sleep(wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, MOST_RETRY_MS);
    }
  }

  async watch(onPart) {
    const response = await fetch(`/api/v1/wall.mjpg?width=${this.width}`,
                                 {signal: this.abort.signal, cache: "no-store"});

    this.dueAt = Infinity;
    if (response.status === 503) {
      const why = messageOf(await response.text());
      for (const tile of tiles.values()) tile.leftOut = why;
    }
    if (!response.ok) throw new Error(`status ${response.status}`);
    await readParts(response, (headers, bytes) => {
      const tile = tiles.get(headers.get("x-camera"));
      if (headers.get("content-type") === "application/json") {
        if (tile) tile.leftOut = messageOf(new TextDecoder().decode(bytes));
        this.dueAt = Math.min(this.dueAt, performance.now() + this.patience);
      } else if (tile) {
        tile.show({bytes, live: headers.get("x-state") !== "placeholder"});
      }
      onPart();
    });
  }

  get due() {
    return performance.now() > this.dueAt;
  }

  setState(state) {
    if (this.state === state) return;
    this.state = state;
    showLink();
    if (state !== "live") {
      lost = true;
    } else if (lost) {
      lost = false;
      reloadLarge();
    }
  }

  stop() {
    this.abort.abort();
  }
}

/* What an error of the daemon says. */
function messageOf(text) {
  return JSON.parse(text).error.message;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function showLink() {
  const live = wall?.state === "live";
  const link = $("link");

  link.dataset.state = live ? "live" : "waiting";
  setText(link, live ? "connected" : "connecting…");
}

/* The smallest width on offer that fills a tile. */
function wantedWidth() {
  const tile = $("wall").querySelector(".view");
  const pixels = (tile ? tile.clientWidth : 480) * Math.min(window.devicePixelRatio || 1, 2);

  return WIDTHS.find((width) => width >= pixels * 0.9) || WIDTHS[WIDTHS.length - 1];
}

function stopWall() {
  wall?.stop();
  wall = null;
}

/*
 * Connects anew when other cameras are to be seen, or other sizes, or now and then for who was left
 * out. The daemon puts all cameras there are on the wall: their ids need not fit in an address, and
 * however many there are, the status keeps a connection of the few that a browser grants.
 */
function keepWall() {
  const ids = [...tiles.values()].filter((tile) => tile.status.state !== "off")
    .map((tile) => tile.id).sort();
  const width = wantedWidth();
  const key = `${width} ${ids.join(",")}`;
  const same = wall?.key === key;

  if (document.hidden || (same && !wall.due)) return;
  const patience = same ? Math.min(wall.patience * 2, MOST_LEFT_OUT_MS) : FIRST_LEFT_OUT_MS;
  stopWall();
  if (ids.length > 0) wall = new Wall(key, width, patience);
  showLink();
}

/* --- the cameras there are --------------------------------------------------------------------- */

function takeStatus(cameras) {
  const grid = $("wall");
  const ids = new Set(cameras.map((camera) => camera.id));

  for (const [id, tile] of tiles) {
    if (ids.has(id)) continue;
    tile.element.remove();
    tiles.delete(id);
  }
  cameras.forEach((camera, i) => {
    if (!tiles.has(camera.id)) tiles.set(camera.id, new Tile(camera.id));
    const tile = tiles.get(camera.id);
    if (grid.children[i] !== tile.element) grid.insertBefore(tile.element, grid.children[i]);
    tile.update(camera);
  });
  grid.dataset.count = Math.min(cameras.length, 5);
  $("empty").hidden = cameras.length > 0;
  showSummary(cameras);
  keepWall();
  showLarge();
}

function showSummary(cameras) {
  const live = cameras.filter((camera) => camera.state === "live").length;
  const moving = cameras.filter((camera) => shareOf(camera.motion) > 0.001).length;
  const all = `${cameras.length} camera${cameras.length === 1 ? "" : "s"}`;

  setText($("summary"), `${all}, ${live} live${moving ? `, ${moving} with motion` : ""}`);
  document.title = live < cameras.length ? `(${cameras.length - live}) vedette` : "vedette";
}

async function poll() {
  clearTimeout(pollTimer);
  try {
    const response = await fetch("/api/v1/cameras", {cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS)});
    if (!response.ok) throw new Error(`status ${response.status}`);
    takeStatus((await response.json()).cameras);
    document.body.removeAttribute("data-lost");
  } catch {
    document.body.setAttribute("data-lost", "");
    setText($("summary"), "The daemon does not answer.");
    lost = true;
    stopWall(); /* a connection to a machine that is gone would be waited on for minutes */
    showLink();
  }
  if (!document.hidden) pollTimer = setTimeout(poll, POLL_MS);
}

/* --- one camera large --------------------------------------------------------------------------- */

/* Called for each status, so that only what changed is touched. */
function showLarge() {
  const id = decodeURIComponent(location.hash.slice(1));
  const tile = tiles.get(id);
  const dialog = $("large");

  if (!tile) {
    if (dialog.open) dialog.close();
    return;
  }
  if (shown !== id) {
    shown = id;
    $("large-picture").src = api(id, "/stream.mjpg");
    $("large-snapshot").href = api(id, "/snapshot.jpg");
    $("large-json").href = api(id);
  }
  const words = STATES[tile.status.state] || tile.status.state || "";
  setText($("large-name"), tile.name);
  setText($("large-state"), [words, rateOf(tile.status)].filter(Boolean).join(" · "));
  $("large-state").dataset.state = tile.status.state;
  setText($("large-reason"), reasonOf(tile.status));
  $("large-picture").alt = `${tile.name}, live`;
  if (!dialog.open) dialog.showModal();
}

function closeLarge() {
  const tile = tiles.get(shown);

  shown = null;
  $("large-picture").removeAttribute("src"); /* ends the stream */
  if (location.hash) history.replaceState(null, "", location.pathname);
  if (tile) tile.element.focus();
}

function step(by) {
  const ids = [...$("wall").children].map((element) => element.hash.slice(1));
  const at = ids.indexOf(encodeURIComponent(shown));

  if (at >= 0) location.replace(`#${ids[(at + by + ids.length) % ids.length]}`);
}

/*
 * A stream that ended shows its last picture for ever: it is asked for anew with the wall's. The
 * address must differ in more than its fragment; empty parameters do, and mean nothing.
 */
function reloadLarge() {
  if (shown === null) return;
  reloads = (reloads + 1) % 16;
  $("large-picture").src = `${api(shown, "/stream.mjpg")}?${"&".repeat(reloads)}`;
}

/* One that could not be had, for a limit or a camera that is gone, is tried again. */
function retryLarge() {
  const id = shown;

  setTimeout(() => {
    if (shown === id) reloadLarge();
  }, 2000);
}

/* --- the page ------------------------------------------------------------------------------------ */

function onVisibility() {
  if (document.hidden) {
    clearTimeout(pollTimer);
    stopWall();
    showLink();
    if (shown !== null) $("large-picture").removeAttribute("src");
    return;
  }
  if (shown !== null) $("large-picture").src = api(shown, "/stream.mjpg");
  poll();
}

$("large").addEventListener("close", closeLarge);
$("large").addEventListener("click", (event) => {
  if (event.target === $("large")) $("large").close();
});
$("large").addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
$("large-close").addEventListener("click", () => $("large").close());
$("large-previous").addEventListener("click", () => step(-1));
$("large-next").addEventListener("click", () => step(1));
$("large-picture").addEventListener("error", retryLarge);
window.addEventListener("hashchange", showLarge);
window.addEventListener("pagehide", stopWall);
document.addEventListener("visibilitychange", onVisibility);
poll();
