import {execFile} from "node:child_process";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";
import {acceptedFlags, kernelspec} from "../../../kernel/spec/install.js";
import type {Bench, Measurement} from "../measurement.js";

const project = fileURLToPath(new URL("../../../../", import.meta.url));
const python = process.env["TASKLAB_BENCH_PYTHON"] ?? join(project, ".venv/bin/python");
const script = join(project, "test/bench/peers/kernels.py");

/** What a cell costs, beside ipykernel, with the same client. */
export const kernel: Bench = {
  name: "kernel",
  async run() {
    const main = fileURLToPath(new URL("../../../kernel/main.js", import.meta.url));
    const spec = kernelspec(
      {project, nodePath: process.execPath},
      await acceptedFlags(process.execPath),
    );
    const ours = await measure({
      argv: spec.argv.map((word) => (word.endsWith("main.js") ? main : word)),
      interrupt: spec.interrupt_mode,
      cells: {
        trivial: "1 + 1",
        lines: "for (let i = 0; i < 10000; i++) console.log(i)",
        endless: "while (true) {}",
      },
    });
    const ipykernel = await measure({
      argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
      interrupt: "signal",
      cells: {
        trivial: "1 + 1",
        lines: "for i in range(10000): print(i)",
        endless: "while True: pass",
      },
    });
    return rows.map(({figure, ...row}): Measurement => ({
      ...row,
      value: ours[figure],
      unit: "ms",
      peers: [{name: "ipykernel", value: ipykernel[figure]}],
    }));
  },
};

type Figures = Record<"first" | "trivial" | "lines" | "interrupt", number>;

const rows: {figure: keyof Figures; name: string; bar: string}[] = [
  {figure: "first", name: "first cell, from the kernel's start", bar: "≤ 2,000 ms"},
  {figure: "trivial", name: "trivial cell, median", bar: "≤ 20 ms"},
  {figure: "interrupt", name: "interrupt of an endless loop, median", bar: "≤ 50 ms"},
  {figure: "lines", name: "10,000 printed lines, all there and in order", bar: "≤ 300 ms"},
];

async function measure(plan: {
  argv: string[];
  interrupt: string;
  cells: Record<"trivial" | "lines" | "endless", string>;
}): Promise<Figures> {
  const {stdout} = await promisify(execFile)(python, [script, JSON.stringify(plan)]);
  return JSON.parse(stdout) as Figures;
}
