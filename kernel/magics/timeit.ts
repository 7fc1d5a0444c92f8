// How long a piece of code takes when it runs again and again: `%timeit f(3)`.
//
// The code becomes a function with the loop inside, so that what is measured is compiled as user
// code is. The number of loops grows until one run of them takes long enough to be read off the
// clock.

import {counted} from "../display/text.js";
import {duration} from "./time.js";
import {MagicError, type Arguments, type Magic, type MagicContext} from "./magic.js";

/** Runs the code so many times, and tells the milliseconds that it took. */
type Run = (loops: number, took: (ms: number) => void) => Promise<void> | void;

/** As in Python's timeit. */
const leastMs = 200;
const usualRuns = 7;

const atLeastOne = (value: string | number) =>
  Number.isInteger(value) && Number(value) >= 1 ? undefined : "must be a whole number ≥ 1";

const shared = {
  name: "timeit",
  help: `%timeit f(3)
%timeit --loops 10 --runs 3 await f.remote(3).get()

Without --loops, as many as take ${leastMs} ms. Code with \`await\` is awaited, one loop after another. What the
code declares is gone afterwards; the engine may leave out work whose result nobody uses.`,
  options: {
    loops: {
      type: "number",
      letter: "n",
      summary: "times the code runs in each run",
      check: atLeastOne,
    },
    runs: {
      type: "number",
      letter: "r",
      summary: `runs that the mean is taken of (${usualRuns})`,
      check: atLeastOne,
    },
  },
} as const satisfies Partial<Magic>;

export const timeitLine: Magic = {
  ...shared,
  kind: "line",
  summary: "measure a line that is run many times: %timeit f(3)",
  raw: true,
  isCode: true,
  run: (context, args) => measure(context, args, `\n${args.raw}`),
};

export const timeitCell: Magic = {
  ...shared,
  kind: "cell",
  summary: "measure the cell, run many times",
  run: measure,
};

async function measure(context: MagicContext, args: Arguments, code: string): Promise<void> {
  if (code.trim() === "")
    throw new MagicError("%timeit: there is nothing to measure; write code behind it");
  const {value} = await context.run(loop(code), {written: code});
  const run = (loops: number) => timeOf(value as Run, loops);
  const {runs = usualRuns} = args.numbers;
  const loops = args.numbers["loops"] ?? (await enoughLoops(run, context.signal));
  const each: number[] = [];
  while (each.length < runs) {
    context.signal.throwIfAborted();
    each.push((await run(loops)) / loops);
  }
  console.log(summary(each, loops));
}

/** `code` begins with an empty line, where the loop's head goes: the lines stay where they were. */
function loop(code: string): string {
  const isAsync = /\bawait\b/.test(code) ? "async " : "";
  return (
    `${isAsync}($loops: number, $took: any) => { const $start = performance.now(); ` +
    `for (let $loop = 0; $loop < $loops; $loop++) {${code}\n} $took(performance.now() - $start); }`
  );
}

async function timeOf(run: Run, loops: number): Promise<number> {
  let took: number | undefined;
  await run(loops, (ms) => (took = ms));
  if (took === undefined)
    throw new MagicError("%timeit: the code leaves its loop by `return`; write it without");
  return took;
}

/** 1, 2, 5, 10, 20, 50 … */
async function enoughLoops(
  run: (loops: number) => Promise<number>,
  signal: AbortSignal,
): Promise<number> {
  for (let scale = 1; ; scale *= 10) {
    for (const digit of [1, 2, 5]) {
      signal.throwIfAborted();
      if ((await run(scale * digit)) >= leastMs) return scale * digit;
    }
  }
}

export function summary(each: readonly number[], loops: number): string {
  const mean = each.reduce((sum, ms) => sum + ms, 0) / each.length;
  const variance = each.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / each.length;
  const counts = `${counted(each.length, "run")}, ${counted(loops, "loop")} each`;
  if (each.length === 1) return `${duration(mean)} per loop (${counts})`;
  return `${duration(mean)} ± ${duration(Math.sqrt(variance))} per loop (mean ± std. dev. of ${counts})`;
}
