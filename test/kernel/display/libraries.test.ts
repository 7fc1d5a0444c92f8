// Values of other libraries: the real ones where they are small, else stand-ins of the same shape.

import assert from "node:assert/strict";
import {test} from "node:test";
import {plot, barY} from "@observablehq/plot";
import * as arquero from "arquero";
import type {Shown} from "../../../cluster/show/displayable.js";
import {createDocument} from "../../../cluster/index.js";
import {shownOf} from "../../../kernel/display/bundle.js";

async function bundleOf(value: unknown): Promise<Record<string, unknown>> {
  return ((await shownOf(value)) as Shown).data;
}
const columns = {id: [1, 2], name: ["a<b", "c"], ok: [true, null]};
const resource = {
  schema: {
    fields: [
      {name: "id", type: "integer"},
      {name: "name", type: "string"},
      {name: "ok", type: "boolean"},
    ],
  },
  data: [
    {id: 1, name: "a<b", ok: true},
    {id: 2, name: "c", ok: null},
  ],
};

const frames: [name: string, make: () => unknown][] = [
  ["Arquero", () => arquero.table(columns)],
  ["Arrow", () => arquero.toArrow(arquero.table(columns))],
];
for (const [name, make] of frames)
  test(`a table of ${name} is a table, and data for those who can show more`, async () => {
    const bundle = await bundleOf(make());
    assert.match(String(bundle["text/html"]), /<td[^>]*>a&lt;b<\/td>/);
    assert.deepEqual(bundle["application/vnd.dataresource+json"], resource);
    assert.equal(typeof bundle["text/plain"], "string");
  });

test("a long table is shown in part, and not sent whole", async () => {
  const bundle = await bundleOf(arquero.table({i: Array.from({length: 5000}, (_, i) => i)}));
  assert.match(String(bundle["text/html"]), /4,970 more rows \(5,000 × 1 in all\)/);
  assert.equal("application/vnd.dataresource+json" in bundle, false);
});

test("a filtered and sorted table shows what it holds", async () => {
  const {desc} = arquero;
  const table = arquero
    .table({i: [1, 2, 3]})
    .filter((row: {i: number}) => row.i > 1)
    .orderby(desc("i"));
  const bundle = await bundleOf(table);
  const cells = [...String(bundle["text/html"]).matchAll(/<td[^>]*>(\d)<\/td>/g)];
  assert.deepEqual(
    cells.map(([, cell]) => cell),
    ["3", "2"],
  );
});

// pola-rs/nodejs-polars, polars/dataframe.ts: a Proxy whose target has the method.
test("a frame of Polars shows itself, from behind its proxy", async () => {
  const own = {"text/html": "<table></table>", "application/vnd.dataresource+json": {data: []}};
  const target = {[Symbol.for("Jupyter.display")]: () => own};
  const frame = new Proxy(target, {get: (of, key) => Reflect.get(of, key) as unknown});
  const {"text/plain": text, ...bundle} = await bundleOf(frame);
  assert.deepEqual(bundle, own);
  assert.equal(typeof text, "string");
});

test("a chart of Observable Plot is an SVG that stands alone", async () => {
  const chart = plot({document: createDocument(), marks: [barY([1, 2])]});
  const markup = String((await bundleOf(chart))["image/svg+xml"]);
  assert.match(markup, /^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  assert.match(markup, /^<svg[^>]* style="background:#fff;/);
  assert.equal((markup.match(/<rect /g) ?? []).length, 2);
  const titled = plot({document: createDocument(), title: "Two", marks: [barY([1, 2])]});
  assert.match(String((await bundleOf(titled))["text/html"]), /^<figure[^]*<h2>Two<\/h2>/);
});

const spec = {$schema: "https://vega.github.io/schema/vega-lite/v5.json", mark: "bar"};
const dot = Buffer.from("\x89PNG\r\n\x1a\n", "latin1").toString("base64");
class Element {
  get outerHTML() {
    return "<p>1</p>";
  }
}
// Automattic/node-canvas, lib/canvas.js, gives it at once; samizdatco/skia-canvas may give a
// promise.
class Canvas {
  readonly url: unknown;
  constructor(url: unknown) {
    this.url = url;
  }
  toDataURL() {
    return this.url;
  }
}
// vega/vega-lite-api, src/__view__.js
class Chart {
  toSpec() {
    return {mark: "bar"};
  }
}

const drawn: [name: string, value: unknown, type: string, content: unknown][] = [
  ["a specification of Vega-Lite", spec, "application/vnd.vegalite.v5+json", spec],
  [
    "a specification of Vega",
    {$schema: "https://vega.github.io/schema/vega/v5.json"},
    "application/vnd.vega.v5+json",
    {$schema: "https://vega.github.io/schema/vega/v5.json"},
  ],
  ["a chart of vega-lite-api", new Chart(), "application/vnd.vegalite.v5+json", {mark: "bar"}],
  ["an element", new Element(), "text/html", "<p>1</p>"],
  [
    "a plain element",
    {outerHTML: "<svg></svg>"},
    "image/svg+xml",
    `<svg xmlns="http://www.w3.org/2000/svg"></svg>`,
  ],
  ["a canvas", new Canvas(`data:image/png;base64,${dot}`), "image/png", dot],
  [
    "a canvas that takes its time",
    new Canvas(Promise.resolve(`data:image/png;base64,${dot}`)),
    "image/png",
    dot,
  ],
  ["a blob", new Blob([Buffer.from(dot, "base64")], {type: "image/png"}), "image/png", dot],
  ["bytes of a picture", Buffer.from(dot, "base64"), "image/png", dot],
];
for (const [name, value, type, content] of drawn)
  test(`${name} is shown as what it draws, beside its text`, async () => {
    const {"text/plain": text, ...bundle} = await bundleOf(value);
    assert.deepEqual(bundle, {[type]: content});
    assert.equal(typeof text, "string");
  });

test("a member that fails is no reason to show nothing", async () => {
  const fails = () => assert.fail("no");
  class Broken {
    a = {b: 1};
    get outerHTML(): string {
      return fails();
    }
  }
  assert.match(String((await bundleOf(new Broken()))["text/html"]), /<details/);
  const canvas = new Canvas("nonsense");
  assert.match(String((await bundleOf(canvas))["text/html"]), /<details/);
  const later = await bundleOf(new Canvas(Promise.reject(new Error("no"))));
  assert.match(String(later["text/plain"]), /^Canvas/);
  assert.match(String((await bundleOf({toSpec: fails, a: 1}))["text/html"]), /<details/);
});
