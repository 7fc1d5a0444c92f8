// Starts processes. A store with a limit, clients that are gone, and links to a store that break.

import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {after, before, beforeEach, test} from "node:test";
import {startCluster, type ClusterBackend} from "../../../cluster/backends/cluster.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {get, ObjectStoreFullError, put, remote} from "../../../cluster/index.js";
import type {ClientId, NodeId, ObjectId} from "../../../cluster/ids.js";
import {createKeys} from "../../../cluster/io/link/link.js";
import {hello} from "../../../cluster/io/link/member.js";
import {ObjectStore, serveStore} from "../../../cluster/io/node/store.js";
import {Stores} from "../../../cluster/io/agent/stores.js";
import {protocolVersion} from "../../../cluster/messages.js";
import {until} from "./processes.js";

const limit = {timeout: 60_000};
const mib = 1024 * 1024;
let backend: ClusterBackend;

before(async () => {
  backend = startCluster({workers: 2, cpus: 2, storeMemory: 16 * mib});
  await backend.ready;
});
after(() => backend.close());
beforeEach(() => setAmbient({backend, cell: "cell-1"}));

const make = remote({maxRetries: 0}, function make(bytes: number) {
  return new Uint8Array(bytes).fill(1);
});

test("a value that does not fit fails, and says what holds the space", limit, async () => {
  const held = put(new Uint8Array(10 * mib));
  await get(held);
  const full = (error: unknown): boolean => {
    assert.ok(error instanceof ObjectStoreFullError);
    assert.match(error.message, /the result of `make` takes 32 MiB, the limit is 16 MiB/);
    assert.match(error.message, /10 MiB are held by 1 value put by driver-\w+ \(10 MiB\)/);
    return true;
  };
  await assert.rejects(get(make.remote(32 * mib)), full);
  await assert.rejects(get(put(new Uint8Array(17 * mib))), ObjectStoreFullError);
  backend.release([held.id]);
});

test("a value that does not fit is stored once refs are let go of", limit, async () => {
  const first = make.remote(10 * mib);
  await get(first);
  const second = make.remote(10 * mib);
  const got = get(second);
  const status = async () => (await backend.status()).nodes[0]!;
  await until(async () => (await status()).storeBytes > 10 * mib - 1, "the first is there");
  backend.release([first.id]);
  assert.equal((await got).length, 10 * mib);
  backend.release([second.id]);
});

test(
  "the memory of a large value is given back by every process that it passed",
  {...limit, skip: process.platform === "linux" ? false : "it reads /proc"},
  async () => {
    const bytes = 128 * mib;
    const roomy = startCluster({workers: 1, cpus: 1, storeMemory: 512 * mib});
    setAmbient({backend: roomy, cell: "cell-1"});
    const size = remote(function size(value: Uint8Array) {
      return value.length;
    });
    const parent = remote(() => process.ppid);
    const worker = async () => (await roomy.status()).nodes[0]!.workers[0]!.pid;
    const head = await get(parent.remote());
    const before = {head: residentBytes(head), worker: residentBytes(await worker())};
    const made = make.remote(bytes);
    const sized = size.remote(made);
    assert.equal(await get(sized), bytes);
    roomy.release([made.id, sized.id]);
    await until(
      () => residentBytes(head) < before.head + bytes * 0.9,
      "the head has no copy of it",
    );
    const pid = await worker();
    await until(
      () => residentBytes(pid) < before.worker + bytes * 0.9,
      "the worker has no copy of it",
    );
    await roomy.close();
  },
);

/** Memory that a process occupies (its resident set). */
function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1];
  return Number(kib) * 1024;
}

test("a link to a store that breaks is made again, and what waits is answered", limit, async () => {
  const keys = createKeys();
  const token = "token";
  const log = (): void => {};
  const store = new ObjectStore({limitBytes: mib, nowMs: () => 0, roomWanted() {}});
  const server = await serveStore(store, keys, token, log);
  const {address} = server;
  const cluster = {
    ...{protocol: protocolVersion, head: address, serverKey: keys.publicKey, token},
    ...{epochNs: "0", epoch: ""},
  };
  const node = "n1" as NodeId;
  const stores = new Stores(keys.publicKey, hello(cluster, "driver", "driver-1"), node, log);
  stores.known([{node, address}]);
  const object = "o".repeat(56) as ObjectId;
  const maker = {owner: "driver-1" as ClientId};
  const frames = [new Uint8Array(200_000).fill(7)];
  const place = await stores.put(object, frames, true, [], maker);
  assert.deepEqual(place, {kind: "stored", ok: true, node, sizeBytes: 200_000});
  await server.close();
  stores.forget(object);
  const fetched = stores.fetch(object, node);
  const again = await serveStore(store, keys, token, log, address);
  assert.deepEqual(
    (await fetched)?.map((frame) => frame.byteLength),
    [200_000],
  );
  stores.known([]);
  assert.equal(await stores.fetch("p".repeat(56) as ObjectId, node), null, "the head's word");
  await stores.close();
  await again.close();
  store.close();
});
