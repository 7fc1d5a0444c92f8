// The open `get` and `wait` requests of a process, each until it is answered, once.
//
//   asked ─▶ open ─(enough is there)─▶ answered           a wait
//                 ─(all is there)────▶ reading ─▶ answered   a get: its values are read first
//                 ─(time is over)────▶ answered

import type {ObjectId, TaskId} from "../../ids.js";
import type {Place} from "../events.js";

export type WaitsEvent =
  | {
      kind: "asked";
      request: number;
      /** `get` wants every value, `wait` wants to know of `numReturns` that they are there. */
      asks: "get" | "wait";
      objects: readonly ObjectId[];
      /** The place of each object, when it is known already; else null. */
      places: readonly (Place | null)[];
      numReturns: number;
      timeoutMs: number | null;
      /** The task that waits; null outside of tasks. */
      by: TaskId | null;
    }
  /** The place of an object has become known, or it is lost. */
  | {kind: "settled"; object: ObjectId; place: Place}
  | {kind: "timed-out"; request: number}
  /** The values of a get have been read. */
  | {kind: "read"; request: number}
  /** Nobody wants the answer any more. */
  | {kind: "given-up"; request: number};

export type WaitsCommand =
  /** Answer with `timed-out` after so long, unless `call-off-limit` comes first. */
  | {kind: "limit"; request: number; timeoutMs: number}
  | {kind: "call-off-limit"; request: number}
  | {kind: "block"; task: TaskId; on: ObjectId[]}
  | {kind: "unblock"; task: TaskId}
  /** To a wait: the positions of all that are there, which may be more than were asked for. */
  | {kind: "tell-ready"; request: number; positions: number[]}
  /** To a get: read these values, then answer with `read`. */
  | {kind: "read-values"; request: number; objects: readonly ObjectId[]; places: Place[]}
  /** To a get: its values have been read. */
  | {kind: "tell-values"; request: number; objects: readonly ObjectId[]; by: TaskId | null}
  /** To a get: its time is over. */
  | {kind: "tell-late"; request: number};

interface Waiting {
  readonly request: number;
  readonly asks: "get" | "wait";
  readonly objects: readonly ObjectId[];
  readonly numReturns: number;
  readonly by: TaskId | null;
  readonly places: Map<ObjectId, Place | null>;
  missing: number;
  isLimited: boolean;
  isBlocking: boolean;
}

export class Waits {
  readonly #open = new Map<number, Waiting>();
  /** By object that is not there: mostly one waits for it. */
  readonly #waiters = new Map<ObjectId, Waiting[]>();

  handle(event: WaitsEvent): WaitsCommand[] {
    const out: WaitsCommand[] = [];
    switch (event.kind) {
      case "asked":
        this.#ask(event, out);
        break;
      case "settled":
        this.#settle(event.object, event.place, out);
        break;
      case "timed-out": {
        const waiting = this.#open.get(event.request);
        if (waiting?.asks === "wait") this.#answer(waiting, out);
        else if (waiting) this.#end(waiting, {kind: "tell-late", request: waiting.request}, out);
        break;
      }
      case "read": {
        const waiting = this.#open.get(event.request);
        if (!waiting) break;
        const {request, objects, by} = waiting;
        this.#end(waiting, {kind: "tell-values", request, objects, by}, out);
        break;
      }
      case "given-up": {
        const waiting = this.#open.get(event.request);
        if (waiting) this.#end(waiting, null, out);
        break;
      }
      default:
        event satisfies never;
    }
    return out;
  }

  /** For the invariants: who is open, and for which objects somebody waits. */
  inspect(): {open: number; objects: number} {
    return {open: this.#open.size, objects: this.#waiters.size};
  }

  #ask(event: WaitsEvent & {kind: "asked"}, out: WaitsCommand[]): void {
    const {request, asks, objects, numReturns, timeoutMs, by} = event;
    const places = new Map<ObjectId, Place | null>();
    let missing = 0;
    objects.forEach((object, index) => {
      if (places.has(object)) return;
      const place = event.places[index]!;
      places.set(object, place);
      if (place === null) missing++;
    });
    const waiting: Waiting = {
      request,
      asks,
      objects,
      numReturns,
      by,
      places,
      missing,
      isLimited: false,
      isBlocking: false,
    };
    this.#open.set(request, waiting);
    if (isEnough(waiting)) return this.#answer(waiting, out);
    for (const object of this.#missingOf(waiting)) {
      const waiters = this.#waiters.get(object);
      if (waiters) waiters.push(waiting);
      else this.#waiters.set(object, [waiting]);
    }
    if (timeoutMs !== null && timeoutMs <= 0) {
      if (asks === "wait") return this.#answer(waiting, out);
      return this.#end(waiting, {kind: "tell-late", request}, out);
    }
    if (timeoutMs !== null) {
      waiting.isLimited = true;
      out.push({kind: "limit", request, timeoutMs});
    }
    if (by !== null) {
      waiting.isBlocking = true;
      out.push({kind: "block", task: by, on: this.#missingOf(waiting)});
    }
  }

  #settle(object: ObjectId, place: Place, out: WaitsCommand[]): void {
    const waiters = this.#waiters.get(object);
    if (!waiters) return;
    this.#waiters.delete(object);
    for (const waiting of waiters) {
      waiting.places.set(object, place);
      waiting.missing--;
      if (isEnough(waiting)) this.#answer(waiting, out);
    }
  }

  #answer(waiting: Waiting, out: WaitsCommand[]): void {
    const {request, asks, objects, places} = waiting;
    if (asks === "get") {
      const found = objects.map((object) => places.get(object)!);
      out.push({kind: "read-values", request, objects, places: found});
      return;
    }
    const positions: number[] = [];
    objects.forEach((object, index) => {
      if (places.get(object)) positions.push(index);
    });
    this.#end(waiting, {kind: "tell-ready", request, positions}, out);
  }

  /** Forgets the request and lets its task go on, before the answer arrives. */
  #end(waiting: Waiting, answer: WaitsCommand | null, out: WaitsCommand[]): void {
    const {request, by, isLimited, isBlocking} = waiting;
    this.#open.delete(request);
    if (waiting.missing > 0) {
      for (const object of this.#missingOf(waiting)) {
        const others = this.#waiters.get(object)?.filter((other) => other !== waiting) ?? [];
        if (others.length > 0) this.#waiters.set(object, others);
        else this.#waiters.delete(object);
      }
    }
    if (isLimited) out.push({kind: "call-off-limit", request});
    if (isBlocking) out.push({kind: "unblock", task: by!});
    if (answer) out.push(answer);
  }

  #missingOf({places}: Waiting): ObjectId[] {
    const missing: ObjectId[] = [];
    for (const [object, place] of places) if (place === null) missing.push(object);
    return missing;
  }
}

function isEnough({asks, missing, numReturns, places}: Waiting): boolean {
  return missing === 0 || (asks === "wait" && places.size - missing >= numReturns);
}
