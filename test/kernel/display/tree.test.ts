// Trees and tables as they read: their HTML without its tags, a line for each line of them.

import assert from "node:assert/strict";
import {test} from "node:test";
import {inspect} from "node:util";
import {shownOf} from "../../../kernel/display/bundle.js";
import type {Shown} from "../../../cluster/show/displayable.js";

function htmlOf(value: unknown): string {
  return String((shownOf(value) as Shown).data["text/html"] ?? "");
}
function linesOf(value: unknown): string[] {
  const text = htmlOf(value)
    .replace(/<\/(summary|li|tr)>|<div[^>]*smaller[^>]*>/g, "\n")
    .replace(/<\/t[hd]>/g, " | ")
    .replace(/<[^>]+>/g, "");
  const named: Record<string, string> = {lt: "<", gt: ">", amp: "&", "#39": "'", quot: '"'};
  const lines = text.replace(/&(\w+|#39);/g, (_, name: string) => named[name]!).split("\n");
  return lines.map((line) => line.replace(/( \| )+$/, "").trim()).filter((line) => line !== "");
}
class Point {
  x = 1;
  get length() {
    return 1;
  }
}
/** Printed in one way by Node 20, in another by 24. */
const bySymbol = {[Symbol("s")]: 1};
const long = "long ".repeat(20);

const trees: [name: string, value: unknown, lines: string[]][] = [
  ["what fits a line is one, and opens", {a: 1}, ["{ a: 1 }", "a: 1"]],
  [
    "what doesn't is open",
    {a: 1, "b c": {d: [true]}, long},
    [
      "Object 3 keys",
      "a: 1",
      "'b c': { d: [ true ] }",
      "d: [ true ]",
      "0: true",
      `long: '${long}'`,
    ],
  ],
  [
    "a map",
    new Map<unknown, unknown>([
      ["k", 1],
      [{o: 1}, {v: 2}],
    ]),
    ["Map(2) { 'k' => 1, { o: 1 } => { v: 2 } }", "'k' ⇒ 1", "{ o: 1 } ⇒ { v: 2 }", "v: 2"],
  ],
  ["a set", new Set([1, "a"]), ["Set(2) { 1, 'a' }", "1", "'a'"]],
  ["an instance", new Point(), ["Point { x: 1 }", "x: 1"]],
  [
    "no prototype",
    Object.assign(Object.create(null), {a: 1}),
    ["[Object: null prototype] { a: 1 }", "a: 1"],
  ],
  ["a symbol as key", bySymbol, [inspect(bySymbol), "[Symbol(s)]: 1"]],
  [
    "gaps and names in an array",
    Object.assign([1, , , 2], {n: 3}),
    ["[ 1, <2 empty items>, 2, n: 3 ]", "0: 1", "<2 empty items>", "3: 2", "n: 3"],
  ],
  [
    "what is said in words inside",
    {at: new Date(0), e: /a/},
    ["{ at: 1970-01-01T00:00:00.000Z, e: /a/ }", "at: 1970-01-01T00:00:00.000Z", "e: /a/"],
  ],
];
for (const [name, value, lines] of trees)
  test(`a tree: ${name}`, () => assert.deepEqual(linesOf(value), lines));

test("a large first branch leaves lines for the others", () => {
  const wide = () => Array.from({length: 80}, (_, i) => ({i: [i]}));
  const value = Object.fromEntries(Array.from({length: 5}, (_, i) => [`k${i}`, wide()]));
  const lines = linesOf(value);
  for (const key of ["k0", "k1", "k2", "k3", "k4"])
    assert(
      lines.some((line) => line.startsWith(`${key}: [`)),
      key,
    );
  assert.equal(lines.at(-1), "the tree ends at 500 lines and 10 levels");
});

const tables: [name: string, value: unknown, lines: string[]][] = [
  [
    "records",
    [
      {a: 1, b: "x"},
      {a: 2, b: "y"},
    ],
    ["| a | b", "0 | 1 | x", "1 | 2 | y"],
  ],
  ["missing keys and nothing", [{a: 1, b: null}, {a: 2}], ["| a | b", "0 | 1 | null", "1 | 2"]],
  [
    "a day, and an object in a cell",
    [{d: new Date("2020-02-03"), o: {p: 1}}],
    ["| d | o", "0 | 2020-02-03 | { p: 1 }"],
  ],
];
for (const [name, value, lines] of tables)
  test(`a table: ${name}`, () => assert.deepEqual(linesOf(value), lines));

test("numbers stand at the right, text at the left", () => {
  const markup = htmlOf([
    {n: 1, t: "a"},
    {n: null, t: "b"},
  ]);
  assert.match(markup, /<th style="text-align:right">n<\/th><th style="text-align:left[^"]*">t</);
  assert.match(markup, /<td style="text-align:right">1<\/td>/);
});

const noTables: [name: string, value: unknown][] = [
  ["of different kinds", [{a: 1}, {b: 1}, {c: 1}]],
  ["of further objects", [{a: {b: 1}}, {a: {b: 2}}]],
  ["beside other values", [{a: 1}, 2]],
  ["without keys", [{}, {}]],
  ["instances of a class", [new Point(), new Point()]],
  [
    "lists",
    [
      [1, 2],
      [3, 4],
    ],
  ],
];
for (const [name, value] of noTables)
  test(`no table: records ${name}`, () => assert.match(htmlOf(value), /<details/));
