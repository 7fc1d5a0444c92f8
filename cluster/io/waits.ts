// Who waits for which value: each `get` and `wait` of the user's thread until it is answered.

import {nowUs} from "../clock.js";
import type {ObjectOutcome} from "../backend.js";
import type {Place} from "../core/events.js";
import type {ObjectId, TaskId} from "../ids.js";
import type {TraceEvent} from "../trace.js";
import {lostOutcome} from "./failures.js";
import type {ClientReply, ClientRequest} from "./ports.js";
import type {Stores} from "./stores.js";

/** What waiting needs of its agent. */
export interface WaitSurroundings {
  /** Known once the cluster is. */
  stores(): Stores;
  /** To the user's thread. */
  post(reply: ClientReply): void;
  trace(event: TraceEvent): void;
  /** A running task begins, or ends, to wait. */
  blocked(task: TaskId, on: ObjectId[]): void;
  unblocked(task: TaskId): void;
}

type Asked = (ClientRequest & {kind: "get" | "wait"}) & {numReturns: number};

interface Waiting {
  kind: "get" | "wait";
  request: number;
  objects: ObjectId[];
  missing: Set<ObjectId>;
  places: Map<ObjectId, Place>;
  numReturns: number;
  timer: NodeJS.Timeout | null;
  /** The task that waits, once it had to. */
  blocks: TaskId | null;
  by: TaskId | null;
}

export class Waits {
  readonly #around: WaitSurroundings;
  readonly #want: (object: ObjectId) => void;
  readonly #requests = new Map<number, Waiting>();
  readonly #waiters = new Map<ObjectId, Set<Waiting>>();
  /** Values on their way to the user's thread. */
  readonly #delivering = new Set<Promise<void>>();

  /** `want`: `settle` follows, at once or later. */
  constructor(around: WaitSurroundings, want: (object: ObjectId) => void) {
    this.#around = around;
    this.#want = want;
  }

  begin(ask: Asked): void {
    const {kind, request, objects, numReturns, timeoutMs, by} = ask;
    const missing = new Set(objects);
    const waiting: Waiting = {
      kind,
      request,
      objects,
      missing,
      places: new Map(),
      numReturns,
      timer: null,
      blocks: null,
      by,
    };
    this.#requests.set(request, waiting);
    for (const object of [...missing]) {
      addTo(this.#waiters, object, waiting);
      this.#want(object);
    }
    if (!this.#requests.has(request)) return;
    if (timeoutMs !== null && timeoutMs <= 0) return this.#timeOut(waiting);
    if (timeoutMs !== null) waiting.timer = setTimeout(() => this.#timeOut(waiting), timeoutMs);
    if (by !== null) {
      waiting.blocks = by;
      this.#around.blocked(by, [...missing]);
    }
  }

  /** A value that somebody wanted is there, or lost. */
  settle(object: ObjectId, place: Place): void {
    const waiters = this.#waiters.get(object);
    if (!waiters) return;
    this.#waiters.delete(object);
    for (const waiting of waiters) {
      waiting.missing.delete(object);
      waiting.places.set(object, place);
      const ready = waiting.objects.length - waiting.missing.size;
      if (waiting.missing.size === 0 || (waiting.kind === "wait" && ready >= waiting.numReturns)) {
        this.#answer(waiting);
      }
    }
  }

  giveUp(request: number): void {
    this.#finish(this.#requests.get(request));
  }

  #timeOut(waiting: Waiting): void {
    if (waiting.kind === "wait") return this.#answer(waiting);
    this.#finish(waiting);
    this.#around.post({kind: "got", request: waiting.request, outcomes: null});
  }

  #answer(waiting: Waiting): void {
    const {request, objects, missing, numReturns} = waiting;
    if (waiting.kind === "wait") {
      this.#finish(waiting);
      const ready = objects.filter((object) => !missing.has(object)).slice(0, numReturns);
      return this.#around.post({kind: "ready", request, objects: ready});
    }
    const outcomes = objects.map((object) => this.#outcome(object, waiting.places.get(object)!));
    if (outcomes.every((outcome) => !(outcome instanceof Promise))) {
      return this.#deliver(waiting, outcomes as ObjectOutcome[]);
    }
    const delivering = Promise.all(outcomes).then((all) => {
      this.#delivering.delete(delivering);
      this.#deliver(waiting, all);
    });
    this.#delivering.add(delivering);
  }

  #deliver(waiting: Waiting, outcomes: ObjectOutcome[]): void {
    const {request} = waiting;
    if (!this.#requests.has(request)) return;
    this.#finish(waiting);
    this.#around.post({kind: "got", request, outcomes});
    const at = nowUs();
    const by = waiting.by as TaskId | null;
    for (const object of waiting.objects) {
      this.#around.trace({kind: "object-fetched", at, object, by});
    }
  }

  #outcome(object: ObjectId, place: Place): ObjectOutcome | Promise<ObjectOutcome> {
    const stores = this.#around.stores();
    switch (place.kind) {
      case "inline":
        return place.ok ? {ok: true, value: place.frames} : {ok: false, error: place.frames};
      case "lost":
        return lostOutcome(object, place.reason);
      case "stored":
        return stores.fetch(object, place.node).then((frames) => {
          if (frames === null) return lostOutcome(object, stores.whyMissing(place.node));
          return place.ok ? {ok: true, value: frames} : {ok: false, error: frames};
        });
    }
  }

  #finish(waiting: Waiting | undefined): void {
    if (!waiting) return;
    this.#requests.delete(waiting.request);
    if (waiting.timer) clearTimeout(waiting.timer);
    for (const object of waiting.missing) {
      const waiters = this.#waiters.get(object);
      if (waiters?.delete(waiting) && waiters.size === 0) this.#waiters.delete(object);
    }
    if (waiting.blocks !== null) this.#around.unblocked(waiting.blocks);
  }

  /** Resolves when all that is being fetched has been told. */
  async told(): Promise<void> {
    await Promise.all(this.#delivering);
  }
  close(): void {
    for (const {timer} of this.#requests.values()) if (timer) clearTimeout(timer);
  }
}

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}
