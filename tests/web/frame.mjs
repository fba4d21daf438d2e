/* What all views share: addresses, keyboard, colours, policy. */

import assert from "node:assert/strict";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import path from "node:path";

import {SCENE} from "./kit/daemon.mjs";
import {flow, run, tile} from "./kit/flow.mjs";

/* Tab until the element has the focus; how often. */
async function tabTo(page, locator, most = 40) {
  for (let i = 0; i < most; i++) {
    if (await locator.evaluate((one) => one === document.activeElement)) return i;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${locator}`);
}

const focused = (page) => page.evaluate(() => document.activeElement.textContent);

flow("everything is reached by the keyboard alone", {cameras: {front: SCENE, side: SCENE}}, async ({page, server}) => {
  await page.goto(server.url);
  await tile(page, "front").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "Cameras");
  await tabTo(page, page.getByRole("button", {name: "Small tiles"}));
  await page.keyboard.press("Space");
  await page.getByRole("button", {name: "Small tiles", pressed: true}).waitFor();
  await tabTo(page, page.getByRole("link", {name: "side"}));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", {name: "side", level: 1}).waitFor();
  assert.equal(await focused(page), "side", "the focus goes with the view");
  await tabTo(page, page.getByRole("button", {name: "Boxes"}));
  await page.keyboard.press("Space");
  await page.getByRole("button", {name: "Boxes", pressed: false}).waitFor();
  await tabTo(page, page.getByRole("button", {name: "Switch off"}));
  await page.keyboard.press("Enter");
  await page.getByRole("button", {name: "Switch on"}).waitFor();
  await tabTo(page, page.getByRole("link", {name: "All cameras"}));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", {name: "Cameras", level: 1}).waitFor();
  await tabTo(page, page.getByRole("link", {name: "Events", exact: true}));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", {name: "Events", level: 1}).waitFor();
  assert.equal(await page.getByRole("link", {name: "Events", exact: true}).getAttribute("aria-current"), "page");
});

flow("colours are the system's, dark or light", {}, async ({page, server}) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const seen = {};

  await page.goto(server.url);
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({colorScheme});
    seen[colorScheme] = await ground();
  }
  assert.notEqual(seen.dark, seen.light);
  await page.getByRole("button", {name: "Colours: as the system"}).click();
  await page.getByRole("button", {name: "Colours: dark"}).waitFor();
  assert.equal(await ground(), seen.dark);
  await page.reload();
  assert.equal(await ground(), seen.dark, "it is remembered");
  await page.getByRole("button", {name: "Colours: dark"}).click();
  await page.emulateMedia({colorScheme: "dark"});
  assert.equal(await ground(), seen.light);
});

flow("who lets pages keep nothing sees the page", {}, async ({page, server}) => {
  await page.addInitScript(() => Object.defineProperty(window, "localStorage", {get() {
    throw new DOMException("denied", "SecurityError");
  }}));
  await page.goto(server.url);
  await tile(page, "front").waitFor();
  await page.getByRole("button", {name: "Colours: as the system"}).click();
  await page.getByRole("button", {name: "Colours: dark"}).click();
  await page.getByRole("button", {name: "Colours: light"}).waitFor();
  await page.getByRole("button", {name: "Small tiles"}).click();
  await page.getByRole("button", {name: "Small tiles", pressed: true}).waitFor();
  await page.getByRole("link", {name: "front"}).click();
  await page.getByRole("button", {name: "Boxes", pressed: true}).click();
  await page.getByRole("button", {name: "Boxes", pressed: false}).waitFor();
});

flow("addresses lead to views", {}, async ({page, server}) => {
  const heading = (name) => page.getByRole("heading", {name, level: 1}).waitFor();

  await page.goto(`${server.url}/#front`); /* as it was before */
  await heading("front");
  assert.match(page.url(), /#\/cameras\/front$/);
  for (const strange of ["nothing/of/that", "cameras/"]) {
    await page.goto(`${server.url}/#/${strange}`);
    await heading("Cameras");
  }
  await page.getByRole("link", {name: "Health"}).click();
  await heading("Health");
  assert.equal(await page.title(), "Health · vedette");
  await page.goBack();
  await heading("Cameras");
  await page.goto(`${server.url}/#/cameras/%`);
  await heading("%");
});

flow("the policy allows nothing but the page's own files", {refused: []}, async ({page, server}) => {
  const answer = await page.goto(server.url);
  const policy = answer.headers()["content-security-policy"];

  assert.match(policy, /^default-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|data:|https?:|\*/);
  const inline = await page.evaluate(() => document.querySelectorAll("[style]:not(.motion > div), script:not([src]), style").length);
  assert.equal(inline, 0);
});

const folder = mkdtempSync(path.join(tmpdir(), "vedette-web-"));

flow("a folder takes the place of what is compiled in, file by file", {env: {G_RESOURCE_OVERLAYS: `/vedette=${folder}`}}, async ({page, server}) => {
  writeFileSync(path.join(folder, "style.css"), "h1 { color: rgb(1, 2, 3); }");
  try {
    const colour = () => page.locator("h1").evaluate((one) => getComputedStyle(one).color);
    await page.goto(server.url);
    await tile(page, "front").waitFor();
    assert.equal(await colour(), "rgb(1, 2, 3)");
    writeFileSync(path.join(folder, "style.css"), "h1 { color: rgb(4, 5, 6); }");
    await page.reload();
    await tile(page, "front").waitFor();
    assert.equal(await colour(), "rgb(4, 5, 6)", "a reload is enough");
  } finally {
    rmSync(folder, {recursive: true});
  }
});

await run();
