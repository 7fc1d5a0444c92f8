// What TypeScript says about remote classes: their values, their types, and how they are used.

import {after, before, test} from "node:test";
import assert from "node:assert/strict";
import "../../../cluster/index.js";
import {Compiler} from "../../../kernel/compiler/compile.js";
import {complete} from "../../../kernel/compiler/complete.js";
import {
  createNotebookConverter,
  type NotebookConverter,
} from "../../../kernel/compiler/check/converter.js";
import {inspect} from "../../../kernel/compiler/inspect.js";
import {Settings} from "../../../kernel/compiler/check/settings.js";

let notebook: NotebookConverter;
before(() => (notebook = createNotebookConverter(new Settings())));
after(() => notebook.close());

function session(...cells: string[]): Compiler {
  const compiler = new Compiler(notebook);
  for (const [index, cell] of cells.entries()) {
    assert.deepEqual(said(compiler, cell, index + 1), [], cell);
    compiler.commit(index + 1);
  }
  return compiler;
}

function said(compiler: Compiler, cell: string, executionCount: number): string[] {
  const result = compiler.compile(cell, executionCount, {});
  const all = result.ok ? result.warnings : result.diagnostics;
  return all.map(({line, column, code, message}) => `${line}:${column} ${code} ${message}`);
}

const counter =
  "@remote class Counter { static made = 0; #p = 1; private q = 2; n: number; " +
  "constructor(n = 0) { this.n = n; Counter.made++ } add(k: number) { return (this.n += k) } " +
  "async slow() { return '' } merge(o: Counter): Counter { return new Counter(o.n + o.#p + o.q) } }";
const useCounter =
  "import {get, type ActorHandle} from 'tasklab'; const c = Counter.remote(10), same: ActorHandle<Counter> = c; const here: Counter = Counter.local()";

// Of what is said the beginning.
const diagnostics: [before: string[], cell: string, said: string[]][] = [
  [[counter, useCounter], "const n: number = await get(c.add.remote(c.add.remote(1)))", []],
  [[`${counter}\n${useCounter}`, "1"], "here.add(1).toFixed(); c.merge.remote(here)", []],
  [[counter], "Counter.remote('a')", ["1:16 2345 "]],
  [[counter, useCounter], "c.add.remote('a')", ["1:14 2345 "]],
  [
    [counter, useCounter],
    "c.n",
    ["1:3 2339 Property 'n' does not exist on type 'ActorHandle<Counter>'."],
  ],
  [[counter], "Counter(1)", ["1:1 2684 an actor class is not called: write C.remote(…)"]],
  [
    [counter],
    "new Counter(1); nowhere",
    [
      "1:1 2351 an actor class makes no instances by itself: write Counter.remote(…) to make an actor, or Counter.local(…)",
      "1:17 2304 ",
    ],
  ],
  [
    ["@remote function f() {}"],
    "new f()",
    ["1:1 2351 a remote function makes no instances: write f.remote(…)"],
  ],
  [
    [counter],
    "class Sub extends Counter {}",
    [
      "1:19 2507 Type 'ActorClass<Counter, [n?: number | undefined]>' is not a constructor function type.\nA remote class can't be extended: extend a plain one",
    ],
  ],
  [[counter, useCounter], "c.add(1)", ["1:1 2684 an actor's method is not called directly"]],
  [
    [],
    "@remote class A { b() { return A.remote() } }",
    [
      "1:34 2339 Property 'remote' does not exist on type 'typeof A'.\nHere `A` is the class itself; `remote(A).remote(…)`",
    ],
  ],
  [[], "@remote class A {\n  add(k: number) { return k + missing } }", ["2:31 2304 "]],
  [[], "@remote class A implements Iterable<number> {}", ["1:15 2420 Class 'A' incorrectly"]],
  [
    [],
    "@remote class A { static x = 1; @d m() {} }\nfunction d(_: unknown, c: ClassMethodDecoratorContext) {}",
    [],
  ],
  [[], "@remote({maxRetries: 1}) class A {}", ["1:10 2353 "]],
  [[], "@remote abstract class A { abstract b(): 1 }\nA.remote()", ["2:3 2339 "]],
  [
    [
      "@remote class Stack<T extends object> { items: T[] = []; push(x: T) { this.items.push(x) } }",
    ],
    "const s: Stack<Date> = null!; s.items[0]!.getTime(); Stack.remote().push.remote({})",
    [],
  ],
  [
    [],
    "@remote class A { b(x: B) { return x } }\n@remote class B { a(x: A) { return x.b(this) } }\nB.remote().a.remote(A.local())",
    [],
  ],
  [
    ["import {get, type ActorHandle} from 'tasklab'"],
    "@remote class A { next?: ActorHandle<A>; meet(a: ActorHandle<A>) { this.next = a } async ask(n: number): Promise<number> { return n && get(this.next!.ask.remote(n - 1)) } }\nconst a = A.remote(); a.meet.remote(a); a.next",
    ["2:43 2339 Property 'next' does not exist on type 'ActorHandle<A>'."],
  ],
  [
    [],
    "function f() { @remote class A { x = 1 } const a: A = A.local(); return a.x.toFixed() }",
    [],
  ],
  [
    [counter, useCounter],
    "await c.add.remote(1)",
    ["1:1 80007 `await` of an ObjectRef gives the ref itself; write `await get(c.add.remote(1))`"],
  ],
  [
    ["import {get, getActor} from 'tasklab'"],
    "const c = await getActor('c'); const n: number = await get(c.add!.remote(1, 'a')); c.release()",
    [],
  ],
  // Redefined: older handles are of the older class.
  [
    [counter, useCounter, "@remote class Counter { total() { return 1 } }", "1"],
    "c.add.remote(1); Counter.remote().total.remote(); Counter.remote().add",
    ["1:68 2339 Property 'add' does not exist on type 'ActorHandle<Counter>'."],
  ],
  [[counter, useCounter, "class Counter { y = 1 }", "1"], "c.add.remote(1); new Counter().y", []],
  [[counter], "type Counter = string; const t: Counter = ''; Counter.remote()", []],
];

test("a remote class is checked as a value that makes actors, and as a type", () => {
  for (const [earlier, cell, expected] of diagnostics) {
    const found = said(session(...earlier), cell, 99);
    assert.equal(found.length, expected.length, `${cell}\n${found.join("\n")}`);
    for (const [index, text] of expected.entries())
      assert.ok(found[index]!.startsWith(text), `${cell}\n${found[index]}`);
  }
});

test("a replaced remote class is forgotten with the last value of its type", () => {
  const namespaces = (compiler: Compiler) => compiler.declarations.match(/namespace \w+/g) ?? [];
  const held = session(counter, useCounter, counter, "1");
  assert.deepEqual(namespaces(held), [
    "namespace __tasklab_3_Counter",
    "namespace __tasklab_1_Counter",
  ]);
  const free = session(counter, useCounter, counter, "const c = 1, same = 1, here = 1");
  assert.deepEqual(namespaces(free), ["namespace __tasklab_3_Counter"]);
});

// Cells before, the cell with | at the cursor, all that is offered.
const completions: [string[], string, string[]][] = [
  [[counter, useCounter], "c.|", ["add", "merge", "release", "slow"]],
  [[counter, useCounter], "c.add.|", ["options", "remote"]],
  [[counter], "Counter.|", ["local", "options", "remote"]],
  [["@remote function f() {}"], "f.|", ["local", "options", "remote"]],
  [[], "@remote({maxR|})\nclass A {}", ["maxRestarts"]],
  [[], "@remote class A { a = 1; m() { this.| } }", ["a", "m"]],
];

test("completion offers what a remote class has, and not what every function has", () => {
  for (const [earlier, marked, expected] of completions) {
    const cell = marked.replace("|", "");
    const {matches} = complete(session(...earlier), cell, marked.indexOf("|"));
    const names = matches.map(({text}) => text);
    assert.deepEqual(
      marked.includes("maxR") ? names.filter((name) => name.startsWith("maxR")) : names,
      expected,
      marked,
    );
  }
});

const infos: [string[], string, 0 | 1, RegExp][] = [
  [[counter], "Cou|nter", 0, /^const Counter: ActorClass<Counter, \[n\?: number \| undefined\]>$/],
  [
    [],
    "/** Doc. */\n@remote class Cou|nter {}",
    0,
    /^const Counter: ActorClass<Counter, \[\]>\n\nDoc\.$/,
  ],
  [[counter], "Counter|", 1, /\n\nIn\[1\]:\n@remote class Counter \{/],
  [[counter], "let c: Cou|nter", 0, /^type Counter = Counter$/],
  [[counter, useCounter], "c|", 0, /^const c: ActorHandle<Counter>$/],
  [
    [counter, useCounter],
    "c.ad|d",
    0,
    /^\(method\) ActorHandle<Counter>\.add: ActorMethod<\[k: number\], number>$/,
  ],
];

test("quick info names classes as the cells do", () => {
  for (const [earlier, marked, detail, expected] of infos) {
    const cell = marked.replace("|", "");
    const found = inspect(session(...earlier), cell, marked.indexOf("|"), detail);
    assert.match(found?.plain ?? "", expected, marked);
  }
});
