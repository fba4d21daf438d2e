/* Why there was an event, or none: the verdict, its numbers, and what is drawn over the picture. */

import assert from "node:assert/strict";

import {SCENE, until} from "./kit/daemon.mjs";
import {flow, run} from "./kit/flow.mjs";

const ALL = "0.01,0.01 0.99,0.01 0.99,0.99 0.01,0.99";
const LEFT = "0,0 0.5,0 0.5,1 0,1";
const QUICK = {uri: `${SCENE}&figures=2`, "event-min-ms": 200, "event-gap-ms": 300};

const verdict = (page, code) => page.locator(`.verdict[data-code="${code}"]`).waitFor();
const row = (page, name) => page.getByRole("row").filter({hasText: name});

async function openReasons(page, server, id) {
  await page.goto(`${server.url}/#/cameras/${id}`);
  await page.getByRole("link", {name: "Reasons"}).click();
  await page.getByRole("heading", {name: `Reasons: ${id}`}).waitFor();
}

flow("what is too small says so, and by how much", {cameras: {front: {...QUICK, "motion-min-area": 9000}}}, async ({page, server, look}) => {
  await openReasons(page, server, "front");
  await verdict(page, "too-small");
  await page.getByRole("status").filter({hasText: "motion-min-area=9000 asks for 90.00 %"}).waitFor();
  const cells = await row(page, "Largest thing").getByRole("cell").allTextContents();
  assert.match(cells[0], /^\d+\.\d\d %$/);
  assert.equal(cells[1], "90.00 %");
  assert.match(cells[2], /^−\d\d\.\d\d %$/);
  assert.equal(cells[3], "no");
  assert.equal((await row(page, "For how long").getByRole("cell").allTextContents())[3], "–");
  /* at one moment: each second it is drawn anew */
  const [box, stage] = await until(() => page.evaluate(() => {
    const both = [".reasons rect[data-why='too-small']", ".stage"].map((one) => document.querySelector(one));
    return both.includes(null) ? null : both.map((one) => one.getBoundingClientRect().toJSON());
  }), "it is drawn");
  assert.ok(box.x >= stage.x && box.x + box.width <= stage.x + stage.width, JSON.stringify([box, stage]));
  assert.ok(box.width > 10 && box.width < stage.width / 2, JSON.stringify(box));
  await look("reasons");
});

flow("zones are drawn as they were, with what they were for",
     {cameras: {front: {...QUICK, zones: `street ignore: ${ALL}; door: ${LEFT}`}}}, async ({page, server, look}) => {
  await openReasons(page, server, "front");
  await verdict(page, "ignored-zone");
  await page.getByRole("status").filter({hasText: "in zone street, which is ignored"}).waitFor();
  assert.deepEqual(await page.locator(".reasons polygon").evaluateAll((all) => all.map((one) => one.dataset.kind)), ["ignore", "zone"]);
  assert.deepEqual(await page.locator(".reasons text").evaluateAll((all) => all.slice(0, 2).map((one) => one.textContent)), ["street, ignored", "door"]);
  assert.equal(await page.locator(".reasons rect[data-why='ignored-zone']").count() > 0, true);
  assert.deepEqual((await row(page, "door").getByRole("cell").allTextContents()).slice(1, 3), ["0.0 s", "0.2 s"]);
  await look("reasons-zones");
});

flow("an event leads to its reasons, and from second to second", {cameras: {front: {...QUICK, zones: `door: ${LEFT}`}}}, async ({page, server, look}) => {
  await page.goto(`${server.url}/#/events?kinds=motion-start`);
  await page.getByRole("link", {name: "Why?"}).first().click();
  await verdict(page, "counts");
  await page.getByRole("status").filter({hasText: "Something moved in zone door for"}).waitFor();
  assert.equal(await page.getByRole("button", {name: "Now"}).getAttribute("aria-pressed"), "false");
  assert.ok(await page.locator(".reasons rect[data-why='counts']").count() > 0);
  await look("reasons-event");
  const time = page.getByLabel("Time", {exact: true});
  const before = Date.parse(await time.inputValue());
  const at = new URL(page.url()).hash.split("at=")[1];
  await page.getByRole("button", {name: "A second later"}).click();
  await page.waitForFunction((old) => !location.hash.endsWith(old), at);
  await page.waitForFunction((then) => Date.parse(document.querySelector("input[type=datetime-local]").value) === then, before + 1000);
  await time.fill("2001-02-03T04:05:06");
  await time.press("Tab");
  await verdict(page, "not-kept");
  assert.equal(await page.locator(".reasons rect").count(), 0);
  await page.getByRole("button", {name: "Now"}).click();
  await page.locator(".verdict:not([data-code='not-kept'])").waitFor();
  assert.equal(new URL(page.url()).hash, "#/cameras/front/explain");
  await page.locator(".around button").last().click();
  await page.waitForFunction(() => location.hash.includes("?at="));
});

await run();
