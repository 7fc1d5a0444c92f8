// How long code takes, on the wall and on the processor.

import type {Magic} from "./magic.js";

const help = "Wall time and processor time of this process. Tasks on the cluster count as waiting.";

export const timeLine: Magic = {
  name: "time",
  kind: "line",
  summary: "time a line: %time f(3)",
  help,
  options: {},
  raw: true,
  run: (context, args) => timed(() => context.run(args.raw)),
};

export const timeCell: Magic = {
  name: "time",
  kind: "cell",
  summary: "time the cell",
  help,
  options: {},
  run: (context, _args, body) => timed(() => context.run(body)),
};

async function timed(work: () => Promise<unknown>): Promise<unknown> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  try {
    return await work();
  } finally {
    const used = process.cpuUsage(cpu);
    console.log(
      `Wall time: ${duration(performance.now() - wall)}, ` +
        `CPU time: ${duration((used.user + used.system) / 1000)}`,
    );
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
