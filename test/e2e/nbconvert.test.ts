// Notebooks run and converted by nbclient, nbconvert and Jupyter's commands, without a browser.
// Starts kernels.

import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {once} from "node:events";
import {mkdtemp, readFile, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {
  environmentIn,
  python,
  readNotebook,
  runPython,
  textOf,
  writeNotebook,
  type Cell,
  type Notebook,
} from "../support/python.js";

const folder = await mkdtemp(join(tmpdir(), "tasklab nbconvert-"));
after(() => rm(folder, {recursive: true, force: true}));

async function execute(name: string, sources: readonly string[], ...options: string[]) {
  await writeNotebook(join(folder, name), sources);
  const words = ["-m", "nbconvert", "--to", "notebook", "--execute", "--inplace"];
  await runPython([...words, ...options, name], folder);
  return readNotebook(join(folder, name));
}

const sources = [
  "let base: number = await Promise.resolve(40);",
  "console.log('printed'); console.error('warned'); base + 2",
  "[{name: 'a', size: 1}]",
  "throw new RangeError('too far')",
  "base + 3",
  "const wrong: number = ''",
  "base++; while (true) {}",
  "await new Promise((end) => setTimeout(end, 50)); base",
];
let notebook: Notebook;
before(async () => {
  notebook = await execute(
    "all.ipynb",
    sources,
    ...["--allow-errors", "--ExecutePreprocessor.timeout=4"],
    "--ExecutePreprocessor.interrupt_on_timeout=True",
  );
});
const cell = (number: number): Cell => notebook.cells[number - 1]!;
const kindsOf = ({outputs}: Cell) => outputs.map(({output_type}) => output_type).sort();

test("cells share names, await, print and show", () => {
  assert.deepEqual(
    notebook.cells.map(({execution_count}) => execution_count),
    sources.map((_, index) => index + 1),
  );
  assert.deepEqual(kindsOf(cell(1)), []);
  assert.deepEqual(kindsOf(cell(2)), ["execute_result", "stream", "stream"]);
  for (const word of [/printed\n/, /warned\n/, /42/]) assert.match(textOf(cell(2)), word);
  assert.ok("text/html" in cell(3).outputs[0]!.data!);
  assert.equal(notebook.metadata.language_info?.name, "typescript");
});

test("with --allow-errors the cells after an error run and have their output", () => {
  assert.deepEqual([kindsOf(cell(4)), kindsOf(cell(6))], [["error"], ["error"]]);
  assert.equal(cell(4).outputs[0]!.ename, "RangeError");
  assert.equal(textOf(cell(5)), "43");
});

test("a cell that takes too long is interrupted, and the next one finds everything", () => {
  assert.equal(cell(7).outputs[0]!.ename, "InterruptedError");
  assert.equal(textOf(cell(8)), "41");
});

test("the times of a cell are recorded, in their order", () => {
  const times = cell(8).metadata.execution!;
  const at = (name: string) => Date.parse(times[name] ?? assert.fail(`${name} is not recorded`));
  assert.ok(at("iopub.status.busy") <= at("iopub.execute_input"));
  assert.ok(at("iopub.execute_input") + 40 < at("shell.execute_reply"));
  assert.ok(at("iopub.execute_input") + 40 < at("iopub.status.idle"));
});

test("without --allow-errors a cell that fails ends the run, with its error in the cell's lines", () =>
  assert.rejects(
    execute("fails.ipynb", ["\nthrow new RangeError('too far')", "'not reached'"]),
    ({stderr}: {stderr: string}) =>
      /RangeError: too far/.test(stderr) && /Cell In\[1\]:2/.test(stderr),
  ));

test("a notebook becomes a TypeScript file, and a coloured page", async () => {
  const words = ["-m", "nbconvert", "all.ipynb", "--to"];
  await runPython([...words, "script"], folder);
  const script = await readFile(join(folder, "all.ts"), "utf8");
  for (const source of sources) assert.ok(script.includes(source));
  await runPython([...words, "html"], folder);
  assert.match(await readFile(join(folder, "all.html"), "utf8"), /class="highlight hl-typescript"/);
});

test("jupyter run takes a cell from a file, or from its input over encrypted sockets", async () => {
  const code = "const word: string = 'said';\nconsole.log(word);\n";
  await writeFile(join(folder, "cell.ts"), code);
  const words = ["-m", "jupyter_client.runapp", "--kernel", "tasklab"];
  assert.equal((await runPython([...words, "cell.ts"], folder)).stdout, "said\n");

  const encrypted = [...words, "--KernelManager.transport_encryption=required"];
  const child = spawn(python, encrypted, {cwd: folder, env: environmentIn(folder)});
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  child.stdin.end(code);
  assert.deepEqual(await once(child, "close"), [0, null]);
  assert.equal(text, "said\n");
});

test("jupyter execute runs a notebook in place", async () => {
  await writeNotebook(join(folder, "executed.ipynb"), ["6 * 7"]);
  await runPython(["-m", "jupyter", "execute", "--inplace", "executed.ipynb"], folder);
  assert.equal(textOf((await readNotebook(join(folder, "executed.ipynb"))).cells[0]!), "42");
});
