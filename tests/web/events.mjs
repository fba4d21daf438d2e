/* What happened, and what happens. */

import assert from "node:assert/strict";

import {until} from "./kit/daemon.mjs";
import {flow, run} from "./kit/flow.mjs";

const quiet = {front: {uri: "test:quiet?width=320&height=240&fps=5", name: "Front door"}, side: "test:quiet?width=320&height=240&fps=5"};
const count = (page) => page.locator(".events li").count();
const ids = (page) => page.locator(".events li").evaluateAll((items) => items.map((item) => Number(item.dataset.id)));
const live = (page) => page.locator(".pill[data-state=live]").waitFor();

flow("history is read page by page, and filtered", {cameras: quiet}, async ({page, server, look}) => {
  await server.live("front", "side");
  for (let i = 0; i < 120; i++) await server.testEvent(i % 2 ? "front" : "side");
  await page.goto(server.url);
  await page.getByRole("link", {name: "Events"}).click();
  await until(async () => await count(page) === 100, "a page of 100");
  await look("events");
  await page.getByRole("button", {name: "Older events"}).click();
  await until(async () => await count(page) >= 122, "the rest");
  const all = await ids(page);
  assert.deepEqual(all, [...all].sort((a, b) => b - a), "the newest first");
  assert.equal(new Set(all).size, all.length, "none twice");
  await page.getByRole("button", {name: "Older events"}).waitFor({state: "hidden"});

  await page.getByLabel("Camera").selectOption("front");
  await page.getByLabel("Kind").selectOption("test");
  await until(async () => await count(page) === 60, "60 tests of front");
  assert.match(page.url(), /#\/events\?camera=front&kinds=test$/);
  await page.reload();
  await until(async () => await count(page) === 60, "the same after a reload");
  await page.getByLabel("Kind").selectOption("gpu-fault");
  await page.getByText("Nothing of this kind has happened yet.").waitFor();
});

flow("events come by themselves, and none is missed over a cut", {cameras: quiet, refused: ["away"]}, async ({page, server}) => {
  await server.live("front", "side");
  await page.goto(`${server.url}/#/events`);
  await live(page);
  const {id} = await server.testEvent("front");
  await page.locator(`.events li[data-id="${id}"]`).waitFor();
  assert.equal((await ids(page))[0], id, "the newest stands first");
  await page.getByRole("status").filter({hasText: /\d+ new events?. A test/}).waitFor({state: "attached"});

  await server.stop();
  await page.locator(".pill[data-state=waiting]").waitFor();
  await server.start();
  const {id: meanwhile} = await server.testEvent("side");
  await page.locator(`.events li[data-id="${meanwhile}"]`).waitFor();
  await live(page);
  const {id: last} = await server.testEvent("side");
  await page.locator(`.events li[data-id="${last}"]`).waitFor();
  const told = await ids(page);
  assert.equal(new Set(told).size, told.length, "none came twice");
  const {events} = await server.ask("/api/v1/events?limit=1000");
  assert.deepEqual(told, events.map((one) => one.id), "what is shown is what happened");
});

flow("what does not fit the filter does not come", {cameras: quiet}, async ({page, server}) => {
  await server.live("front", "side");
  await page.goto(`${server.url}/#/events?camera=front&kinds=test`);
  await live(page);
  await server.testEvent("side");
  const {id} = await server.testEvent("front");
  await page.locator(`.events li[data-id="${id}"]`).waitFor();
  assert.deepEqual(await ids(page), [id]);
  await page.locator(".events a", {hasText: "Front door"}).click();
  await page.getByRole("heading", {name: "Front door", level: 1}).waitFor();
});

flow("the navigation leads to all events again", {cameras: quiet}, async ({page, server}) => {
  await server.live("front", "side");
  const {id} = await server.testEvent("side");
  await page.goto(`${server.url}/#/events`);
  await page.locator(`.events li[data-id="${id}"]`).waitFor();
  await page.getByLabel("Camera").selectOption("front");
  await page.locator(`.events li[data-id="${id}"]`).waitFor({state: "detached"});
  await page.getByRole("link", {name: "Events", exact: true}).click();
  await page.locator(`.events li[data-id="${id}"]`).waitFor();
  assert.equal(await page.getByLabel("Camera").inputValue(), "");
});

await run();
