// The promises about actors that every backend keeps, in terms of the library.

import assert from "node:assert/strict";
import {after, before, beforeEach, describe, test} from "node:test";
import type {Backend, Traced} from "../../cluster/backend.js";
import {setAmbient} from "../../cluster/context/context.js";
import type {RunId} from "../../cluster/ids.js";
import {
  ActorDiedError,
  ActorUnavailableError,
  cancel,
  get,
  getActor,
  kill,
  put,
  remote,
  TaskCancelledError,
  TaskError,
  UsageError,
  wait,
  type ActorHandle,
} from "../../cluster/index.js";
import {actorOf} from "../../cluster/ids.js";
import type {TraceEvent} from "../../cluster/trace.js";
import type {Candidate} from "./backend.js";

const limitMs = 20_000;

class Tally {
  static made = 0;
  n: number;
  seen: number[] = [];
  constructor(start = 0) {
    this.n = start;
    Tally.made++;
  }
  add(k: number) {
    this.seen.push(k);
    return (this.n += k);
  }
  all() {
    return this.seen;
  }
  made() {
    return Tally.made;
  }
  fail(): number {
    throw new RangeError("too much");
  }
  hold(things: unknown) {
    void things;
    return "held";
  }
}

/** An actor whose `wait` ends when somebody calls `send`. */
class Signal {
  #waiting: (() => void)[] = [];
  begun = 0;
  async wait() {
    this.begun++;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return "sent";
  }
  async send() {
    for (const resolve of this.#waiting.splice(0)) resolve();
    return this.begun;
  }
}

export function actorContract(name: string, candidate: Candidate): void {
  describe(`actors on ${name}`, {timeout: 180_000}, () => {
    let backend: Backend & Traced;
    before(async () => {
      backend = await candidate.open();
    });
    after(() => backend.close());
    const from = (cell = "") =>
      setAmbient({backend, run: "" as RunId, cell, parent: null, depth: 0});
    beforeEach(() => void from());
    const it = (title: string, body: () => Promise<void>): void => {
      void test(title, {timeout: limitMs}, body);
    };

    it("state does persist between calls, and each actor has its own", async () => {
      const Counter = remote(Tally);
      const [a, b] = [Counter.remote(10), Counter.remote()];
      assert.deepEqual(await get([a.add.remote(1), a.add.remote(2), b.add.remote(5)]), [11, 13, 5]);
      assert.deepEqual(await get(a.all.remote()), [1, 2]);
    });

    it("an instance that comes as an argument leaves the actor's class as it is", async () => {
      const actor = remote(Tally).remote();
      const made = await get(actor.made.remote());
      assert.equal(made, Tally.made + 1);
      await get(actor.hold.remote([new Tally(), new Tally()]));
      assert.equal(await get(actor.made.remote()), made);
    });

    it("calls run in the order in which they were submitted", async () => {
      const c = remote(Tally).remote();
      const numbers = Array.from({length: 200}, (_, i) => i);
      for (const k of numbers) c.add.remote(k);
      assert.deepEqual(await get(c.all.remote()), numbers);
    });

    it("a call that waits for an argument holds up those behind it", async () => {
      const later = remote(async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return 1;
      });
      const c = remote(Tally).remote(put(100));
      c.add.remote(later.remote());
      c.add.remote(2);
      assert.deepEqual(await get(c.all.remote()), [1, 2]);
      assert.equal(await get(c.add.remote(0)), 103);
    });

    it("a method's error arrives with its class, and the actor lives on", async () => {
      const c = remote(Tally).remote();
      await assert.rejects(get(c.fail.remote()), (error: unknown) => {
        assert(error instanceof RangeError && error instanceof TaskError);
        assert.equal(error.place.fn, "Tally.fail");
        return true;
      });
      assert.equal(await get(c.add.remote(1)), 1);
    });

    it("the error of a constructor is the cause of what each call gives", async () => {
      class Picky {
        constructor(n: number) {
          if (n > 1) throw new RangeError(`${n} is too much`);
        }
        go() {}
      }
      const c = remote(Picky).remote(2);
      for (const call of [c.go.remote(), c.go.remote()])
        await assert.rejects(get<unknown>(call), (error: unknown) => {
          assert(error instanceof ActorDiedError, String(error));
          assert(error.cause instanceof RangeError, String(error.cause));
          assert.equal(error.cause.message, "2 is too much");
          assert(!Object.keys(error).includes("cause"), "it shows among its fields");
          return true;
        });
    });

    it("the error of a constructor arrives whole, however large, and to later calls as well", async () => {
      class Large {
        constructor(n: number) {
          throw Object.assign(new RangeError("large"), {details: "x".repeat(n)});
        }
        go() {}
      }
      const c = remote(Large).remote(300_000);
      for (let i = 0; i < 2; i++)
        await assert.rejects(get<unknown>(c.go.remote()), (error: unknown) => {
          const {cause} = error as {cause?: {details?: string}};
          assert(error instanceof ActorDiedError, String(error));
          assert(cause instanceof RangeError, String(cause));
          return cause.details?.length === 300_000;
        });
    });

    it("the large error of an argument arrives whole at those who call the actor", async () => {
      const fails = remote((): number => {
        throw Object.assign(new RangeError("large"), {details: "x".repeat(300_000)});
      });
      const c = remote(Tally).remote(fails.remote());
      await assert.rejects(get(c.add.remote(1)), (error: unknown) => {
        const {cause} = error as {cause?: {details?: string}};
        return cause instanceof RangeError && cause.details?.length === 300_000;
      });
    });

    it("an actor whose argument failed is not made", async () => {
      const fails = remote((): number => {
        throw new RangeError("no number");
      });
      const c = remote(Tally).remote(fails.remote());
      await assert.rejects(get(c.add.remote(1)), (error: unknown) => {
        assert(error instanceof ActorDiedError && error.cause instanceof RangeError);
        return true;
      });
    });

    it("awaiting methods interleave, up to maxConcurrency", async () => {
      const s = remote(Signal).remote();
      const waits = [s.wait.remote(), s.wait.remote()];
      assert.equal(await get(s.send.remote()), 2);
      assert.deepEqual(await get(waits), ["sent", "sent"]);

      class Busy {
        inside = 0;
        async work() {
          const inside = ++this.inside;
          await new Promise((resolve) => setTimeout(resolve, 5));
          this.inside--;
          return inside;
        }
      }
      const two = remote({maxConcurrency: 2}, Busy).remote();
      const most = await get(Array.from({length: 20}, () => two.work.remote()));
      assert.equal(Math.max(...most), 2);
    });

    it("calls with a time limit interleave as others do, and only the one that runs over ends", async () => {
      const signal = remote(Signal).remote();
      const waiting = signal.wait.options({timeoutMs: 10_000}).remote();
      const over = signal.wait.options({timeoutMs: 60}).remote();
      await assert.rejects(get(over), TaskCancelledError);
      const sent = signal.send.options({timeoutMs: 10_000}).remote();
      assert.deepEqual(await get([sent, waiting]), [2, "sent"]);
    });

    it("a call's time limit does not count what ran before it", async () => {
      class Sleeper {
        sleep(ms: number) {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
          return ms;
        }
      }
      const sleeper = remote(Sleeper).remote();
      const long = sleeper.sleep.remote(400);
      const limited = [1, 2, 3].map((ms) => sleeper.sleep.options({timeoutMs: 300}).remote(ms));
      assert.deepEqual(await get([long, ...limited]), [400, 1, 2, 3]);
    });

    it("handles are values: captured, passed on, put and returned", async () => {
      const c = remote(Tally).remote();
      const captured = remote(async () => get(c.add.remote(1)));
      assert.equal(await get(captured.remote()), 1);
      const passed = remote(async ({it}: {it: ActorHandle<Tally>}) => get(it.add.remote(1)));
      assert.equal(await get(passed.remote({it: c})), 2);
      const bare = remote(async (it: ActorHandle<Tally>) => get(it.add.remote(1)));
      assert.equal(await get(bare.remote(c)), 3);
      const stored = await get(put([c]));
      assert.equal(await get(stored[0]!.add.remote(1)), 4);
      const make = remote(() => remote(Tally).remote(40));
      const made = await get(make.remote());
      assert.equal(await get(made.add.remote(2)), 42);
      assert.equal(await get(bare.remote(make.remote())), 41);
    });

    it("a method may submit tasks and get their results", async () => {
      const double = remote((n: number) => 2 * n);
      class Boss {
        async sum(list: number[]) {
          const parts = await get(list.map((n) => double.remote(n)));
          return parts.reduce((a, b) => a + b, 0);
        }
      }
      assert.equal(await get(remote(Boss).remote().sum.remote([1, 2, 3])), 12);
    });

    it("named actors are found by their name, which one living actor has", async () => {
      const Counter = remote(Tally);
      const c = Counter.options({name: "tally"}).remote(1);
      await get(c.add.remote(1));
      const same = await getActor<Tally>("tally");
      assert.equal(String(same), String(c));
      assert.equal(await get(same.add.remote(1)), 3);
      const second = Counter.options({name: "tally"}).remote();
      await assert.rejects(get(second.add.remote(1)), (error: unknown) => {
        assert(error instanceof ActorDiedError, String(error));
        assert.match(error.message, /the name "tally" is taken by .*Tally.*getActor\("tally"\)/);
        return true;
      });
      await assert.rejects(getActor("taly"), (error: unknown) => {
        assert(error instanceof UsageError);
        assert.match(error.message, /no actor is named "taly"; did you mean "tally"\?/);
        return true;
      });
      await kill(c);
      await assert.rejects(getActor("tally"), UsageError);
      const third = Counter.options({name: "tally"}).remote(5);
      assert.equal(await get(third.add.remote(0)), 5);
    });

    it("a killed actor answers no call, and killing it again is no error", async () => {
      const s = remote(Signal).remote();
      const pending = s.wait.remote();
      assert.equal(await get(s.send.remote()).then(() => get(pending)), "sent");
      const open = s.wait.remote();
      await kill(s);
      for (const call of [open, s.send.remote()])
        await assert.rejects(get<unknown>(call), (error: unknown) => {
          assert(error instanceof ActorDiedError, String(error));
          assert.match(error.message, /was killed/);
          return true;
        });
      await kill(s);
    });

    it("one that may restart is made anew, without its state", async () => {
      const c = remote({maxRestarts: 1}, Tally).remote(7);
      assert.equal(await get(c.add.remote(1)), 8);
      await kill(c, {noRestart: false});
      assert.equal(await get(c.add.remote(1)), 8);
      await kill(c, {noRestart: false});
      await assert.rejects(get(c.add.remote(1)), ActorDiedError);
    });

    it("a call under way when it is made anew fails, unless it may be sent again", async () => {
      const Once = remote({maxRestarts: 2}, Signal);
      const s = Once.remote();
      const open = s.wait.remote();
      assert.equal(await get(s.send.remote()), 1);
      await get(open);
      const lost = s.wait.remote();
      const kept = s.wait.options({maxTaskRetries: 1}).remote();
      assert.equal((await wait([lost, kept], {numReturns: 2, timeoutMs: 100}))[0].length, 0);
      await kill(s, {noRestart: false});
      await assert.rejects(get(lost), ActorUnavailableError);
      assert.equal(await get(s.send.remote()), 1);
      assert.equal(await get(kept), "sent");
    });

    it("a cancelled call that waits never runs, and the others go on", async () => {
      const s = remote({maxConcurrency: 1}, Signal).remote();
      const first = s.wait.remote();
      const queued = s.wait.remote();
      await cancel(queued);
      await assert.rejects(get(queued), TaskCancelledError);
      await cancel(first);
      await assert.rejects(get(first), TaskCancelledError);
      assert((await get(s.send.remote())) <= 1);
    });

    it("a call runs again when it throws, as often as it may", async () => {
      class Flaky {
        tries = 0;
        go() {
          if (++this.tries < 3) throw new RangeError("not yet");
          return this.tries;
        }
      }
      const {go} = remote(Flaky).remote();
      const call = go.options({retryExceptions: [RangeError], maxTaskRetries: 2}).remote();
      assert.equal(await get(call), 3);
    });

    it("refs inside of arguments stay refs", async () => {
      const c = remote(Tally).remote();
      assert.equal(await get(c.hold.remote([put(1), put(2)])), "held");
    });

    it("an interrupted cell's calls are cancelled; its actors live on", async () => {
      from("cell 1");
      const s = remote(Signal).remote();
      assert.equal(await get(s.send.remote()), 0);
      const open = s.wait.remote();
      backend.cancelCell("cell 1");
      await assert.rejects(get(open), TaskCancelledError);
      from("cell 2");
      assert.equal(typeof (await get(s.send.remote())), "number");
    });

    it("the trace tells where it is, what it runs and when it ends", async () => {
      const events: TraceEvent[] = [];
      const stop = backend.watch((more) => void events.push(...more));
      const c = remote({name: "traced"}, Tally).remote();
      await get(c.add.remote(1));
      await kill(c);
      await backend.flushTrace();
      stop();
      // A cluster tells all events since its start, of earlier tests as well.
      const placed = events.flatMap((event) =>
        event.kind === "actor-placed" && event.name === "traced" ? [event] : [],
      );
      assert.deepEqual(
        placed.map(({className, incarnation}) => [className, incarnation]),
        [["Tally", 1]],
      );
      const {actor} = placed[0]!;
      const names = events.flatMap((event) =>
        event.kind === "task-submitted" && actorOf(event.task) === actor ? [event.fn] : [],
      );
      assert.deepEqual(names, ["Tally", "Tally.add"]);
      const isItsEnd = (event: TraceEvent) => event.kind === "actor-ended" && event.actor === actor;
      assert.equal(events.filter(isItsEnd).length, 1);
    });
  });
}
