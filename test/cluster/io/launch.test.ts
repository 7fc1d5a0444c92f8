// What is kept of what a process writes by itself.

import assert from "node:assert/strict";
import {test} from "node:test";
import {LogRing} from "../../../cluster/io/launch.js";

test("a process's last error is not what Node says of its inspector", () => {
  const log = new LogRing();
  log.add("stderr", Buffer.from("out of luck\nWaiting for the debugger "));
  log.add("stderr", Buffer.from("to disconnect...\n"));
  assert.equal(log.lastError, "out of luck");
  assert.deepEqual(log.lines, ["out of luck"]);
});
