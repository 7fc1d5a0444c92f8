// Local files as the checker sees them: what stands on the disk when a cell is checked, however
// often it has changed.

import {after, before, test} from "node:test";
import assert from "node:assert/strict";
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import "../../../cluster/index.js";
import {Compiler} from "../../../kernel/compiler/compile.js";
import {complete} from "../../../kernel/compiler/complete.js";

let compiler: Compiler;
let folder = "";
let count = 0;
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "local-files-")));
  process.chdir(folder);
  compiler = new Compiler();
});
after(() => {
  compiler.notebook.close();
  process.chdir("/");
  rmSync(folder, {recursive: true});
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), {recursive: true});
  writeFileSync(join(folder, path), text);
}

/**
 * What TypeScript has to say about the cell, which becomes part of the session when that is
 * nothing.
 */
function check(cell: string): string[] {
  count += 1;
  const result = compiler.compile(cell, count, {});
  if (!result.ok)
    return result.diagnostics.map(({line, column, message}) => `${line}:${column} ${message}`);
  compiler.commit(count);
  return [];
}

test("a cell that imports an edited file sees its new types, and completes them", () => {
  write("helper.ts", "export const size = 1;");
  assert.deepEqual(check('import {size} from "./helper.ts"; size.toFixed()'), []);
  write("helper.ts", "export const size: string = 'large';");
  assert.deepEqual(check('import {size} from "./helper.ts"; size.toFixed()'), [
    "1:40 Property 'toFixed' does not exist on type 'string'. Did you mean 'fixed'?",
  ]);
  const cell = 'import {size} from "./helper.ts"; size.';
  assert.ok(complete(compiler, cell, cell.length).matches.some(({text}) => text === "padStart"));
});

test("a file that an imported file imports is looked at again too", () => {
  write("outer.ts", 'export {inner} from "./inner.ts";');
  write("inner.ts", "export const inner = 1;");
  assert.deepEqual(check('import {inner} from "./outer.ts"; inner.toFixed()'), []);
  write("inner.ts", "export const inner = [1];");
  assert.deepEqual(check('import {inner} from "./outer.ts"; inner.length'), []);
});

test("a file that was not there is found as soon as it is", () => {
  write("early.ts", 'export {late} from "./late.ts";');
  assert.match(check('import {late} from "./late.ts"')[0]!, /^1:20 Cannot find module/);
  check('import {late} from "./early.ts"');
  write("late.ts", "export const late = 1;");
  assert.deepEqual(check('import {late} from "./late.ts"; late.toFixed()'), []);
  assert.deepEqual(check('import {late as again} from "./early.ts"; again.toFixed()'), []);
});

test("a file that is gone is not found", () => {
  write("gone.ts", "export const gone = 1;");
  assert.deepEqual(check('import {gone} from "./gone.ts"'), []);
  rmSync(join(folder, "gone.ts"));
  assert.match(check('import {gone} from "./gone.ts"')[0]!, /Cannot find module/);
});

test("a name that its file has lost stops no cell", () => {
  write("losing.ts", "export const kept = 1; export const lost = 2;");
  assert.deepEqual(check('import {kept, lost} from "./losing.ts"'), []);
  write("losing.ts", "export const kept = 1;");
  assert.deepEqual(check("kept.toFixed() + String(lost)"), []);
  write("losing.ts", "export const = ;");
  assert.deepEqual(check("const other = 1; other.toFixed()"), []);
});
