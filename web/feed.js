/*
 * Events as they happen, over server-sent events. Read with fetch(), which can say a session's token,
 * where the browser's EventSource would ask for a password of its own.
 */

import {request} from "./api.js";
import {Retry} from "./stream.js";

const SILENCE_MS = 40000; /* a comment comes every 15 s: after this the connection is dead */

/* Calls take(event) for each, with its id as text; resolves when the stream ends. */
async function readEvents(response, take) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";

  for (;;) {
    const timer = setTimeout(() => reader.cancel(), SILENCE_MS);
    const {done, value} = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
      }));
      if (fields.has("data")) take(JSON.parse(fields.get("data")), fields.get("id"));
    }
  }
}

/* From behind the event `after` on (an id, or null: from now on), over however many connections. */
export function feed(after, take, onState) {
  let last = after;

  return new Retry(async (signal, live) => {
    const headers = last === null ? {} : {"Last-Event-ID": String(last)};
    const response = await request("/api/v1/events/stream", {signal, stream: true, headers});

    live();
    await readEvents(response, (event, id) => {
      last = id;
      take(event);
    });
  }, onState);
}
