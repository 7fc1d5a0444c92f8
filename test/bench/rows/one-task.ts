import {cluster, get, remote} from "../../../cluster/index.js";
import {median, timesOf, type Bench} from "../measurement.js";
import {openPools} from "../peers/pools.js";

const workers = 2;
/**
 * After some thousand tasks V8 has compiled the code of all four threads that a task goes through.
 */
const warmUp = 5000;
const count = 3000;

export const oneTask: Bench = {
  name: "one task",
  async run() {
    await cluster.start({workers});
    const double = remote((n: number) => n * 2);
    const ours = await medianOf(() => get(double.remote(21)));
    await cluster.stop();
    const peers = [];
    for (const pool of openPools(workers)) {
      peers.push({name: pool.name, value: await medianOf(() => pool.run(21))});
      await pool.close();
    }
    return [
      {name: "one task and its get, median", value: ours, unit: "ms", bar: "≤ 0.6 ms", peers},
    ];
  },
};

async function medianOf(run: () => Promise<unknown>): Promise<number> {
  await timesOf(warmUp, run);
  return median(await timesOf(count, run));
}
