/* Masks, zones and lines drawn over the live picture. */

import assert from "node:assert/strict";

import {SCENE} from "./kit/daemon.mjs";
import {flow, logIn, run} from "./kit/flow.mjs";

const ADDRESS = "/api/v1/cameras/front/configuration";

async function openMasks(page, server) {
  await page.goto(`${server.url}/#/cameras/front`);
  await page.getByRole("link", {name: "Masks, zones and lines"}).click();
  await page.getByRole("status").filter({hasText: /^\d+ (mask|zone|line)s?[a-z0-9, ]*\.$/}).waitFor();
}

const button = (page, name) => page.getByRole("button", {name, exact: true});
const point = (page, mask, number) => page.getByRole("button", {name: new RegExp(`^Mask ${mask}, point ${number} of`)});
const saved = (page, words) => page.getByRole("status").filter({hasText: new RegExp(`^${words}\\.$`)}).waitFor();

/* Mean brightness, 0..255, of a part of what the page shows now. */
const brightness = (page, x, y) => page.evaluate(([x, y]) => {
  const canvas = document.querySelector(".stage canvas");
  const {data} = canvas.getContext("2d").getImageData(x * canvas.width - 4, y * canvas.height - 4, 8, 8);
  return data.reduce((sum, value, i) => (i % 4 === 3 ? sum : sum + value), 0) / (data.length * 0.75);
}, [x, y]);

async function dragTo(page, element, box, x, y) {
  await element.hover({force: true});
  await page.mouse.down();
  await page.mouse.move(box.x + x * box.width, box.y + y * box.height, {steps: 4});
  await page.mouse.up();
}

function near(shares, expected) {
  assert.equal(shares.length, expected.length, JSON.stringify(shares));
  shares.forEach(([x, y], i) => assert.ok(Math.hypot(x - expected[i][0], y - expected[i][1]) < 0.01, JSON.stringify(shares)));
}

flow("a mask is drawn, saved, and hides what is under it", {}, async ({page, server, look}) => {
  await openMasks(page, server);
  await saved(page, "0 masks");
  assert.ok(await button(page, "Save").isDisabled());
  await button(page, "Add a mask").click();
  await page.getByRole("status").filter({hasText: "1 mask, not saved yet."}).waitFor();
  const box = await page.locator(".polygons").boundingBox();
  await dragTo(page, point(page, 1, 1), box, 0.1, 0.2);
  await dragTo(page, point(page, 1, 2), box, 0.7, 0.2);
  await dragTo(page, page.getByRole("button", {name: "Mask 1, new point behind point 2"}), box, 0.9, 0.5);
  await look("masks");
  const before = await brightness(page, 0.3, 0.3);
  assert.ok(before > 30, `it is not dark yet: ${before}`);
  await button(page, "Save").click();
  await saved(page, "1 mask");
  const {masks} = await server.ask(ADDRESS);
  assert.equal(masks.length, 1);
  near(masks[0], [[0.1, 0.2], [0.7, 0.2], [0.65, 0.4], [0.6, 0.6], [0.4, 0.6]]);
  await page.waitForFunction(() => {
    const canvas = document.querySelector(".stage canvas");
    const {data} = canvas.getContext("2d").getImageData(0.3 * canvas.width, 0.3 * canvas.height, 8, 8);
    return data.every((value, i) => i % 4 === 3 || value < 16);
  });
  assert.ok(await brightness(page, 0.95, 0.9) > 30);
  await look("masks-saved");
});

const HALF = "0.1,0.1 0.5,0.1 0.5,0.5 0.1,0.5";

flow("all of it is done with the keyboard", {cameras: {front: {uri: SCENE, masks: HALF}}}, async ({page, server}) => {
  await openMasks(page, server);
  await point(page, 1, 1).focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("ArrowDown");
  await point(page, 1, 4).focus();
  await page.keyboard.press("Delete");
  await page.getByRole("button", {name: "Mask 1, 3 points"}).waitFor();
  await page.getByRole("button", {name: "Mask 1, new point behind point 1"}).focus();
  await page.keyboard.press("Enter");
  assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), /^Mask 1, point 2 of 4, /);
  await button(page, "Save").press("Enter");
  await saved(page, "1 mask");
  near((await server.ask(ADDRESS)).masks[0], [[0.15, 0.105], [0.325, 0.1025], [0.5, 0.1], [0.5, 0.5]]);

  await page.getByRole("button", {name: "Mask 1, 4 points"}).focus();
  for (let i = 0; i < 30; i++) await page.keyboard.press("Shift+ArrowLeft");
  await button(page, "Save").press("Enter");
  await saved(page, "1 mask");
  near((await server.ask(ADDRESS)).masks[0], [[0, 0.105], [0.175, 0.1025], [0.35, 0.1], [0.35, 0.5]]);
  await page.getByRole("button", {name: "Mask 1, 4 points"}).focus();
  await page.keyboard.press("Delete");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Masks, zones and lines on the picture");
  await button(page, "Discard").click();
  await page.getByRole("button", {name: "Mask 1, 4 points"}).focus();
  await page.keyboard.press("Delete");
  await button(page, "Save").press("Enter");
  await saved(page, "0 masks");
  assert.deepEqual((await server.ask(ADDRESS)).masks, []);
});

flow("who draws does not overwrite another unseen", {refused: [`412 ${ADDRESS}`]}, async ({page, server}) => {
  await openMasks(page, server);
  await button(page, "Add a mask").click();
  const theirs = [[0, 0], [0.2, 0], [0.2, 0.2]];
  await server.ask(ADDRESS, {method: "PATCH", body: {masks: [theirs], zones: {theirs: {points: theirs}}}});
  await button(page, "Save").click();
  await page.getByRole("alert").filter({hasText: "Somebody else has changed this camera"}).waitFor();
  assert.equal((await server.ask(ADDRESS)).masks[0].length, 3);
  await button(page, "Save mine").click();
  await saved(page, "1 mask");
  const {masks, zones} = await server.ask(ADDRESS);
  assert.deepEqual(masks, [[[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]]]);
  assert.deepEqual(zones, {});
});

flow("what is drawn while it is saved stays", {}, async ({page, server}) => {
  let go, patches = 0;
  const held = new Promise((resolve) => {
    go = resolve;
  });

  await openMasks(page, server);
  await page.route(`**${ADDRESS}`, async (route) => {
    if (route.request().method() === "PATCH" && ++patches === 1) await held;
    await route.continue();
  });
  await button(page, "Add a mask").click();
  await page.locator(".toolbar .primary").evaluate((save) => {
    save.click();
    save.disabled = false; /* twice, as fast as it goes */
    save.click();
  });
  await button(page, "Add a mask").click();
  const answered = page.waitForResponse((response) => response.url().endsWith(ADDRESS) && response.request().method() === "GET");
  go();
  await answered;
  await page.getByRole("status").filter({hasText: "2 masks, not saved yet."}).waitFor();
  assert.equal(patches, 1);
  assert.equal(await page.getByText("Somebody else").count(), 0);
  await button(page, "Save").click();
  await saved(page, "2 masks");
  assert.equal((await server.ask(ADDRESS)).masks.length, 2);
});

flow("there are 16 masks at most", {}, async ({page, server}) => {
  await openMasks(page, server);
  for (let i = 0; i < 16; i++) await button(page, "Add a mask").click();
  assert.ok(await button(page, "Add a mask").isDisabled());
  await button(page, "Save").click();
  await saved(page, "16 masks");
  assert.equal((await server.ask(ADDRESS)).masks.length, 16);
});

const zonePoint = (page, zone, number) => page.getByRole("button", {name: new RegExp(`^Zone ${zone}, point ${number} of`)});

flow("a zone is drawn, named, saved, and motion counts there", {cameras: {front: {uri: SCENE, "event-min-ms": "100"}}}, async ({page, server, look}) => {
  await openMasks(page, server);
  await button(page, "Add a zone").click();
  const box = await page.locator(".polygons").boundingBox();
  await dragTo(page, zonePoint(page, "zone-1", 1), box, 0, 0);
  await dragTo(page, zonePoint(page, "zone-1", 2), box, 1, 0);
  await dragTo(page, zonePoint(page, "zone-1", 3), box, 1, 1);
  await dragTo(page, zonePoint(page, "zone-1", 4), box, 0, 1);
  await page.getByRole("textbox", {name: "Name", exact: true}).fill("Drive way");
  await button(page, "Save").click();
  await page.getByText("A name has 1 to 63 letters").waitFor();
  assert.deepEqual((await server.ask(ADDRESS)).zones, {});
  await page.getByRole("textbox", {name: "Name", exact: true}).fill("drive");
  await page.getByLabel("Smallest box").fill("0.05");
  await page.getByLabel("Shortest motion").fill("50");
  await button(page, "Add a zone").click();
  await page.getByRole("textbox", {name: "Name", exact: true}).fill("tree");
  await page.getByLabel("Nothing counts here").check();
  assert.ok(await page.getByLabel("Smallest box").isDisabled());
  await look("zones");
  await page.getByRole("status").filter({hasText: "2 zones, not saved yet."}).waitFor();
  await button(page, "Save").click();
  await saved(page, "2 zones");
  const {zones} = await server.ask(ADDRESS);
  assert.deepEqual(Object.keys(zones), ["drive", "tree"]);
  near(zones.drive.points, [[0, 0], [1, 0], [1, 1], [0, 1]]);
  assert.deepEqual({...zones.drive, points: null}, {points: null, ignore: false, min_size: 0.05, min_ms: 50});
  assert.deepEqual({...zones.tree, points: null}, {points: null, ignore: true, min_size: 0, min_ms: null});
  await page.goto(`${server.url}/#/events?kinds=motion-start`);
  await page.locator(".events .what").filter({hasText: /at most, in drive$/}).first().waitFor();
  await look("events-zones");
});

const TWO = "a min-size=1%: 0.1,0.1 0.4,0.1 0.4,0.4 0.1,0.4; b ignore: 0.5,0.5 0.9,0.5 0.9,0.9";

flow("zones are changed and removed with the keyboard", {cameras: {front: {uri: SCENE, masks: HALF, zones: TWO}}}, async ({page, server}) => {
  await openMasks(page, server);
  await saved(page, "1 mask and 2 zones");
  await zonePoint(page, "a", 1).focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.getByRole("button", {name: "Zone a, 4 points"}).focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("textbox", {name: "Name", exact: true}).focus();
  await page.keyboard.press("End");
  await page.keyboard.type("-2");
  await page.getByRole("button", {name: "Zone b, 3 points"}).focus();
  assert.ok(await page.getByLabel("Nothing counts here").isChecked());
  await page.getByLabel("Nothing counts here").press("Space");
  await button(page, "Save").press("Enter");
  await saved(page, "1 mask and 2 zones");
  const {zones, masks} = await server.ask(ADDRESS);
  assert.equal(masks.length, 1);
  assert.deepEqual(Object.keys(zones).sort(), ["a-2", "b"]);
  near(zones["a-2"].points, [[0.15, 0.105], [0.4, 0.105], [0.4, 0.405], [0.1, 0.405]]);
  assert.deepEqual([zones["a-2"].min_size, zones.b.ignore], [1, false]);

  await page.getByRole("button", {name: "Zone b, 3 points"}).focus();
  await page.getByRole("textbox", {name: "Name", exact: true}).fill("a-2");
  await button(page, "Save").press("Enter");
  await page.getByText("Another zone has this name").waitFor();
  await page.getByRole("link", {name: "Settings"}).first().click();
  await page.getByRole("button", {name: "Stay"}).click();
  await button(page, "Discard").click();
  await page.getByRole("button", {name: "Zone b, 3 points"}).focus();
  await page.keyboard.press("Delete");
  await button(page, "Save").press("Enter");
  await saved(page, "1 mask and 1 zone");
  assert.deepEqual(Object.keys((await server.ask(ADDRESS)).zones), ["a-2"]);
});

flow("there are 16 zones at most", {}, async ({page, server}) => {
  await openMasks(page, server);
  for (let i = 0; i < 16; i++) await button(page, "Add a zone").click();
  assert.ok(await button(page, "Add a zone").isDisabled());
  await button(page, "Save").click();
  await saved(page, "16 zones");
  assert.equal(Object.keys((await server.ask(ADDRESS)).zones).length, 16);
});

const linePoint = (page, line, number) => page.getByRole("button", {name: new RegExp(`^Line ${line}, point ${number} of`)});
const arrow = (page) => page.locator(".polygons .way").evaluateAll((ways) => ways.map((way) => way.getAttribute("d").split("M").length - 2));
const ends = (page) => page.locator(".polygons .way ~ text").evaluateAll((words) => words.map(({textContent}) => textContent));

flow("a line is drawn, named, turned, saved, and what crosses it is told", {cameras: {front: {uri: SCENE}}}, async ({page, server, look}) => {
  await openMasks(page, server);
  await button(page, "Add a line").click();
  const box = await page.locator(".polygons").boundingBox();
  await dragTo(page, linePoint(page, "line-1", 1), box, 0.5, 0.98);
  await dragTo(page, linePoint(page, "line-1", 2), box, 0.5, 0.02);
  assert.deepEqual([await arrow(page), await ends(page)], [[2], ["out", "in"]]);
  await page.getByRole("textbox", {name: "Name", exact: true}).fill("Gate 1");
  await button(page, "Save").click();
  await page.getByText("A name has 1 to 63 letters").waitFor();
  assert.deepEqual((await server.ask(ADDRESS)).lines, {});
  await page.getByRole("textbox", {name: "Name", exact: true}).fill("gate");
  await page.getByLabel("What counts").selectOption("in");
  assert.deepEqual([await arrow(page), await ends(page)], [[1], ["", "in"]]);
  await look("lines");
  await page.getByLabel("What counts").selectOption("both");
  await page.getByRole("status").filter({hasText: "1 line, not saved yet."}).waitFor();
  await button(page, "Save").click();
  await saved(page, "1 line");
  const {lines} = await server.ask(ADDRESS);
  assert.deepEqual(Object.keys(lines), ["gate"]);
  near(lines.gate.points, [[0.5, 0.98], [0.5, 0.02]]);
  assert.equal(lines.gate.direction, "both");
  await page.goto(`${server.url}/#/events?kinds=line-crossed`);
  await page.locator(".events .what").filter({hasText: /gate/}).first().waitFor();
});

flow("lines are changed and removed with the keyboard", {cameras: {front: {uri: SCENE, masks: HALF, zones: TWO, lines: "a in: 0.1,0.2 0.5,0.6 0.9,0.6"}}}, async ({page, server}) => {
  await openMasks(page, server);
  await saved(page, "1 mask, 2 zones and 1 line");
  await linePoint(page, "a", 1).focus();
  await page.keyboard.press("Delete");
  await linePoint(page, "a", 1).focus();
  await page.keyboard.press("Shift+ArrowLeft");
  await button(page, "Add a line").press("Enter");
  await page.getByRole("textbox", {name: "Name", exact: true}).fill("a");
  await button(page, "Save").press("Enter");
  await page.getByText("Another line has this name").waitFor();
  await page.getByRole("textbox", {name: "Name", exact: true}).fill("b"); /* a zone may have it as well */
  await button(page, "Save").press("Enter");
  await saved(page, "1 mask, 2 zones and 2 lines");
  const {lines, zones} = await server.ask(ADDRESS);
  assert.deepEqual(Object.keys(zones).sort(), ["a", "b"]);
  assert.deepEqual(lines.a, {points: [[0.45, 0.6], [0.9, 0.6]], direction: "in"});
  assert.equal(lines.b.direction, "both");
  await linePoint(page, "a", 1).focus();
  await page.keyboard.press("Delete"); /* fewer than two are none */
  await button(page, "Save").press("Enter");
  await saved(page, "1 mask, 2 zones and 1 line");
  assert.deepEqual(Object.keys((await server.ask(ADDRESS)).lines), ["b"]);
});

flow("an operator is not offered them", {users: {otto: {role: "operator"}}, refused: ["401 /api/v1/session"]}, async ({page, server}) => {
  await page.goto(`${server.url}/#/cameras/front/masks`);
  await logIn(page, "otto");
  await page.getByRole("heading", {name: "Not allowed"}).waitFor();
  await page.goto(`${server.url}/#/cameras/front`);
  await page.getByRole("button", {name: "Reconnect"}).waitFor();
  assert.equal(await page.getByRole("link", {name: "Masks, zones and lines"}).count(), 0);
});

await run();
