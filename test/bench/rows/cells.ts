import {execFile} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {promisify} from "node:util";
import ts from "typescript";
import {JupyterClient} from "../../support/jupyter-client.js";
import type {Bench} from "../measurement.js";

/**
 * Measures functions of cells, called in a later cell and in a task, beside the same code in a
 * module.
 */
export const cells: Bench = {
  name: "functions of cells",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "tasklab-bench-"));
    const module = join(folder, "functions.mjs");
    writeFileSync(module, moduleText());
    const client = await JupyterClient.start();
    const best = works.map(() => ({cell: Infinity, task: Infinity, module: Infinity}));
    const note = (place: "cell" | "task" | "module", i: number, text: string | undefined) =>
      (best[i]![place] = Math.min(best[i]![place], Number(text)));
    try {
      await client.run(declarations);
      await client.run(stopwatch);
      // The three take turns, so that other work of the machine slows each of them about equally.
      for (let round = 0; round < rounds; round++) {
        const {stdout} = await promisify(execFile)(process.execPath, [module]);
        (JSON.parse(stdout) as string[]).forEach((text, i) => note("module", i, text));
        for (const [i, {work}] of works.entries()) {
          note("cell", i, (await client.run(`await best(${work})`)).result);
          note("task", i, (await client.run(taskText(work))).result);
        }
      }
    } finally {
      await client.close();
      rmSync(folder, {recursive: true});
    }
    return works.flatMap(({name}, i) =>
      (["cell", "task"] as const).map((place) => ({
        name: `${name}, in a ${place}`,
        ...{value: best[i]![place], unit: "ms", bar: "≤ 1.1 × the module"},
        peers: [{name: "a module of Node's", value: best[i]!.module}],
      })),
    );
  },
};

/** The shortest of many runs counts, because longer ones were disturbed. */
const [rounds, times] = [5, 7];

const declarations = `
function fib(n: number): number { return n > 1 ? fib(n - 1) + fib(n - 2) : 1; }
function tiny(a: number, b: number) { return a + b; }
function even(n: number): boolean { return n === 0 ? true : odd(n - 1); }
function odd(n: number): boolean { return n === 0 ? false : even(n - 1); }
class Counter { count = 0; add(n: number) { return (this.count += n); } }
function adder(n: number) { return (x: number) => x + n; }
const addThree = adder(3);
async function later(x: number) { return x + 1; }
`;

const stopwatch = `
async function best(work: () => unknown) {
  let least = Infinity;
  for (let time = 0; time < ${times}; time++) {
    const began = performance.now();
    await work();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}
`;

const works = [
  {name: "fib(32)", work: "() => fib(32)"},
  {
    name: "a tiny function called 3·10⁷ times",
    work: "() => { let sum = 0; for (let i = 0; i < 3e7; i++) sum = tiny(sum, i) & 0xffff; return sum; }",
  },
  {
    name: "even and odd, which call each other, 10⁷ calls",
    work: "() => { for (let i = 0; i < 1e4; i++) even(1000); }",
  },
  {
    name: "a method of a cell's class called 3·10⁷ times",
    work: "() => { const counter = new Counter(); for (let i = 0; i < 3e7; i++) counter.add(1); return counter; }",
  },
  {
    name: "a closure called 3·10⁷ times",
    work: "() => { let sum = 0; for (let i = 0; i < 3e7; i++) sum = addThree(sum) & 0xffff; return sum; }",
  },
  {
    name: "an async function awaited 10⁶ times",
    work: "async () => { let sum = 0; for (let i = 0; i < 1e6; i++) sum = await later(sum); return sum; }",
  },
];

function moduleText(): string {
  const measured = works.map(({work}) => `String(await best(${work}))`).join(", ");
  const text = `${declarations}${stopwatch}console.log(JSON.stringify([${measured}]));`;
  const {ESNext} = ts.ScriptTarget;
  return ts.transpile(text, {target: ESNext, module: ts.ModuleKind.ESNext});
}

function taskText(work: string): string {
  return (
    'import {get, remote} from "tasklab";\n' +
    `await get(remote(async function measure() { return best(${work}); }).remote())`
  );
}
