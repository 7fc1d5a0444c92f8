import {cluster, get, remote} from "../../../cluster/index.js";
import type {Bench} from "../measurement.js";
import {openPools} from "../peers/pools.js";

const workers = 2;
const inFlight = 1000;
const warmUp = 10_000;
const total = 100_000;

export const tasksPerSecond: Bench = {
  name: "tasks per second",
  async run() {
    await cluster.start({workers});
    const double = remote((n: number) => n * 2);
    const ours = await rate(total, (ns) => get(ns.map((n) => double.remote(n))));
    await cluster.stop();
    const peers = [];
    for (const pool of openPools(workers)) {
      const value = await rate(total / 2, (ns) => Promise.all(ns.map((n) => pool.run(n))));
      peers.push({name: pool.name, value});
      await pool.close();
    }
    const name = `trivial tasks, ${inFlight} in flight, ${workers} workers`;
    return [{name, value: ours, unit: "tasks/s", bar: "≥ 30,000", peers}];
  },
};

/** Two batches take turns, so that there is always work waiting. */
async function rate(count: number, runBatch: (ns: number[]) => Promise<unknown>): Promise<number> {
  const batch = Array.from({length: inFlight / 2}, (_, n) => n);
  const runAll = async (tasks: number) => {
    let left = tasks / batch.length;
    const takeTurns = async () => {
      while (left-- > 0) await runBatch(batch);
    };
    await Promise.all([takeTurns(), takeTurns()]);
  };
  await runAll(warmUp);
  const startedAt = performance.now();
  await runAll(count);
  return count / ((performance.now() - startedAt) / 1000);
}
