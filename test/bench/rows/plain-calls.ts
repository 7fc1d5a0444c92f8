import type {RunId} from "../../../cluster/ids.js";
import {measured} from "../../../cluster/shipping/functions/measured.js";
import {Spans} from "../../../cluster/context/spans.js";
import type {Bench} from "../measurement.js";
import {computeMatrixSum, performNaiveMatrixMultiplication} from "../peers/matrix.js";

const size = 300;
const runs = 10;
const rounds = 3;
const smallCalls = 2_000_000;

/** Measures what measuring plain calls costs: for the tutorial's work, and for an empty call. */
export const plainCalls: Bench = {
  name: "plain calls",
  async run() {
    const spans = new Spans();
    const multiply = spanned(spans, "multiply", performNaiveMatrixMultiplication);
    const add = spanned(spans, "add", computeMatrixSum);
    const expensive = spanned(spans, "expensive", (n: number) => add(multiply(n)));
    const plain = (n: number) => computeMatrixSum(performNaiveMatrixMultiplication(n));
    const [withSpans, without] = [[] as number[], [] as number[]];
    for (let round = 0; round < rounds; round++) {
      without.push(timeOf(() => repeat(runs, () => plain(size))));
      spans.start("bench" as RunId, () => {});
      withSpans.push(timeOf(() => repeat(runs, () => expensive(size))));
      spans.stop();
    }
    const [best, bestPlain] = [Math.min(...withSpans), Math.min(...without)];

    const tiny = spanned(spans, "tiny", () => {});
    spans.start("bench" as RunId, () => {});
    repeat(smallCalls / 10, tiny);
    const tinyMs = timeOf(() => repeat(smallCalls, tiny));
    spans.stop();
    return [
      {
        name: `measured plain calls of the tutorial's work at size ${size}, overhead`,
        value: (best / bestPlain - 1) * 100,
        unit: "%",
        bar: "≤ 5 %",
        peers: [],
      },
      {
        name: "one folded plain call",
        value: (tinyMs / smallCalls) * 1e6,
        unit: "ns",
        bar: "",
        peers: [],
      },
    ];
  },
};

/** Makes a function that is measured as a cell's function is. */
function spanned<Args extends unknown[], R>(
  spans: Spans,
  name: string,
  body: (...args: Args) => R,
): (...args: Args) => R {
  return measured(body as never, name, spans) as never;
}

function repeat(times: number, run: () => unknown): void {
  for (let i = 0; i < times; i++) run();
}

function timeOf(run: () => void): number {
  const startedAt = performance.now();
  run();
  return performance.now() - startedAt;
}
