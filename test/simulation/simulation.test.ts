// At most 400 s.

import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";
import {fileURLToPath} from "node:url";
import {measurePace} from "./pace.js";
import {playSeeds} from "./play.js";
import {simulate} from "./simulate.js";

const seedsFile = fileURLToPath(new URL("../../../test/simulation/seeds.txt", import.meta.url));
const oldSeeds = readFileSync(seedsFile, "utf8")
  .split("\n")
  .filter((line) => /^\d/.test(line));

for (const line of oldSeeds) {
  const [seed = "", ...what] = line.split(/\s+/);
  test(`seed ${seed} is mended: ${what.join(" ")}`, () => {
    const [edition, number] = seed.split(":").map(Number);
    simulate(number!, edition);
  });
}

playSeeds(20_001, 21_000);

test("one seed always gives the same run", () => {
  assert.deepEqual(simulate(7), simulate(7));
});

test("the machines take 20,000 tasks through and keep none of them", () => {
  assert.ok(measurePace(20_000, 1000) > 0);
});
