// The tutorial as a reader meets it: JupyterLab, a browser, all cells. Starts a server, a browser,
// a kernel and a cluster; screenshots are kept in test-output/pictures to be looked at.

import assert from "node:assert/strict";
import {readFile} from "node:fs/promises";
import {join} from "node:path";
import test, {after, before} from "node:test";
import type {Page} from "playwright-core";
import {choose, openLab, pictures, type Lab} from "../support/lab.js";

const notebook = "01-overview-of-a-task.ipynb";
const runsMs = 120_000;

let lab: Lab;
let page: Page;

before(async () => {
  lab = await openLab([notebook]);
  page = await lab.openNotebook(notebook);
});
after(() => lab?.close());

/** What the panel showed while cells ran, looked at in every frame. */
interface Seen {
  /** Most bars that were growing at one time. */
  running: number;
  /** Frames in which a growing bar was wider than in the frame before. */
  grew: number;
  modes: string[];
}

test("all cells run, and bars grow in the panel while tasks run", {timeout: runsMs}, async () => {
  await kernelIsIdle();
  await page.evaluate(watchBars);
  await choose(page, "Run", "Run All Cells");
  await page.waitForFunction(allCellsRan, null, {timeout: runsMs});
  assert.deepEqual(await errorsShown(), []);
  const seen = (await page.evaluate("globalThis.tasklabSeen")) as Seen;
  assert.ok(seen.running >= 2, `bars running at once: ${seen.running}`);
  assert.ok(seen.grew >= 3, `a running bar grew in ${seen.grew} frames`);
});

test("the panel has twin lanes with both runs", {timeout: runsMs}, async () => {
  const panel = page.locator("#tasklab-execution");
  // The panel draws at most ten times a second: it may be a moment behind the cells.
  await page.waitForFunction(() => {
    const text = document.querySelector("#tasklab-execution")?.textContent ?? "";
    const words = [
      /One after another/,
      /On the cluster/,
      /10 runs on 2 workers took .* instead of/,
    ];
    return words.every((word) => word.test(text));
  });
  assert.ok((await panel.locator("svg .bar").count()) >= 40, "20 runs with their inner calls");
  await page.screenshot({path: join(pictures, "panel-twin-lanes.png")});
  for (const [tab, picture] of [
    ["Timeline", "panel-timeline.png"],
    ["Follow one task", "panel-steps.png"],
    ["Cluster", "panel-cluster.png"],
  ] as const) {
    await panel.getByRole("tab", {name: tab}).click();
    await panel.locator("svg.tasklab-diagram").waitFor();
    await page.screenshot({path: join(pictures, picture)});
  }
  await panel.getByRole("tab", {name: "Twin lanes"}).click();
});

test(
  "the notebook keeps trace, SVG and sentence, and shows them after a reload",
  {timeout: runsMs},
  async () => {
    await page.keyboard.press("Control+s");
    await page.waitForFunction(() => !document.querySelector(".jp-mod-dirty"));
    const saved = JSON.parse(await readFile(join(lab.folder, notebook), "utf8")) as Notebook;
    const bundles = saved.cells.flatMap((cell) =>
      (cell.outputs ?? []).flatMap((output) => (output.data ? [output.data] : [])),
    );
    const traced = bundles.filter((data) => "application/vnd.tasklab.trace+json" in data);
    assert.ok(traced.length >= 4, `saved diagrams: ${traced.length}`);
    for (const data of traced) {
      assert.match(textOf(data["image/svg+xml"]), /^<svg[^]*<\/svg>/);
      assert.match(textOf(data["text/plain"]), /took|began/);
    }
    await page.reload();
    await page.waitForSelector(".jp-Notebook .jp-Cell");
    const drawn = await lookThrough(traced.length);
    assert.equal(drawn.size, traced.length, `diagrams drawn again: ${[...drawn].join("; ")}`);
  },
);

interface Notebook {
  cells: {outputs?: {data?: Record<string, string | string[]>}[]}[];
}
const textOf = (text: string | string[] | undefined) => [text ?? ""].flat().join("");

/**
 * Scrolls through the notebook, whose cells are in the page only while they can be seen, until
 * `wanted` saved diagrams were drawn; gives their titles. A picture of each is kept.
 */
async function lookThrough(wanted: number): Promise<Set<string>> {
  const titles = new Set<string>();
  const diagrams = page.locator(".jp-OutputArea svg.tasklab-diagram");
  const deadlineMs = performance.now() + runsMs / 2;
  while (titles.size < wanted && performance.now() < deadlineMs) {
    for (const diagram of await diagrams.all()) {
      const title = (await diagram.locator("title").first().textContent()) ?? "";
      if (title === "" || titles.has(title)) continue;
      titles.add(title);
      await diagram.scrollIntoViewIfNeeded();
      await page.screenshot({path: join(pictures, `saved-${titles.size}.png`)});
    }
    await page.evaluate(scrollOn);
  }
  return titles;
}

/** Runs in the page: one screen down, at the end back to the top; resolves when that is drawn. */
function scrollOn(): Promise<void> {
  const panel = document.querySelector(".jp-WindowedPanel-outer")!;
  const isAtEnd = panel.scrollTop + panel.clientHeight >= panel.scrollHeight - 1;
  panel.scrollTop = isAtEnd ? 0 : panel.scrollTop + panel.clientHeight / 2;
  return new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
  });
}

/** As the status bar tells: the notebook's indicator says so before there is a kernel. */
async function kernelIsIdle(): Promise<void> {
  await page.locator("#jp-main-statusbar").getByText("TypeScript (Tasklab) | Idle").waitFor();
}

async function errorsShown(): Promise<string[]> {
  return page
    .locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]')
    .allInnerTexts();
}

/** Runs in the page: every code cell has a number and none is waiting. */
function allCellsRan(): boolean {
  const cells = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")];
  const prompts = cells.map((cell) => cell.querySelector(".jp-InputPrompt")?.textContent ?? "");
  return prompts.length > 5 && prompts.every((prompt) => /\[\d+\]/.test(prompt));
}

/** Runs in the page: looks at the panel's running bars in every frame. */
function watchBars(): void {
  const seen: Seen = {running: 0, grew: 0, modes: []};
  (globalThis as unknown as {tasklabSeen: Seen}).tasklabSeen = seen;
  let widths = new Map<Element, number>();
  const look = () => {
    const bars = [...document.querySelectorAll("#tasklab-execution .bar.running")];
    seen.running = Math.max(seen.running, bars.length);
    const now = new Map(bars.map((bar) => [bar, bar.getBoundingClientRect().width]));
    for (const [bar, width] of now) if (width > (widths.get(bar) ?? Infinity)) seen.grew++;
    widths = now;
    requestAnimationFrame(look);
  };
  look();
}
