/* What a page looks like: pictures that are kept, accessibility, phones. */

import assert from "node:assert/strict";
import {createRequire} from "node:module";
import {mkdirSync} from "node:fs";
import path from "node:path";

import {BUILD} from "./daemon.mjs";

const {source} = createRequire(`${BUILD}/tests/web/packages/package.json`)("axe-core");
const PICTURES = path.join(BUILD, "tests", "web", "pictures");
const PHONE = {width: 390, height: 844};

/* What axe-core calls serious or worse; in words. */
async function findings(page) {
  await page.evaluate(source);
  const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ["violations"]}));

  return violations.filter(({impact}) => impact === "serious" || impact === "critical")
    .map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map(({html, failureSummary}) => `${html} ${failureSummary}`).join("; ")}`);
}

export async function picture(page, name) {
  mkdirSync(PICTURES, {recursive: true});
  await page.screenshot({path: path.join(PICTURES, `${name}.png`), animations: "disabled"});
}

/* No scrolling to the side, and no heading that is squeezed to a column of letters. */
async function fits(page, name) {
  const {scroll, client, widest, heading} = await page.evaluate(() => {
    const client = document.documentElement.clientWidth;
    return {
      client,
      heading: document.querySelector("h1").getClientRects()[0].height,
      scroll: document.documentElement.scrollWidth,
      widest: [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > client + 1)
        .slice(0, 5).map((one) => `<${one.localName} class="${one.className}">`).join(" "),
    };
  });

  assert.ok(heading < 80, `the heading of ${name} is ${heading} pixels high`);
  assert.ok(scroll <= client, `${name} is ${scroll} pixels wide on a phone of ${client}: ${widest}`);
}

/*
 * Looks at what is shown now, dark and light, large and on a phone: a picture of each is kept, axe-core
 * has no serious finding in any, and nothing scrolls to the side.
 */
export async function lookAt(page, name) {
  const large = page.viewportSize();

  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
    await picture(page, `${name}-${colorScheme}`);
    assert.deepEqual(await findings(page), [], `axe-core of ${name}, ${colorScheme}`);
  }
  await page.emulateMedia({colorScheme: null, reducedMotion: "reduce"});
  await page.setViewportSize(PHONE);
  await picture(page, `${name}-phone`);
  await fits(page, name);
  assert.deepEqual(await findings(page), [], `axe-core of ${name}, phone`);
  await page.setViewportSize(large);
}
