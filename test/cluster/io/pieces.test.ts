// What becomes of code on its way, whatever goes wrong.

import assert from "node:assert/strict";
import {test} from "node:test";
import {simulate} from "./code-world/simulate.js";

test("each task runs with its own code, and no piece travels twice without need (30 seeds)", async () => {
  const sum = {tasks: 0, crashes: 0, sends: 0, asks: 0, agains: 0};
  for (let seed = 1; seed <= 30; seed++) {
    const report = await simulate(seed);
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += report[key];
  }
  assert.ok(sum.tasks > 10_000, `only ${sum.tasks} tasks ran`);
  assert.ok(sum.crashes > 10, `only ${sum.crashes} workers crashed`);
  assert.ok(sum.asks > 100, `only ${sum.asks} pieces were asked for`);
  assert.ok(sum.agains > 100, `only ${sum.agains} pieces were forgotten and sent again`);
});
