/* What kinds of events there are, and what each says to people. */

import {countOf, durationOf, percentOf, STATES} from "./format.js";

function list(ids, words) {
  return ids?.length > 0 ? `${words} ${ids.join(", ")}` : "";
}

/* Events from before there were zones and classes have none. */
function moved(event) {
  const where = event.zones?.length > 0 ? event.zones.join(", ") : countOf(event.boxes.length, "place");
  const what = event.classes?.length > 0 ? `${event.classes.join(", ")}; ` : "";

  return `${what}${percentOf(event.peak_share)} of the picture at most, in ${where}`;
}

const TAMPERS = {
  covered: "The camera is covered", blinded: "The camera is blinded", defocused: "The picture is out of focus", moved: "The camera was moved", shaken: "The camera shakes",
  frozen: "The picture is frozen", black: "The picture is black", noisy: "The picture is noisy", "ir-flip": "Colour and grey take turns",
};

/* tone: of its dot; words: the kind; text: what this one says. */
export const KINDS = {
  "motion-start": {words: "Motion", tone: "moving", text: (event) => `Motion began: ${moved(event)}`},
  "motion-end": {words: "Motion ended", tone: "quiet", text: (event) => `Motion for ${durationOf(event.seconds)}: ${moved(event)}`},
  "line-crossed": {words: "Line crossed", tone: "moving", text: (event) => `${event.line} was crossed, ${event.direction}`},
  "light-changed": {words: "Light changed", tone: "quiet", text: (event) => `The light changed from ${percentOf(event.brightness_before)} to ${percentOf(event.brightness)}`},
  "tampering-start": {words: "Tampering", tone: "bad", text: (event) => `${TAMPERS[event.what] ?? event.what}: ${Math.round(event.score)} of 100, the limit is ${event.limit}`},
  "tampering-end": {words: "Tampering ended", tone: "quiet", text: (event) => `${TAMPERS[event.what] ?? event.what} for ${durationOf(event.seconds)}, ${Math.round(event.score)} of 100 at most`},
  "camera-state": {
    words: "Camera's state",
    tone: (event) => ({live: "live", off: "quiet"})[event.to] ?? "bad",
    text: (event) => `${STATES[event.to] ?? event.to}${event.reason ? `: ${event.reason}` : ""}`,
  },
  configuration: {
    words: "Configuration",
    tone: "accent",
    text: (event) => `Configuration: ${[list(event.added, "added"), list(event.removed, "removed"), list(event.changed, "changed")].filter(Boolean).join("; ")}${event.who ? `, by ${event.who}` : ""}`,
  },
  "viewer-limit": {words: "Viewer refused", tone: "warn", text: (event) => `A viewer was refused: ${event.reason}`},
  storage: {words: "Storage", tone: (event) => (event.ok ? "live" : "bad"), text: (event) => `${event.what}: ${event.ok ? "can be written again" : event.reason}`},
  "gpu-fault": {words: "GPU fault", tone: "bad", text: (event) => `GPU ${event.gpu} (${event.name}) failed${event.lost ? " and is lost until vedetted is restarted" : ""}`},
  test: {words: "Test", tone: "accent", text: (event) => `A test, by ${event.who}`},
};

/* A kind that this page does not know is told by its name. */
export function describe(event) {
  const kind = KINDS[event.kind] ?? {words: event.kind, tone: "quiet", text: () => event.kind};
  const tone = typeof kind.tone === "function" ? kind.tone(event) : kind.tone;

  return {words: kind.words, tone, text: kind.text(event)};
}
