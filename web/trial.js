/* A connection that is tried before there is a camera: the button, and what came of it in plain words. */

import {send, sentence} from "./api.js";
import {h, setText} from "./dom.js";
import {fpsOf, latencyOf} from "./format.js";

/* What people can do about it, by the reason's code. */
const HINTS = {
  refused: "Check the address and its port, and whether the camera is on.",
  "unknown-host": "Check how the name is written, or write the camera's number in its place.",
  timeout: "Check the address, and whether the camera is on and can be reached from the machine that vedette runs on.",
  unauthorized: "Check the user and the password.",
  untrusted: "Once the camera is added, its settings can name the certificate, or take any.",
  "not-found": "Check what stands behind the host in the address.",
  garbage: "Check the address and its port: something else may answer there.",
};

export function reachedText({codec, width, height, fps_announced: fps, transport, first_picture_ms: ms, gpu}) {
  const way = transport === "test" ? "built in" : `over ${transport.toUpperCase()}`;
  const facts = [codec.toUpperCase(), `${width} × ${height}`, fps > 0 && fpsOf(fps), way].filter(Boolean).join(", ");

  return `Reached: ${facts}. The first picture was there after ${latencyOf(ms / 1000)}, decoded ${gpu === null ? "with the CPU" : `on GPU ${gpu}`}.`;
}

export function missedText({reason, reason_code: code}) {
  return [`Not reached: ${sentence(reason)}`, HINTS[code]].filter(Boolean).join(" ");
}

export class Trial {
  /* value() is what a camera would be made of; refused(error) is told what of it cannot be taken. */
  constructor({value, refused}) {
    this.value = value;
    this.refused = refused;
    this.running = null; /* what ends the one that runs */
    this.outcome = h("p", {class: "outcome", role: "status"});
    this.root = h("div", {class: "trial"},
      h("button", {type: "button", onclick: () => this.begin()}, "Test connection"), this.outcome);
  }

  say(text, state = "") {
    this.outcome.dataset.state = state;
    setText(this.outcome, text);
  }

  async begin() {
    if (this.running) return;
    const running = this.running = new AbortController();

    this.say("Trying to reach it… This takes 15 s at most.", "running");
    try {
      const found = await send("POST", "/api/v1/probe", this.value(), {signal: running.signal, stream: true});
      this.refused(null);
      this.say(found.reached ? reachedText(found) : missedText(found), found.reached ? "good" : "bad");
    } catch (error) {
      if (running.signal.aborted) return;
      const wrong = error.status === 422 || error.status === 400;
      this.say(wrong ? "Not tried: some of what is written cannot be taken." : `Not tried: ${error.message}`, "bad");
      this.refused(wrong ? error : null);
    }
    this.running = null;
  }

  /* What was found out is of something else now; the daemon ends what nobody waits for. */
  forget() {
    this.running?.abort();
    this.running = null;
    this.say("");
  }
}
