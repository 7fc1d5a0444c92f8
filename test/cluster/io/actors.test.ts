// Starts processes. Actors where processes end, hang and are told to go.

import assert from "node:assert/strict";
import {after, before, beforeEach, test} from "node:test";
import {startCluster, type ClusterBackend} from "../../../cluster/backends/cluster.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {
  ActorDiedError,
  ActorUnavailableError,
  cancel,
  get,
  kill,
  remote,
  TaskCancelledError,
  wait,
  type ActorHandle,
} from "../../../cluster/index.js";
import type {TaskOutput} from "../../../cluster/backend.js";
import {until} from "./processes.js";

const limit = {timeout: 30_000};
let backend: ClusterBackend;
const outputs: TaskOutput[] = [];

class Plain {
  count = 0;
  constructor() {
    console.log("made");
  }
  add(by: number) {
    console.log("adds");
    return (this.count += by);
  }
  pid() {
    return process.pid;
  }
  spin() {
    for (;;);
  }
  async fetch(task: {remote(n: number): never}) {
    return get(task.remote(20));
  }
  memory(bytes: number) {
    return new Uint8Array(bytes).fill(7);
  }
}
const Counter = remote(Plain);
const double = remote(function double(n: number) {
  return n * 2;
});

before(async () => {
  backend = startCluster({workers: 1, cpus: 1});
  backend.onOutput((output) => outputs.push(output));
  await backend.ready;
});
after(() => backend.close());
beforeEach(() => {
  outputs.length = 0;
  setAmbient({backend, cell: "cell-1"});
});
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("1,000 calls run in order on one state", limit, async () => {
  const c = Counter.remote();
  const refs = Array.from({length: 1000}, () => c.add.remote(1));
  assert.deepEqual(
    await get(refs),
    refs.map((_, i) => i + 1),
  );
  await kill(c);
});

test("on one worker, actors and tasks do not wait for each other for ever", limit, async () => {
  const actors = Array.from({length: 3}, () => Counter.remote());
  const sums = actors.map((c) => c.add.remote(1));
  assert.deepEqual(await get([...sums, double.remote(2)]), [1, 1, 1, 4]);
  assert.equal(await get(actors[0]!.fetch.remote(double as never)), 40);
  const pids = await get(actors.map((c) => c.pid.remote()));
  assert.equal(new Set([...pids, process.pid]).size, 4);
  await Promise.all(actors.map((c) => kill(c)));
});

test("one that loops for ever is killed, and its process is gone", limit, async () => {
  const c = Counter.remote();
  const pid = await get(c.pid.remote());
  const [spinning, waiting] = [c.spin.remote(), c.add.remote(1)];
  await kill(c);
  await assert.rejects(get(spinning), ActorDiedError);
  await assert.rejects(get(waiting), ActorDiedError);
  await assert.rejects(get(c.add.remote(1)), /was killed/);
  await until(() => !isAlive(pid), "its process is gone");
});

test("a looping call is cut off, and the state stays", limit, async () => {
  const c = Counter.remote();
  await get(c.add.remote(5));
  const spinning = c.spin.remote();
  const next = c.add.remote(1);
  await until(async () => {
    const {nodes} = await backend.status();
    return nodes.some(({workers}) => workers.some(({actor}) => actor === "Plain"));
  }, "it is in the table");
  await cancel(spinning);
  await assert.rejects(get(spinning), TaskCancelledError);
  assert.equal(await get(next), 6);
  await kill(c);
});

test(
  "a lost process: without restarts its calls fail, with one it is made anew",
  limit,
  async () => {
    const mortal = Counter.remote();
    process.kill(await get(mortal.pid.remote()), "SIGKILL");
    await assert.rejects(get(mortal.add.remote(1)), ActorDiedError);

    const again = Counter.options({maxRestarts: 1}).remote();
    assert.equal(await get(again.add.remote(3)), 3);
    const pid = await get(again.pid.remote());
    const spinning = again.spin.remote();
    const after = again.pid.options({maxTaskRetries: 1}).remote();
    process.kill(pid, "SIGKILL");
    await assert.rejects(get(spinning), ActorUnavailableError);
    assert.notEqual(await get(after), pid);
    assert.equal(await get(again.add.remote(1)), 1);
    process.kill(await get(again.pid.remote()), "SIGKILL");
    await assert.rejects(get(again.spin.remote()), ActorDiedError);
  },
);

test("a task calls an actor that it was given", limit, async () => {
  const c = Counter.remote();
  const calls = remote(async function calls(counter: ActorHandle<Plain>) {
    return get([counter.add.remote(1), counter.add.remote(1)]);
  });
  assert.deepEqual(await get(calls.remote(c)), [1, 2]);
  assert.equal(await get(c.add.remote(1)), 3);
  await kill(c);
});

test("what constructor and methods print comes with the cell", limit, async () => {
  const c = Counter.remote();
  await get(c.add.remote(1));
  await until(() => outputs.length >= 2, "both lines are here");
  assert.deepEqual(outputs.map(({text, fn, cell}) => [text, fn, cell]).sort(), [
    ["adds\n", "Plain.add", "cell-1"],
    ["made\n", "Plain", "cell-1"],
  ]);
  await kill(c);
});

test("one that floods output answers all the same, and nothing of it is lost", limit, async () => {
  class Loud {
    shout(lines: number) {
      for (let i = 0; i < lines; i++) console.log("x".repeat(100));
      return lines;
    }
    shoutForEver() {
      for (;;) console.log("y".repeat(100));
    }
  }
  const loud = remote(Loud).remote();
  const lines = 20_000;
  const calls = [loud.shout.remote(lines), loud.shout.remote(1)];
  assert.equal(await get(double.remote(4)), 8);
  assert.deepEqual(await get(calls), [lines, 1]);
  const said = () => outputs.reduce((sum, {text}) => sum + text.length, 0);
  await until(() => said() === (lines + 1) * 101, "all of it is here");

  outputs.length = 0;
  const endless = loud.shoutForEver.remote();
  await until(() => outputs.length > 100, "it shouts");
  await kill(loud);
  await assert.rejects(get<unknown>(endless), ActorDiedError);
});

test("a large result stays when its actor is gone", limit, async () => {
  const c = Counter.remote();
  const ref = c.memory.remote(8 << 20);
  await wait([ref]);
  await kill(c);
  const memory = await get(ref);
  assert.deepEqual([memory.length, memory[0], memory.at(-1)], [8 << 20, 7, 7]);
});
