// The table of `%cluster`, as text and as HTML.

import assert from "node:assert/strict";
import {test} from "node:test";
import "../../../cluster/index.js";
import type {NodeId, WorkerId} from "../../../cluster/ids.js";
import type {ClusterStatus} from "../../../cluster/backend.js";
import {statusHtml, statusText} from "../../../kernel/magics/cluster.js";

const worker = (id: string, pid: number, actor?: string) => ({
  worker: id as WorkerId,
  pid,
  state: "idle" as const,
  tasks: 0,
  ...(actor === undefined ? {} : {actor}),
});

const status: ClusterStatus = {
  head: "tcp://127.0.0.1:1",
  sinceUs: 0,
  drivers: [],
  nodes: [
    {
      node: "n1" as NodeId,
      host: "laptop",
      resources: {CPU: 4},
      free: {CPU: 3},
      maxWorkers: 2,
      storeBytes: 0,
      storeObjects: 0,
      storeLimitBytes: 4 * 2 ** 30,
      workers: [worker("w1", 11), worker("w2", 12, "Counter<&>")],
    },
  ],
  waiting: [{shape: {CPU: 8}, count: 2}],
};

test("a process of an actor says whose it is, and counts for no worker", () => {
  assert.equal(
    statusText(status),
    `node n1 on laptop: 3 of 4 CPU free, 0 bytes of 4 GiB object store used; 1 worker (up to 2), 1 actor
  w1     pid 11       idle
  w2     pid 12       actor Counter<&>
waiting: 2 × CPU: 8`,
  );
  const html = statusHtml(status);
  assert.match(html, /1 worker \(up to 2\), 1 actor/);
  assert.match(html, /<td>w2<\/td><td>12<\/td><td>actor Counter&#60;&#38;&#62;<\/td>/);
});
