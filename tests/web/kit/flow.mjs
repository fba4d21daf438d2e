/*
 * Flows through the page, each with a daemon and a browser's page of its own, told as TAP:
 *
 *   flow("a tile leads to its camera", {cameras: {front: SCENE}}, async ({page, server, look}) => {
 *     await page.goto(server.url);
 *     ...
 *     await look("camera");
 *   });
 *   await run();
 *
 * A flow fails when it throws, and when the page logged an error, broke its policy or asked another
 * host. A refusal that belongs to a flow is named in `refused`: ["401 /api/v1/session"].
 */

import {createRequire} from "node:module";
import {existsSync} from "node:fs";

import {BUILD, Daemon, SCENE} from "./daemon.mjs";
import {lookAt} from "./look.mjs";

const {chromium} = createRequire(`${BUILD}/tests/web/packages/package.json`)("playwright-core");
const SLOW = Number(process.env.VEDETTE_SLOW || 1);
const FLOW_MS = 240000 * SLOW;
const STEP_MS = 60000 * SLOW; /* a busy machine is slow, and nothing hangs for long */

const flows = [];

export function flow(name, options, steps) {
  flows.push({name, options, steps});
}

/* A camera's tile on the wall, in a state. */
export const tile = (page, name, state = "live") => page.locator(`.tile[data-state=${state}]`).filter({has: page.getByRole("link", {name, exact: true})});

/* Fills in the login that is shown. */
export async function logIn(page, user, password = "secret") {
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", {name: "Log in"}).click();
}

/* What happens in the page that must not. */
function watch(page, origin, refused) {
  const faults = [];
  const expected = new Set(refused);

  page.on("pageerror", (error) => faults.push(`thrown: ${error.stack || error}`));
  page.on("console", (message) => {
    const {url} = message.location();
    const status = /status of (\d+)/.exec(message.text())?.[1];
    const refusal = status && url ? `${status} ${new URL(url).pathname}` : null;
    const away = expected.has("away") && message.text().includes("net::ERR_"); /* the daemon is stopped by the flow */
    if (message.type() === "error" && !expected.has(refusal) && !away)
      faults.push(`logged: ${message.text()} ${url}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["blob:", "data:"].includes(url.protocol) && url.origin !== origin) faults.push(`asked ${url.href}`);
  });
  return faults;
}

function within(promise, ms, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${ms / 1000} s`)), ms);
  });

  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function go({options, steps}, browser) {
  const server = new Daemon({cameras: {front: SCENE}, ...options});
  let context;

  try {
    await server.start();
    context = await browser.newContext({viewport: {width: 1280, height: 800}, locale: "en-GB", reducedMotion: "reduce", ...options.context});
    context.setDefaultTimeout(STEP_MS);
    const page = await context.newPage();
    const faults = watch(page, server.url, options.refused ?? []);
    await within(steps({page, context, server, look: (name, more) => lookAt(page, name, more)}), FLOW_MS, "a flow is through");
    if (faults.length > 0) throw new Error(faults.join("\n"));
  } finally {
    await context?.close();
    await server.close();
  }
}

export async function run() {
  const chosen = process.argv[2] ? flows.filter(({name}) => name.includes(process.argv[2])) : flows;
  const browser = await chromium.launch({
    executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync),
    args: ["--disable-dev-shm-usage", "--disable-quic"],
  });
  let failed = 0;

  console.log(`1..${chosen.length}`);
  for (const [i, one] of chosen.entries()) {
    const begun = Date.now();
    try {
      await go(one, browser);
      console.log(`ok ${i + 1} ${one.name}\n# ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed++;
      console.log(`not ok ${i + 1} ${one.name}`);
      for (const line of String(error.stack || error).split("\n")) console.log(`# ${line}`);
    }
  }
  await browser.close();
  process.exitCode = failed > 0 ? 1 : 0;
}
