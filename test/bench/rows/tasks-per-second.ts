import {cluster, get, remote} from "../../../cluster/index.js";
import {rate, type Bench} from "../measurement.js";
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
    const ours = await rate((ns) => get(ns.map((n) => double.remote(n))), {
      inFlight,
      warmUp,
      total,
    });
    await cluster.stop();
    const peers = [];
    for (const pool of openPools(workers)) {
      const runBatch = (ns: number[]) => Promise.all(ns.map((n) => pool.run(n)));
      const value = await rate(runBatch, {inFlight, warmUp, total: total / 2});
      peers.push({name: pool.name, value});
      await pool.close();
    }
    const name = `trivial tasks, ${inFlight} in flight, ${workers} workers`;
    return [{name, value: ours, unit: "tasks/s", bar: "≥ 30,000", peers}];
  },
};
