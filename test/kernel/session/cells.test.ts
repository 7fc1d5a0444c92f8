// Notebooks in test/cells/input, cell by cell through the compiler and V8's REPL mode, against what
// is written in test/cells/output: the JavaScript, what it prints, its value or its error. Run with
// UPDATE=1 to write them anew, and read them before they are committed.

import {after, before, test} from "node:test";
import assert from "node:assert/strict";
import {existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import {inspect} from "node:util";
import "../../../cluster/index.js";
import {enterNotebook} from "../../../cluster/notebook.js";
import {sources, type CellRuntime} from "../../../cluster/shipping/source/thunk.js";
import {Compiler} from "../../../kernel/compiler/compile.js";
import {
  createNotebookConverter,
  type NotebookConverter,
} from "../../../kernel/compiler/check/converter.js";
import {Settings} from "../../../kernel/compiler/check/settings.js";
import {Evaluator, Thrown} from "../../../kernel/session/evaluate.js";
import {armStops} from "../../../kernel/session/stops.js";

const folder = fileURLToPath(new URL("../../../../test/cells/", import.meta.url));
const isUpdate = process.env.UPDATE === "1";
let notebook: NotebookConverter;
let runtime: CellRuntime;
const evaluator = new Evaluator();
let count = 0;

before(() => {
  process.chdir(`${folder}input`);
  notebook = createNotebookConverter(new Settings());
  runtime = enterNotebook(process.cwd());
  armStops();
});
after(() => notebook.close());

for (const file of readdirSync(`${folder}input`).filter((name) => name.endsWith(".cells.ts"))) {
  const name = file.replace(".cells.ts", "");
  test(`${name.replaceAll("-", " ")}: cells give what is written`, async () => {
    const actual = await runNotebook(readFileSync(`${folder}input/${file}`, "utf8"));
    const path = `${folder}output/${name}.txt`;
    const changed = `${folder}output/${name}-changed.txt`;
    rmSync(changed, {force: true});
    if (isUpdate) return writeFileSync(path, actual);
    const expected = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (actual !== expected) writeFileSync(changed, actual);
    assert.equal(actual, expected);
  });
}

async function runNotebook(text: string): Promise<string> {
  const compiler = new Compiler(notebook);
  const parts: string[] = [];
  count = 0;
  for (const cell of text.split(/^\/\/ ---\n/m)) {
    count += 1;
    parts.push(`In [${count}]\n${indent(cell.trimEnd())}\n${await runCell(compiler, cell)}`);
  }
  return parts.join("\n");
}

async function runCell(compiler: Compiler, cell: string): Promise<string> {
  const result = compiler.compile(cell, count, {});
  if (!result.ok) {
    const lines = result.diagnostics.map(
      ({line, column, length, code, message}) =>
        `${line}:${column}+${length} TS${code} ${message}\n`,
    );
    return lines.join("");
  }
  compiler.commit(count);
  sources.set(`Cell In[${count}]`, {code: result.code, map: result.map});
  const code = result.code
    .replace(/\n+\/\/# sourceMappingURL=.*\n\/\/# sourceURL=.*$/, "")
    .replace(helpers, "<helper>;");
  const {printed, value} = await evaluate(result.code);
  return `JavaScript\n${indent(code)}\n${printed}${value === undefined ? "" : `Out ${value}\n`}`;
}

/** TypeScript's own, long and the same for ever. */
const helpers =
  /let __\w+ = \(this && this\.__\w+\)[^]*?\n\}(?:, "", "Cell In\[\d+\]", \(\) => \(\{(?:__tasklab_0)?\}\)\))*(?:\)\([^]*?\n\}[^\n;]*\))?;/g;

async function evaluate(code: string): Promise<{printed: string; value: string | undefined}> {
  let printed = "";
  const {log} = console;
  console.log = (...args: unknown[]) => {
    printed += `Print ${args.map((arg) => (typeof arg === "string" ? arg : inspect(arg))).join(" ")}\n`;
  };
  runtime.last = undefined;
  try {
    await evaluator.run(code, new AbortController().signal);
    const value: unknown = await runtime.last;
    return {printed, value: value === undefined ? undefined : inspect(value)};
  } catch (error) {
    const thrown = error instanceof Thrown ? error.thrown : error;
    const stack = thrown instanceof Error ? String(thrown.stack) : inspect(thrown);
    const text = stack.replaceAll(folder, "<folder>/").replace(/\n +at .*(?:dist|node:).*/g, "");
    return {printed, value: `Error ${text}`};
  } finally {
    console.log = log;
  }
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
