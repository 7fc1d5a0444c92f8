import assert from "node:assert/strict";
import {afterEach, beforeEach, mock, test} from "node:test";
import {setFlagsFromString} from "node:v8";
import {runInNewContext} from "node:vm";
import {SequentialBackend} from "../../../cluster/backends/sequential.js";
import {setAmbient} from "../../../cluster/context/context.js";
import type {ObjectId} from "../../../cluster/ids.js";
import {
  get,
  onUnfetchedError,
  put,
  remote,
  wait,
  type UnfetchedError,
} from "../../../cluster/index.js";
import {reportUnfetched} from "../../../cluster/api/refs.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const fails = remote(function fails(word: string): number {
  throw new RangeError(word);
});
const double = remote((n: number) => n * 2);

let backend: SequentialBackend;
let heard: UnfetchedError[];
let released: ObjectId[];
beforeEach(() => {
  heard = [];
  released = [];
  onUnfetchedError((unfetched) => heard.push(unfetched));
  const own = (backend = new SequentialBackend());
  const {release} = own;
  own.release = (objects) => {
    released.push(...objects);
    release.call(own, objects);
  };
  setAmbient({backend, cell: "cell-3", parent: null, depth: 0});
});
afterEach(() => backend.close());

// These two come first: what the others leave unfetched waits by the real clock.

/** What is heard once five seconds are over, by the clock of the test. */
async function heardLater(): Promise<string[]> {
  mock.timers.tick(5100);
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  return heard.map(({cell, error}) => `${cell}: ${error.message}`);
}

test("an error that waits in a variable is told once, some seconds after it failed", async () => {
  mock.timers.enable({apis: ["setTimeout"]});
  try {
    const held = [fails.remote("unnoticed"), double.remote(1)] as const;
    await get(double.remote(2));
    assert.deepEqual(heard, []);
    assert.deepEqual(await heardLater(), ["cell-3: unnoticed"]);
    await heardLater();
    assert.equal(heard.length, 1);
    await assert.rejects(get(held[0]), /unnoticed/);
  } finally {
    mock.timers.reset();
  }
});

test("what was fetched, waited for, passed on or cancelled is not told later", async () => {
  mock.timers.enable({apis: ["setTimeout"]});
  try {
    const held = ["fetched", "waited for", "passed on", "put"].map((word) => fails.remote(word));
    const [fetched, waited, passed, inside] = held as [(typeof held)[0], ...typeof held];
    const more = [double.remote(passed!), put([inside])] as const;
    await assert.rejects(get(fetched), /fetched/);
    await wait([waited!]);
    await assert.rejects(get(more[0]), /passed on/);
    assert.deepEqual(await heardLater(), []);
    await assert.rejects(get(waited!), /waited for/);
  } finally {
    mock.timers.reset();
  }
});

/** Collects what nobody holds until `condition`; the test's own limit bounds it. */
async function collectUntil(condition: () => boolean): Promise<void> {
  while (!condition()) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test(
  "an error that nobody can fetch any more is told once, with its cell",
  {timeout: 10_000},
  async () => {
    void fails.remote("lost");
    await get(double.remote(1));
    await collectUntil(() => heard.length > 0);
    const [{fn, cell, error}] = heard as [UnfetchedError];
    assert.deepEqual([fn, cell], ["fails", "cell-3"]);
    assert(error instanceof RangeError);
    assert.equal(error.message, "lost");
    await collectUntil(() => released.length >= 2);
    assert.equal(heard.length, 1);
  },
);

test(
  "an error that was fetched, or went on to another task, is not told",
  {timeout: 10_000},
  async () => {
    await assert.rejects(get(fails.remote("fetched")), /fetched/);
    await assert.rejects(get(double.remote(fails.remote("passed on"))), /passed on/);
    await collectUntil(() => released.length >= 3);
    assert.deepEqual(heard, []);
  },
);

test("at a program's end the errors of held refs are told as well", async () => {
  const held = [fails.remote("held"), double.remote(1)];
  await get(double.remote(2));
  await reportUnfetched(backend);
  await reportUnfetched(backend);
  assert.deepEqual(
    heard.map(({error}) => error.message),
    ["held"],
  );
  await assert.rejects(get(held[0]!), /held/);
});

test("an actor that could not be made is told of, unless somebody calls it", async () => {
  class Picky {
    constructor() {
      throw new RangeError("never");
    }
    go() {}
  }
  const held = [remote(Picky).remote(), remote(Picky).remote()] as const;
  await assert.rejects(get<unknown>(held[1].go.remote()), /never/);
  await reportUnfetched(backend);
  assert.deepEqual(
    heard.map(({fn, happened, error}) => [fn, happened, error.message]),
    [["Picky", "could not be made, and nobody has called it", "never"]],
  );
});

test("an object is released once, when its last ref is gone", {timeout: 10_000}, async () => {
  const holder: {ref: ReturnType<typeof put> | null} = {ref: put("value")};
  const {id} = holder.ref!;
  const copies = await get(put([holder.ref]));
  assert.equal(copies[0]!.id, id);
  holder.ref = null;
  copies.length = 0;
  await collectUntil(() => released.includes(id));
  assert.equal(released.filter((object) => object === id).length, 1);
});

test("refs inside of a stored value keep what they point to", {timeout: 10_000}, async () => {
  const outer = put({inner: put("kept")});
  for (let i = 0; i < 5; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(await get((await get(outer)).inner), "kept");
});
