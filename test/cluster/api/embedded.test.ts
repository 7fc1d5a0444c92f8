// Starts processes: embedded clusters, which end with the tests.

import assert from "node:assert/strict";
import test from "node:test";
import {cluster, ClusterStoppedError, get, remote, UsageError} from "../../../cluster/index.js";

const limit = {timeout: 30_000};

test("a cluster has its workers when its start resolves", limit, async () => {
  await cluster.start({workers: 2, cpus: 4});
  try {
    const status = await cluster.status();
    assert.equal(status?.nodes.length, 1);
    const [node] = status.nodes;
    assert.equal(node?.resources["CPU"], 4);
    assert.deepEqual(
      node?.workers.map(({state}) => state),
      ["idle", "idle"],
    );
    await cluster.start({workers: 2, cpus: 4});
    await assert.rejects(cluster.start({workers: 3}), UsageError);
  } finally {
    await cluster.stop();
  }
  assert.equal(await cluster.status(), undefined);
});

test("refs of a stopped cluster fail by name, and a new cluster can be had", limit, async () => {
  const one = remote(() => 1);
  const [fetched, unfetched] = [one.remote(), one.remote()];
  assert.equal(await get(fetched), 1);
  await cluster.stop();
  await assert.rejects(get(fetched), ClusterStoppedError);
  await assert.rejects(get(unfetched), ClusterStoppedError);
  try {
    assert.equal(await get(one.remote()), 1);
  } finally {
    await cluster.stop();
  }
});

test("no two workers of a process's clusters have one name", limit, async () => {
  const names: string[] = [];
  for (let clusters = 0; clusters < 2; clusters++) {
    await cluster.start({workers: 2, cpus: 2});
    const status = await cluster.status();
    names.push(...status!.nodes.flatMap(({workers}) => workers.map(({worker}) => worker)));
    await cluster.stop();
  }
  assert.equal(new Set(names).size, 4, names.join(" "));
});
