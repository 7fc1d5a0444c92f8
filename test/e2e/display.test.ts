// What cells show, in the real JupyterLab, light and dark, and once more as a notebook that Jupyter
// does not trust. Starts a server, a browser and a kernel; the pictures in test-output/pictures are
// to be looked at.

import assert from "node:assert/strict";
import {mkdir, readFile, symlink, writeFile} from "node:fs/promises";
import {join} from "node:path";
import test, {after, before} from "node:test";
import type {Locator, Page} from "playwright-core";
import {asNotebook, choose, openLab, pictures, project, type Lab} from "../support/lab.js";

const notebook = "display.ipynb";
const runsMs = 120_000;
const wholeNotebook = {width: 1000, height: 3400};
/** A picture of one pixel. */
const dot =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mM4EaABAAMkAUEj5ExoAAAAAElFTkSuQmCC";

const cells = [
  `({
  name: "Ada", born: new Date(0), tags: ["a", "b"], nested: {deep: {deeper: [1, {deepest: null}]}},
  method() {}, big: 12n, ok: true, price: "$5 or $6", nothing: undefined,
})`,
  `new Map<unknown, unknown>([["one", {a: 1}], [{k: 2}, new Set([1, 2])]])`,
  `class Point {
  constructor(public x: number, public y: number) {}
}
[new Point(1, 2), new Point(3, 4), Array.from({length: 1000}, (_, i) => i)]`,
  `[
  {planet: "Mercury", radius: 2439.7, moons: 0, found: null},
  {planet: "Earth", radius: 6371, moons: 1, found: null, home: true},
  {planet: "Neptune", radius: 24622, moons: 16, found: new Date("1846-09-23")},
  {planet: "long ".repeat(30), radius: 0, moons: 0, found: null},
]`,
  `console.log("before");
console.table([{x: 1, y: "one"}, {x: 2, y: "two"}], ["y"]);
console.log("after");`,
  `Float64Array.from({length: 1e6}, (_, i) => Math.sin(i / 5e4) + i / 1e6)`,
  `const failed = new RangeError("too <b>far</b>", {cause: new Error("inner")});
failed`,
  `import {createDocument, display, html, image, json, latex, markdown, svg, vegalite} from "tasklab";
display(html\`<b>\${"<i>escaped</i>"}</b> and <i>markup</i>\`);
display(markdown("**bold** and $x^2$"));
display(latex\`\\frac{1}{2}\`);
display(svg\`<svg width="60" height="20"><rect width="60" height="20" fill="teal"/></svg>\`);
display(image("data:image/png;base64,${dot}", {width: 24, alt: "a dot"}));
json({a: [1, 2, {b: 3}]}, {expanded: true})`,
  `vegalite({
  title: "Squares", width: 200, height: 80, mark: "bar",
  data: {values: [1, 2, 3].map((x) => ({x, y: x * x}))},
  encoding: {x: {field: "x", type: "ordinal"}, y: {field: "y", type: "quantitative"}},
})`,
  `import * as Plot from "@observablehq/plot";
Plot.plot({document: createDocument(), height: 120, marks: [Plot.barY([3, 1, 2], {fill: "steelblue"})]})`,
  `import * as aq from "arquero";
aq.table({x: [1, 2, 3], name: ["a", "b", "c"]})`,
  `[{hostile: "<img src=x onerror='document.title = 1'>"}, {hostile: "$a$ and $b$"}]`,
  `({"<script>document.title = 1</script>": "</li></ul><h1>out</h1>", long: "x".repeat(300)})`,
];

let lab: Lab;
let page: Page;

before(async () => {
  lab = await openLab([]);
  await symlink(join(project, "node_modules"), join(lab.folder, "node_modules"));
  await writeFile(join(lab.folder, notebook), JSON.stringify(asNotebook(cells)));
  page = await lab.openNotebook(notebook);
});
after(() => lab?.close());

test("every kind of value shows, in light", {timeout: runsMs}, async () => {
  await page.setViewportSize(wholeNotebook);
  await page.locator("#jp-main-statusbar").getByText("TypeScript (Tasklab) | Idle").waitFor();
  await choose(page, "Run", "Run All Cells");
  await page.waitForFunction(lastCellRan, cells.length, {timeout: runsMs});
  assert.deepEqual(await page.locator('[data-mime-type$="error"]').allInnerTexts(), []);
  await inFront(page, notebook);
  for (const drawn of [
    ".vega-embed [role=graphics-document]",
    ".jp-RenderedSVG img",
    "img[width='24']",
  ])
    await page.locator(drawn).first().waitFor();
  await page.screenshot({path: join(pictures, "display-light.png")});
});

test("a tree opens and closes by the keyboard", {timeout: runsMs}, async () => {
  const branch = page.locator("details", {hasText: "deepest"}).last();
  const summary = page.locator("summary", {hasText: "nested:"}).first();
  assert.equal(await branch.isVisible(), false);
  await summary.focus();
  await page.keyboard.press("Enter");
  await page.getByText("deeper: [ 1, [Object] ]").waitFor();
  await page.screenshot({path: join(pictures, "display-open.png")});
  await page.keyboard.press("Enter");
  await page.getByText("deeper: [ 1, [Object] ]").waitFor({state: "hidden"});
});

test("nothing in a text is run or typeset", async () => {
  assert.doesNotMatch(await page.title(), /^1/);
  assert.equal(await page.locator(".jp-OutputArea h1").count(), 0);
  assert.equal(await page.locator(".mathjax_ignore mjx-container").count(), 0);
});

test("it shows in dark, and in a notebook that is not trusted", {timeout: runsMs}, async () => {
  await page.keyboard.press("Control+s");
  await page.waitForFunction(() => !document.querySelector(".jp-mod-dirty"));
  const settings = join(lab.folder, ".jupyter/settings/@jupyterlab/apputils-extension");
  await mkdir(settings, {recursive: true});
  await writeFile(
    join(settings, "themes.jupyterlab-settings"),
    JSON.stringify({theme: "JupyterLab Dark"}),
  );
  // Jupyter trusts what it has saved itself, by the content: this is another one.
  const saved = await readFile(join(lab.folder, notebook), "utf8");
  await writeFile(join(lab.folder, "strange.ipynb"), saved.replaceAll('"cell-', '"strange-'));
  let panel!: Locator;
  for (const [name, picture] of [
    [notebook, "display-dark.png"],
    ["strange.ipynb", "display-untrusted.png"],
  ] as const) {
    await page.close();
    page = await lab.openNotebook(name);
    await page.setViewportSize(wholeNotebook);
    await page.waitForFunction(() => document.body.dataset.jpThemeLight === "false");
    panel = await inFront(page, name);
    await page.screenshot({path: join(pictures, picture)});
  }
  // What was not trusted has lost its colours by variables, and nothing else.
  const text = panel.locator("li span", {hasText: "'Ada'"});
  assert.equal(await text.getAttribute("style"), null);
  assert.equal(await panel.locator("details[open] > summary", {hasText: "9 keys"}).count(), 1);
  const number = panel.locator("td", {hasText: "2439.7"});
  assert.equal(await styleOf(number, "textAlign"), "right");
  const tree = panel.locator(".mathjax_ignore", {hasText: "9 keys"}).first();
  assert.match(await styleOf(tree, "fontFamily"), /monospace/);
});

function styleOf(element: Locator, name: "textAlign" | "fontFamily"): Promise<string> {
  return element.evaluate((node, name) => getComputedStyle(node)[name], name);
}

/** The notebook in front: a page that is opened again shows first what was open before. */
async function inFront(page: Page, name: string): Promise<Locator> {
  await page.locator("#jp-main-dock-panel .lm-mod-current", {hasText: name}).waitFor();
  const panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)");
  // Cells are in the page only while they can be seen: the first and the last of them.
  await panel.getByText("9 keys").waitFor();
  await panel.getByText("</li></ul><h1>out</h1>").last().waitFor();
  return panel;
}

/** Runs in the page. */
function lastCellRan(count: number): boolean {
  const prompts = [...document.querySelectorAll(".jp-InputPrompt")];
  return prompts.some((prompt) => prompt.textContent?.includes(`[${count}]`));
}
