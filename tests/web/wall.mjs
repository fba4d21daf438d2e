/* The wall of all cameras. */

import assert from "node:assert/strict";

import {GONE, SCENE, until} from "./kit/daemon.mjs";
import {flow, run, tile} from "./kit/flow.mjs";

/* How many tiles show another picture than they did. */
async function moving(page) {
  const look = () => page.evaluate(() => [...document.querySelectorAll(".tile canvas")].map((canvas) => {
    const small = new OffscreenCanvas(64, 36).getContext("2d");
    small.drawImage(canvas, 0, 0, 64, 36);
    return small.getImageData(0, 0, 64, 36).data.reduce((a, b) => (a * 31 + b) % 1000003, 7);
  }));
  const before = await look();

  await page.waitForTimeout(300);
  return (await look()).filter((sum, i) => sum !== before[i]).length;
}

const widths = (page) => page.evaluate(() => [...document.querySelectorAll(".tile canvas")].map((canvas) => canvas.width));

const eight = Object.fromEntries([...Array(8).keys()].map((i) =>
  [`c${i}`, {uri: `test:moving?width=1280&height=720&fps=10&seed=${i}`, name: `Kamera ${i}`}]));

flow("eight cameras move, in pictures of their tiles' size", {cameras: eight}, async ({page, server, look}) => {
  await page.goto(server.url);
  await server.live(...Object.keys(eight));
  await until(async () => await moving(page) === 8, "8 tiles move");
  await page.getByText("8 cameras, 8 live").waitFor();
  await until(async () => await page.title() === "Cameras · vedette", "no camera is counted in the title");
  await tile(page, "Kamera 7").waitFor();
  await look("wall");

  const asked = [];
  for (const size of ["Small", "Medium", "Large"]) {
    await page.getByRole("button", {name: `${size} tiles`}).click();
    const width = await page.evaluate(() => Number(document.querySelector(".wall").dataset.rendition));
    await until(async () => (await widths(page)).every((one) => one === width), `all pictures are ${width} wide`);
    const tile = await page.locator(".view").first().evaluate((one) => one.clientWidth);
    assert.ok(width >= tile * 0.9 && width < tile * 2.1, `${width} pixels for a tile of ${tile}`);
    asked.push(width);
  }
  assert.ok(asked[0] < asked[1] && asked[1] < asked[2], `${asked}`);
  const {renditions} = await server.camera("c0");
  assert.ok(renditions.some((one) => one.width === asked[2]), JSON.stringify(renditions));

  await page.setViewportSize({width: 390, height: 844});
  await page.getByRole("button", {name: "Small tiles"}).click();
  await until(async () => (await widths(page)).every((one) => one < asked[1]), "a phone gets small ones");
});

flow("a camera that is switched off says so, and comes back", {cameras: {front: SCENE, side: SCENE}}, async ({page, server}) => {
  await page.goto(server.url);
  await until(async () => await moving(page) === 2, "both move");
  await server.ask("/api/v1/cameras/front/disable", {method: "POST"});
  await tile(page, "front", "off").waitFor();
  await page.waitForFunction(() => document.title === "Cameras · vedette");
  await server.ask("/api/v1/cameras/front/enable", {method: "POST"});
  await until(async () => await moving(page) === 2, "both move again");
});

flow("a camera that fails is told with its reason", {cameras: {front: SCENE, side: GONE}}, async ({page, server, look}) => {
  await page.goto(server.url);
  await page.locator('.tile[data-state="waiting"] .reason').filter({hasText: /next try in/}).waitFor();
  await page.waitForFunction(() => document.title === "(1) Cameras · vedette");
  await look("wall-away");
});

flow("the page goes on after the daemon was away", {refused: ["away"]}, async ({page, server}) => {
  await page.goto(server.url);
  await until(async () => await moving(page) === 1, "it moves");
  await server.stop();
  await page.getByText("The daemon does not answer.").waitFor();
  assert.equal(await page.locator("#link").textContent(), "connecting…");
  await server.start();
  await until(async () => await moving(page) === 1, "it moves again");
  await page.getByText("1 camera, 1 live").waitFor();
});

flow("a wall without cameras says what to do", {cameras: {}}, async ({page, server, look}) => {
  await page.goto(server.url);
  await page.getByText("There is no camera yet.").waitFor();
  await look("wall-empty");
});

flow("a wall that is not seen is not sent", {}, async ({page, context, server}) => {
  await page.goto(server.url);
  await until(async () => (await server.camera("front")).viewers.count === 1, "it is watched");
  await page.getByRole("link", {name: "Health"}).click();
  await until(async () => (await server.camera("front")).viewers.count === 0, "it is not watched");
});

await run();
