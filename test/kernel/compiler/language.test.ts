// What TypeScript says about cells: errors, completion, quick info. One session for each test.

import {after, before, test} from "node:test";
import assert from "node:assert/strict";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import "../../../cluster/index.js";
import {Compiler} from "../../../kernel/compiler/compile.js";
import {complete} from "../../../kernel/compiler/complete.js";
import {
  createNotebookConverter,
  type NotebookConverter,
} from "../../../kernel/compiler/check/converter.js";
import {Settings} from "../../../kernel/compiler/check/settings.js";
import {inspect} from "../../../kernel/compiler/inspect.js";

let notebook: NotebookConverter;
let folder = "";
before(() => {
  // Outside of any project: Node's types and "tasklab" are found all the same.
  folder = mkdtempSync(join(tmpdir(), "language-"));
  process.chdir(folder);
  notebook = createNotebookConverter(new Settings());
});
after(() => {
  notebook.close();
  process.chdir("/");
  rmSync(folder, {recursive: true});
});

function session(...cells: string[]): Compiler {
  const compiler = new Compiler(notebook);
  for (const [index, cell] of cells.entries()) {
    const result = compiler.compile(cell, index + 1, {});
    assert.deepEqual(result.ok ? [] : result.diagnostics, [], cell);
    compiler.commit(index + 1);
  }
  return compiler;
}

// Cells before, the cell, what is said: "line:column code text", the text only in part.
const diagnostics: [string[], string, string[]][] = [
  [[], "let s: string = 5", ["1:5 2322 Type 'number' is not assignable to type 'string'."]],
  [[], "\n\n  nowhere", ["3:3 2304 Cannot find name 'nowhere'."]],
  [[], "const f = (", ["1:12 1109 Expression expected."]],
  [[], "const a = 1; const a = 2", ["1:7 2451 ", "1:20 2451 "]],
  [["const a = 1"], "a = 2", ["1:1 2588 Cannot assign to 'a' because it is a constant."]],
  [["const a = 1"], "let a = 'b'; a = 'c'", []],
  [["const a = 1"], "function a() {}", []],
  [["function a() {}"], "class a {}", []],
  [["class a {}"], "enum a { x }", []],
  [["interface T { a: number }"], "const t: T = {a: 'x'}", ["1:15 2322 "]],
  [["interface T { a: number }"], "type T = string; const t: T = 'x'", []],
  [["class C { a = 1 }"], "new C().b", ["1:9 2339 Property 'b' does not exist on type 'C'."]],
  [["type T = {a: number}", "const t: T = {a: 1}"], "t.a.toFixed()", []],
  [["import * as fs from 'node:fs'"], "fs.readFileSync('x', 5)", ["1:22 2769 "]],
  [["import {readFileSync} from 'fs'"], "const readFileSync = 1; readFileSync.toFixed()", []],
  [["namespace N { export const a = 1 }", "1", "2"], "N.a.toFixed()", []],
  [["enum E { A }", "1", "2"], "const e: E = E.A", []],
  [["const rows = []; rows.push(1)"], "rows.length", []],
  [[], "const rows = []; rows.push(1); rows.push('a'); rows[0].toFixed()", ["1:56 2339 "]],
  [[], "function f(a, b = 1) { return a + b }", []],
  [[], "let later; later = 5; later.toFixed()", []],
  [[], "const o: {a?: {b: number}} = {}; o.a.b", ["1:34 18048 "]],
  [[], "Buffer.from('a'); process.pid; console.log(1); setTimeout(() => {}, 1)", []],
  [[], "await 1; using x = {[Symbol.dispose]() {}}; [1].toSorted(); [3].at(-1)", []],
  [[], "import {get, put, wait, remote, cancel} from 'tasklab'; await get(put(5))", []],
  [["@remote function f(a: number) { return a }"], "f.remote(1); f.local(2)", []],
  [["@remote function f(a: number) { return a }"], "f.remote('x')", ["1:10 2345 "]],
  [
    ["@remote function f(a: number) { return a }"],
    "f(1)",
    ["1:1 2684 a remote function is not called directly"],
  ],
  [
    ["@remote function f(a: number, b = 'x', c?: boolean) { return b.length }"],
    "f.remote(1); f.remote(1, 'y', true)",
    [],
  ],
  [
    ["@remote function f(a: number, b = 'x') { return b.length }"],
    "f.remote(1, 2)",
    ["1:13 2345 "],
  ],
  [
    [
      "import {get, remote} from 'tasklab'",
      "const add = remote((a: number, b = 1) => a + b), list = remote(<T>(x: T): T[] => [x])",
    ],
    "const n: number = await get(add.remote(1))\nlist.local('a')[0].length; list.remote('a')\nadd.remote(1, 'x')",
    ["3:15 2345 "],
  ],
  [["@remote function f(a) { return a.anything }"], "f.remote(1)", []],
  [
    [],
    "@remote function f(a: number) { return a + missing }",
    ["1:44 2304 Cannot find name 'missing'."],
  ],
  [
    [],
    "@remote({numCpus: 1,\n  memory: 'x'})\nfunction f() {}",
    ["2:3 2322 Type 'string' is not assignable to type 'number'."],
  ],
  [[], "@remote function fib(n: number): number { return n < 2 ? n : fib.local(n - 1) }", []],
  [
    ["import {get} from 'tasklab'"],
    "@remote async function fib(n: number): Promise<number> { return n < 2 ? n : await get(fib.remote(n - 1)) }\nconst n: number = await get(fib.remote(5))",
    [],
  ],
  [
    [
      "import {get} from 'tasklab'",
      "@remote async function fib(n: number): Promise<number> { return await get(fib.remote(n - 1)) }",
    ],
    "const s: string = await get(fib.remote(5))",
    ["1:7 2322 Type 'number' is not assignable to type 'string'."],
  ],
  [[], "@remote function loop(n) { return n < 2 ? n : loop.local(n - 1) }", []],
  [["const remote = 5"], "@remote function f() { return remote }\nf.remote()", []],
  [
    [],
    "@remote const x = 1",
    ["1:1 1206 Decorators are not valid here.\n`@remote`, so written, stands before a function"],
  ],
  [[], "@ray.remote function f() {}", ["1:1 1206 Decorators are not valid here.\n`@remote`, so"]],
  [
    [],
    "function f(x: string): string\n@remote function f(x: any) { return x }\nf('a')",
    ["2:1 1206 Decorators are not valid here.\n`@remote`, so written"],
  ],
  [
    [
      "import {remote} from 'tasklab'; function f(x: string): string; function f(x: any) { return x }",
    ],
    "remote(f).remote('a')",
    [],
  ],
  [
    ["@remote function f() { return [1] }"],
    "f.remote().map(String); const n: number = await f.remote()",
    [
      "1:12 2339 Property 'map' does not exist on type 'ObjectRef<number[]>'.\nAn ObjectRef is a ticket",
      "1:31 2322 Type 'ObjectRef<number[]>' is not assignable to type 'number'.\nAn ObjectRef is a",
    ],
  ],
  [["import p = require('node:path')", "1", "2"], "p.basename(5)", ["1:12 2345 "]],
  [["import p = require('node:path')"], "const p = 1; p.toFixed()", []],
  [["import fs from 'node:fs'"], "import fs = require('node:path'); fs.sep", []],
  [["const enum E { a = 1 }", "1"], "const n: 1 = E.a", []],
  [
    ["namespace N { export namespace M { export type T = string } }", "1"],
    "const t: N.M.T = 1",
    ["1:7 2322 "],
  ],
  [[], "const o = {a: 1} satisfies {a: string}", ["1:12 2322 "]],
  [[], "for await (const x of (async function* () { yield 1 })()) x.length", ["1:61 2339 "]],
  [[], "await using x = {async [Symbol.asyncDispose]() {}}; using y = {}", ["1:63 2850 "]],
  [
    ["function d<T>(_: T, c: ClassDecoratorContext) { c.name }"],
    "@d class A { accessor x = 1; @d y = 1 }",
    ["1:31 1240 "],
  ],
  [
    ["import type {Stats} from 'node:fs'; import {type Dirent, statSync} from 'node:fs'"],
    "const s: Stats = statSync('.'); let d: Dirent; s.siz",
    ["1:50 2551 "],
  ],
  [[], "import {x} from './nowhere.js'", ["1:17 2307 Cannot find module './nowhere.js' or its"]],
  [[], "await import('no-such-package')", ["1:14 2307 Cannot find module 'no-such-package'"]],
  [["export const a = 1; export interface B { c: number }"], "const b: B = {c: a}", []],
  [["const o = class { private x = 1 }; const p = 2"], "new o(); p.toFixed()", []],
  [["if (true) { var v = 1 }", "1"], "v.toFixed()", []],
  [["const __a = 1, ___b = 2, _c = 3, $ = 4"], "__a + ___b + _c + $", []],
  [["declare global { interface Array<T> { extra?: T } }", "const x = 1"], "[x].extra", []],
  [
    ["type T = {a: 1}; interface I extends T { b: 2 }", "const x = 1"],
    "let i: I; i = {a: 1, b: 2}",
    [],
  ],
];

test("errors have the line and column of the cell as it was written", () => {
  for (const [before, cell, expected] of diagnostics) {
    const result = session(...before).compile(cell, 99, {});
    const found = result.ok
      ? []
      : result.diagnostics.map(
          ({line, column, code, message}) => `${line}:${column} ${code} ${message}`,
        );
    assert.equal(found.length, expected.length, `${cell}\n${found.join("\n")}`);
    for (const [index, text] of expected.entries())
      assert.ok(found[index]!.startsWith(text), `${cell}\n${found[index]}`);
  }
});

test("a name that the kernel itself can't do without is refused at the top level, and only there", () => {
  const rows: [cell: string, places: string[]][] = [
    ["function process(text: string) { return text; }\nprocess('a')", ["1:10"]],
    ["class Set {}", ["1:7"]],
    ["let ok = 1;\nconst {a: [Math], ...Error} = {a: [1], b: 2};", ["2:12", "2:22"]],
    ["@remote\nfunction process(n: number) { return n; }", ["2:10"]],
    ["type Set = 1; interface Map2 {}; declare const process: 1;", []],
    ["import process from 'node:process'; import {performance} from 'perf_hooks';", []],
    ["{ const Set = 1; }\nfunction f(process: string) { const Map = process; return Map; }", []],
  ];
  for (const [cell, expected] of rows) {
    const result = session().compile(cell, 1, {});
    const places = result.ok ? [] : result.diagnostics.map(({line, column}) => `${line}:${column}`);
    assert.deepEqual(places, expected, cell);
    if (!result.ok) assert.match(result.diagnostics[0]!.message, /would hide the global/);
  }
});

test("a name of ours that is not imported names its import, unless it is declared", () => {
  const compiler = session();
  const messageOf = (cell: string) => {
    const result = compiler.compile(cell, 1, {});
    return result.ok ? "" : result.diagnostics[0]!.message;
  };
  assert.match(messageOf("display(1)"), /\n`import \{display\} from "tasklab"` brings it$/);
  assert.match(
    messageOf("let c: ActorHandle<Date>"),
    /\n`import \{ActorHandle\} from "tasklab"` brings it$/,
  );
  assert.match(messageOf("json(1)"), /Did you mean 'JSON'\?\n`import \{json\} from "tasklab"`/);
  assert.equal(messageOf("nowhere(1)"), "Cannot find name 'nowhere'.");
  assert.equal(messageOf("const get = () => 1; get()"), "");
});

test("a package that is not there is named with the magic that installs it", () => {
  for (const [specifier, hint] of [
    ["no-such-package", "%npm install no-such-package"],
    ["@scope/name/part.js", "%npm install @scope/name"],
    ["./nowhere.js", undefined],
    ["node:nowhere", undefined],
  ] as const) {
    const result = session().compile(`import x from "${specifier}"`, 1, {});
    assert.ok(!result.ok);
    assert.equal(/%npm install [^`]+/.exec(result.diagnostics[0]!.message)?.[0], hint, specifier);
  }
});

test("a cell that is compiled and does not run declares nothing", () => {
  const compiler = session();
  assert.ok(compiler.compile("const never = 1", 1, {}).ok);
  assert.ok(!compiler.compile("never", 2, {}).ok);
});

test("under %%remote every declaration is remote", () => {
  const compiler = session();
  const cell = "function f(a: number) { return a }\nclass Plain { x = 1 }\nf.remote(1)";
  const result = compiler.compile(cell, 1, {
    remoteOptions: {functions: "{numCpus: 2}", classes: "{maxRestarts: 1}"},
  });
  assert.ok(result.ok);
  assert.match(result.code, /let f = __tasklab\.remote\(\(?\{ numCpus: 2 \}\)?, /);
  assert.match(
    result.code,
    /let Plain = __tasklab\.remote\(\(?\{ maxRestarts: 1 \}\)?, class Plain/,
  );
});

// Cells before, the cell with | at the cursor, some of what is offered, what is replaced.
const completions: [string[], string, string[], string][] = [
  [["const answer = 42"], "ans|", ["answer"], "ans"],
  [["const answer = 42"], "1 + answer.toF| + 2", ["toFixed"], "toF"],
  [["const answer = 42"], "answer.|", ["toFixed", "toString"], ""],
  [["import * as fs from 'node:fs'"], "fs.readFileS|", ["readFileSync"], "readFileS"],
  [["interface Deep { a: {b: number} }"], "const d: Deep = {a: {|}}", ["b"], ""],
  [["class Point { x = 1 }"], "new Point().|", ["x"], ""],
  [["@remote function multiply(a: number) { return a }"], "multiply.rem|", ["remote"], "rem"],
  [[], "@remote({numC|})\nfunction f() {}", ["numCpus"], "numC"],
  [[], "@remote({numCpus: 2})\nfunction f(a: number) { return a.toF| }", ["toFixed"], "toF"],
  [[], "import {ge|} from 'tasklab'", ["get"], "ge"],
  [[], "const s = 'x'\ns.le|\nconst t = 1", ["length"], "le"],
  [[], "const 名 = '😀'; 名.le|", ["length"], "le"],
];

test("completion knows earlier cells, and what it replaces", () => {
  for (const [before, marked, expected, replaced] of completions) {
    const cursor = marked.indexOf("|");
    const cell = marked.replace("|", "");
    const {matches, start, end} = complete(session(...before), cell, cursor);
    const names = matches.map(({text}) => text);
    for (const name of expected) assert.ok(names.includes(name), `${marked}: no ${name}`);
    assert.equal(cell.slice(start, end), replaced, marked);
    assert.ok(!names.some((name) => name.startsWith("__tasklab")));
  }
});

test("completions say what kind of thing they are", () => {
  const {matches} = complete(session("const answer = 42; function ask() {}"), "", 0);
  const kinds = new Map(matches.map(({text, type}) => [text, type]));
  assert.deepEqual(
    [kinds.get("answer"), kinds.get("ask"), kinds.get("while"), kinds.get("Map")],
    ["const", "function", "keyword", "var"],
  );
});

// Cells before, the cell with | at the cursor, detail, what is told.
const infos: [string[], string, 0 | 1, RegExp | null][] = [
  [["const answer = 42"], "ans|wer", 0, /^const answer: 42$/],
  [["const answer = 42"], "answer|", 0, /^const answer: 42$/],
  [[], "Math.ma|x(1)", 0, /max\(\.\.\.values: number\[\]\): number\n\nReturns the larger/],
  [[], "Math.max(1, |2)", 0, /max\(/],
  [[], "Math.max(1|", 0, /max\(/],
  [
    [],
    "/** First.\n *\n * Second.\n * @param a the a */\nfunction f(a: number) {}\nf|",
    0,
    /First\.$/,
  ],
  [
    [],
    "/** First.\n *\n * Second.\n * @param a the a */\nfunction f(a: number) {}\nf|",
    1,
    /Second\.\n\n@param a the a$/,
  ],
  [
    [],
    "/** First.\n *\n * Second.\n * @example\n * ```ts\n * f(1)\n * ``` */\nfunction f(a: number) {}\nf|",
    0,
    /First\.\n\n@example\nf\(1\)$/,
  ],
  [['import {get} from "tasklab"'], "ge|t", 0, /^Fetches the value of a ref[^]*@example\nimport/m],
  [
    [],
    "@remote\nfunction multi|ply(a: number): string { return '' }",
    0,
    /^const multiply: .*RemoteFunction<\[a: number\], string>/,
  ],
  [["@remote function f(a: number) {}"], "f.rem|ote(1)", 0, /remote\(a: .*\): .*ObjectRef<void>/],
  [[], "|   ", 0, null],
  [[], "// comm|ent", 0, null],
];

test("quick info tells the type, and with detail all documentation", () => {
  for (const [before, marked, detail, expected] of infos) {
    const cursor = marked.indexOf("|");
    const found = inspect(session(...before), marked.replace("|", ""), cursor, detail);
    if (!expected) assert.equal(found, null, marked);
    else {
      assert.match(found?.plain ?? "", expected, marked);
      assert.match(found?.markdown ?? "", /^```typescript\n/);
    }
  }
});
