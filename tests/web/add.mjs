/* A new camera. */

import assert from "node:assert/strict";
import {createServer} from "node:net";

import {SCENE, until} from "./kit/daemon.mjs";
import {flow, logIn, run} from "./kit/flow.mjs";

const error = (page, option, hasText) => page.locator(`[data-option=${option}] .field-error`, {hasText}).waitFor();
const add = (page) => page.getByRole("button", {name: "Add camera"}).click();

async function openForm(page, server) {
  await page.goto(`${server.url}/#/add`);
  await page.getByLabel("Address").waitFor();
}

flow("a camera is added and goes live", {}, async ({page, server, look}) => {
  await page.goto(server.url);
  await page.getByRole("link", {name: "Add camera"}).click();
  await page.getByRole("heading", {name: "Add camera", level: 1}).waitFor();
  await page.getByLabel("Address").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), "id");
  await look("add");
  await page.keyboard.type("gate-2");
  await page.getByLabel("Name").fill("The gate");
  await page.getByLabel("Address").fill(SCENE);
  await page.getByLabel("User").fill("jo");
  await page.getByLabel("Password").fill("pass-secret");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", {name: "The gate", level: 1}).waitFor();
  assert.ok(page.url().endsWith("#/cameras/gate-2"), page.url());
  await page.locator(".head .state", {hasText: "Live"}).waitFor();
  const {user, password, name} = await server.ask("/api/v1/cameras/gate-2/configuration");
  assert.deepEqual([user, password, name], ["***", "***", "The gate"]);
});

flow("what cannot be is told at its field", {refused: ["409 /api/v1/cameras", "422 /api/v1/cameras"]}, async ({page, server, look}) => {
  await openForm(page, server);
  await add(page);
  await error(page, "id", "Missing");
  await page.getByLabel("Id", {exact: true}).fill("Front Door");
  await page.getByLabel("Address").fill("camera.example/stream");
  await add(page);
  await error(page, "id", "letters a-z, digits and -");
  await error(page, "uri", "write a camera as rtsp://192.0.2.10/stream");
  await page.getByRole("alert").filter({hasText: "2 values cannot be taken."}).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), "id");
  await look("add-wrong");

  await page.getByLabel("Id", {exact: true}).fill("front");
  await page.getByLabel("Address").fill(SCENE);
  await add(page);
  await error(page, "id", "There is a camera 'front' already.");
  assert.equal(await page.getByLabel("Address").getAttribute("aria-invalid"), "false");
  assert.equal((await server.ask("/api/v1/cameras")).cameras.length, 1);
});

const test = (page) => page.getByRole("button", {name: "Test connection"}).click();
const outcome = (page, hasText) => page.locator(".outcome", {hasText}).waitFor();

flow("a connection is tried before there is a camera", {refused: ["422 /api/v1/probe"]}, async ({page, server, look}) => {
  await openForm(page, server);
  await test(page);
  await error(page, "uri", "Missing");
  await outcome(page, "Not tried: some of what is written cannot be taken.");
  assert.equal(await page.evaluate(() => document.activeElement.name), "uri");

  await page.getByLabel("Address").fill("rtsp://127.0.0.1:9/gone");
  assert.equal(await page.locator(".outcome").textContent(), ""); /* it was of something else */
  await page.getByLabel("Password").fill("pass-secret");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await outcome(page, "Not reached: Nobody takes connections at 127.0.0.1:9. Check the address and its port");
  assert.equal(await page.getByLabel("Address").getAttribute("aria-invalid"), "false");
  assert.ok(await page.getByRole("status").filter({hasText: "Not reached"}).isVisible());
  await look("add-not-reached");

  await page.getByLabel("Address").fill(SCENE);
  await test(page);
  await outcome(page, /^Reached: MJPEG, 640 × 360, 10 fps, built in\. The first picture was there after [0-9.]+ m?s, decoded /);
  await look("add-reached");
  assert.deepEqual((await server.ask("/api/v1/cameras")).cameras.map(({id}) => id), ["front"]);
  assert.ok(!server.said().includes("pass-secret"));
});

flow("a trial that runs is told, and ends with the page", {}, async ({page, server}) => {
  let ended = 0;
  const silent = createServer((socket) => socket.on("data", () => {}).on("error", () => {}).on("close", () => ended++));
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));

  await openForm(page, server);
  await page.getByLabel("Address").fill(`rtsp://127.0.0.1:${silent.address().port}/x`);
  await test(page);
  await outcome(page, "Trying to reach it");
  await test(page); /* once is enough */
  await until(() => new Promise((resolve) => silent.getConnections((_, count) => resolve(count === 1))), "the camera is asked");
  await page.getByRole("link", {name: "Cancel"}).click();
  await until(() => ended === 1, "the camera is let go of");
  await until(() => server.said().includes("given up: nobody waits for it"), "the daemon gives it up");
  silent.close();
});

flow("only who administers all cameras is offered it", {users: {admin: {role: "admin"}, otto: {role: "operator"}, fred: {role: "admin", cameras: "f*"}}, refused: ["401 /api/v1/session"]}, async ({page, server}) => {
  for (const user of ["otto", "fred"]) {
    await page.goto(`${server.url}/#/add`);
    await logIn(page, user);
    await page.getByRole("heading", {name: "Not allowed"}).waitFor();
    await page.goto(`${server.url}/#/cameras`);
    await page.getByRole("link", {name: "front"}).waitFor();
    assert.equal(await page.getByRole("link", {name: "Add camera"}).count(), 0);
    await page.getByRole("button", {name: "Log out"}).click();
    await page.getByRole("heading", {name: "Log in"}).waitFor();
  }
});

await run();
