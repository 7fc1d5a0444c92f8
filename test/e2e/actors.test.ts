// Actors as a reader meets them: the notebook about them in JupyterLab, and their lanes in the
// panel. Starts a server, a browser, a kernel and a cluster; screenshots are kept in
// test-output/pictures to be looked at.

import assert from "node:assert/strict";
import {readFile} from "node:fs/promises";
import {join} from "node:path";
import test, {after, before} from "node:test";
import type {Page} from "playwright-core";
import {choose, openLab, pictures, type Lab} from "../support/lab.js";

const notebook = "03-actors.ipynb";
const runsMs = 120_000;

let lab: Lab;
let page: Page;

before(async () => {
  lab = await openLab([notebook]);
  page = await lab.openNotebook(notebook);
});
after(() => lab?.close());

const panel = () => page.locator("#tasklab-execution");

test("all cells run, but for the call of an actor that was killed", {timeout: runsMs}, async () => {
  await page.locator("#jp-main-statusbar").getByText("TypeScript (Tasklab) | Idle").waitFor();
  await choose(page, "Run", "Run All Cells");
  // Cells are in the page only while they can be seen.
  await page.waitForFunction(endShows, "ActorDiedError: Counter.add: it was killed", {
    timeout: runsMs,
  });
  await page.keyboard.press("Control+s");
  await page.waitForFunction(() => !document.querySelector(".jp-mod-dirty"));
  const saved = await readFile(join(lab.folder, notebook), "utf8");
  assert.equal(saved.match(/"output_type": "error"/g)?.length, 1);
});

test("an actor's lanes in the panel have its name, and its second life is in sight", async () => {
  await panel().locator("svg .layer-labels").getByText("Fragile ↻2").first().waitFor();
  await page.screenshot({path: join(pictures, "panel-actors.png")});
  const bars = await panel()
    .locator('svg .bar[data-fn="Fragile.call"]')
    .evaluateAll((all) => all.map((bar) => bar.getAttribute("aria-label")));
  assert.match(String(bars.at(0)), /^Fragile\.call, run \d+, on Fragile: .*, finished$/);
  assert.match(String(bars.at(-1)), /^Fragile\.call, run \d+, on Fragile ↻2: .*, finished$/);
});

test("the cluster's picture tells actors from workers", async () => {
  await panel().getByRole("tab", {name: "Cluster"}).click();
  await panel()
    .getByText(/2 workers alive and \d actors/)
    .first()
    .waitFor({state: "attached"});
  await panel().locator("svg .layer-labels").getByText("Board").first().waitFor();
  await page.screenshot({path: join(pictures, "panel-actors-cluster.png")});
});

/** Runs in the page: scrolls to the notebook's end. */
function endShows(text: string): boolean {
  const cells = document.querySelector(".jp-WindowedPanel-outer")!;
  cells.scrollTop = cells.scrollHeight;
  return cells.textContent.includes(text);
}
