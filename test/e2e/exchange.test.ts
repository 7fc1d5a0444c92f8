// What cells and JupyterLab exchange besides output: questions, pages of help, text for a cell.
// Starts a server, a browser and a kernel.

import assert from "node:assert/strict";
import {writeFile} from "node:fs/promises";
import {join} from "node:path";
import test, {after, before} from "node:test";
import type {Locator, Page} from "playwright-core";
import {asNotebook, choose, openLab, pictures, type Lab} from "../support/lab.js";

const notebook = "exchange.ipynb";
const waitMs = 60_000;
const cells = [
  `const key = prompt.password("key? ");`,
  `[prompt("name? "), key.length]`,
  "Array.from?",
  "%load helper.ts",
];

let lab: Lab;
let page: Page;
before(async () => {
  lab = await openLab([]);
  await writeFile(join(lab.folder, "helper.ts"), "const loaded = 1;\n");
  await writeFile(join(lab.folder, notebook), JSON.stringify(asNotebook(cells)));
  page = await lab.openNotebook(notebook);
});
after(() => lab?.close());

const cell = (index: number): Locator => page.locator(".jp-Notebook .jp-Cell").nth(index);

test("questions, help and loaded text are shown where they belong", {timeout: waitMs}, async () => {
  await page.locator("#jp-main-statusbar").getByText("TypeScript (Tasklab) | Idle").waitFor();
  await choose(page, "Run", "Run All Cells");
  const secret = cell(0).locator("input[type=password]");
  await secret.fill("hidden");
  await secret.press("Enter");
  const name = cell(1).locator(".jp-Stdin-input");
  await name.fill("Ada");
  await name.press("Enter");
  await cell(1).getByText("[ 'Ada', 6 ]").waitFor();
  await cell(2).getByText("Creates an array from an array-like object.").waitFor();
  await cell(3).getByText("const loaded = 1;").waitFor();
  await page.screenshot({path: join(pictures, "exchange.png")});
  assert.equal(await page.getByText("hidden", {exact: true}).count(), 0);
});
