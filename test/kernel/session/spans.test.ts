// Spans of plain calls: what is measured with them, and that without them nothing is different.

import {before, test} from "node:test";
import assert from "node:assert/strict";
import {parse} from "acorn";
import "../../../cluster/index.js";
import {spans} from "../../../cluster/host.js";
import type {RunId} from "../../../cluster/ids.js";
import {enterNotebook} from "../../../cluster/notebook.js";
import {blankSpans} from "../../../cluster/shipping/texts.js";
import {spanClose, spanOpen, type CellRuntime} from "../../../cluster/shipping/thunk.js";
import type {TraceEvent} from "../../../cluster/trace.js";
import {emit} from "../../../kernel/session/emit.js";
import {Evaluator} from "../../../kernel/session/evaluate.js";
import {Positions} from "../../../kernel/session/positions.js";

const evaluator = new Evaluator();
let runtime: CellRuntime;
let count = 0;
before(() => {
  runtime = enterNotebook(process.cwd(), spans);
});

function compile(cell: string): string {
  const {code} = emit(cell, {
    source: `Cell In[${++count}]`,
    cell,
    positions: new Positions([{source: 0, target: 0, length: cell.length}]),
    sessionNames: new Set(),
    captured: new Set(),
    typeNames: new Set(),
    hasValue: true,
  });
  return code;
}

async function run(code: string): Promise<unknown> {
  runtime.last = undefined;
  await evaluator.run(code, new AbortController().signal);
  return runtime.last;
}

// Functions, and a call of them.
const functions: [string, string][] = [
  ["function f(a, b = a) { return a + b }", "f(1)"],
  ["function f() {}", "f()"],
  ["function f() { 'use strict'; return this }", "f()"],
  ["function f() { return arguments.length + new.target }", "f(1, 2)"],
  ["function f() { g(); function g() {} return typeof g }", "f()"],
  ["function f(n) { if (n) { return 1 } else return 2 }", "f(0)"],
  ["function f() { for (const x of [1, 2]) { if (x > 1) return x } }", "f()"],
  ["function f() { return (1, 2) }", "f()"],
  ["function f() { return // nothing\n 5 }", "f()"],
  ["async function f() { return await 1 }", "await f()"],
  ["async function f() { return Promise.resolve(1), Promise.resolve(2) }", "await f()"],
  [
    "async function f() { try { return await Promise.reject(1) } catch (e) { return e } finally { await 0 } }",
    "await f()",
  ],
  [
    "async function f() { const [a, b] = [await 1, (await 2) ** 2]; return `${await a}${b}` }",
    "await f()",
  ],
  ["function* f() { yield 1; return 2 }", "[...f()]"],
  ["async function* f() { yield await 1; yield* [2] }", "await Array.fromAsync?.(f()) ?? f.name"],
  ["const f = x => x + 1", "f(1)"],
  ["const f = (x) => ({x})", "f(1)"],
  ["const f = (x) => /* => { */ ({x}).x", "f(1)"],
  ["const f = x => // =>\n x", "f(1)"],
  ["const f = x => { return x }", "f(1)"],
  ["const f = async x => await x", "await f(1)"],
  ["const f = async () => ({a: await 1})", "await f()"],
  ["const f = (a = () => ({}), {b} = {b: 2}) => [a(), b]", "f()"],
  ["const f = (x) => (y) => x + y", "f(1)(2)"],
  ["const f = function () { return 1 }", "f()"],
  ["const f = function g(n) { return n ? g(n - 1) : 'g' }", "f(2)"],
  ["let f = (x) => x, g = (y) => f(y)", "g(3)"],
  [
    "const C = __tasklab.remote(class C { #p = 1; f(x) { return this.#p + x } async g() { return await 1 } h = (x) => [x, this.#p] })",
    "const c = C.local(); [c.f(1), await c.g(), c.h(2), c.f.name, c.f.length]",
  ],
  [
    "class B { f() { return 1 } }\nconst D = __tasklab.remote({}, class D extends B { f() { return super.f() + 1 } *g() { yield this.f() } })",
    "const d = D.local(); [d.f(), ...d.g()]",
  ],
  ["function f($span, $error) { return $span + $error }", "f(1, 2)"],
];

test("without its spans a function is the user's again, and does the same", async () => {
  for (const [text, call] of functions) {
    const code = compile(`${text}\n${call}`);
    const blanked = blankSpans(code);
    assert.ok(!blanked.includes("spans") && !blanked.includes(spanOpen), text);
    assert.ok(code.includes(spanOpen) && code.includes(spanClose), text);
    assert.equal(blanked.length, code.length);
    parse(blanked, {ecmaVersion: "latest", sourceType: "module"});
    const withSpans = await run(code);
    assert.deepEqual(await run(blanked), withSpans, text);
    spans.begin("run" as RunId, () => {});
    const measured = await run(code);
    spans.end();
    assert.deepEqual(measured, withSpans, text);
  }
});

/** Calls as a tree: `outer(inner inner)`, `!` after one that failed. */
async function trace(cell: string): Promise<string> {
  const events: TraceEvent[] = [];
  spans.begin("run" as RunId, (more) => events.push(...more));
  await run(compile(cell)).catch(() => {});
  spans.end();
  const failed = new Set<string>();
  const children = new Map<unknown, {call: string; fn: string}[]>();
  for (const event of events) {
    if (event.kind === "call-ended" && event.state === "failed") failed.add(event.call);
    if (event.kind !== "call-started") continue;
    children.set(event.parent, [...(children.get(event.parent) ?? []), event]);
  }
  const show = (parent: unknown): string =>
    (children.get(parent) ?? [])
      .map(({call, fn}) => {
        const inside = show(call);
        return `${fn}${failed.has(call) ? "!" : ""}${inside ? `(${inside})` : ""}`;
      })
      .join(" ");
  return show(null);
}

test("calls of the notebook's own functions are measured, nested ones inside their caller", async () => {
  await run(compile("function inner(x) { return x }\nconst arrow = (x) => inner(x);"));
  const rows: [string, string][] = [
    ["inner(1); arrow(2)", "inner arrow(inner)"],
    [
      "function outer() { inner(1); [1, 2].forEach((x) => arrow(x)) }\nouter()",
      "outer(inner arrow(inner) arrow(inner))",
    ],
    ["function fails() { inner(1); throw new Error() }\nfails()", "fails!(inner)"],
    [
      "const sleep = async () => { await null; inner(1) };\nawait sleep(); inner(2)",
      "sleep(inner) inner",
    ],
    [
      "async function one() { await null; inner(1) }\nawait Promise.all([one(), one()])",
      "one(inner) one(inner)",
    ],
    [
      "async function passes() { return later() }\nasync function later() { await null; inner(1) }\nawait passes()",
      "passes(later(inner))",
    ],
    ["function* steps() { yield inner(1) }\n[...steps()]", "steps(inner)"],
    // Remote classes: as their remote calls are named. Others: not at all.
    [
      "const Tally = __tasklab.remote(class Tally { constructor() { inner(0) } add(k) { return inner(k) } " +
        "async both() { return [this.add(1), await this.add(2)] } fail = () => { throw new Error() }; " +
        "get double() { return inner(2) } static make() { return inner(3) } })\n" +
        "const t = Tally.local(); t.add(1); await t.both(); t.double; t.fail()",
      "Tally(inner) Tally.add(inner) Tally.both(Tally.add(inner) Tally.add(inner)) inner Tally.fail!",
    ],
    [
      'import {remote as far} from "tasklab";\n' +
        "const Tally = far(class Tally { add(k) { return inner(k) } })\nTally.local().add(1)",
      "Tally Tally.add(inner)",
    ],
    ["class Plain { add(k) { return inner(k) } }\nnew Plain().add(1)", "inner"],
  ];
  for (const [cell, expected] of rows) assert.equal(await trace(cell), expected, cell);
});
