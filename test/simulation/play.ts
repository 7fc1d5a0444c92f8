// Plays many seeds as one test.

import assert from "node:assert/strict";
import {test} from "node:test";
import {simulate} from "./simulate.js";

export function playSeeds(first: number, last: number): void {
  test(`every get settles with the right value, and nothing is left, whatever goes wrong (seeds ${first} to ${last})`, () => {
    let tasks = 0;
    let calls = 0;
    let crashes = 0;
    for (let seed = first; seed <= last; seed++) {
      const report = simulate(seed);
      tasks += report.tasks;
      calls += report.calls;
      crashes += report.crashes;
    }
    const seeds = last - first + 1;
    assert.ok(tasks > 6 * seeds, `only ${tasks} tasks ran`);
    assert.ok(calls > 6 * seeds, `only ${calls} calls of actors`);
    assert.ok(crashes > seeds / 15, `only ${crashes} processes crashed`);
  });
}
