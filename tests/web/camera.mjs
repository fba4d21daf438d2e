/* One camera large. */

import assert from "node:assert/strict";

import {SCENE, until} from "./kit/daemon.mjs";
import {flow, run} from "./kit/flow.mjs";

const pictures = (page) => page.locator(".stage").evaluate((stage) => Number(stage.dataset.pictures || 0));
const rendition = (page) => page.locator(".stage").evaluate((stage) => stage.dataset.rendition);

/* Until that many more were drawn. */
async function draws(page, count = 3) {
  const before = await pictures(page);

  await until(async () => await pictures(page) >= before + count, `${count} more pictures`);
}

/* Pixels of the boxes' green, which the scene has none of. */
const green = (page) => page.locator(".stage canvas").evaluate((canvas) => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) count += data[i + 1] > 150 && data[i] < 100 && data[i + 2] < 130;
  return count;
});

const two = {front: {uri: "test:moving?width=1280&height=720&fps=10", name: "Front door"}, side: SCENE};

flow("a tile leads to its camera, with boxes or without", {cameras: two}, async ({page, server, look}) => {
  await page.goto(server.url);
  await server.live("front", "side");
  await page.getByRole("link", {name: "Front door"}).click();
  await page.getByRole("heading", {name: "Front door", level: 1}).waitFor();
  await draws(page);
  const annotated = async () => (await server.camera("front")).renditions.map((one) => one.annotate);
  await until(async () => (await annotated()).join() === "true", "it is watched with boxes");
  await page.getByText(/[\d.]+ % of the picture/).waitFor();
  await until(async () => await green(page) > 100, "boxes are seen");
  await look("camera");

  await page.getByRole("button", {name: "Boxes", pressed: true}).click();
  await page.getByRole("button", {name: "Boxes", pressed: false}).waitFor();
  await until(async () => (await annotated()).includes(false), "it is watched without boxes");
  await draws(page);
  await until(async () => await green(page) === 0, "no box is seen");
  await page.reload();
  await page.getByRole("button", {name: "Boxes", pressed: false}).waitFor();
});

flow("the picture is as large as its place", {cameras: two}, async ({page, server}) => {
  await page.goto(`${server.url}/#/cameras/front`);
  await server.live("front");
  await draws(page);
  const large = /width=(\d+)/.exec(await rendition(page))[1];
  await page.setViewportSize({width: 360, height: 700});
  await until(async () => /width=480&/.test(await rendition(page)) || /width=320&/.test(await rendition(page)), "a small one is asked for");
  await draws(page);
  const width = await page.locator("canvas").evaluate((canvas) => canvas.width);
  assert.ok(width <= 480 && (Number(large) > width || large === "0"), `${large}, then ${width}`);
});

flow("a snapshot is a picture", {}, async ({page, context, server}) => {
  await page.goto(`${server.url}/#/cameras/front`);
  await server.live("front");
  await draws(page);
  const address = await page.getByRole("link", {name: "Snapshot"}).getAttribute("href");
  const answer = await context.request.get(server.url + address);
  assert.equal(answer.status(), 200);
  assert.equal(answer.headers()["content-type"], "image/jpeg");
});

flow("video plays in place of single pictures", {cameras: two}, async ({page, server}) => {
  await page.goto(`${server.url}/#/cameras/front`);
  await server.live("front");
  await draws(page);
  await page.getByRole("button", {name: "Video"}).click();
  await page.waitForFunction(() => document.querySelector("video")?.currentTime > 0.3);
  await until(async () => (await server.camera("front")).renditions.some((one) => one.codec === "h264"), "it is encoded");
  await page.getByRole("button", {name: "Video"}).click();
  await draws(page);
  assert.equal(await page.locator("video").count(), 0);
});

flow("it is switched off, on, and connected anew", {}, async ({page, server, look}) => {
  await page.goto(`${server.url}/#/cameras/front`);
  await server.live("front");
  await draws(page);
  await page.getByRole("button", {name: "Switch off"}).click();
  await page.locator(".head .state", {hasText: "Off"}).waitFor();
  await page.getByRole("button", {name: "Reconnect"}).waitFor({state: "hidden"});
  const opacity = await page.locator(".stage canvas").evaluate((canvas) => Number(getComputedStyle(canvas).opacity));
  assert.ok(opacity < 0.5, "an old picture is not taken for a live one");
  await look("camera-off");
  await page.getByRole("button", {name: "Switch on"}).click();
  await page.locator(".head .state", {hasText: "Live"}).waitFor();
  await draws(page);
  const {reconnects} = await server.camera("front");
  const before = (await server.camera("front")).since;
  await page.getByRole("button", {name: "Reconnect"}).click();
  await until(async () => {
    const {since, state, reconnects: now} = await server.camera("front");
    return state === "live" && (since !== before || now !== reconnects);
  }, "it was connected anew");
  await draws(page);
  await page.locator(".short-events li").filter({hasText: "Live"}).first().waitFor();
});

flow("arrows lead to the next camera and back", {cameras: two}, async ({page, server}) => {
  await page.goto(`${server.url}/#/cameras/front`);
  await page.getByRole("heading", {name: "Front door", level: 1}).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("heading", {name: "side", level: 1}).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.getByRole("heading", {name: "Front door", level: 1}).waitFor();
  await page.getByRole("button", {name: "Next camera"}).click();
  await page.getByRole("heading", {name: "side", level: 1}).waitFor();
  await page.getByRole("link", {name: "All cameras"}).click();
  await page.getByRole("heading", {name: "Cameras", level: 1}).waitFor();
});

flow("a camera that is not there is told", {}, async ({page, server}) => {
  await page.goto(`${server.url}/#/cameras/nobody`);
  await page.getByRole("alert").filter({hasText: "There is no such camera"}).waitFor();
});

flow("why an order was refused stays to be read", {refused: ["503 /api/v1/cameras/front/restart"]}, async ({page, server}) => {
  let polls = 0;

  await page.route("**/restart", (route) => route.fulfill({status: 503, json: {error: {code: "busy", message: "too much is to be done"}}}));
  page.on("response", (response) => polls += /cameras$/.test(response.url()));
  await page.goto(`${server.url}/#/cameras/front`);
  await server.live("front");
  await page.getByRole("button", {name: "Reconnect"}).click();
  await page.getByRole("alert").filter({hasText: "Too much is to be done."}).waitFor();
  const before = polls;
  await until(() => polls > before + 1, "two more answers");
  assert.equal(await page.getByRole("alert").textContent(), "Too much is to be done.");
  await page.unroute("**/restart");
  await page.getByRole("button", {name: "Reconnect"}).click();
  await page.getByRole("alert").waitFor({state: "hidden"});
});

flow("where nothing can fill the screen that is not offered", {}, async ({page, server}) => {
  await page.addInitScript(() => Object.defineProperty(document, "fullscreenEnabled", {value: false}));
  await page.goto(`${server.url}/#/cameras/front`);
  await page.getByRole("button", {name: "Boxes"}).waitFor();
  assert.equal(await page.getByRole("button", {name: "Full screen"}).count(), 0);
});

await run();
