// Loops at the top level that work on copies of variables: which do, and that nobody can tell.

import {before, test} from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import "../../../cluster/index.js";
import {enterNotebook} from "../../../cluster/notebook.js";
import type {CellRuntime} from "../../../cluster/shipping/source/thunk.js";
import {emit} from "../../../kernel/compiler/emit/emit.js";
import {Evaluator, Thrown} from "../../../kernel/session/evaluate.js";
import {Positions} from "../../../kernel/compiler/rewrite/positions.js";
import {armStops} from "../../../kernel/session/stops.js";

const evaluator = new Evaluator();
let runtime: CellRuntime;
before(() => {
  runtime = enterNotebook(process.cwd());
  armStops();
});

function compile(cell: string, earlier: {names?: string[]; captured?: string[]} = {}) {
  return emit(cell, {
    source: "Cell In[1]",
    cell,
    positions: new Positions([{source: 0, target: 0, length: cell.length}]),
    sessionNames: new Set(earlier.names),
    captured: new Set(earlier.captured),
    typeNames: new Set(),
    hasValue: true,
  });
}

/** The value of the last expression, or what was thrown. */
async function run(cell: string, earlier = {}): Promise<unknown> {
  runtime.last = undefined;
  try {
    await evaluator.run(compile(cell, earlier).code, new AbortController().signal);
    return runtime.last;
  } catch (error) {
    assert.ok(error instanceof Thrown, String(error));
    return {thrown: error.thrown};
  }
}

const onCopies: [name: string, cell: string, value: unknown][] = [
  ["a sum", "let s = 0; for (let i = 0; i < 5; i++) s += i; s", 10],
  ["a while loop", "let n = 0; while (n < 7) n++; n", 7],
  ["a loop that runs once at least", "let n = 9; do { n++ } while (n < 7); n", 10],
  ["a loop with var", "for (var i = 0, n = 1; i < 3; i++) n *= 2; [i, n]", [3, 8]],
  ["a head without let", "let i = 5; for (i = 0; i < 3; i++) {} i", 3],
  [
    "an inner loop and a label",
    "let n = 0; a: for (let i = 0; i < 9; i++) { for (;;) { n++; if (n > 3) break a; continue a } } n",
    4,
  ],
  ["a loop in a block", "let n = 0; if (n === 0) { for (; n < 4; ) n++ } n", 4],
  ["one right after an else", "let n = 0; if (n) n = 1; else for (; n < 4; n++); n", 4],
  ["Math", "let n = 0; for (let i = 1; i < 3; i++) n = Math.max(n, Math.sqrt(i * i)); n", 2],
  [
    "destructuring",
    "let a = 1, b = 1; for (let i = 0; i < 5; i++) [a, b] = [b, a + b]; [a, b]",
    [8, 13],
  ],
  [
    "an error out of it",
    "let n = 0; try { for (;;) { n++; if (n === 3) throw n } } catch { n += 10 } n",
    13,
  ],
  ["shorthand properties", "let n = 0, o = {n}; for (; n < 3; n++) o = {n}; o.n", 2],
];
for (const [name, cell, value] of onCopies)
  test(`works on copies: ${name}`, async () => {
    assert.equal(compile(cell).hasStops, true);
    assert.deepEqual(await run(cell), value);
  });

const onVariables: [
  name: string,
  cell: string,
  earlier?: {names?: string[]; captured?: string[]},
][] = [
  ["a call", "let n = 0; const f = () => 1; for (let i = 0; i < 3; i++) n += f();"],
  ["a function of this cell uses it", "let n = 0; for (; n < 3; n++); const f = () => n;"],
  ["a method does", "let n = 0; for (; n < 3; n++); class A { get a() { return n } }"],
  ["a function of an earlier cell does", "for (; n < 3; n++);", {names: ["n"], captured: ["n"]}],
  ["a function is made in it", "let n = 0; for (; n < 3; n++) () => 1;"],
  ["an await", "let n = 0; for (; n < 3; n++) await 1;"],
  ["an iterator", "let n = 0; for (const x of [1, 2]) n += x;"],
  ["new", "let n: any = 0; for (let i = 0; i < 3; i++) n = new Array(1);"],
  ["a Math of the user's", "let n = 0; const Math = {f: () => 1}; for (; n < 3; ) n += Math.f();"],
  ["a name that a block binds too", "let n = 0; for (let i = 0; i < 3; i++) { let n = 1; n++ }"],
  ["nothing of the session is changed", "let n = 3; for (let i = 0; i < n; i++);"],
];
for (const [name, cell, earlier] of onVariables)
  test(`works on the variables themselves: ${name}`, () => {
    assert.equal(compile(cell, earlier).hasStops, false);
  });

test("variables of earlier cells are changed", async () => {
  await run("let kept = 40;");
  const cell = "for (let i = 0; i < 2; i++) kept++; kept";
  assert.equal(compile(cell, {names: ["kept"]}).hasStops, true);
  assert.equal(await run(cell, {names: ["kept"]}), 42);
});

const {block} = fc.letrec<{block: string; statement: string}>((tie) => {
  const name = fc.constantFrom("a", "b", "c");
  const value = fc.oneof(name, fc.integer({min: -3, max: 3}).map(String), fc.constant("fuel"));
  const expression = fc.oneof(
    value,
    fc
      .tuple(value, fc.constantFrom("+", "-", "*", "<"), value)
      .map((parts) => `(${parts.join(" ")})`),
  );
  const inner = tie("block").map((statements) => `{ if (--fuel < 0) break; ${statements} }`);
  return {
    statement: fc.oneof(
      {maxDepth: 4, depthIdentifier: "program"},
      fc
        .tuple(name, fc.constantFrom("=", "+=", "-="), expression)
        .map((parts) => parts.join(" ") + ";"),
      name.map((each) => `${each}++;`),
      fc.tuple(expression, tie("block")).map(([test, then]) => `if (${test}) { ${then} }`),
      fc.tuple(expression, inner).map(([test, body]) => `while (${test}) ${body}`),
      fc
        .tuple(name, expression, inner)
        .map(([each, test, body]) => `for (${each} = 0; ${test}; ${each}++) ${body}`),
      fc.tuple(expression, inner).map(([test, body]) => `for (let i = 0; ${test}; i++) ${body}`),
      fc.tuple(expression, inner).map(([test, body]) => `do ${body} while (${test});`),
      fc
        .tuple(expression, inner)
        .map(([test, body]) => `for (;;) { if (${test}) break; ${body.slice(1, -1)} continue; }`),
      tie("block").map((body) => `try { ${body} } catch { c = 7; }`),
      fc.tuple(expression).map(([test]) => `if (${test}) throw 1;`),
      fc
        .tuple(name, value)
        .map(([each, start]) => `{ let ${each} = ${start === each ? 1 : start}; ${each}++; }`),
    ),
    block: fc.array(tie("statement"), {minLength: 1, maxLength: 4}).map((all) => all.join(" ")),
  };
});

test("random loops do what they do in a function", async () => {
  let edited = 0;
  const property = fc.asyncProperty(block, fc.boolean(), async (statements, isCaptured) => {
    const capture = isCaptured ? "const use = () => b;" : "";
    const program = `let a = 1, b = 2, c = 3, fuel = 60; ${capture} try { ${statements} } catch {}`;
    if (compile(program).hasStops) edited++;
    const plain = new Function(`"use strict"; ${program} return [a, b, c, fuel];`) as () => unknown;
    assert.deepEqual(await run(`${program} [a, b, c, fuel]`), plain());
  });
  await fc.assert(property, {numRuns: 200});
  assert.ok(edited > 50, `only ${edited} of the programs had loops on copies`);
});
