import assert from "node:assert/strict";
import {fileURLToPath} from "node:url";
import {test} from "node:test";
import {endingWith, parsePs, startedBy, type Process} from "../../../kernel/protocol/children.js";

const own = fileURLToPath(new URL("../../../cluster/head-main.js", import.meta.url));
const one = (
  pid: number,
  parent: number,
  ageMs: number,
  command = "sleep 1",
  group = pid,
): Process => ({...{pid, parent, group, ageMs, command}});

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

test("what ends with a kernel is in its group: orphans too, where it leads the group", () => {
  const kernel = (group: number) => [
    one(1, 0, 1e9),
    one(9, 1, 1e9, "sh start.sh", 9),
    one(10, 9, 1e6, "node kernel", group),
    one(11, 10, 500, "sleep 1", group),
    one(12, 11, 400, "sleep 1", group),
    one(13, 1, 400, "orphan", group),
    one(14, 10, 9e5, "detached"),
    one(15, 14, 9e5, "child of detached", 14),
    one(16, 10, 200, `node ${own}`, group),
  ];
  const ending = (group: number) => endingWith(10, kernel(group)).map(({pid}) => pid);
  assert.deepEqual(ending(10), [11, 12, 13]);
  assert.deepEqual(ending(9), [11, 12]);
});

test("ages of ps are read in all their forms", () => {
  const text = `
      1     0     1 12-03:04:05 /sbin/launchd
    501     1   501    03:04:05 node kernel main.js
    502   501   501       04:05 sleep 60
  what is no line`;
  const seconds = parsePs(text).map(({pid, parent, group, ageMs, command}) => [
    ...[pid, parent, group, ageMs / 1000, command],
  ]);
  assert.deepEqual(seconds, [
    [1, 0, 1, ((12 * 24 + 3) * 60 + 4) * 60 + 5, "/sbin/launchd"],
    [501, 1, 501, (3 * 60 + 4) * 60 + 5, "node kernel main.js"],
    [502, 501, 501, 4 * 60 + 5, "sleep 60"],
  ]);
});
