// Measures Python's counterpart, cloudpickle, where this machine's Python has it.

import {execFileSync} from "node:child_process";
import {join} from "node:path";

export interface Pickled {
  first: number;
  again: number;
}

/** Gives times in µs; null without cloudpickle. `folder` is that of the sources. */
export function measureCloudpickle(folder: string): Pickled | null {
  const python = process.env["TASKLAB_BENCH_PYTHON"] ?? "python3";
  const program = join(folder, "test", "bench", "peers", "pickling.py");
  try {
    const written = execFileSync(python, [program], {
      encoding: "utf8",
      timeout: 60_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return JSON.parse(written) as Pickled;
  } catch {
    return null;
  }
}
