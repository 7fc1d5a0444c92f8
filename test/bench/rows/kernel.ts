import {execFile} from "node:child_process";
import {accessSync, constants, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {delimiter, join} from "node:path";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";
import {acceptedFlags, kernelspec} from "../../../kernel/spec/install.js";
import {JupyterClient} from "../../support/jupyter-client.js";
import {median, type Bench, type Measurement} from "../measurement.js";

const project = fileURLToPath(new URL("../../../../", import.meta.url));
const python = process.env["TASKLAB_BENCH_PYTHON"] ?? join(project, ".venv/bin/python");
const script = join(project, "test/bench/peers/kernels.py");

/** Measures what a cell costs, beside other kernels with the same client. */
export const kernel: Bench = {
  name: "kernel",
  async run() {
    const plans = [await ours(), ipykernel(), ...peersOnPath()];
    const measured: {name: string; figures: Figures}[] = [];
    for (const plan of plans) measured.push({name: plan.name, figures: await measure(plan)});
    const [own, ...peers] = measured;
    return [
      ...rows.map(({figure, unit = "ms", ...row}): Measurement => ({
        ...{...row, unit, value: own!.figures[figure] ?? null},
        peers: peers.map(({name, figures}) => ({name, value: figures[figure] ?? null})),
      })),
      await loopOverVariable(),
    ];
  },
};

interface Plan {
  name: string;
  argv: string[];
  interrupt: string;
  cells: Record<"trivial" | "declaring" | "complete" | "lines" | "endless", string>;
}

type Figure = "ready" | "first" | "trivial" | "complete" | "lines" | "messages" | "interrupt";
/** The figures of one kernel, without those that it does not reach. */
type Figures = Partial<Record<Figure, number>>;

const rows: {figure: Figure; name: string; bar: string; unit?: string}[] = [
  {figure: "ready", name: "kernel ready, from its start", bar: "≤ 1,000 ms, ≤ 2× ipykernel"},
  {figure: "first", name: "first cell, from the kernel's start", bar: "≤ 2,000 ms"},
  {figure: "trivial", name: "trivial cell after 50 cells, median", bar: "≤ 8 ms"},
  {figure: "complete", name: "completion of a member after 50 cells, median", bar: "≤ 20 ms"},
  {figure: "interrupt", name: "interrupt of an endless loop, median", bar: "≤ 10 ms"},
  {figure: "lines", name: "10,000 printed lines, all there and in order", bar: "≤ 100 ms"},
  {figure: "messages", name: "messages that they come in", bar: "≤ 5", unit: "messages"},
];

const typescriptCells: Plan["cells"] = {
  trivial: "1 + {n}",
  declaring:
    "interface Point{n} {x: number; label: string}\n" +
    "const points{n}: Point{n}[] = [{x: {n}, label: 'p'}];\n" +
    "function total{n}(of: Point{n}[]) { return of.reduce((sum, {x}) => sum + x, 0); }",
  complete: "points{n}.",
  lines: "for (let i = 0; i < 10000; i++) console.log(i)",
  endless: "while (true) {}",
};

async function ours(): Promise<Plan> {
  const main = fileURLToPath(new URL("../../../kernel/main.js", import.meta.url));
  const spec = kernelspec(
    {project, version: "", nodePath: process.execPath},
    await acceptedFlags(process.execPath),
  );
  const argv = spec.argv.map((word) => (word.endsWith("main.js") ? main : word));
  return {name: "tasklab", argv, interrupt: spec.interrupt_mode, cells: typescriptCells};
}

function ipykernel(): Plan {
  return {
    name: "ipykernel",
    argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    interrupt: "signal",
    cells: {
      trivial: "1 + {n}",
      declaring:
        "class Point{n}:\n  def __init__(self, x, label): self.x, self.label = x, label\n" +
        "points{n} = [Point{n}({n}, 'p')]\n" +
        "def total{n}(of): return sum(point.x for point in of)",
      complete: "points{n}.",
      lines: "for i in range(10000): print(i)",
      endless: "while True: pass",
    },
  };
}

/** Finds other TypeScript kernels that are installed. */
function peersOnPath(): Plan[] {
  const cells = typescriptCells;
  const [deno, tslab] = [onPath("deno"), onPath("tslab")];
  const plans: Plan[] = [];
  if (deno) {
    const argv = [deno, "jupyter", "--kernel", "--conn", "{connection_file}"];
    plans.push({name: "Deno", argv, interrupt: "message", cells});
  }
  if (tslab) {
    const argv = [tslab, "kernel", "--config-path={connection_file}"];
    plans.push({name: "tslab", argv, interrupt: "signal", cells});
  }
  return plans;
}

function onPath(name: string): string | undefined {
  // npm puts the folder of this project's own dependencies first, whose tslab is a part of this
  // kernel.
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const outside = folders.filter((folder) => folder !== "" && !folder.startsWith(project));
  return outside.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function measure(plan: Plan): Promise<Figures> {
  const {stdout, stderr} = await promisify(execFile)(python, [script, JSON.stringify(plan)]);
  for (const line of stderr.split("\n").filter((each) => each.startsWith(`${plan.name}: `)))
    console.error(line);
  return JSON.parse(stdout) as Figures;
}

const steps = 50_000_000;
const loop = `const began = performance.now();
for (let i = 0; i < ${steps}; i++) total += i;
const took = performance.now() - began;`;
const rounds = 7;

/** Measures a loop over a top-level `let`, in turn with the same loop in a module. */
async function loopOverVariable(): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), "tasklab-bench-"));
  const module = join(folder, "loop.mjs");
  writeFileSync(module, `let total = 0;\n${loop}\nconsole.log(took);\n`);
  const client = await JupyterClient.start();
  try {
    await client.run("let total = 0");
    const inCells: number[] = [];
    const inModules: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const {result} = await client.run(`total = 0;\n${loop}\ntook`);
      inCells.push(Number(result));
      inModules.push(Number((await promisify(execFile)(process.execPath, [module])).stdout));
    }
    return {
      name: `${steps.toLocaleString("en")} steps over a top-level let of an earlier cell, median`,
      ...{value: median(inCells), unit: "ms", bar: "≤ 1.05 × the module"},
      peers: [{name: "a module of Node's", value: median(inModules)}],
    };
  } finally {
    await client.close();
    rmSync(folder, {recursive: true});
  }
}
