import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";
import {fileURLToPath} from "node:url";
import {measurePace} from "./pace.js";
import {simulate} from "./simulate.js";

const seedsFile = fileURLToPath(new URL("../../../test/simulation/seeds.txt", import.meta.url));
const oldSeeds = readFileSync(seedsFile, "utf8")
  .split("\n")
  .filter((line) => /^\d/.test(line));

for (const line of oldSeeds) {
  const [seed, ...what] = line.split(/\s+/);
  test(`seed ${seed} is mended: ${what.join(" ")}`, () => {
    simulate(Number(seed));
  });
}

test("every get settles with the right value, and nothing is left, whatever goes wrong (150 seeds)", () => {
  let tasks = 0;
  let calls = 0;
  let crashes = 0;
  for (let seed = 20_001; seed <= 20_150; seed++) {
    const report = simulate(seed);
    tasks += report.tasks;
    calls += report.calls;
    crashes += report.crashes;
  }
  assert.ok(tasks > 1000, `only ${tasks} tasks ran`);
  assert.ok(calls > 1000, `only ${calls} calls of actors`);
  assert.ok(crashes > 10, `only ${crashes} processes crashed`);
});

test("one seed always gives the same run", () => {
  assert.deepEqual(simulate(7), simulate(7));
});

test("the machines take 20,000 tasks through and keep none of them", () => {
  assert.ok(measurePace(20_000, 1000) > 0);
});
