// What is kept of what a process writes by itself.

import assert from "node:assert/strict";
import {test} from "node:test";
import {LogRing} from "../../../cluster/io/node/launch.js";

test("what a process says of itself is for its log alone, what else it writes is told", () => {
  const log = new LogRing();
  assert.deepEqual(log.add("stderr", Buffer.from("natively\n\n\u0001of itself\nand")), [
    "natively",
    "",
  ]);
  assert.deepEqual(log.add("stderr", Buffer.from([0x20, 0xe2, 0x82])), []);
  assert.deepEqual(log.add("stderr", Buffer.from([0xac, 10])), ["and €"]);
  assert.deepEqual(log.lines, ["natively", "of itself", "and €"]);
});

test("a process's last error is not what Node says of its inspector", () => {
  const log = new LogRing();
  log.add("stderr", Buffer.from("out of luck\nWaiting for the debugger "));
  log.add("stderr", Buffer.from("to disconnect...\n"));
  assert.equal(log.lastError, "out of luck");
  assert.deepEqual(log.lines, ["out of luck"]);
});
