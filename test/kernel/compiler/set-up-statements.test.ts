// Which statements of a cell are told to `setup/replays.ts`, and that they still do what was
// written.

import assert from "node:assert/strict";
import {test} from "node:test";
import {Positions} from "../../../kernel/compiler/rewrite/positions.js";
import {emit} from "../../../kernel/compiler/emit/emit.js";

function emitted(cell: string): string {
  return emit(cell, {
    source: "Cell In[3]",
    cell,
    positions: new Positions([{source: 0, target: 0, length: cell.length}]),
    sessionNames: new Set(["lib", "own"]),
    captured: new Set(),
    importedNames: new Set(["lib"]),
    typeNames: new Set(),
    hasValue: false,
  }).code;
}

/** The sites that it tells of, as `way last name`. */
function sitesOf(code: string): string[] {
  const sites = [
    ...code.matchAll(/statements\.begin\("[^"]+", (\w+), (\{.*?"source":"Cell In\[3\]".*?\})\), /g),
  ];
  return sites.map(([, root, text]) => {
    const {way, last, name = ""} = JSON.parse(text!) as Record<string, unknown>;
    return [root, ...(way as (string | null)[]).map((step) => step ?? "()"), last, name]
      .filter((word) => word !== "")
      .join(" ");
  });
}

// The cell, what is told.
const cells: [string, string[]][] = [
  ["lib.set({a: 1})", ["lib set call"]],
  ["await lib.part.use(own, ...[1])", ["lib part use call"]],
  ["lib()", ["lib call"]],
  ["lib['set'](1);", ["lib set call"]],
  ["lib.env().set('a', 1)", ["lib env () set call"]],
  ["lib.a.b = 1; lib.a ||= 2; lib['c'] = 3", ["lib a set b", "lib set a", "lib set c"]],
  ["delete lib.a.b", ["lib a delete b"]],
  ["Object.assign(lib.a, {b: 1}, own)", ["lib a object assign"]],
  [
    "Object.defineProperty(lib.prototype, 'x', {value: 1})",
    ["lib prototype object defineProperty"],
  ],
  ["if (own) { lib.a() } else lib.b()", ["lib a call", "lib b call"]],
  ["try { lib.a() } catch { lib.b() } finally { lib.c() }", ["lib a call", "lib c call"]],
  ["for (const x of [1]) lib.use(x)", ["lib use call"]],
  ["(lib as any).set(1)", ["lib set call"]],
  ["lib.set(/* a ( b */ 1, // c\n 2,)", ["lib set call"]],
  ["import other from 'other'; other.set(1)", ["other set call"]],
  ["const other = require('other'); other.set(1)", ["other set call"]],
  ["const {other} = await import('other'); other.set(1)", ["other set call"]],
  // No statements, no members that could be named, nothing that is imported.
  ["const x = lib.set(1)", []],
  ["lib.a?.set(1); lib[own](1); lib[own] = 1", []],
  ["own.set(1); console.log(lib.a)", []],
  ["function f() { lib.set(1) }", []],
  ["for (let i = 0; i < 9; i++) lib.set(i)", []],
  ["lib.a().b = 1", []],
  ["import {get} from 'tasklab'; get(1 as never)", []],
];

test("statements that may set up a package are told, others are as they were", () => {
  for (const [cell, expected] of cells) assert.deepEqual(sitesOf(emitted(cell)), expected, cell);
});

test("a statement that is told does what was written, once, and gives its value", async () => {
  const told: unknown[] = [];
  const lib = {
    calls: [] as unknown[],
    set(...args: unknown[]) {
      this.calls.push(args);
      return args.length;
    },
  };
  const runtime = {
    last: undefined as unknown,
    statements: {
      begin: (_id: string, root: unknown) => told.push(root === lib),
      args: (_id: string, list: unknown[]) => (told.push(list.length), list),
      end: (_id: string, value: unknown) => (told.push(value), value),
    },
  };
  for (const cell of ["lib.set(1, ...[2, 3])", "await lib.set((1, 2))", "lib.set()"]) {
    const [body] = emitted(cell).replace('"use strict";', "").split("//# source");
    const AsyncFunction = (async () => {}).constructor as new (
      ...texts: string[]
    ) => (...args: unknown[]) => Promise<void>;
    await new AsyncFunction("lib", "__tasklab", body!)(lib, runtime);
  }
  assert.deepEqual(lib.calls, [[1, 2, 3], [2], []]);
  assert.deepEqual(told, [true, 3, 3, true, 0, 0]);
});
