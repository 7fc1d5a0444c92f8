// `release()` and `using` let go of refs and handles at once. The tests also cover what a
// released ref or handle still does.
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";
import {SequentialBackend} from "../../../cluster/backends/sequential.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {
  cancel,
  CannotShipError,
  get,
  kill,
  put,
  remote,
  UsageError,
  wait,
} from "../../../cluster/index.js";
import type {ObjectId} from "../../../cluster/ids.js";
import type {TraceEvent} from "../../../cluster/trace.js";

class Watched extends SequentialBackend {
  readonly let: string[] = [];
  override release(objects: ObjectId[]): void {
    this.let.push(...objects);
    super.release(objects);
  }
}
let backend: Watched;
let ended: string[];
beforeEach(() => {
  ended = [];
  backend = new Watched();
  backend.watch((events: TraceEvent[]) => {
    for (const event of events) if (event.kind === "actor-ended") ended.push(event.reason);
  });
  setAmbient({backend, parent: null, depth: 0});
});

/** Releases leave at the end of the turn. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
const double = remote((n: number) => 2 * n);
const idOf = remote((ref: {inner: unknown}) => typeof ref);
class Counter {
  n = 0;
  add(k: number) {
    return (this.n += k);
  }
}
const Counters = remote(Counter);

test("a ref that is released, twice even, lets go of its object once", async () => {
  const ref = put(1);
  ref.release();
  ref.release();
  await turn();
  assert.deepEqual(backend.let, [ref.id]);
});

test("`using` lets go at the end of its block, however that ends", async () => {
  const ids: string[] = [];
  assert.throws(() => {
    using ref = put(1);
    ids.push(ref.id);
    throw new Error("on the way");
  }, /on the way/);
  await turn();
  assert.deepEqual(backend.let, ids);
});

test("other refs of the object live on: each counts for itself", async () => {
  const ref = put({n: 1});
  const box = put({ref});
  const other = (await get(box)).ref;
  ref.release();
  await turn();
  assert.equal(backend.let.length, 0);
  assert.deepEqual(await get(other), {n: 1});
  other.release();
  box.release();
  await turn();
  await turn();
  assert.deepEqual(backend.let, [box.id, ref.id]);
});

test("a task that was given the ref has its value, and a get under way is answered", async () => {
  const ref = put(21);
  const result = double.remote(ref);
  ref.release();
  const value = get(result);
  result.release();
  assert.equal(await value, 42);
});

test("the last handle that is released ends its actor, after the calls under way", async () => {
  const counter = Counters.remote();
  const sum = counter.add.remote(2);
  counter.release();
  counter.release();
  assert.equal(await get(sum), 2);
  await turn();
  assert.deepEqual(ended, ["nobody held it any more"]);
  {
    using second = Counters.remote();
    await get(second.add.remote(1));
  }
  await turn();
  assert.equal(ended.length, 2);
});

test("a class's own `release` is called as any method; `using` lets go of the handle", async () => {
  const Lock = remote(
    class Lock {
      isHeld = true;
      release() {
        this.isHeld = false;
        return this.isHeld;
      }
    },
  );
  {
    using lock = Lock.remote();
    assert.equal(await get(lock.release.remote()), false);
  }
  await turn();
  assert.deepEqual(ended, ["nobody held it any more"]);
});

const released = put(1);
const handle = Counters.remote();
for (const [use, act] of [
  ["get", () => get(released)],
  ["get of several", () => get([released])],
  ["wait", () => wait([released])],
  ["cancel", () => cancel(released)],
  ["an argument", async () => double.remote(released)],
  ["a call of an actor", async () => handle.add.remote(1)],
  ["kill", () => kill(handle)],
] as [string, () => Promise<unknown>][]) {
  test(`${use}: a released one is refused, in words`, async () => {
    released.release();
    handle.release();
    await assert.rejects(act(), (error: Error) => {
      assert.ok(error instanceof UsageError);
      return /was released, by release\(\) or at the end of a `using` block/.test(error.message);
    });
  });
}

test("a released one inside of a value is refused with the path that leads to it", () => {
  const inner = put(1);
  inner.release();
  assert.throws(
    () => idOf.remote({inner}),
    (error: Error) =>
      error instanceof CannotShipError && /inner is .* released/.test(error.message),
  );
});
