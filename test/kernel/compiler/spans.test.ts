// Spans of plain calls: what is measured with them, and that without them nothing is different.

import {before, test} from "node:test";
import assert from "node:assert/strict";
import {parse} from "acorn";
import "../../../cluster/index.js";
import {carryContext, measuredCalls} from "../../../cluster/host.js";
import type {RunId} from "../../../cluster/ids.js";
import {enterNotebook} from "../../../cluster/notebook.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {blankSpans} from "../../../cluster/shipping/source/texts.js";
import {
  sources,
  spanClose,
  spanOpen,
  type CellRuntime,
} from "../../../cluster/shipping/source/thunk.js";
import type {TraceEvent} from "../../../cluster/trace.js";
import {emit} from "../../../kernel/compiler/emit/emit.js";
import {Evaluator} from "../../../kernel/session/evaluate.js";
import {Positions} from "../../../kernel/compiler/rewrite/positions.js";

const evaluator = new Evaluator();
let runtime: CellRuntime;
let count = 0;
before(() => {
  runtime = enterNotebook(process.cwd());
  carryContext();
});

function compile(cell: string): string {
  const source = `Cell In[${++count}]`;
  const {code, map} = emit(cell, {
    source,
    cell,
    positions: new Positions([{source: 0, target: 0, length: cell.length}]),
    sessionNames: new Set(),
    captured: new Set(),
    typeNames: new Set(),
    hasValue: true,
  });
  sources.set(source, {code, map});
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
  ["function f() { return arguments.length }", "f(1, 2)"],
  [
    "function f(a = 1, { b }, [c, , ...d], ...e) { return [this, a, b, c, d, e] }",
    "f.call(9, undefined, {b: 2}, [3, 4, 5], 6)",
  ],
  [
    "const f = ({ a, b: { c = 3 } = {} }, [d] = [4], ...rest) => [a, c, d, rest]",
    "f({a: 1}, undefined, 5)",
  ],
  ["const f = async ({ a }, // one\n  b = a,\n) => a + b", "await f({a: 1})"],
  ["function F(x) { this.x = x }\nF.made = 1", "new F(3).x + F.made + (new F(1) instanceof F)"],
  [
    "function f(n) { return n > 0 ? f.calls++ + f(n - 1) : 0 }\nf.calls = 0",
    "[f(3), f.calls, f === f.self]",
  ],
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
    // What is told outside of the function stays.
    assert.ok(!/__tasklabCall_\w+[^"\w]/.test(blanked) && !blanked.includes(spanOpen), text);
    // Methods of classes are replaced, and have nothing in them.
    const isClass = text.includes("class");
    assert.equal(code.includes(spanOpen) && code.includes(spanClose), !isClass, text);
    assert.equal(blanked.length, code.length);
    parse(blanked, {ecmaVersion: "latest", sourceType: "module"});
    const withSpans = await run(code);
    assert.deepEqual(await run(blanked), withSpans, text);
    measuredCalls.begin("run" as RunId, () => {});
    const measured = await run(code);
    measuredCalls.end();
    assert.deepEqual(measured, withSpans, text);
  }
});

/** Calls as a tree: `outer(inner inner)`, `!` after one that failed. */
async function trace(cell: string): Promise<string> {
  const events: TraceEvent[] = [];
  measuredCalls.begin("run" as RunId, (more) => events.push(...more));
  await run(compile(cell)).catch(() => {});
  measuredCalls.end();
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
  await run(
    compile(
      "function inner(x) { return x }\nconst arrow = (x) => inner(x), kept = {arrow};\n" +
        "const OldTally = __tasklab.remote(class OldTally { add(k) { return inner(k) } });\n" +
        "const tally = OldTally.local();",
    ),
  );
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
    // Its caller goes on between two of its steps.
    [
      "function* pair() { inner(1); yield 1; inner(2) }\nfor (const x of pair()) inner(x)",
      "pair(inner inner) inner",
    ],
    [
      "async function* ticks() { yield 1; await null; inner(1) }\nfor await (const x of ticks()) inner(x)",
      "ticks(inner) inner",
    ],
    [
      "const fact = function self(n) { return n > 1 ? n * self(n - 1) : 1 }\nfact(3)",
      "fact(fact(fact))",
    ],
    [
      "function even(n) { return n === 0 || odd(n - 1) }\nfunction odd(n) { return n !== 0 && even(n - 1) }\neven(3)",
      "even(odd(even(odd)))",
    ],
    // Declared anew in the midst of it.
    [
      "let step = (x) => inner(x);\nstep(1); step = (x) => x; step(2); step = inner; step(3)",
      "step(inner) inner",
    ],
    // Kept before the run.
    ["kept.arrow(1); [1, 2].map(kept.arrow)", "arrow(inner) arrow(inner) arrow(inner)"],
    ["tally.add(1); tally.fail = 0", "OldTally.add(inner)"],
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

test("after a run nothing of it is left, whatever was called or kept in it", async () => {
  const setUp = compile(
    "let later, ended = [];\nfunction base(x) { return x }\n" +
      "async function outlives() { await new Promise((go) => { later = go }); ended.push(base(1)) }\n" +
      "const Box = __tasklab.remote(class Box { get(x) { return x } also = (x) => x });\n" +
      "let before = {base, get: Box.local().get, own: Object.getOwnPropertyNames(globalThis).length}, box, kept;",
  );
  await run(setUp);
  const events: TraceEvent[] = [];
  measuredCalls.begin("run" as RunId, (more) => events.push(...more));
  await run(
    compile(
      "box = Box.local(); kept = [base, box.also]; outlives(); base(1); box.get(1); box.also(1);\n" +
        "function made(x) { return base(x) }\nmade(1)",
    ),
  );
  measuredCalls.end();
  const told = events.length;
  assert.ok(told > 0);
  const text = await run(
    compile(
      "later(); await new Promise(setImmediate); made(2); base(2); box.get(2); box.also(2);\n" +
        "[kept[0] === base, before.base === base, box.get === before.get, ended.length, " +
        "kept[1] === box.also, Object.keys(globalThis).some((name) => name.includes('Call_')), " +
        "[base, made, outlives].map((f) => globalThis[/__tasklabCall_\\w+/.exec(f)[0]])]",
    ),
  );
  assert.deepEqual(text, [true, true, true, 1, false, false, [undefined, undefined, undefined]]);
  assert.equal(events.length, told);
});

test("a stack of a measured run shows the cell's own functions alone, at their places", async () => {
  const cells: [cell: string, shown: RegExp][] = [
    [
      "function inner(x) {\n  if (x) throw new Error('no');\n  return x }\n" +
        "const arrow = ({x}) =>\n  [inner(x)];\n" +
        "async function outer() {\n  await null;\n  return arrow({x: 1}); }\n" +
        "await outer().catch((error) => error.stack)",
      /inner \(.*:2:\d+\)\n.*arrow \(.*:5:\d+\)\n.*outer \(.*:8:\d+\)\n.*async .*:9:\d+$/,
    ],
    [
      "function deep(n) {\n  return n ? deep(n - 1) : new Error().stack }\ndeep(40)",
      /(.*deep .*\n?){10}$/,
    ],
    [
      "const Thrower = __tasklab.remote(class Thrower { throws() {\n throw new Error('no') } again() {\n" +
        "return this.throws() } })\ntry { Thrower.local().again() } catch (error) { __tasklab.last = error.stack }",
      /throws \(.*:2:\d+\)\n.*again \(.*:3:\d+\)\n.*:4:\d+$/,
    ],
  ];
  for (const [cell, shown] of cells) {
    const stackOf = async () =>
      String(await run(compile(cell))).replaceAll(`Cell In[${count}]`, "Cell");
    const plain = await stackOf();
    measuredCalls.begin("run" as RunId, () => {});
    const measured = await stackOf();
    measuredCalls.end();
    assert.match(plain, shown);
    assert.equal(measured, plain);
  }
  assert.equal(Error.stackTraceLimit, 10);
});

test("what is shipped in a run is as it is outside of it", async () => {
  const code = compile(
    "function twice(x) { return 2 * x }\n" +
      "const Doubler = __tasklab.remote(class Doubler { f(x) { return twice(x) } g = (x) => twice(x) });\n" +
      "const doubler = Doubler.local();\n() => [twice, Doubler, doubler]",
  );
  const shipped = async () => {
    const {frames, parts} = capture((await run(code)) as never).code;
    const all = [{frames}, ...parts].flatMap((piece) => piece.frames.map(String));
    // Ids of classes differ, texts do not.
    return all.filter((text) => text.includes("=> [twice, Doubler, doubler]"));
  };
  const plain = await shipped();
  measuredCalls.begin("run" as RunId, () => {});
  const measured = await shipped();
  measuredCalls.end();
  assert.deepEqual(measured, plain);
  assert.ok(!measured.join().includes("Call_"));
});
