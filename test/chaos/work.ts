// Work that runs beside the faults: tasks of several kinds, and actors that tick and are called.
// Tasks and calls write their start and end, and actors their ticks, into a file of their process.

import {appendFileSync} from "node:fs";
import {setTimeout as sleep} from "node:timers/promises";
import {get, kill, remote, type ActorHandle, type ObjectRef} from "../../cluster/index.js";
import {Random} from "../simulation/random.js";
import type {Entry} from "./ledger.js";

const tickMs = 100;
const largeBytes = 256 * 1024;
const maxInFlight = 2_000;
const submitEveryMs = 50;
/** The time between two calls of one actor: at least and at most. */
const callEveryMs = [200, 1_500] as const;
const maxCallsInFlight = 3;

function note(folder: string, kind: string, id: string, life: string): void {
  const at = Date.now();
  appendFileSync(`${folder}/${process.pid}`, `${kind} ${id} ${process.pid} ${life} ${at}\n`);
}

function newLife(): string {
  return Math.random().toString(36).slice(2);
}

/** Gives `id * 2` after some time, in a value that may be large. */
async function work(
  folder: string,
  id: number,
  ms: number,
  bytes: number,
): Promise<Uint8Array | number> {
  const life = newLife();
  note(folder, "start", `task-${id}`, life);
  await new Promise((resolve) => setTimeout(resolve, ms));
  note(folder, "end", `task-${id}`, life);
  return bytes > 0 ? new Uint8Array(bytes).fill(id % 251) : id * 2;
}

const leaf = remote(
  (id: number, ms: number) => new Promise<number>((resolve) => setTimeout(() => resolve(id), ms)),
);

/** Does the same through a task that it submits and waits for. */
async function nested(folder: string, id: number, ms: number): Promise<number> {
  const life = newLife();
  note(folder, "start", `task-${id}`, life);
  const value = await get(leaf.remote(id, ms));
  note(folder, "end", `task-${id}`, life);
  return value * 2;
}

/** An actor: counts its calls, and ticks as long as its process lives. */
class Ticker {
  readonly #folder: string;
  readonly #life = newLife();
  #calls = 0;

  constructor(folder: string, id: string) {
    this.#folder = folder;
    const tick = (): void => note(folder, "tick", id, this.#life);
    tick();
    setInterval(tick, tickMs);
  }

  call(id: string, ms: number): Promise<{id: string; life: string; calls: number}> {
    const life = newLife();
    note(this.#folder, "start", id, life);
    const calls = ++this.#calls;
    return new Promise((resolve) =>
      setTimeout(() => {
        note(this.#folder, "end", id, life);
        resolve({id, life: this.#life, calls});
      }, ms),
    );
  }
}

const kinds = [
  {name: "mortal", maxRestarts: 0, maxTaskRetries: 0},
  {name: "restarted", maxRestarts: -1, maxTaskRetries: 0},
  {name: "steady", maxRestarts: -1, maxTaskRetries: -1},
] as const;

export class Work {
  readonly tasks: Entry[] = [];
  readonly calls: Entry[] = [];
  readonly actors: {id: string; killedAtMs: number}[] = [];
  readonly #folder: string;
  readonly #random: Random;
  readonly #settled: Promise<void>[] = [];
  readonly #handles = new Map<string, ActorHandle<Ticker>>();
  #inFlight = 0;
  #isEnough = false;

  constructor(folder: string, seed: number) {
    this.#folder = folder;
    this.#random = new Random(seed ^ 0x5eed);
  }

  /** Begins to submit tasks, spread over the time, and calls of actors. */
  begin({tasks, actors, seconds}: {tasks: number; actors: number; seconds: number}): void {
    this.#settled.push(this.#submit(tasks, seconds * 1_000));
    for (let i = 0; i < actors; i++) this.#settled.push(this.#live(i));
  }

  /** Begins no new calls of actors. Tasks that are not submitted yet still are. */
  enough(): void {
    this.#isEnough = true;
  }

  /** Resolves when every caller has its answer. */
  async settled(): Promise<void> {
    for (let i = 0; i < this.#settled.length; i++) await this.#settled[i];
  }

  async killActors(): Promise<void> {
    for (const [id, handle] of this.#handles) {
      await kill(handle);
      this.actors.push({id, killedAtMs: Date.now()});
    }
  }

  async #submit(count: number, overMs: number): Promise<void> {
    const fresh = remote({maxRetries: 0}, work);
    const retried = remote(work);
    const [freshNested, retriedNested] = [remote({maxRetries: 0}, nested), remote(nested)];
    const beganAtMs = Date.now();
    while (this.tasks.length < count) {
      const due = this.#isEnough ? count : ((Date.now() - beganAtMs) / overMs) * count;
      while (this.tasks.length < Math.min(due, count) && this.#inFlight < maxInFlight) {
        const id = this.tasks.length;
        const isFresh = this.#random.chance(0.5);
        const ms = this.#random.chance(0.01)
          ? this.#random.whole(1_000, 3_000)
          : this.#random.whole(1, 20);
        const bytes = this.#random.chance(0.02) ? largeBytes : 0;
        const entry: Entry = {
          id: `task-${id}`,
          retries: isFresh ? 0 : 3,
          mayEndWith: [
            ...(isFresh ? ["WorkerCrashedError"] : []),
            ...(bytes > 0 ? ["ObjectLostError"] : []),
          ],
          told: null,
        };
        this.tasks.push(entry);
        const isNested = bytes === 0 && this.#random.chance(0.05);
        const ref: ObjectRef<Uint8Array | number> = isNested
          ? (isFresh ? freshNested : retriedNested).remote(this.#folder, id, ms)
          : (isFresh ? fresh : retried).remote(this.#folder, id, ms, bytes);
        this.#settled.push(this.#hear(entry, ref, (value) => isRight(value, id, bytes)));
      }
      await sleep(submitEveryMs);
    }
  }

  /** Keeps one actor alive: an actor that dies is followed by a new one. */
  async #live(place: number): Promise<void> {
    const kind = kinds[place % kinds.length]!;
    const {name, ...options} = kind;
    const inCall = new Set<Promise<void>>();
    for (let number = 0; !this.#isEnough; number++) {
      const id = `${name}-${place}.${number}`;
      const handle = remote(options, Ticker).remote(this.#folder, id) as ActorHandle<Ticker>;
      this.#handles.set(id, handle);
      const last = new Map<string, number>();
      let isDead = false;
      for (let call = 0; !isDead && !this.#isEnough; call++) {
        const entry: Entry = {
          id: `${id}.${call}`,
          retries: options.maxTaskRetries,
          mayEndWith:
            name === "steady"
              ? []
              : name === "mortal"
                ? ["ActorDiedError", "ActorUnavailableError"]
                : ["ActorUnavailableError"],
          told: null,
        };
        this.calls.push(entry);
        const ref = handle.call.remote(entry.id, this.#random.whole(0, 10));
        // Each life of an actor counts its calls, in the order in which they were made.
        const told = this.#hear(entry, ref, ({id: told, life, calls}) => {
          const isNext = calls > (last.get(life) ?? 0);
          last.set(life, calls);
          return told === entry.id && isNext;
        }).then(() => {
          inCall.delete(told);
          if (entry.told?.error === "ActorDiedError") isDead = true;
        });
        inCall.add(told);
        this.#settled.push(told);
        await sleep(this.#random.between(...callEveryMs));
        while (inCall.size >= maxCallsInFlight && !this.#isEnough) await sleep(tickMs);
      }
      if (isDead) this.#handles.delete(id);
    }
  }

  async #hear<T>(entry: Entry, ref: ObjectRef<T>, isRight: (value: T) => boolean): Promise<void> {
    this.#inFlight++;
    try {
      const value = (await get(ref)) as T;
      entry.told = {atMs: Date.now(), error: null, isRight: isRight(value)};
    } catch (error) {
      entry.told = {atMs: Date.now(), error: (error as Error).name, isRight: false};
    }
    this.#inFlight--;
  }
}

function isRight(value: Uint8Array | number, id: number, bytes: number): boolean {
  if (typeof value === "number") return value === id * 2;
  return value.length === bytes && value.every((byte) => byte === id % 251);
}
