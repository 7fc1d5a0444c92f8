// Values that are large, deep, cyclic, or mean harm: they are shown within bounds, quickly, and
// nothing of them runs, neither here nor in the browser.

import assert from "node:assert/strict";
import {test} from "node:test";
import {inspect} from "node:util";
import {parseHTML} from "linkedom";
import type {Shown} from "../../../cluster/show/displayable.js";
import {html} from "../../../cluster/index.js";
import {shownOf} from "../../../kernel/display/bundle.js";
import {maxTextChars} from "../../../kernel/display/text.js";
import {maxLines} from "../../../kernel/display/tree.js";

const million = 1_000_000;
const maxHtmlChars = 512 * 1024;

function nested(depth: number): object {
  let value: object = {end: true};
  for (let i = 0; i < depth; i++) value = {next: value};
  return value;
}

function shown(value: unknown): {text: string; markup: string} {
  const {data} = shownOf(value) as Shown;
  return {text: String(data["text/plain"]), markup: String(data["text/html"] ?? "")};
}

const large: [name: string, make: () => unknown, said: RegExp][] = [
  ["an array", () => Array.from({length: million}, (_, i) => i), /999,900 more elements/],
  ["a set", () => new Set(Array.from({length: million}, (_, i) => i)), /999,900 more values/],
  ["a map", () => new Map(Array.from({length: million}, (_, i) => [i, i])), /more entries/],
  [
    "an object",
    () => Object.fromEntries(Array.from({length: million}, (_, i) => [`k${i}`, i])),
    /999,900 more keys/,
  ],
  ["records", () => Array.from({length: million}, (_, i) => ({i})), /999,970 more rows/],
  ["a typed array", () => new Float64Array(10 * million), /10,000,000 elements.*first 4,000,000/s],
  [
    "a wide record",
    () => [Object.fromEntries(Array.from({length: 100}, (_, i) => [`k${i}`, i]))],
    /70 more columns/,
  ],
  ["text", () => ["x".repeat(100 * million)], /more characters/],
  ["nested objects", () => nested(100_000), /the tree ends at 500 lines and 10 levels/],
  [
    "arrays of arrays",
    () => Array.from({length: 200}, () => Array.from({length: 200}, () => Array(200).fill({}))),
    /the tree ends/,
  ],
];
for (const [name, make, said] of large)
  test(`much is shown in part, and the rest is counted: ${name}`, () => {
    const value = make();
    const started = performance.now();
    const {text, markup} = shown(value);
    const tookMs = performance.now() - started;
    assert.match(markup, said);
    assert(text.length <= maxTextChars + 100, `${text.length} characters of text`);
    assert(markup.length <= maxHtmlChars, `${markup.length} characters of HTML`);
    assert((markup.match(/<li/g) ?? []).length <= maxLines * 1.1);
    assert(tookMs < 5000, `took ${tookMs} ms`);
  });

test("a long text is cut", () => {
  const {text} = shown("x".repeat(100 * million));
  assert.match(text, /'\.\.\. 99990000 more characters$/);
});

test("cycles end", () => {
  const ring: Record<string, unknown> = {name: "ring"};
  ring["self"] = ring;
  ring["list"] = [ring];
  ring["map"] = new Map([[ring, ring]]);
  const {text, markup} = shown(ring);
  assert.match(text, /\[Circular \*1\]/);
  assert.match(markup, /\[Circular\]/);
});

test("getters are named, not called", () => {
  let calls = 0;
  const get = () => ++calls;
  const value: object = Object.defineProperties(
    {a: {b: 1}},
    {
      x: {get, enumerable: true},
      y: {get, set() {}, enumerable: true},
      z: {set() {}, enumerable: true},
    },
  );
  const inArray = Object.defineProperty([1, 2], 0, {get, enumerable: true});
  for (const shape of [value, [value, value], inArray, new Map([[value, value]]), {deep: value}]) {
    const {markup} = shown(shape);
    assert.match(markup, /\[Getter/);
  }
  assert.equal(calls, 0);
});

test("no trap of a proxy is sprung but for its own display", () => {
  const sprung: string[] = [];
  const traps = new Proxy(
    {},
    {
      get: (_, trap) => (_: object, key: unknown) => {
        sprung.push(`${String(trap)} ${String(key)}`);
        return undefined;
      },
    },
  );
  for (const shape of [
    (p: object) => p,
    (p: object) => ({p}),
    (p: object) => [p, p],
    (p: object) => new Map([[p, p]]),
  ])
    shown(shape(new Proxy({}, traps)));
  assert.deepEqual(new Set(sprung), new Set(["get Symbol(Jupyter.display)"]));
});

test("what throws while it is inspected is shown all the same", () => {
  const broken = {
    [inspect.custom]() {
      throw new Error("broken");
    },
  };
  assert.match(shown(broken).text, /cannot be shown: its inspection failed with Error: broken/);
  assert.match(shown({broken, a: 1}).markup, /broken/);
});

const attack = `"'></td></li></ul><img src=x onerror=alert(1)><script>alert(1)</script><svg onload=alert(1)>`;
class Hostile {
  value = attack;
}
Object.defineProperty(Hostile, "name", {value: attack});
const hostile: [name: string, value: unknown][] = [
  ["a value", {a: attack, b: {c: attack}, d: "long".repeat(50)}],
  ["a key", {[attack]: 1, b: {[attack]: [1]}, d: "long".repeat(50)}],
  ["a line", [attack]],
  ["a symbol", {[Symbol(attack)]: 1, c: {d: {}}}],
  ["a key of a map", new Map([[attack, {a: attack}]])],
  ["a member of a set", new Set([attack, "long".repeat(50)])],
  ["a class", [new Hostile(), new Hostile(), "long".repeat(50)]],
  ["a cell of a table", [{a: attack}, {a: {b: attack}}]],
  ["a head of a table", [{[attack]: 1}]],
  ["an error", Object.assign(new Error(attack), {[attack]: attack})],
  ["a function", [Object.defineProperty(() => {}, "name", {value: attack})]],
  ["a date's class", [{[inspect.custom]: () => attack, a: 1}, 1]],
  ["a template", html`<p>${attack} ${[attack]}</p>`],
];
for (const [name, value] of hostile)
  test(`no text becomes markup: ${name}`, () => {
    const {markup} = shown(value);
    assert(markup.includes("&lt;img"), markup);
    const {document} = parseHTML(`<html><body>${markup}</body></html>`);
    const elements = [...document.querySelectorAll("*")] as {
      localName: string;
      attributes: Iterable<{name: string}>;
    }[];
    const allowed =
      /^(html|head|body|div|span|details|summary|ul|li|table|thead|tbody|tr|th|td|p)$/;
    for (const {localName, attributes} of elements) {
      assert.match(localName, allowed);
      for (const {name} of attributes) assert.match(name, /^(style|class|open)$/);
    }
  });
