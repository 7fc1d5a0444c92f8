// Starts processes. What a program drops is given back soon, though V8 is in no need to collect.
import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {setAmbient} from "../../../cluster/context/context.js";
import {startCluster, type ClusterBackend} from "../../../cluster/backends/cluster.js";
import {get, getActor, remote} from "../../../cluster/index.js";
import {until} from "./processes.js";

let backend: ClusterBackend;
before(async () => {
  backend = startCluster({workers: 1, cpus: 2});
  await backend.ready;
  setAmbient({backend, parent: null, depth: 0});
});
after(() => backend.close());

class Holder {
  pid() {
    return process.pid;
  }
}
const Cpu = remote({numCpus: 1}, Holder);
const Named = remote(Holder);
const plain = remote(() => "ran");
const limit = {timeout: 60_000};
/** Time within which a waiting program sees its condition met, on a busy machine too. */
const soonMs = 20_000;

/** Nothing of this stays on the caller's stack. */
const callOne = () => get(Cpu.remote().pid.remote(), {timeoutMs: soonMs});
const callNamed = () => get(Named.options({name: "one"}).remote().pid.remote());

async function actors(): Promise<number> {
  const {nodes} = await backend.status();
  return nodes.flatMap(({workers}) => workers).filter(({actor}) => actor !== undefined).length;
}

test("actors that are dropped one after another give their CPUs to the next", limit, async () => {
  const pids = new Set<number>();
  for (let i = 0; i < 5; i++) pids.add(await callOne());
  assert.equal(pids.size, 5);
  assert.equal(await get(plain.remote(), {timeoutMs: soonMs}), "ran");
});

test("a program at rest lets go of dropped actors by itself", limit, async () => {
  await callOne();
  await until(async () => (await actors()) === 0, "no actor is left", soonMs);
});

test(
  "a dropped actor's name is free for the next, and a released one's is not found",
  limit,
  async () => {
    const first = await callNamed();
    const second = await callNamed();
    assert.notEqual(first, second);
    {
      using third = Named.options({name: "other"}).remote();
      await get(third.pid.remote());
    }
    await assert.rejects(getActor("other"), /no actor is named "other"/);
  },
);

test("dropped results leave the store", limit, async () => {
  const large = remote((n: number) => new Uint8Array(8 * 1024 * 1024).fill(n));
  const lengthOf = remote((value: Uint8Array) => value.length);
  for (let i = 0; i < 60; i++) assert.ok((await get(lengthOf.remote(large.remote(i)))) > 0);
  const bytes = async () => (await backend.status()).nodes[0]!.storeBytes;
  await until(async () => (await bytes()) < 200e6, "most have left the store", soonMs);
});
