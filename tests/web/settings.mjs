/* All options of one camera. */

import assert from "node:assert/strict";

import {SCENE, until} from "./kit/daemon.mjs";
import {flow, logIn, run} from "./kit/flow.mjs";

const CONFIGURATION = "/api/v1/cameras/front/configuration";
const settings = (server) => server.ask(CONFIGURATION);
const patch = (server, body) => server.ask(CONFIGURATION, {method: "PATCH", body});

async function openSettings(page, server) {
  await page.goto(`${server.url}/#/cameras/front/settings`);
  await page.getByText("Nothing is changed.").waitFor();
}

const save = (page) => page.getByRole("button", {name: "Save"}).click();
const effect = (page, hasText) => page.locator(".effect", {hasText}).waitFor();
const described = (control) => control.evaluate((one) => one.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent).join(" "));

flow("the camera leads to its settings, a change of which is told before it is made", {cameras: {front: {uri: SCENE, name: "Front door"}}}, async ({page, server, look}) => {
  await page.goto(`${server.url}/#/cameras/front`);
  await server.live("front");
  await page.getByRole("link", {name: "Settings"}).click();
  await page.getByRole("heading", {name: "Settings of Front door", level: 1}).waitFor();
  const threshold = page.getByLabel("Motion threshold");
  await page.getByText("Nothing is changed.").waitFor();
  assert.equal(await threshold.inputValue(), "16");
  assert.match(await described(threshold), /must differ from the background.*1 to 255 grey levels · default 16 · a change takes effect live · as built in/);
  assert.match(await described(page.getByLabel("Name", {exact: true})), /from the configuration's files \(.*vedette\.conf, line \d+\)/);
  await look("settings");

  const {since, reconnects} = await server.camera("front");
  await threshold.fill("20");
  await effect(page, "1 change, not saved yet: takes effect live.");
  await page.locator(".plan li", {hasText: "Motion threshold 16 → 20"}).waitFor();
  assert.equal((await settings(server)).motion_threshold, 16, "a preview changes nothing");
  await page.getByLabel("Transport").selectOption("tcp");
  await page.getByLabel("Show time").uncheck();
  await effect(page, "3 changes, not saved yet: connects anew.");
  await look("settings-changed");
  await page.getByLabel("Transport").selectOption("auto");
  await effect(page, "2 changes, not saved yet: takes effect live.");
  await save(page);
  await effect(page, "Saved: takes effect live.");
  const now = await settings(server);
  assert.deepEqual([now.motion_threshold, now.show_time, now.transport], [20, false, "auto"]);
  const after = await server.camera("front");
  assert.deepEqual([after.since, after.reconnects], [since, reconnects], "it was not connected anew");
});

flow("an error stands at its field", {refused: [`422 ${CONFIGURATION}`]}, async ({page, server, look}) => {
  await openSettings(page, server);
  const threshold = page.getByLabel("Motion threshold");
  await threshold.fill("1000");
  await page.getByLabel("GPU").fill("perhaps");
  await save(page);
  await page.getByRole("alert").filter({hasText: "2 values cannot be taken."}).waitFor();
  assert.equal(await threshold.getAttribute("aria-invalid"), "true");
  assert.match(await described(threshold), /255/);
  assert.match(await page.locator("[data-option=gpu] .field-error").textContent(), /.perhaps. is unknown: allowed are auto/);
  assert.equal(await page.evaluate(() => document.activeElement.name), "gpu", "the first that is wrong");
  await look("settings-wrong");
  await threshold.fill("30");
  await page.getByLabel("GPU").fill("off");
  await effect(page, "2 changes");
  assert.equal(await page.locator("[aria-invalid=true]").count(), 0);
  await threshold.fill("");
  await page.locator("[data-option=motion_threshold] .field-error", {hasText: /\w/}).waitFor();
  await page.getByRole("button", {name: "Discard"}).click();
  await effect(page, "Nothing is changed.");
  assert.equal(await threshold.inputValue(), "16");
  assert.equal((await settings(server)).motion_threshold, 16);
});

flow("two editors do not overwrite each other", {refused: [`412 ${CONFIGURATION}`]}, async ({page, server, look}) => {
  await openSettings(page, server);
  await patch(server, {jpeg_quality: 50, motion_threshold: 40});
  await page.getByLabel("Motion threshold").fill("20");
  await save(page);
  await page.getByRole("alert").filter({hasText: "Somebody else has changed this camera"}).waitFor();
  assert.equal((await settings(server)).motion_threshold, 40);
  await look("settings-conflict");
  await page.getByRole("button", {name: "Take over what is new"}).click();
  await page.locator(".plan li", {hasText: "Motion threshold 40 → 20"}).waitFor();
  assert.equal(await page.getByLabel("JPEG quality").inputValue(), "50");
  await save(page);
  await effect(page, "Saved: takes effect live.");
  const {motion_threshold, jpeg_quality} = await settings(server);
  assert.deepEqual([motion_threshold, jpeg_quality], [20, 50]);
});

flow("what is written while it saves is kept", {}, async ({page, server}) => {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await openSettings(page, server);
  await page.route(`**${CONFIGURATION}`, async (route) => {
    if (route.request().method() === "PATCH") await held;
    await route.continue();
  });
  await page.getByLabel("Motion threshold").fill("20");
  await save(page);
  await page.getByLabel("JPEG quality").fill("50");
  const saved = page.waitForResponse((response) => response.request().method() === "PATCH" && response.url().endsWith(CONFIGURATION));
  release();
  await saved;
  await effect(page, "1 change, not saved yet");
  await page.locator(".plan li", {hasText: "JPEG quality 75 → 50"}).waitFor();
  const {motion_threshold, jpeg_quality} = await settings(server);
  assert.deepEqual([motion_threshold, jpeg_quality], [20, 75]);
});

flow("what was changed is reset to what the files say", {cameras: {front: {uri: SCENE, "stream-fps": 7}}}, async ({page, server}) => {
  await patch(server, {stream_fps: 3, show_boxes: false});
  await openSettings(page, server);
  assert.equal(await page.getByLabel("Stream fps").inputValue(), "3");
  assert.match(await described(page.getByLabel("Stream fps")), /changed on this page or by the API/);
  assert.equal(await page.getByRole("button", {name: /^Reset/}).count(), 2, "only what was changed");
  await page.getByRole("button", {name: "Reset Stream fps"}).click();
  await page.getByRole("button", {name: "Reset Show boxes"}).click();
  await page.locator(".plan li", {hasText: "Stream fps 3 → 7"}).waitFor();
  await page.locator(".plan li", {hasText: "Show boxes off → on"}).waitFor();
  await save(page);
  await effect(page, "Saved: takes effect live.");
  assert.equal(await page.getByLabel("Stream fps").inputValue(), "7");
  assert.equal(await page.getByRole("button", {name: /^Reset/}).count(), 0);
  const origins = await server.ask(`${CONFIGURATION}/origins`);
  assert.deepEqual([origins.stream_fps.from, origins.show_boxes.from], ["camera", "preset"]);
});

flow("secrets are not shown, and stay what they are", {cameras: {front: {uri: SCENE, user: "jo", password: "pass-secret"}}}, async ({page, server}) => {
  await openSettings(page, server);
  const password = page.getByLabel("Password", {exact: true});
  assert.equal(await password.inputValue(), "***");
  assert.ok(!(await page.content()).includes("pass-secret"));
  await page.getByLabel("Name", {exact: true}).fill("Gate");
  await save(page);
  await effect(page, "Saved: takes effect live.");
  const origins = await server.ask(`${CONFIGURATION}/origins`);
  assert.equal(origins.password.from, "camera", "it was not written");
  await password.fill("another-one");
  await page.locator(".plan li", {hasText: "Password is another one"}).waitFor();
  await save(page);
  await effect(page, "Saved: connects anew.");
  assert.equal(await password.inputValue(), "***");
  await until(async () => (await server.ask(`${CONFIGURATION}/origins`)).password.from === "api", "it is another");
});

flow("an operator is offered no settings", {users: {admin: {role: "admin"}, otto: {role: "operator"}}, refused: ["401 /api/v1/session"]}, async ({page, server}) => {
  await page.goto(`${server.url}/#/cameras/front/settings`);
  await logIn(page, "otto");
  await page.getByRole("heading", {name: "Not allowed"}).waitFor();
  await page.goto(`${server.url}/#/cameras/front`);
  await page.getByRole("button", {name: "Reconnect"}).waitFor();
  assert.equal(await page.getByRole("link", {name: "Settings"}).count(), 0);
});

flow("what is not saved is not left unasked", {}, async ({page, server, look}) => {
  await page.goto(`${server.url}/#/cameras/front`);
  await page.getByRole("link", {name: "Settings"}).click();
  await page.getByText("Nothing is changed.").waitFor();
  const threshold = page.getByLabel("Motion threshold");
  const dialog = page.getByRole("dialog", {name: "Leave without saving?"});
  await threshold.fill("20");
  await page.getByRole("link", {name: "Back to the camera"}).click();
  await dialog.waitFor();
  await look("leave-unsaved");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Stay");
  await page.keyboard.press("Enter");
  await dialog.waitFor({state: "detached"});
  assert.equal(await threshold.inputValue(), "20");
  assert.match(page.url(), /#\/cameras\/front\/settings$/);
  await page.getByRole("link", {name: "Events", exact: true}).click();
  await page.keyboard.press("Escape");
  await dialog.waitFor({state: "detached"});
  await page.goBack();
  await dialog.getByRole("button", {name: "Leave"}).click();
  await page.getByRole("heading", {name: "front", level: 1}).waitFor();
  assert.equal((await settings(server)).motion_threshold, 16);
  await page.goto(`${server.url}/#/cameras/front/settings`);
  await page.getByText("Nothing is changed.").waitFor();
  await page.getByRole("link", {name: "Back to the camera"}).click();
  await page.getByRole("heading", {name: "front", level: 1}).waitFor();
});

flow("a camera is removed when one says so twice", {cameras: {front: {uri: SCENE, name: "Front door"}, side: SCENE}}, async ({page, server, look}) => {
  await server.live("front", "side");
  await openSettings(page, server);
  const dialog = page.getByRole("dialog", {name: "Remove Front door?"});
  await page.getByRole("button", {name: "Remove camera"}).click();
  await dialog.waitFor();
  await look("remove-camera");
  await dialog.getByRole("button", {name: "Cancel"}).click();
  await dialog.waitFor({state: "detached"});
  assert.equal((await server.camera("front")).name, "Front door");
  await page.getByLabel("Motion threshold").fill("20"); /* what is not saved is lost with it, unasked */
  await page.getByRole("button", {name: "Remove camera"}).click();
  await dialog.getByRole("button", {name: "Remove"}).click();
  await page.getByRole("heading", {name: "Cameras", level: 1}).waitFor();
  await page.getByText("1 camera, 1 live").waitFor();
  assert.deepEqual((await server.ask("/api/v1/cameras")).cameras.map((one) => one.id), ["side"]);
});

await run();
