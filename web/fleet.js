/* What is known of all cameras, asked for again and again while the page is seen. */

import {get, session} from "./api.js";

const POLL_MS = 1000;
const CALM_MS = 5000; /* while nobody looks closely */

class Fleet extends EventTarget {
  constructor() {
    super();
    this.cameras = [];
    this.known = false; /* there was an answer */
    this.lost = false;  /* and the last try had none */
    this.watchers = new Set();
    this.timer = 0;
    this.asking = null;
  }

  find(id) {
    return this.cameras.find((one) => one.id === id);
  }

  /* Calls take() with each answer, once a second, and now if there was one; ends with the function it returns. */
  watch(take) {
    this.watchers.add(take);
    if (this.known) take();
    this.refresh();
    return () => this.watchers.delete(take);
  }

  /* Asks now, for example because an order was carried out. */
  refresh() {
    clearTimeout(this.timer);
    if (session.who) this.asking ??= this.ask(session.who);
    return this.asking;
  }

  /* What comes when somebody else looks already is not for him. */
  async ask(who) {
    const answer = await get("/api/v1/cameras").catch(() => null);

    if (session.who !== who) return;
    this.asking = null;
    this.lost = answer === null;
    if (answer) {
      this.cameras = answer.cameras;
      this.known = true;
    }
    this.tell();
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.refresh(), this.watchers.size > 0 ? POLL_MS : CALM_MS);
  }

  tell() {
    for (const take of [...this.watchers]) take();
    this.dispatchEvent(new Event("change"));
  }

  forget() {
    clearTimeout(this.timer);
    this.asking = null;
    this.cameras = [];
    this.known = false;
    this.lost = false;
  }
}

export const fleet = new Fleet();

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(fleet.timer);
  else fleet.refresh();
});
