// The debugger in the real JupyterLab: what a user clicks and sees. Starts a server, a browser and
// a kernel; the pictures in test-output/pictures are to be looked at.

import assert from "node:assert/strict";
import {writeFile} from "node:fs/promises";
import {join} from "node:path";
import {setTimeout} from "node:timers/promises";
import test, {after, before} from "node:test";
import type {Page} from "playwright-core";
import {asNotebook, openLab, pictures, type Lab} from "../support/lab.js";

const notebook = "debugged.ipynb";
const timeout = 120_000;

const cells = [
  `interface Point { x: number; y: number }

function lengthOf(points: Point[]): number {
  let length = 0;
  for (const {x, y} of points) {
    const distance = Math.hypot(x, y);
    length += distance;
  }
  return length;
}`,
  `const corners: Point[] = [{x: 3, y: 4}, {x: 6, y: 8}];
const total = lengthOf(corners);
\`\${total} in all\``,
];

let lab: Lab;
let page: Page;

before(async () => {
  lab = await openLab([]);
  await writeFile(join(lab.folder, notebook), JSON.stringify(asNotebook(cells)));
  let asked: () => Promise<void>;
  page = await lab.openNotebook(notebook, (opening) => (asked = stateAsked(opening)));
  await page.locator("#jp-main-statusbar").getByText("TypeScript (Tasklab) | Idle").waitFor();
  await asked!();
});
after(() => lab?.close());

/**
 * While a notebook opens, JupyterLab asks the kernel some ten times, one after another, how its
 * debugger is, and takes a click on the button before the last answer for nothing. It says nowhere
 * that it is done: it is when all is answered and it asks no more.
 */
function stateAsked(opening: Page): () => Promise<void> {
  let open = 0;
  let lastAt = Infinity;
  const hear = (by: number) => (frame: {payload: string | Buffer}) => {
    if (!/"command":\s*"debugInfo"/.test(String(frame.payload))) return;
    open += by;
    lastAt = Date.now();
  };
  opening.on("websocket", (socket) => {
    socket.on("framesent", hear(1));
    socket.on("framereceived", hear(-1));
  });
  const isDone = () => open === 0 && Date.now() - lastAt > quietMs;
  return async () => {
    const dueAt = Date.now() + timeout / 2;
    while (!isDone()) {
      assert.ok(Date.now() < dueAt, `JupyterLab waits for ${open} answers of the debugger`);
      await setTimeout(50);
    }
  };
}
const quietMs = 3000;

const cell = (index: number) => page.locator(".jp-Notebook .jp-CodeCell").nth(index);
const stoppedLine = () => page.locator(".jp-DebuggerEditor-highlight");
const frames = () => page.locator(".jp-DebuggerCallstackFrame");
const command = (name: string) => page.locator(`[data-command="debugger:${name}"]`).first();

async function setBreakpoint(index: number, line: number): Promise<void> {
  await cell(index).locator(".cm-content").hover();
  await cell(index)
    .locator(".cm-breakpoint-gutter .cm-gutterElement")
    // The first is a spacer that is not seen.
    .nth(line)
    .click();
}
async function run(index: number): Promise<void> {
  await cell(index).locator(".cm-content").click();
  await page.keyboard.press("Control+Enter");
}
const isStoppedAt = (text: string) => stoppedLine().filter({hasText: text}).waitFor();

test(
  "the bug button starts the debugger, and a click in the gutter sets a breakpoint",
  {timeout},
  async () => {
    await page.locator(".jp-DebuggerBugButton").click();
    await page.locator('.jp-DebuggerBugButton[aria-pressed="true"]').waitFor();
    await setBreakpoint(0, 6);
    await page.locator(".jp-DebuggerBreakpoint").first().waitFor();
  },
);

test(
  "a cell stops there, with its line, its callers and its variables shown",
  {timeout},
  async () => {
    await run(0);
    await cell(0).getByText("[1]:").waitFor();
    await run(1);
    await isStoppedAt("const distance");
    await frames().nth(1).waitFor();
    assert.match((await frames().allInnerTexts()).join("; "), /lengthOf.*; .*Cell In\[2\]/s);
    await page.locator(".jp-DebuggerVariables").getByText("points").first().waitFor();
    await page.screenshot({path: join(pictures, "debugger-stopped.png")});
  },
);

test("steps move the line, and the cell ends when it is let go", {timeout}, async () => {
  await command("next").click();
  await isStoppedAt("length += distance");
  await page.locator(".jp-DebuggerVariables").getByText("distance").first().waitFor();
  await page.screenshot({path: join(pictures, "debugger-stepped.png")});
  await command("continue").click();
  await isStoppedAt("const distance");
  await command("continue").click();
  await cell(1).getByText("15 in all").first().waitFor();
  await stoppedLine().first().waitFor({state: "detached"});
  await page.locator(".jp-DebuggerVariables").getByText("corners").first().waitFor();
  await page.screenshot({path: join(pictures, "debugger-ended.png")});
});

test("the bug button ends it, and cells run through", {timeout}, async () => {
  await page.locator(".jp-DebuggerBugButton").click();
  await page.locator('.jp-DebuggerBugButton[aria-pressed="false"]').waitFor();
  await run(1);
  await cell(1).getByText("[3]:").first().waitFor();
});
