/* How the daemon is. */

import assert from "node:assert/strict";

import {GONE, SCENE, until} from "./kit/daemon.mjs";
import {flow, run} from "./kit/flow.mjs";

const STAGES = ["receive", "decode", "analyse", "draw", "encode", "queue", "send", "total"];

/* Points of a stage's line of medians. */
const points = (page, stage) => page.locator(`.chart[data-stage=${stage}] .line`).first()
  .evaluate((line) => (line.getAttribute("d") || "").split(/[ML]/).length - 1);

flow("latencies of all stages are drawn", {cameras: {front: {uri: SCENE, name: "Front door"}, side: SCENE}}, async ({page, context, server, look}) => {
  const watcher = await context.newPage();

  await watcher.goto(server.url);
  await server.live("front", "side");
  await page.goto(`${server.url}/#/health`);
  await page.bringToFront();
  const reader = server.url + "/api/v1/wall.mjpg?width=320"; /* somebody who watches, whatever page is in front */
  const abort = new AbortController();
  const reading = fetch(reader, {signal: abort.signal}).then(async (answer) => {
    for await (const _ of answer.body);
  }).catch(() => {});
  for (const stage of STAGES) {
    await until(async () => await points(page, stage) >= 2, `${stage} is drawn`);
    const label = await page.locator(`.chart[data-stage=${stage}] svg`).getAttribute("aria-label");
    assert.match(label, /^\w+: 50 % [\d.]+ (µs|ms|s), 95 % [\d.]+ (µs|ms|s)$/);
  }
  await look("health");

  await page.getByLabel("Cameras whose latencies are shown").selectOption("front");
  await until(async () => await points(page, "decode") >= 2, "it is drawn for one camera");
  abort.abort();
  await reading;
  await watcher.close();
});

flow("cameras and the daemon are told in numbers", {cameras: {front: {uri: SCENE, name: "Front door"}, side: GONE}}, async ({page, server}) => {
  await server.live("front");
  await page.goto(`${server.url}/#/health`);
  const row = (name) => page.getByRole("row", {name});
  await row(/^Front door Live \d/).waitFor();
  await row(/^side Away/).waitFor();
  await page.getByText("1 of 2 live").waitFor();
  await until(async () => {
    const [, received, decoded] = await row(/^Front door/).getByRole("cell").allTextContents();
    return Number(received) > 5 && Number(decoded) > 5;
  }, "pictures are received and decoded");
  await page.getByRole("img", {name: /^Memory: resident [\d.]+ MiB$/}).waitFor();
  await page.getByRole("img", {name: /^Processor: cores [\d.]+$/}).waitFor();
  await row(/^Front door/).getByRole("link").click();
  await page.getByRole("heading", {name: "Front door", level: 1}).waitFor();
});

flow("nobody loses his place in a table that changes", {}, async ({page, server}) => {
  let faults = 0;
  const gpu = {number: 0, name: "A GPU", lost: false, usable: true, streams: 1, megapixels_per_second: 9, memory_used: null, memory_total: null};

  await page.route("**/api/v1/stats", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({response: answer, json: {...await answer.json(), gpus: [{...gpu, faults: faults++}]}});
  });
  await page.goto(`${server.url}/#/health`);
  const table = page.getByRole("region", {name: "GPUs"});
  await table.focus();
  const before = faults;
  await until(() => faults > before + 1, "it is shown anew");
  await page.getByRole("row", {name: `0: A GPU in use 1 9 Mpixel/s – ${before + 1}`}).waitFor();
  assert.ok(await table.evaluate((element) => element === document.activeElement));
});

await run();
