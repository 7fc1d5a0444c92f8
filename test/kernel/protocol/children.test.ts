import assert from "node:assert/strict";
import {fileURLToPath} from "node:url";
import {test} from "node:test";
import {parsePs, startedBy, type Process} from "../../../kernel/protocol/children.js";

const own = fileURLToPath(new URL("../../../cluster/head-main.js", import.meta.url));
const one = (pid: number, parent: number, ageMs: number, command = "sleep 1"): Process => ({
  ...{pid, parent, ageMs, command},
});

test("young descendants are found, the cluster's are not", () => {
  const all = [
    one(1, 0, 1e9),
    one(10, 1, 1e6, "node kernel"),
    one(11, 10, 500),
    one(12, 11, 400),
    one(13, 10, 9e5, "node server.js"),
    one(14, 13, 300),
    one(15, 10, 200, `node ${own}`),
    one(16, 15, 100),
    one(17, 1, 100),
  ];
  assert.deepEqual(
    startedBy(10, all, 1000).map(({pid}) => pid),
    [11, 12, 14],
  );
});

test("ages of ps are read in all their forms", () => {
  const text = `
      1     0 12-03:04:05 /sbin/launchd
    501     1    03:04:05 node kernel main.js
    502   501       04:05 sleep 60
  what is no line`;
  const seconds = parsePs(text).map(({pid, parent, ageMs, command}) => [
    ...[pid, parent, ageMs / 1000, command],
  ]);
  assert.deepEqual(seconds, [
    [1, 0, ((12 * 24 + 3) * 60 + 4) * 60 + 5, "/sbin/launchd"],
    [501, 1, (3 * 60 + 4) * 60 + 5, "node kernel main.js"],
    [502, 501, 4 * 60 + 5, "sleep 60"],
  ]);
});
