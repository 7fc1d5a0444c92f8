// How long code takes, on the wall and on the processor.

import type {Magic, MagicContext, Result} from "./magic.js";

const help = `Wall time and processor time of this process, from when the code begins to run: compiling is not in it.
Tasks on the cluster count as waiting.`;

export const timeLine: Magic = {
  name: "time",
  kind: "line",
  summary: "time a line: %time f(3)",
  help,
  options: {},
  raw: true,
  isCode: true,
  run: (context, args) => timed(context, args.raw),
};

export const timeCell: Magic = {
  name: "time",
  kind: "cell",
  summary: "time the cell",
  help,
  options: {},
  run: (context, _args, body) => timed(context, body),
};

async function timed(context: MagicContext, code: string): Promise<Result> {
  let start: {wall: number; cpu: NodeJS.CpuUsage} | undefined;
  try {
    return await context.run(code, {
      begun: () => (start = {wall: performance.now(), cpu: process.cpuUsage()}),
    });
  } finally {
    // Nothing, where the code did not compile.
    if (start) {
      const wall = performance.now() - start.wall;
      const {user, system} = process.cpuUsage(start.cpu);
      console.log(`Wall time: ${duration(wall)}, CPU time: ${duration((user + system) / 1000)}`);
    }
  }
}

/** Three digits and the unit that suits: 12.3 ms. */
export function duration(ms: number): string {
  if (ms < 1e-3) return `${Number((ms * 1e6).toPrecision(3))} ns`;
  if (ms < 1) return `${Number((ms * 1000).toPrecision(3))} µs`;
  if (ms < 1000) return `${Number(ms.toPrecision(3))} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toPrecision(3))} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
