// Starts processes. Cancelled work stops: its awaits reject, and its `finally` runs. Nobody else
// gets its resources before it has stopped.

import assert from "node:assert/strict";
import {appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {createServer} from "node:http";
import type {AddressInfo} from "node:net";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, beforeEach, test} from "node:test";
import {
  setImmediate as turn,
  setInterval as ticks,
  setTimeout as sleep,
} from "node:timers/promises";
import {startCluster, type ClusterBackend} from "../../../cluster/backends/cluster.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {
  cancel,
  get,
  kill,
  remote,
  taskContext,
  TaskCancelledError,
} from "../../../cluster/index.js";
import {kinds, mark} from "./cancelled-tasks.js";
import {allGone, until} from "./processes.js";

const limit = {timeout: 30_000};
let backend: ClusterBackend;
let folder: string;
let files = 0;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tasklab-cancel-"));
  backend = startCluster({workers: 2, cpus: 4, resources: {token: 1}});
  await backend.ready;
});
after(async () => {
  await backend.close();
  rmSync(folder, {recursive: true});
});
beforeEach(() => void setAmbient({backend, cell: "cell-1"}));

const newFile = (): string => join(folder, `file-${++files}`);
const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
const begun = (file: string): Promise<void> => until(() => textOf(file) !== "", "it has begun");

/** Gives no answer. */
const silent = createServer(({url}) => appendFileSync(url!.slice(1), "a"));
let server = "";
before(async () => {
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  server = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
});
after(() => {
  silent.closeAllConnections();
  silent.close();
});

for (const {name, begin, wants = "aA"} of kinds) {
  test(
    `a cancelled task that ${name} has stopped before the next has its token`,
    limit,
    async () => {
      const file = newFile();
      const ref = begin(file, server);
      await begun(file);
      await cancel(ref);
      await assert.rejects(get(ref), TaskCancelledError);
      await get(mark.remote(file, "b"));
      assert.equal(textOf(file), `${wants}b`);
    },
  );
}

test("one that runs longer than its timeoutMs stops the same way", limit, async () => {
  const file = newFile();
  const sleeps = remote({resources: {token: 1}, timeoutMs: 50}, async (file: string) => {
    try {
      await sleep(60_000);
    } finally {
      appendFileSync(file, taskContext()!.signal.aborted ? "A" : "wrong");
    }
  });
  await assert.rejects(get(sleeps.remote(file)), /longer than its timeoutMs/);
  await get(mark.remote(file, "b"));
  assert.equal(textOf(file), "Ab");
});

test("with the parent its children stop, and what it submits later", limit, async () => {
  const file = newFile();
  const child = remote({numCpus: 0}, async (file: string, who: string) => {
    try {
      appendFileSync(file, "c");
      await sleep(60_000);
    } finally {
      appendFileSync(file, who);
    }
  });
  const parent = remote(async (file: string) => {
    await get(child.remote(file, "C"));
  });
  const ref = parent.remote(file);
  await begun(file);
  await cancel(ref);
  await assert.rejects(get(ref), TaskCancelledError);
  await until(() => textOf(file) === "cC", "the child has stopped");
});

test("an interrupted cell's tasks stop the same way", limit, async () => {
  const file = newFile();
  setAmbient({cell: "cell-9"});
  const ref = kinds[0]!.begin(file, server);
  await begun(file);
  backend.cancelCell("cell-9");
  setAmbient({cell: "cell-1"});
  await assert.rejects(get(ref), TaskCancelledError);
  await get(mark.remote(file, "b"));
  assert.equal(textOf(file), "aAb");
});

const Writer = remote(
  class Writer {
    async write(file: string): Promise<void> {
      try {
        appendFileSync(file, "a");
        await sleep(60_000);
      } finally {
        appendFileSync(file, "A");
      }
    }
    async lingers(file: string): Promise<void> {
      appendFileSync(file, "a");
      const {signal} = taskContext()!;
      await new Promise((done) => signal.addEventListener("abort", done));
      // Longer than the grace of tasks: an actor is not ended for a call.
      await new Promise<void>((done) => setTimeout(() => done(), 1_500));
      appendFileSync(file, "A");
    }
    mark(file: string, text: string): number {
      appendFileSync(file, text);
      return process.pid;
    }
  },
);

for (const method of ["write", "lingers"] as const) {
  test(
    `a cancelled call (${method}) keeps its place until it has stopped; its actor lives on`,
    limit,
    async () => {
      const file = newFile();
      const writer = Writer.options({maxConcurrency: 1}).remote();
      const pid = await get(writer.mark.remote(newFile(), ""));
      const ref = writer[method].remote(file);
      await begun(file);
      const next = writer.mark.remote(file, "b");
      await cancel(ref);
      await assert.rejects(get(ref), TaskCancelledError);
      assert.equal(await get(next), pid);
      assert.equal(textOf(file), "aAb");
      await kill(writer);
    },
  );
}

test(
  "a process that is ended for a task says so in the logs, and its task is told as cancelled",
  limit,
  async () => {
    const file = newFile();
    const stubborn = remote({cancelGraceMs: 0}, function stubborn(file: string) {
      appendFileSync(file, String(process.pid));
      return new Promise<never>(() => {});
    });
    const ref = stubborn.remote(file);
    await begun(file);
    const pid = Number(textOf(file));
    await cancel(ref);
    await assert.rejects(get(ref), {name: "TaskCancelledError"});
    await allGone([pid]);
    const words = /`stubborn` \(task .*\) did not stop within 0 ms after it was cancelled/;
    await until(async () => words.test(await backend.logs()), "the logs say so");
    await assert.rejects(get(ref), {name: "TaskCancelledError"});
  },
);

test(
  "a task knows itself, after awaits as well, and outside of tasks there is none",
  limit,
  async () => {
    const knows = remote({name: "knows"}, async () => {
      const before = taskContext()!;
      await sleep(1);
      const {task, fn, attempt, node, isCancelled, signal} = taskContext()!;
      return {
        isSame: taskContext() === before,
        task,
        fn,
        attempt,
        node,
        isCancelled,
        aborted: signal.aborted,
      };
    });
    const ref = knows.remote();
    const {task, node, ...rest} = await get(ref);
    assert.ok(ref.id.startsWith(task));
    assert.match(node, /^\w+/);
    const expected = {isSame: true, fn: "knows", attempt: 1, isCancelled: false, aborted: false};
    assert.deepEqual(rest, expected);
    assert.equal(taskContext(), null);
  },
);

test("timers of a task that nobody cancels are as ever", limit, async () => {
  const times = remote(async () => {
    const values: unknown[] = [await sleep(1, "a"), await turn("b")];
    values.push(await new Promise((done) => setTimeout(done, 1, "c")));
    values.push(await new Promise((done) => setImmediate(done, "d")));
    for await (const tick of ticks(1, "e")) {
      values.push(tick);
      break;
    }
    const stop = new AbortController();
    const stopped = sleep(60_000, null, {signal: stop.signal}).catch((error: Error) => error.name);
    stop.abort();
    values.push(await stopped);
    const cleared = new Promise((done) => {
      const timer = setTimeout(done, 60_000);
      clearTimeout(timer);
      setTimeout(done, 1, "f");
    });
    return [...values, await cleared].join(" ");
  });
  assert.equal(await get(times.remote()), "a b c d e AbortError f");
});
