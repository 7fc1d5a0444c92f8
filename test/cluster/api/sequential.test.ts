// What is the sequential backend's own: the order in which tasks run.
import assert from "node:assert/strict";
import {appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, beforeEach, test} from "node:test";
import {SequentialBackend} from "../../../cluster/backends/sequential.js";
import {carryContext} from "../../../cluster/context/carry.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {cancel, get, type ObjectRef, put, remote, wait} from "../../../cluster/index.js";
import type {TraceEvent} from "../../../cluster/trace.js";

// As a kernel does.
carryContext();
const folder = mkdtempSync(join(tmpdir(), "tasklab-order-"));
after(() => rmSync(folder, {recursive: true}));
let diary = "";
let number = 0;
let backend: SequentialBackend;
beforeEach(() => {
  backend = new SequentialBackend();
  setAmbient({backend, parent: null, depth: 0});
  diary = join(folder, `diary-${++number}`);
});
const read = () => readFileSync(diary, "utf8").trim().split(" ");

async function written(word: string): Promise<void> {
  while (!existsSync(diary) || !read().includes(word)) await new Promise(setImmediate);
}

const write = remote(function write(file: string, word: string, _after?: unknown) {
  appendFileSync(file, `${word} `);
  return word;
});

test("tasks run in the order in which they were submitted", async () => {
  await get(["a", "b", "c"].map((word) => write.remote(diary, word)));
  assert.deepEqual(read(), ["a", "b", "c"]);
});

test("nothing runs inside of .remote()", async () => {
  const ref = write.remote(diary, "task");
  appendFileSync(diary, "cell ");
  await get(ref);
  assert.deepEqual(read(), ["cell", "task"]);
});

test("a task that waits for its children yields to them before its siblings run", async () => {
  const parent = remote(async function parent(file: string, name: string) {
    appendFileSync(file, `${name}( `);
    const refs = [write.remote(file, `${name}1`), write.remote(file, `${name}2`)];
    await get(refs[1]!);
    appendFileSync(file, `) `);
    return refs;
  });
  const refs = await get([parent.remote(diary, "a"), parent.remote(diary, "b")]);
  await get(refs.flat());
  assert.deepEqual(read(), ["a(", "a2", ")", "a1", "b(", "b2", ")", "b1"]);
});

test("the tasks whose results another takes run before it, however late it is wanted", async () => {
  const parent = remote(async function parent(file: string) {
    const first = write.remote(file, "first");
    const second = write.remote(file, "second", first);
    write.remote(file, "bystander");
    await get(second);
    appendFileSync(file, "parent ");
  });
  await get(parent.remote(diary));
  await get(write.remote(diary, "last"));
  assert.deepEqual(read(), ["first", "second", "parent", "bystander", "last"]);
});

test("an asynchronous task is not disturbed by the next", async () => {
  const slow = remote(async function slow(file: string, word: string) {
    appendFileSync(file, `${word}( `);
    await new Promise((resolve) => setTimeout(resolve, 10));
    appendFileSync(file, `) `);
  });
  await get([slow.remote(diary, "a"), slow.remote(diary, "b")]);
  assert.deepEqual(read(), ["a(", ")", "b(", ")"]);
});

test("higher priority goes first", async () => {
  const urgent = write.options({priority: 1});
  await get([write.remote(diary, "usual"), urgent.remote(diary, "urgent")]);
  assert.deepEqual(read(), ["urgent", "usual"]);
});

test("wait runs no more than it has to", async () => {
  const first = remote(async (refs: ObjectRef<string>[]) => {
    const [[ref], others] = await wait(refs);
    return [await get(ref!), others.length] as const;
  });
  const refs = [write.remote(diary, "a", put(1))];
  const inner = remote(async (file: string) => {
    const mine = ["x", "y"].map((word) => write.remote(file, word));
    const [ready] = await wait(mine);
    appendFileSync(file, `ready:${ready.length} `);
    return get(mine);
  });
  assert.deepEqual(await get(first.remote(refs)), ["a", 0]);
  assert.deepEqual(await get(inner.remote(diary)), ["x", "y"]);
  assert.deepEqual(read(), ["a", "x", "ready:1", "y"]);
});

test("a bar is the task's own time: fetching and storing are told beside it", async () => {
  const events: TraceEvent[] = [];
  backend.watch((some) => void events.push(...some));
  const big = remote((values: Float64Array) => values.map((value) => value + 1));
  await get(big.remote(new Float64Array(500_000)));
  const started = events.find((event) => event.kind === "task-started")!;
  const ended = events.find((event) => event.kind === "task-ended")!;
  assert(started.kind === "task-started" && ended.kind === "task-ended");
  assert(started.fetchUs > 0 && ended.storeUs > 0 && ended.sizeBytes > 4_000_000);
  assert(ended.at - started.at >= ended.storeUs);
  assert.equal(started.worker, "driver");
});

for (const awaits of ["a timer", "get", "wait"] as const) {
  test(`after a task that is cancelled in ${awaits}, the next begins when its code has settled`, async () => {
    const endless = remote(() => new Promise<void>(() => {}));
    const tidy = remote(async function tidy(file: string, what: string) {
      appendFileSync(file, "begun ");
      try {
        if (what === "a timer") await new Promise((resolve) => setTimeout(resolve, 60_000));
        const never = endless.options({cancelGraceMs: 0}).remote();
        await (what === "get" ? get(never) : wait([never]));
      } catch (error) {
        appendFileSync(file, `${(error as Error).name} `);
        for (let i = 0; i < 5; i++) await new Promise(setImmediate);
        throw error;
      } finally {
        appendFileSync(file, "tidied ");
      }
    });
    const first = tidy.remote(diary, awaits);
    await written("begun");
    await cancel(first);
    await assert.rejects(get(first), {name: "TaskCancelledError"});
    await get(write.remote(diary, "next"));
    assert.deepEqual(read(), ["begun", "TaskCancelledError", "tidied", "next"]);
  });
}

test("the next task begins after the grace of one whose code does not settle", async () => {
  const deaf = remote({cancelGraceMs: 20}, async function deaf(file: string) {
    appendFileSync(file, "begun ");
    await new Promise(() => {});
  });
  const first = deaf.remote(diary);
  await written("begun");
  await cancel(first);
  assert.equal(await get(write.remote(diary, "next")), "next");
});

test("closing fails what has not run, by name", async () => {
  const ref = write.remote(diary, "never");
  await backend.close();
  await assert.rejects(get(ref), /closed before `write` ended/);
});

test("an error that the cluster makes leads to the line that waits for it", async () => {
  const never = remote(function never() {
    return new Promise<void>(() => {});
  });
  const cancelled = never.remote();
  await cancel(cancelled);
  async function waitingLine(): Promise<void> {
    await get(cancelled);
  }
  await assert.rejects(waitingLine(), (error: Error) => /waitingLine/.test(error.stack!));
  async function impatientLine(): Promise<void> {
    await get(never.remote(), {timeoutMs: 5});
  }
  await assert.rejects(impatientLine(), (error: Error) => /impatientLine/.test(error.stack!));
});
