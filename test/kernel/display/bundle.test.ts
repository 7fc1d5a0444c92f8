import assert from "node:assert/strict";
import {test} from "node:test";
import {display, html, maybeBundle, setSink, svg} from "../../../cluster/show.js";
import {bundleOf} from "../../../kernel/display/bundle.js";

const symbol = Symbol.for("Jupyter.display");
const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]);

const rows: [name: string, value: unknown, bundle: Record<string, unknown> | null][] = [
  ["undefined shows nothing", undefined, null],
  ["null shows", null, {"text/plain": "null"}],
  ["text is quoted", "a", {"text/plain": "'a'"}],
  ["objects are inspected without colours", {a: [1]}, {"text/plain": "{ a: [ 1 ] }"}],
  [
    "a value's own bundle is taken",
    {[symbol]: () => ({"text/plain": "own"})},
    {"text/plain": "own"},
  ],
  [
    "… also when it is made later",
    {[symbol]: async () => ({"text/plain": "own"})},
    {"text/plain": "own"},
  ],
  ["html", html("<b>"), {"text/html": "<b>", "text/plain": "<b>"}],
  [
    "a template of svg",
    svg`<svg>${1}</svg>`,
    {"image/svg+xml": "<svg>1</svg>", "text/plain": "<svg>1</svg>"},
  ],
];
for (const [name, value, bundle] of rows)
  test(`display: ${name}`, async () => assert.deepEqual(await bundleOf(value), bundle));

test("display: images are known by their first bytes", async () => {
  assert.equal((await bundleOf(png))!["image/png"], Buffer.from(png).toString("base64"));
});

test("display: elements show as what they are", async () => {
  assert.equal((await bundleOf({outerHTML: "<p>1</p>"}))!["text/html"], "<p>1</p>");
  assert.equal((await bundleOf({outerHTML: "<svg></svg>"}))!["image/svg+xml"], "<svg></svg>");
});

test("display: a value without a bundle of its own has none", () => {
  for (const value of [null, 1, {}, {[symbol]: "no function"}])
    assert.equal(maybeBundle(value), undefined);
});

test("display hands its value to the sink, and its handle the next one", () => {
  const shown: unknown[] = [];
  const before = setSink({
    display: (value, {displayId, update}) => shown.push([value, displayId, update]),
    clear: () => {},
  });
  try {
    const handle = display(1, {displayId: "d"});
    handle.update(2);
    assert.deepEqual(shown, [
      [1, "d", false],
      [2, "d", true],
    ]);
    assert.notEqual(display(3).displayId, display(4).displayId);
  } finally {
    setSink(before);
  }
});
