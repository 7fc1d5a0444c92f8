import assert from "node:assert/strict";
import {cluster, get, remote} from "../../../cluster/index.js";
import type {Bench} from "../measurement.js";
import {computeMatrixSum, performNaiveMatrixMultiplication} from "../peers/matrix.js";

const size = 640;
const runs = 10;
const rounds = 2;

export const tutorial: Bench = {
  name: "tutorial",
  async run() {
    await cluster.start({workers: 2, cpus: 4});
    const multiply = remote({numCpus: 2}, performNaiveMatrixMultiplication);
    const add = remote({numCpus: 1}, computeMatrixSum);
    const expensive = remote((n: number) => get(add.remote(multiply.remote(n))));
    await get([expensive.remote(8), expensive.remote(8)]);
    let [plainMs, distributedMs] = [Infinity, Infinity];
    // The two take turns, so that a machine that is busy for a while slows both.
    for (let round = 0; round < rounds; round++) {
      plainMs = Math.min(
        plainMs,
        await timeOf(async () => {
          let sum = 0;
          for (let i = 0; i < runs; i++) {
            sum += computeMatrixSum(performNaiveMatrixMultiplication(size));
          }
          return sum;
        }),
      );
      distributedMs = Math.min(
        distributedMs,
        await timeOf(async () => {
          const sums = await get(Array.from({length: runs}, () => expensive.remote(size)));
          return sums.reduce((a, b) => a + b, 0);
        }),
      );
    }
    await cluster.stop();
    return [
      {
        name: `the tutorial's ${runs} runs at size ${size}, 2 workers, against one after another`,
        value: plainMs / distributedMs,
        unit: "×",
        bar: "≥ 1.7×",
        peers: [],
      },
      {
        name: "  of that, on the cluster",
        value: distributedMs / 1000,
        unit: "s",
        bar: "",
        peers: [{name: "one after another", value: plainMs / 1000}],
      },
    ];
  },
};

async function timeOf(work: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  assert.equal(await work(), runs * size ** 3);
  return performance.now() - startedAt;
}
