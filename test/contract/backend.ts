// The promises that every backend keeps, in terms of the library that stands on it. The same tests
// run on each backend. A test that a backend can't pass is skipped by the need that the backend
// lacks.

import assert from "node:assert/strict";
import {appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, beforeEach, describe, test} from "node:test";
import type {Backend, TaskOutput, Traced} from "../../cluster/backend.js";
import {setAmbient} from "../../cluster/context/context.js";
import type {RunId} from "../../cluster/ids.js";
import {
  cancel,
  CannotShipError,
  get,
  GetTimeoutError,
  type ObjectRef,
  put,
  remote,
  type RemoteFunction,
  TaskCancelledError,
  TaskError,
  wait,
  WorkerCrashedError,
} from "../../cluster/index.js";
import type {TraceEvent} from "../../cluster/trace.js";

export interface Candidate {
  open(): Promise<Backend & Traced>;
  /** The `needs` below that this backend can't meet. */
  lacks: readonly string[];
}

const limitMs = 20_000;

let tally = 0;
const count = (): number => ++tally;

export function contract(name: string, candidate: Candidate): void {
  describe(name, {timeout: 180_000}, () => {
    let backend: Backend & Traced;
    let folder: string;
    before(async () => {
      backend = await candidate.open();
      folder = mkdtempSync(join(tmpdir(), "tasklab-contract-"));
    });
    after(async () => {
      await backend.close();
      rmSync(folder, {recursive: true});
    });
    beforeEach(() => {
      from({});
    });
    /** Submits everything that follows as this cell. */
    const from = ({cell = "", run = ""}) =>
      setAmbient({backend, run: run as RunId, cell, parent: null, depth: 0});
    const it = (title: string, body: () => Promise<void>, needs?: string): void => {
      void test(
        title,
        {timeout: limitMs, skip: needs !== undefined && candidate.lacks.includes(needs) && needs},
        body,
      );
    };

    // ---- results ----

    const double = remote(function double(n: number) {
      return n * 2;
    });

    it("a task's result comes by get", async () => {
      assert.equal(await get(double.remote(21)), 42);
    });

    it("a list of refs gives its values in its order", async () => {
      const refs = Array.from({length: 100}, (_, n) => double.remote(n));
      assert.deepEqual(
        await get(refs),
        Array.from({length: 100}, (_, n) => n * 2),
      );
    });

    it("an empty list gives an empty list", async () => {
      assert.deepEqual(await get([]), []);
    });

    it("an asynchronous function gives what it resolves to", async () => {
      const later = remote(async (text: string) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return `${text}!`;
      });
      assert.equal(await get(later.remote("done")), "done!");
    });

    it("values of many kinds arrive as they were", async () => {
      const echo = remote((value: unknown) => value);
      const values = [
        undefined,
        null,
        -0,
        NaN,
        2n ** 70n,
        "text",
        new Date(5),
        /a+/gi,
        new Map([[{a: 1}, new Set([1])]]),
        [1, , 3],
        new Uint8Array([1, 2, 3]),
        new Float64Array([1.5, -2]),
        {nested: {list: [1, "2", {three: 3}]}},
      ];
      for (const value of values) assert.deepEqual(await get(echo.remote(value)), value);
    });

    it("a task's result can be fetched again, and each time it is another copy", async () => {
      const ref = remote(() => ({list: [1, 2]})).remote();
      const first = await get(ref);
      first.list.push(3);
      assert.deepEqual(await get(ref), {list: [1, 2]});
      const bytes = remote(() => new Float64Array(20_000)).remote();
      (await get(bytes)).fill(7);
      assert.equal((await get(bytes))[0], 0);
    });

    // ---- arguments ----

    it("a ref as an argument arrives as its value", async () => {
      assert.equal(await get(double.remote(double.remote(double.remote(1)))), 8);
    });

    it("a ref inside of an argument stays a ref, for the task to fetch", async () => {
      const sum = remote(async (refs: ObjectRef<number>[]) => {
        const values = await get(refs);
        return values.reduce((a, b) => a + b, 0);
      });
      assert.equal(await get(sum.remote([double.remote(1), double.remote(2), put(4)])), 10);
    });

    it("a task can return refs", async () => {
      const spread = remote((n: number) => Array.from({length: n}, (_, i) => double.remote(i)));
      const refs = await get(spread.remote(4));
      assert.deepEqual(await get(refs), [0, 2, 4, 6]);
    });

    it("a value that was put is taken by many tasks", async () => {
      const matrix = put(Array.from({length: 50}, (_, i) => Array<number>(50).fill(i)));
      const row = remote((values: number[][], i: number) => values[i]![0]!);
      assert.deepEqual(await get([3, 7, 49].map((i) => row.remote(matrix, i))), [3, 7, 49]);
    });

    it("arguments are those of the moment of .remote()", async () => {
      const list = [1, 2];
      const big = new Float64Array(50_000).fill(1);
      const measure = remote((values: number[], more: Float64Array) => values.length + more[0]!);
      const ref = measure.remote(list, big);
      list.push(3);
      big.fill(100);
      assert.equal(await get(ref), 3);
    });

    it("5 MB of numbers travel there and back", async () => {
      const negate = remote((values: Float64Array) => values.map((value) => -value));
      const values = Float64Array.from({length: 655_360}, (_, i) => i);
      const result = await get(negate.remote(values));
      assert.equal(result.length, values.length);
      assert.equal(result[655_359], -655_359);
      const table = remote((rows: number) =>
        Array.from({length: rows}, (_, i) => Array<number>(640).fill(i)),
      );
      const total = remote((rows: number[][]) => rows.flat().reduce((a, b) => a + b, 0));
      assert.equal(await get(total.remote(table.remote(1024))), (640 * 1024 * 1023) / 2);
    });

    // ---- functions and what they capture ----

    it("constants, helpers and classes travel along", async () => {
      const scale = 3;
      const settings = {offset: 1};
      const shift = (n: number) => n + settings.offset;
      class Box {
        readonly content: number;
        constructor(content: number) {
          this.content = content;
        }
        doubled() {
          return new Box(this.content * 2);
        }
      }
      const work = remote((n: number) => new Box(shift(n * scale)).doubled().content);
      assert.equal(await get(work.remote(2)), 14);
    });

    it("what is captured is what it was at the moment of .remote()", async () => {
      let scale = 2;
      const scaled = remote((n: number) => n * scale);
      const before = scaled.remote(10);
      scale = 3;
      const now = scaled.remote(10);
      assert.deepEqual(await get([before, now]), [20, 30]);
    });

    it("a function that is defined anew is used from the next .remote() on", async () => {
      let helper = (n: number) => n + 1;
      const work = remote((n: number) => helper(n));
      const before = work.remote(1);
      helper = (n: number) => n * 100;
      assert.deepEqual(await get([before, work.remote(1)]), [2, 100]);
    });

    it("functions of a task share the module's variables, and each task has its own", async () => {
      const work = remote(() => [count(), tally, count()]);
      assert.deepEqual(await get([work.remote(), work.remote()]), [
        [1, 1, 2],
        [1, 1, 2],
      ]);
      assert.equal(await get(work.remote()).then(() => tally), 0);
    });

    it("nothing that a task changes leaks back", async () => {
      const seen = {count: 0};
      const list = [1];
      const change = remote((values: number[]) => {
        seen.count++;
        values.push(2);
        return seen.count + values.length;
      });
      assert.equal(await get(change.remote(list)), 3);
      assert.equal(await get(change.remote(list)), 3);
      assert.deepEqual([seen.count, list], [0, [1]]);
    });

    it("instances of a program's own class come back as such", async () => {
      class Point {
        readonly x: number;
        constructor(x: number) {
          this.x = x;
        }
        moved(by: number) {
          return new Point(this.x + by);
        }
      }
      const move = remote((point: Point) => point.moved(1));
      const moved = await get(move.remote(new Point(1)));
      assert(moved instanceof Point);
      assert.equal(moved.moved(1).x, 3);
    });

    // ---- nested tasks ----

    const fib: RemoteFunction<[n: number], Promise<number>> = remote(async function fibonacci(
      n: number,
    ) {
      if (n < 2) return n;
      const [a, b] = await get([fib.remote(n - 1), fib.remote(n - 2)]);
      return a + b;
    });

    it("a remote function calls itself and waits for it, deeper than there are workers", async () => {
      assert.equal(await get(fib.remote(7)), 13);
    });

    it("a task composes others: one takes the result of another, get inside of a task", async () => {
      const multiply = remote({numCpus: 2}, function multiply(size: number) {
        return Array.from({length: size}, () => Array<number>(size).fill(size));
      });
      const add = remote(function add(matrix: number[][]) {
        return matrix.flat().reduce((a, b) => a + b, 0);
      });
      const expensive = remote(function expensive(size: number) {
        return get(add.remote(multiply.remote(size)));
      });
      const results = await get(Array.from({length: 10}, () => expensive.remote(8)));
      assert.deepEqual(results, Array<number>(10).fill(8 ** 3));
    });

    it("wait works inside of a task", async () => {
      const first = remote(async (refs: ObjectRef<number>[]) => {
        const [[ref]] = await wait(refs);
        return get(ref!);
      });
      assert.equal(await get(first.remote([double.remote(4)])), 8);
    });

    // ---- errors ----

    class OutOfRange extends RangeError {
      readonly limit: number;
      constructor(message: string, limit: number, options?: ErrorOptions) {
        super(message, options);
        this.name = "OutOfRange";
        this.limit = limit;
      }
    }
    const failing = remote(function failing(limit: number) {
      throw new OutOfRange(`over ${limit}`, limit, {cause: new Error("the cause")});
    });

    it("an error arrives as the program's own class, as a TaskError, with its fields, cause and place", async () => {
      const error = await rejection(get(failing.remote(5)));
      assert(error instanceof OutOfRange, `is ${error.constructor.name}`);
      assert(error instanceof TaskError);
      assert.equal(error.message, "over 5");
      assert.equal((error as OutOfRange).limit, 5);
      assert.equal((error.cause as Error).message, "the cause");
      assert.equal(error.place.fn, "failing");
      assert.equal(typeof error.place.pid, "number");
      assert.match(error.remoteStack, /failing/);
    });

    it("of several errors the first in the list's order is thrown", async () => {
      const error = await rejection(get([double.remote(1), failing.remote(1), failing.remote(2)]));
      assert.equal(error.message, "over 1");
    });

    it("what is thrown need not be an error", async () => {
      const throws = remote((value: unknown) => {
        throw value;
      });
      for (const value of ["a text", 42, null, undefined]) {
        const error = await rejection(get(throws.remote(value)));
        assert(error instanceof TaskError, `thrown ${String(value)} arrived as ${String(error)}`);
        assert.match(error.message, new RegExp(String(value)));
      }
    });

    it("a task whose argument failed fails with the same error, and never runs", async () => {
      const file = join(folder, "never");
      const takes = remote((_value: unknown) => appendFileSync(file, "ran"));
      const error = await rejection(get(takes.remote(failing.remote(9))));
      assert(error instanceof OutOfRange, String(error));
      assert.equal(existsSync(file), false);
    });

    it("the large error of an argument arrives whole with those who take it", async () => {
      const fails = remote((): number => {
        throw Object.assign(new RangeError("large"), {details: "x".repeat(300_000)});
      });
      const takes = remote((value: number) => value);
      const error = await rejection(get(takes.remote(takes.remote(fails.remote()))));
      assert(error instanceof RangeError, String(error));
      assert.equal((error as {details?: string}).details?.length, 300_000);
    });

    it("a failed task can be caught by the task that submitted it", async () => {
      const careful = remote(async () => {
        try {
          await get(failing.remote(3));
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
        return "no error";
      });
      assert.equal(await get(careful.remote()), "OutOfRange: over 3");
    });

    it("a result that can't travel is an error that names the task and the path to it", async () => {
      const promise = remote(() => ({list: [new WeakMap()]}));
      const error = await rejection(get(promise.options({name: "keeper"}).remote()));
      assert(error instanceof CannotShipError, String(error));
      assert.match(error.message, /keeper/);
      assert.match(error.message, /list/);
      assert.match(error.message, /WeakMap/);
      assert.equal(await get(double.remote(1)), 2);
    });

    it("retryExceptions: a task that throws runs again, at most maxRetries times", async () => {
      const file = join(folder, "retries");
      class Busy extends Error {}
      const flaky = remote({retryExceptions: [Busy], maxRetries: 5}, (succeedAt: number) => {
        appendFileSync(file, "x");
        const tries = readFileSync(file, "utf8").length;
        if (tries < succeedAt) throw new Busy(`try ${tries}`);
        return tries;
      });
      assert.equal(await get(flaky.remote(3)), 3);
      const error = await rejection(get(flaky.options({maxRetries: 1}).remote(100)));
      assert.equal(error.message, "try 5");
      const once = await rejection(get(flaky.options({retryExceptions: [RangeError]}).remote(100)));
      assert.equal(once.message, "try 6");
    });

    it(
      "a task that ends its process is a WorkerCrashedError; others go on",
      async () => {
        const exits = remote({maxRetries: 0}, function exits() {
          process.exit(3);
        });
        const error = await rejection(get(exits.remote()));
        assert(error instanceof WorkerCrashedError, String(error));
        assert.match(error.message, /exits/);
        assert.equal(await get(double.remote(1)), 2);
      },
      "lost workers",
    );

    it(
      "a task whose worker was lost runs again elsewhere",
      async () => {
        const file = join(folder, "crashes");
        const dies = remote({maxRetries: 2}, () => {
          appendFileSync(file, "x");
          if (readFileSync(file, "utf8").length < 3) process.kill(process.pid, "SIGKILL");
          return "survived";
        });
        assert.equal(await get(dies.remote()), "survived");
      },
      "lost workers",
    );

    // ---- waiting ----

    /** A task that runs until the file appears, without holding the thread. */
    const until = remote(async function until(file: string) {
      while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
      return file;
    });

    it("get gives up after timeoutMs, naming ref and function, and the task goes on", async () => {
      const file = join(folder, "timeout");
      const ref = until.remote(file);
      const error = await rejection(get(ref, {timeoutMs: 30}));
      assert(error instanceof GetTimeoutError, String(error));
      assert.match(error.message, new RegExp(`30 ms.*${ref.id}.*until`));
      appendFileSync(file, "");
      assert.equal(await get(ref), file);
    });

    it("get ends with its signal's reason, and the task goes on", async () => {
      const file = join(folder, "signal");
      const ref = until.remote(file);
      const stop = new AbortController();
      const waiting = get(ref, {signal: stop.signal});
      stop.abort(new Error("enough"));
      assert.equal((await rejection(waiting)).message, "enough");
      appendFileSync(file, "");
      assert.equal(await get(ref), file);
    });

    it("wait gives those that are ready and the others, both in the list's order", async () => {
      const file = join(folder, "wait");
      const refs = [double.remote(1), double.remote(2), until.remote(file)] as const;
      const [ready, notReady] = await wait([...refs], {numReturns: 2});
      assert.deepEqual([ready, notReady], [[refs[0], refs[1]], [refs[2]]]);
      const [one, rest] = await wait([refs[2], refs[1], refs[0]], {numReturns: 1});
      assert.deepEqual([one, rest], [[refs[1]], [refs[2], refs[0]]]);
      const [none] = await wait([refs[2]], {timeoutMs: 10});
      assert.deepEqual(none, []);
      appendFileSync(file, "");
      const [all] = await wait([...refs], {numReturns: 3});
      assert.deepEqual(all, [...refs]);
    });

    it("a failed task is ready", async () => {
      const ref = failing.remote(1);
      assert.deepEqual(await wait([ref]), [[ref], []]);
      await rejection(get(ref));
    });

    // ---- cancelling ----

    it("a pending task that is cancelled never runs", async () => {
      const [gate, mark] = [join(folder, "gate"), join(folder, "mark")];
      const touch = remote((_gate: string) => appendFileSync(mark, "ran"));
      const pending = touch.remote(until.remote(gate));
      await cancel(pending);
      const error = await rejection(get(pending));
      assert(error instanceof TaskCancelledError, String(error));
      appendFileSync(gate, "");
      assert.equal(await get(double.remote(1)), 2);
      assert.equal(existsSync(mark), false);
    });

    it("a running task that awaits something can be cancelled", async () => {
      const begun = join(folder, "begun");
      const endless = remote(function endless() {
        appendFileSync(begun, "");
        return new Promise<never>(() => {});
      });
      const ref = endless.remote();
      await seen(begun);
      await cancel(ref);
      const error = await rejection(get(ref));
      assert(error instanceof TaskCancelledError, String(error));
      assert.match(error.message, /endless/);
      assert.equal(await get(double.remote(1)), 2);
    });

    it(
      "a synchronous loop can be cancelled",
      async () => {
        const begun = join(folder, "loop");
        const loops = remote(() => {
          appendFileSync(begun, "");
          for (;;);
        });
        const ref = loops.remote();
        await seen(begun);
        await cancel(ref);
        const error = await rejection(get(ref));
        assert(error instanceof TaskCancelledError, String(error));
        assert.equal(await get(double.remote(1)), 2);
      },
      "cutting off synchronous code",
    );

    it("cancelling a task cancels those that it submitted", async () => {
      const [begun, gate] = [join(folder, "parent"), join(folder, "child-gate")];
      const parent = remote(async () => {
        const child = until.remote(gate);
        appendFileSync(begun, child.id);
        return get(child);
      });
      const ref = parent.remote();
      await seen(begun);
      await cancel(ref);
      assert((await rejection(get(ref))) instanceof TaskCancelledError);
      assert.equal(await get(double.remote(1)), 2);
      appendFileSync(gate, "");
    });

    it("cancelling a finished task changes nothing", async () => {
      const ref = double.remote(4);
      await get(ref);
      await cancel(ref);
      assert.equal(await get(ref), 8);
    });

    it("a task that runs longer than its timeoutMs is cancelled", async () => {
      const slow = remote({timeoutMs: 30}, async function slow() {
        await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
      });
      const error = await rejection(get(slow.remote()));
      assert(error instanceof TaskCancelledError, String(error));
      assert.match(error.message, /slow.*30/);
    });

    it("an interrupted cell's unfinished tasks are cancelled, others are not", async () => {
      const [begun, gate] = [join(folder, "cell-begun"), join(folder, "cell-gate")];
      from({cell: "cell-1"});
      const doomed = remote(async () => {
        appendFileSync(begun, "");
        await new Promise(() => {});
      }).remote();
      await seen(begun);
      from({cell: "cell-2"});
      const other = until.remote(gate);
      backend.cancelCell("cell-1");
      assert((await rejection(get(doomed))) instanceof TaskCancelledError);
      from({cell: "cell-1"});
      const late = until.remote(gate);
      assert((await rejection(get(late))) instanceof TaskCancelledError);
      from({cell: "cell-2"});
      appendFileSync(gate, "");
      assert.equal(await get(other), gate);
    });

    // ---- beside the results ----

    it(
      "two tasks run at the same time",
      async () => {
        const meet = remote(async (mine: string, yours: string) => {
          appendFileSync(mine, "");
          while (!existsSync(yours)) await new Promise((resolve) => setTimeout(resolve, 5));
          return true;
        });
        const [a, b] = [join(folder, "a"), join(folder, "b")];
        assert.deepEqual(await get([meet.remote(a, b), meet.remote(b, a)]), [true, true]);
      },
      "parallel tasks",
    );

    it(
      "what a task prints comes with its function, process and cell",
      async () => {
        const heard: TaskOutput[] = [];
        backend.onOutput((output) => heard.push(output));
        from({cell: "cell-7"});
        const chatty = remote(function chatty(n: number) {
          console.log("line", n);
          console.error("trouble");
        });
        await get(chatty.remote(1));
        const said = (name: string) =>
          heard
            .filter((output) => output.name === name)
            .map((output) => output.text)
            .join("");
        await waitFor(() => said("stdout").includes("\n") && said("stderr").includes("\n"));
        assert.equal(said("stdout"), "line 1\n");
        assert.equal(said("stderr"), "trouble\n");
        const [{cell, fn, pid}] = heard as [TaskOutput];
        assert.deepEqual([cell, fn], ["cell-7", "chatty"]);
        assert.notEqual(pid, process.pid);
      },
      "output of workers",
    );

    it("the trace tells each task's life, whose child it is, and when it waits", async () => {
      const events: TraceEvent[] = [];
      const stop = backend.watch((some) => void events.push(...some));
      from({run: "run-trace"});
      const outer = remote(function outer(n: number) {
        return get(double.remote(n));
      });
      const ref = outer.remote(4);
      assert.equal(await get(ref), 8);
      await backend.flushTrace();
      stop();
      // Events come from several processes, so not in the order of their times.
      events.sort((a, b) => a.at - b.at);
      const submitted = events.filter(
        (event) => event.kind === "task-submitted" && event.run === "run-trace",
      );
      const [parent, child] = submitted as Extract<TraceEvent, {kind: "task-submitted"}>[];
      assert.deepEqual([parent?.fn, child?.fn, submitted.length], ["outer", "double", 2]);
      assert.equal(parent!.parent, null);
      assert.equal(child!.parent, parent!.task);
      assert.equal(ref.id.slice(0, 48), parent!.task);
      const lifeOf = (task: string) =>
        events
          .filter((event) => "task" in event && event.task === task)
          .sort((a, b) => a.at - b.at)
          .map((event) => event.kind);
      assert.deepEqual(lifeOf(child!.task), [
        "task-submitted",
        "task-leased",
        "task-started",
        "task-ended",
      ]);
      assert.deepEqual(lifeOf(parent!.task), [
        "task-submitted",
        "task-leased",
        "task-started",
        "task-blocked",
        "task-unblocked",
        "task-ended",
      ]);
    });

    it("a thousand small tasks all come back", async () => {
      const values = await get(Array.from({length: 1000}, (_, n) => double.remote(n)));
      assert.equal(
        values.reduce((a, b) => a + b, 0),
        999_000,
      );
    });
  });
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({message: "it should have failed, and gave a value"});
}

/** Resolves when the file is there. The test's own limit bounds the wait. */
function seen(file: string): Promise<void> {
  return waitFor(() => existsSync(file));
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
