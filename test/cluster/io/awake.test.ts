// Waits that count the time in which the process was awake.

import {test} from "node:test";
import assert from "node:assert/strict";
import {afterAwake} from "../../../cluster/io/awake.js";

/** The thread does nothing else for so long, as if the process stood still. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("a process that stood still for longer than the whole wait goes on waiting", async () => {
  const events: string[] = [];
  const over = new Promise<void>((resolve) => {
    afterAwake(250, () => {
      events.push("over");
      resolve();
    });
  });
  standStill(500);
  // Timers that were due before are rung by now, and so is one tick of the wait.
  await new Promise((resolve) => setTimeout(resolve, 1));
  events.push("awake again");
  await over;
  assert.deepEqual(events, ["awake again", "over"]);
});

test("a wait that was called off never ends", async () => {
  let isOver = false;
  const callOff = afterAwake(10, () => (isOver = true));
  callOff();
  await new Promise<void>((resolve) => afterAwake(50, resolve));
  assert.equal(isOver, false);
});
