import {cluster, remote, wait} from "../../../cluster/index.js";
import {median, timesOf, type Bench} from "../measurement.js";

const workers = 2;
const count = 2_000;
const rounds = 5;

/** Measures the usual loop: take one ref that is ready, wait for the others. */
export const waits: Bench = {
  name: "waits",
  async run() {
    await cluster.start({workers});
    const next = remote((n: number) => n + 1);
    const refs = Array.from({length: count}, (_, n) => next.remote(n));
    await wait(refs, {numReturns: count});
    const ours = median(await timesOf(rounds, () => takeAll(refs)));
    await cluster.stop();
    const promises = refs.map((_, n) => Promise.resolve(n));
    const races = median(await timesOf(rounds, () => raceAll(promises)));
    return [
      {
        name: `a loop of waits over ${count.toLocaleString("en-US")} ready refs`,
        value: ours,
        unit: "ms",
        bar: "≤ 100 ms",
        peers: [{name: "Promise.race over as many promises", value: races}],
      },
    ];
  },
};

async function takeAll(refs: Parameters<typeof wait>[0]): Promise<void> {
  let left = [...refs];
  while (left.length > 0) [, left] = await wait(left);
}

async function raceAll(promises: readonly Promise<number>[]): Promise<void> {
  const left = new Map(promises.map((promise, n) => [n, promise]));
  while (left.size > 0) left.delete(await Promise.race(left.values()));
}
