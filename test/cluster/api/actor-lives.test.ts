// How long an actor lives: as long as somebody holds it.
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";
import {setFlagsFromString} from "node:v8";
import {runInNewContext} from "node:vm";
import {SequentialBackend} from "../../../cluster/backends/sequential.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {ActorDiedError, get, getActor, put, remote} from "../../../cluster/index.js";
import type {TraceEvent} from "../../../cluster/trace.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

class Plain {
  n = 0;
  add(k: number) {
    return (this.n += k);
  }
  async slow() {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return this.n;
  }
}
const Counter = remote(Plain);

let ended: string[];
let backend: SequentialBackend;
beforeEach(() => {
  // An actor of an earlier test may end in this one.
  const own: string[] = [];
  ended = own;
  backend = new SequentialBackend();
  backend.watch((events: TraceEvent[]) => {
    for (const event of events) if (event.kind === "actor-ended") own.push(event.reason);
  });
  setAmbient({backend, parent: null, depth: 0});
});

/** Collects what nobody holds until `condition`; the test's own limit bounds it. */
async function collectUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await collect();
}
async function collect(): Promise<void> {
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const limit = {timeout: 10_000};

test(
  "an actor ends when its last handle is gone, not before its calls have ended",
  limit,
  async () => {
    const slow = (() => Counter.remote().slow.remote())();
    await collect();
    assert.equal(await get(slow), 0);
    await collectUntil(() => ended.length > 0);
    assert.deepEqual(ended, ["nobody held it any more"]);
  },
);

test("a handle inside of a stored value keeps its actor", limit, async () => {
  const stored = put({c: Counter.remote()});
  for (let i = 0; i < 5; i++) await collect();
  const {c} = await get(stored);
  assert.equal(await get(c.add.remote(2)), 2);
  assert.deepEqual(ended, []);
});

test("a detached actor lives on, until the backend is closed", limit, async () => {
  await get(Counter.options({name: "kept", lifetime: "detached"}).remote().add.remote(3));
  await get(Counter.options({name: "dropped"}).remote().add.remote(3));
  await collectUntil(() => ended.length > 0);
  await assert.rejects(getActor("dropped"), /no actor is named "dropped"; did you mean|there are/);
  assert.equal(await get((await getActor<Plain>("kept")).add.remote(1)), 4);
  await backend.close();
  assert.deepEqual(ended, ["nobody held it any more", "the backend was closed"]);
});

test("a handle of an actor that is gone says why its calls can't run", limit, async () => {
  const c = Counter.remote();
  await get(c.add.remote(1));
  await backend.close();
  await assert.rejects(get(c.add.remote(1)), (error: unknown) => {
    assert(error instanceof ActorDiedError);
    assert.match(error.message, /^`Plain\.add` can't run: `Plain` is dead: the backend was closed/);
    return true;
  });
});
