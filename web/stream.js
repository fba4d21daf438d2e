/* A stream of pictures that is connected anew for as long as it is wanted. */

import {request} from "./api.js";
import {readParts} from "./parts.js";

const FIRST_RETRY_MS = 300;
const MOST_RETRY_MS = 10000;

export function sleep(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);

    signal?.addEventListener("abort", done);
  });
}

/*
 * Calls connect(signal, live) again and again until it is stopped: it reads until it is cut off, and
 * says live() once it has something. onState("live" or "waiting", error) tells of changes.
 */
export class Retry {
  constructor(connect, onState = () => {}) {
    this.abort = new AbortController();
    this.state = "waiting";
    this.onState = onState;
    this.run(connect);
  }

  async run(connect) {
    const signal = this.abort.signal;
    let wait = FIRST_RETRY_MS;

    while (!signal.aborted) {
      let why = null;
      try {
        await connect(signal, () => {
          wait = FIRST_RETRY_MS;
          this.setState("live");
        });
      } catch (error) {
        why = error; /* tried again below, whatever it was */
      }
      if (signal.aborted) return;
      this.setState("waiting", why);
      await sleep(wait * (0.75 + Math.random() / 2), signal);
      wait = Math.min(wait * 2, MOST_RETRY_MS);
    }
  }

  setState(state, why = null) {
    if (this.state === state && !why) return;
    this.state = state;
    this.onState(state, why);
  }

  stop() {
    this.abort.abort();
  }
}

/* The parts of a multipart stream: take(headers, bytes). */
export function pictures(path, take, onState) {
  return new Retry(async (signal, live) => {
    const response = await request(path, {signal, stream: true});

    await readParts(response, (headers, bytes) => {
      live();
      take(headers, bytes);
    });
  }, onState);
}

/* Shows the newest picture on a canvas; one that waits to be decoded is replaced. */
export class Painter {
  constructor(canvas, onDrawn) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", {alpha: false});
    this.onDrawn = onDrawn;
    this.decoding = false;
    this.next = null;
  }

  async show(picture) {
    this.next = picture;
    if (this.decoding) return;
    this.decoding = true;
    while (this.next) {
      const one = this.next;
      this.next = null;
      try {
        this.draw(await createImageBitmap(new Blob([one.bytes], {type: "image/jpeg"})));
        this.onDrawn(one);
      } catch {
        /* a broken picture: the next one will do */
      }
    }
    this.decoding = false;
  }

  draw(bitmap) {
    if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
      this.canvas.width = bitmap.width;
      this.canvas.height = bitmap.height;
    }
    this.context.drawImage(bitmap, 0, 0);
    bitmap.close();
  }
}

const WIDTHS = [160, 240, 320, 480, 640, 960, 1280, 1920];

/* The smallest width on offer that fills an element of so many CSS pixels. */
export function renditionOf(cssPixels) {
  const pixels = cssPixels * Math.min(window.devicePixelRatio || 1, 2);

  return WIDTHS.find((width) => width >= pixels * 0.9) ?? WIDTHS.at(-1);
}
