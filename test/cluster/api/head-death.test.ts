// Starts processes: embedded clusters whose heads are killed or stand still.

import assert from "node:assert/strict";
import {afterEach, test} from "node:test";
import {
  ActorDiedError,
  cluster,
  ClusterStoppedError,
  get,
  getActor,
  ObjectLostError,
  put,
  remote,
  UsageError,
} from "../../../cluster/index.js";
import {maxHeadRestarts} from "../../../cluster/limits.js";
import {allGone, descendants, until} from "../io/processes.js";

const limit = {timeout: 90_000};
const one = remote(() => 1);
const never = remote(() => new Promise<never>(() => {}));
const large = remote(() => new Uint8Array(1_000_000));

afterEach(() => cluster.stop());

test(
  "kill -9 of the head: what waits is told, and what is asked then names it",
  limit,
  async () => {
    await cluster.start({workers: 1, cpus: 3});
    const waiting = assert.rejects(get(never.remote()), isGone);
    await killHead("SIGKILL");
    await waiting;
    assert.equal(await cluster.status(), undefined);
    assert.match(await cluster.logs(), /^== head \(pid \d+\)\n(.*\n)*the cluster's head ended/);
    await assert.rejects(cluster.scale(2), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /no cluster runs: the cluster's head ended.*cluster\.start/);
      return true;
    });
  },
);

test("the next .remote() starts a cluster with the same options, in one line", limit, async () => {
  await cluster.start({workers: 1, cpus: 3});
  await killHead("SIGKILL");
  const {result, written} = await withStderr(() => get(one.remote()));
  assert.equal(result, 1);
  assert.match(written, /^the cluster's head ended \(SIGKILL.*a new cluster starts now.*\n$/);
  const status = await cluster.status();
  assert.equal(status?.nodes[0]?.resources["CPU"], 3);
  const again = await withStderr(() => get(one.remote()));
  assert.equal(again.written, "");
});

test("refs, handles and names of a lost cluster say so; small values stay", limit, async () => {
  const Counter = remote(
    class Counter {
      n = 0;
      add() {
        return ++this.n;
      }
    },
  );
  await cluster.start({workers: 2, cpus: 3});
  const [small, big, stored] = [one.remote(), large.remote(), put(new Uint8Array(1_000_000))];
  const counter = Counter.options({name: "counter"}).remote();
  assert.equal(await get(counter.add.remote()), 1);
  assert.equal(await get(small), 1);
  const lost = never.remote();
  await killHead("SIGKILL");
  await withStderr(() => get(one.remote()));
  assert.equal(await get(small), 1);
  for (const ref of [big, stored, lost]) await assert.rejects(get(ref), isGone);
  await assert.rejects(get(counter.add.remote()), isGone);
  await assert.rejects(getActor("counter"), /counter/);
  // As an argument of the new cluster's tasks as well.
  const sizeOf = remote((bytes: Uint8Array) => bytes.length);
  await assert.rejects(get(sizeOf.remote(big)), isGone);
});

test("start takes other options after the head has died", limit, async () => {
  await cluster.start({workers: 1, cpus: 3});
  await killHead("SIGKILL");
  const {written} = await withStderr(() => cluster.start({workers: 1, cpus: 5}));
  assert.equal(written, "");
  assert.equal((await cluster.status())?.nodes[0]?.resources["CPU"], 5);
  assert.equal(await get(one.remote()), 1);
});

test("a head that stands still is ended with all that it runs", limit, async () => {
  await cluster.start({workers: 1, cpus: 1});
  const waiting = assert.rejects(get(never.remote()), isGone);
  const processes = await killHead("SIGSTOP", 60_000);
  await waiting;
  await allGone(processes);
  assert.equal((await withStderr(() => get(one.remote()))).result, 1);
});

test("heads that die one after another are not replaced without end", limit, async () => {
  await cluster.start({workers: 1, cpus: 1});
  await withStderr(async () => {
    for (let restarts = 0; restarts < maxHeadRestarts; restarts++) {
      await killHead("SIGKILL");
      assert.equal(await get(one.remote()), 1);
    }
    await killHead("SIGKILL");
  });
  assert.throws(
    () => one.remote(),
    (error: Error) => {
      assert.ok(error instanceof ClusterStoppedError);
      assert.match(error.message, /head ended \(SIGKILL.*started 5 times.*cluster\.start\(\)/);
      return true;
    },
  );
  await cluster.start({workers: 1, cpus: 1});
  assert.equal(await get(one.remote()), 1);
});

/** Resolves when this process knows that the head is gone; gives the cluster's processes. */
async function killHead(signal: NodeJS.Signals, limitMs?: number): Promise<number[]> {
  const processes = descendants(process.pid);
  const head = processes.find(({script}) => script === "head-main.js");
  assert.ok(head);
  process.kill(head.pid, signal);
  const isKnown = async () => {
    const status = cluster.status().catch((error: unknown) => {
      assert.ok(error instanceof ClusterStoppedError);
    });
    return (await status) === undefined && (await cluster.status()) === undefined;
  };
  await until(isKnown, "the head's death is known", limitMs);
  return processes.map(({pid}) => pid);
}

function isGone(error: unknown): boolean {
  assert.ok(
    error instanceof ClusterStoppedError ||
      error instanceof ObjectLostError ||
      error instanceof ActorDiedError,
    String(error),
  );
  assert.match(error.message, /head/);
  return true;
}

async function withStderr<T>(work: () => Promise<T>): Promise<{result: T; written: string}> {
  const {write} = process.stderr;
  let written = "";
  process.stderr.write = (text: string | Uint8Array) => {
    written += String(text);
    return true;
  };
  try {
    return {result: await work(), written};
  } finally {
    process.stderr.write = write;
  }
}
