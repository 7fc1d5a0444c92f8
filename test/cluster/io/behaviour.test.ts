// Starts processes. What a driver sees of its tasks: output, order, cancelling, big values, the
// trace.

import assert from "node:assert/strict";
import {AsyncLocalStorage} from "node:async_hooks";
import fs, {existsSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, beforeEach, test} from "node:test";
import {startCluster, type ClusterBackend} from "../../../cluster/backends/cluster.js";
import type {TaskOutput} from "../../../cluster/backend.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {cancel, get, put, remote, TaskCancelledError, wait} from "../../../cluster/index.js";
import type {TraceEvent} from "../../../cluster/trace.js";
import {until} from "./processes.js";

const limit = {timeout: 30_000};
let backend: ClusterBackend;
let folder: string;
const outputs: TaskOutput[] = [];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tasklab-io-"));
  backend = startCluster({workers: 2, cpus: 2});
  backend.onOutput((output) => outputs.push(output));
  await backend.ready;
  await until(async () => (await backend.status()).nodes.length === 1, "its node is there");
});
after(async () => {
  await backend.close();
  rmSync(folder, {recursive: true});
});
beforeEach(() => {
  outputs.length = 0;
  setAmbient({backend, cell: "cell-1"});
});
const printed = (): string => outputs.map(({text}) => text).join("");

test("what a task prints has arrived, whole and in order, when get resolves", limit, async () => {
  const prints = remote(function prints(lines: number) {
    for (let i = 0; i < lines; i++) console.log(`line ${i}`);
    process.stdout.write("no newline");
  });
  await get(prints.remote(1000));
  const expected = Array.from({length: 1000}, (_, i) => `line ${i}\n`).join("");
  assert.equal(printed(), `${expected}no newline`);
  assert.ok(
    outputs.every(({cell, fn, name}) => cell === "cell-1" && fn === "prints" && name === "stdout"),
  );
});

test(
  "stderr is told apart, and a nested task's output comes up to the driver before its parent ends",
  limit,
  async () => {
    const inner = remote(function inner() {
      console.error("from inside");
    });
    const outer = remote(async function outer() {
      await get(inner.remote());
      console.log("from outside");
    });
    await get(outer.remote());
    assert.deepEqual(
      outputs.map(({name, text, fn}) => [name, text, fn]),
      [
        ["stderr", "from inside\n", "inner"],
        ["stdout", "from outside\n", "outer"],
      ],
    );
  },
);

test(
  "what a task prints after it has ended still comes to its cell, whatever has run since",
  limit,
  async () => {
    const later = remote(function later() {
      const file = fs.promises.stat(".");
      setTimeout(async () => {
        console.log("timer");
        await file;
        console.log("promise");
      }, 50);
    });
    const busy = remote(function busy(ms: number) {
      const end = Date.now() + ms;
      while (Date.now() < end);
    });
    await get(later.remote());
    setAmbient({cell: "cell-2"});
    await get([1, 2, 3, 4].map(() => busy.remote(60)));
    await until(() => printed() === "timer\npromise\n", "the late lines");
    for (const {cell, fn} of outputs) assert.deepEqual([cell, fn], ["cell-1", "later"]);
  },
);

test(
  "tasks leave, run and end while the driver's thread is in a synchronous loop",
  limit,
  async () => {
    await get(remote(() => 1).remote());
    const file = join(folder, "left");
    const touch = remote((path: string) => writeFileSync(path, "x"));
    const ref = touch.remote(file);
    const end = Date.now() + 5_000;
    while (!existsSync(file) && Date.now() < end);
    assert.ok(existsSync(file));
    await get(ref);
  },
);

test(
  "a cell's tasks are cancelled from another thread's port while the driver's thread is busy",
  limit,
  async () => {
    const port = backend.cancelPort();
    const begun = join(folder, "begun");
    const loops = remote((path: string) => {
      writeFileSync(path, "x");
      for (;;);
    });
    setAmbient({cell: "cell-2"});
    const refs = [1, 2, 3].map((i) => loops.remote(`${begun}-${i}`));
    await until(() => existsSync(`${begun}-1`) && existsSync(`${begun}-2`), "both run");
    port.postMessage({kind: "cancel-cell", cell: "cell-2"});
    const busyUntil = Date.now() + 300;
    while (Date.now() < busyUntil);
    for (const ref of refs) {
      await assert.rejects(get(ref), TaskCancelledError);
    }
    assert.equal(existsSync(`${begun}-3`), false);
    port.close();
    setAmbient({cell: "cell-3"});
    assert.equal(await get(remote(() => 3).remote()), 3);
  },
);

test("a task cut off in a batch of many leaves the others of the batch alone", limit, async () => {
  const some = remote(function some(i: number) {
    if (i === 50) for (;;);
    return i;
  });
  const refs = Array.from({length: 100}, (_, i) => some.remote(i));
  const others = refs.filter((_, i) => i !== 50);
  const [ready] = await wait(others, {numReturns: 99, timeoutMs: 10_000});
  assert.equal(ready.length, 99);
  await cancel(refs[50]!);
  await assert.rejects(get(refs[50]!), TaskCancelledError);
  assert.deepEqual(
    await get(others),
    Array.from({length: 100}, (_, i) => i).filter((i) => i !== 50),
  );
});

test(
  "a synchronous loop after an await, in a timer or a storage is cut off too, and the worker lives on",
  limit,
  async () => {
    const pid = remote(() => process.pid);
    const before = new Set(await get([1, 2, 3, 4].map(() => pid.remote())));
    const loops = [
      remote(async (path: string) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        writeFileSync(path, "x");
        for (;;);
      }),
      remote(
        (path: string) =>
          new Promise<never>(() => {
            setTimeout(() => {
              writeFileSync(path, "x");
              for (;;);
            });
          }),
      ),
      remote((path: string) =>
        new AsyncLocalStorage<string>().run(path, async () => {
          await null;
          writeFileSync(path, "x");
          for (;;);
        }),
      ),
    ];
    for (const [i, loop] of loops.entries()) {
      const begun = join(folder, `loop-${i}`);
      const ref = loop.remote(begun);
      await until(() => existsSync(begun), "it loops");
      await cancel(ref);
      await assert.rejects(get(ref), TaskCancelledError);
    }
    const after = await get([1, 2, 3, 4].map(() => pid.remote()));
    assert.ok(after.every((one) => before.has(one)) || before.size === 1);
    assert.equal((await backend.status()).nodes[0]!.workers.length, 2);
  },
);

test(
  "cancelling a thousand times, at any moment of tiny tasks, never tears a worker",
  limit,
  async () => {
    const tiny = remote((i: number) => {
      let sum = 0;
      for (let k = 0; k < 20_000; k++) sum += k % 7;
      return i + sum * 0;
    });
    let cancelled = 0;
    for (let round = 0; round < 50; round++) {
      const refs = Array.from({length: 20}, (_, i) => tiny.remote(i));
      for (const ref of refs) if (Math.random() < 0.5) void cancel(ref);
      const outcomes = await Promise.allSettled(refs.map((ref) => get(ref)));
      outcomes.forEach((outcome, i) => {
        if (outcome.status === "fulfilled") assert.equal(outcome.value, i);
        else {
          cancelled++;
          assert.ok(outcome.reason instanceof TaskCancelledError, String(outcome.reason));
        }
      });
    }
    assert.ok(cancelled > 0);
    const status = await backend.status();
    assert.deepEqual(
      status.nodes[0]!.workers.map(({worker}) => worker),
      ["w1", "w2"],
    );
  },
);

test(
  "64 MB pass from task to task and to the driver, through the store, and leave it again",
  limit,
  async () => {
    const make = remote((size: number) => new Float64Array(size).fill(3));
    const twice = remote((values: Float64Array) => values.map((value) => value * 2));
    const first = make.remote(8_000_000);
    const second = twice.remote(first);
    const values = await get(second);
    assert.equal(values.length, 8_000_000);
    assert.ok(values.every((value) => value === 6));
    await until(
      async () => (await backend.status()).nodes[0]!.storeBytes >= 128_000_000,
      "both are stored",
    );
    backend.release([first.id, second.id]);
    await until(async () => (await backend.status()).nodes[0]!.storeBytes === 0, "both are gone");
  },
);

test("put values go to many tasks; a store lets go of what nobody holds", limit, async () => {
  const sum = remote((values: Uint8Array) => values.reduce((a, b) => a + b, 0));
  const stored = async () => (await backend.status()).nodes[0]!.storeObjects;
  await until(async () => (await stored()) === 0, "the values of the tests before are gone");
  let ref: ReturnType<typeof put<Uint8Array>> | null = put(new Uint8Array(1_000_000).fill(1));
  const sums = await get([1, 2, 3, 4].map(() => sum.remote(ref!)));
  assert.deepEqual(sums, [1e6, 1e6, 1e6, 1e6]);
  await until(async () => (await stored()) === 1, "it is stored");
  const id = ref.id;
  ref = null;
  backend.release([id]);
  await until(async () => (await stored()) === 0, "it is gone");
});

test(
  "flushTrace has every event of what has happened, of each task exactly once",
  limit,
  async () => {
    const events: TraceEvent[] = [];
    const stop = backend.watch((some) => events.push(...some));
    await backend.flushTrace();
    events.length = 0;
    const child = remote((i: number) => i);
    const parent = remote(async (i: number) => get(child.remote(i)));
    await get(Array.from({length: 10}, (_, i) => parent.remote(i)));
    await backend.flushTrace();
    stop();
    const count = (kind: TraceEvent["kind"]): number =>
      events.filter((event) => event.kind === kind).length;
    assert.deepEqual(
      [count("task-submitted"), count("task-started"), count("task-ended")],
      [20, 20, 20],
    );
    // One that a worker hands back is leased again.
    assert.ok(count("task-leased") >= 20);
    for (const event of events) if (event.kind === "task-started") assert.ok(event.fetchUs >= 0);
    const times = new Map(
      events.flatMap((e) => (e.kind === "task-started" ? [[e.task, e.at]] : [])),
    );
    for (const event of events) {
      if (event.kind === "task-ended")
        assert.ok(event.at >= times.get(event.task)!, "ended after it started");
    }
  },
);

test("a long task is told as started while it runs, at the time when it began", limit, async () => {
  const events: TraceEvent[] = [];
  const port = backend.tracePort();
  port.on("message", (some: TraceEvent[]) => events.push(...some));
  const long = remote((path: string) => {
    const begun = process.hrtime.bigint();
    while (!existsSync(path));
    return String(begun);
  });
  const file = join(folder, "go-on");
  const ref = long.remote(file);
  const task = ref.id.slice(0, 48);
  const started = () =>
    events.find((event) => event.kind === "task-started" && event.task === task);
  await until(() => started() !== undefined, "it is told");
  writeFileSync(file, "");
  const {epoch} = await import("../../../cluster/clock.js");
  const begunUs = Number(BigInt(await get(ref)) - epoch()) / 1000;
  assert.ok(Math.abs(started()!.at - begunUs) < 5_000, `${started()!.at} is about ${begunUs}`);
  port.close();
});

test(
  "workers join as ready tasks find no process, up to the maximum, and idle ones leave again",
  limit,
  async () => {
    const elastic = startCluster({workers: 1, maxWorkers: 4, cpus: 4, idleMs: 300});
    try {
      const events: TraceEvent[] = [];
      elastic.watch((some) => events.push(...some));
      setAmbient({backend: elastic});
      const slow = remote(async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return process.pid;
      });
      const pids = await get(Array.from({length: 8}, () => slow.remote()));
      assert.equal(new Set(pids).size, 4);
      const workers = async () => (await elastic.status()).nodes[0]!.workers.length;
      await until(async () => (await workers()) === 1, "three have left");
      const kinds = (kind: string) => events.filter((event) => event.kind === kind).length;
      // A process that was told to stop ends a little later.
      await until(async () => {
        await elastic.flushTrace();
        return kinds("worker-left") >= 3;
      }, "the trace tells that they have left");
      assert.deepEqual([kinds("worker-joined"), kinds("worker-left")], [4, 3]);
      assert.equal((await elastic.scale(2)).nodes[0]!.maxWorkers, 2);
      await until(async () => (await workers()) === 2, "scaled to 2");
    } finally {
      await elastic.close();
    }
  },
);
