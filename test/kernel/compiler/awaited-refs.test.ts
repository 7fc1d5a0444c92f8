// `await` of a ref in cells, which gives the ref itself.

import {after, before, test} from "node:test";
import assert from "node:assert/strict";
import "../../../cluster/index.js";
import {Compiler} from "../../../kernel/compiler/compile.js";
import {
  createNotebookConverter,
  type NotebookConverter,
} from "../../../kernel/compiler/check/converter.js";
import {Settings} from "../../../kernel/compiler/check/settings.js";

let notebook: NotebookConverter;
before(() => {
  notebook = createNotebookConverter(new Settings());
});
after(() => notebook.close());

function session(...cells: string[]): Compiler {
  const compiler = new Compiler(notebook);
  for (const [index, cell] of cells.entries()) {
    const result = compiler.compile(cell, index + 1, {});
    assert.deepEqual(result.ok ? [] : result.diagnostics, [], cell);
    compiler.commit(index + 1);
  }
  return compiler;
}

const said = (ref: string) =>
  `\`await\` of an ObjectRef gives the ref itself; write \`await get(${ref})\` for its value`;

// Cells before, the cell, why it is refused.
const awaited: [string[], string, string[]][] = [
  [["import {put} from 'tasklab'", "const ref = put(1)"], "await ref", [`1:1 ${said("ref")}`]],
  [
    ["@remote function f(a: number) { return a }"],
    "1\n  const a = await f.remote(1)",
    [`2:13 ${said("f.remote(1)")}`],
  ],
  [
    ["@remote function f(a: number) { return a }"],
    "const all = [1, 2].map(async (n) => await f.remote(n))",
    [`1:37 ${said("f.remote(n)")}`],
  ],
  [
    ["import {get, type ObjectRef} from 'tasklab'"],
    "@remote async function f(a: number, b?: ObjectRef<number>) { await b; return a }\nawait get(f.remote(1))",
    [`1:62 ${said("b")}`],
  ],
  [
    ["import {put} from 'tasklab'"],
    "for await (const ref of [put(1)]) {}",
    [
      "1:1 `for await` over ObjectRefs gives the refs themselves; write `await get(ref)` for the value of each",
    ],
  ],
  // Declared again by other means, for its type can't be written down.
  [
    ["import {put} from 'tasklab'"],
    "const o = class { private x = 1 }; await put(1)",
    [`1:36 ${said("put(1)")}`],
  ],
  [
    ["import {get, put} from 'tasklab'"],
    "await get(put(1)); await Promise.resolve(put(1)); await (1 as any)",
    [],
  ],
  [
    ["import {put} from 'tasklab'"],
    "async function* g() { yield put(1) }\nfor await (const x of g()) {}",
    [],
  ],
  [["class ObjectRef { id = 1 }"], "await new ObjectRef()", []],
];

test("a cell that awaits a ref is refused, in words that name get", () => {
  for (const [before, cell, expected] of awaited) {
    const result = session(...before).compile(cell, 99, {});
    const found = result.ok ? result.warnings : result.diagnostics;
    assert.equal(result.ok, expected.length === 0, cell);
    assert.deepEqual(
      found.map(({line, column, message}) => `${line}:${column} ${message}`),
      expected,
    );
  }
});

test("a cell that awaits what may be a ref is warned, and runs", () => {
  const before =
    "import {put} from 'tasklab'; const x = put(1) as ReturnType<typeof put> | Promise<1>";
  const result = session(before).compile("await x", 99, {});
  assert.ok(result.ok);
  assert.deepEqual(
    result.warnings.map(({message}) => message),
    [said("x")],
  );
});
