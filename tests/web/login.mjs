/* Who looks at the page, and what he may do. */

import assert from "node:assert/strict";

import {SCENE, until} from "./kit/daemon.mjs";
import {flow, logIn, run, tile} from "./kit/flow.mjs";

const users = {admin: {role: "admin"}, otto: {role: "operator"}, vera: {role: "viewer", cameras: "f*"}};
const site = {cameras: {front: SCENE, side: SCENE}, users, refused: ["401 /api/v1/session"]};

flow("a name and a password let in, and out again", site, async ({page, context, server, look}) => {
  await page.goto(server.url);
  await page.getByRole("heading", {name: "Log in"}).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), "user");
  assert.equal(await page.getByRole("navigation").count(), 0);
  await look("login");
  await logIn(page, "admin", "wrong");
  await page.getByRole("alert").filter({hasText: "The name or the password is wrong."}).waitFor();
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  await logIn(page, "admin");
  await tile(page, "front").waitFor();
  await page.getByText("admin · admin").waitFor();
  const [cookie] = await context.cookies();
  assert.ok(cookie.httpOnly && cookie.sameSite === "Strict", JSON.stringify(cookie));
  assert.equal(await page.evaluate(() => document.cookie), "");

  await page.reload();
  await page.getByText("admin · admin").waitFor();
  await page.getByRole("button", {name: "Log out"}).click();
  await page.getByRole("heading", {name: "Log in"}).waitFor();
  await page.reload();
  await page.getByRole("heading", {name: "Log in"}).waitFor();
  await until(async () => (await server.camera("front")).viewers.count === 0, "nobody watches any more");
});

flow("the login leads to where one wanted to go", site, async ({page, server}) => {
  await page.goto(`${server.url}/#/cameras/side`);
  await logIn(page, "otto");
  await page.getByRole("heading", {name: "side", level: 1}).waitFor();
});

flow("an operator connects anew, and changes no settings", site, async ({page, server}) => {
  await page.goto(`${server.url}/#/cameras/front`);
  await logIn(page, "otto");
  await page.getByRole("button", {name: "Reconnect"}).waitFor();
  assert.equal(await page.getByRole("link", {name: "Settings"}).count(), 0);
  await server.live("front");
  await page.getByRole("button", {name: "Reconnect"}).click();
  await until(() => server.said().includes("audit: user otto"), "it is in the log");
});

flow("who sees some cameras sees those alone", {...site}, async ({page, server, look}) => {
  await page.goto(server.url);
  await logIn(page, "vera");
  await page.getByRole("link", {name: "front"}).waitFor();
  assert.equal(await page.locator(".tile").count(), 1);
  assert.equal(await page.getByRole("link", {name: "Add camera"}).count(), 0);
  await page.getByRole("link", {name: "Health"}).click();
  await page.getByText("These are of all cameras, and not yours to see.").waitFor();
  await page.goto(`${server.url}/#/cameras/front`);
  await page.getByRole("button", {name: "Boxes"}).waitFor();
  assert.equal(await page.getByRole("button", {name: "Reconnect"}).count(), 0);
  await server.testEvent("side");
  const {id} = await server.testEvent("front");
  await page.getByRole("link", {name: "Events", exact: true}).click();
  await page.locator(`.events li[data-id="${id}"]`).waitFor();
  assert.equal(await page.locator(".events a", {hasText: "side"}).count(), 0);
  await look("events-some");
});

flow("nobody sees what was asked for by another", site, async ({page, server}) => {
  let go, held, answered;
  const asked = new Promise((resolve) => {
    held = resolve;
  });

  const told = new Promise((resolve) => {
    answered = resolve;
  });

  await page.goto(server.url);
  await logIn(page, "admin");
  await tile(page, "side").waitFor();
  const late = await page.evaluate(() => fetch("/api/v1/cameras").then((answer) => answer.text()));
  await page.route("**/api/v1/cameras", async (route) => {
    if (go) return route.continue();
    held();
    await new Promise((resolve) => {
      go = resolve;
    });
    await route.fulfill({contentType: "application/json", body: late});
    answered();
  });
  await asked;
  await page.getByRole("button", {name: "Log out"}).click();
  await logIn(page, "vera");
  await page.getByText("vera · viewer").waitFor();
  await page.evaluate(() => {
    window.others = [];
    new MutationObserver(() => window.others.push(...[...document.querySelectorAll(".tile .name")].map((name) => name.textContent)))
      .observe(document.getElementById("main"), {subtree: true, childList: true});
  });
  go();
  await told;
  await tile(page, "front").waitFor();
  assert.ok(!(await page.evaluate(() => window.others)).includes("side"));
});

flow("a session that is over asks for the password again", {...site, refused: [...site.refused, "401 /api/v1/cameras", "401 /api/v1/wall.mjpg"]}, async ({page, server}) => {
  await page.goto(server.url);
  await logIn(page, "otto");
  await tile(page, "front").waitFor();
  server.writeUsers({admin: {role: "admin"}});
  await page.getByRole("heading", {name: "Log in"}).waitFor();
  await logIn(page, "otto");
  await page.getByRole("alert").filter({hasText: "wrong"}).waitFor();
});

await run();
