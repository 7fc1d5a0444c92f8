// The objects that are there, in this process, and who waits for those that are not.

import type {Frames, GetOptions, ObjectOutcome} from "../backend.js";
import {encodeError} from "../codec/codec.js";
import {ObjectLostError} from "../errors.js";
import type {ObjectId} from "../ids.js";
import {ObjectRef} from "../api/object-ref.js";

interface Posted {
  outcome: ObjectOutcome;
  /** Keeps what the value refers to. */
  held: ObjectRef[];
}

/** Somebody waits for some of these objects. */
export interface Want {
  missing: Set<ObjectId>;
  /** How many of `missing` may stay so. */
  spare: number;
  satisfied: () => void;
}

export interface WaitBounds extends GetOptions {
  /** `began`: the want has to wait. `ended`: the want waits no longer. */
  began?(want: Want): void;
  ended?(want: Want): void;
}

export class ObjectBoard {
  readonly #posted = new Map<ObjectId, Posted>();
  readonly #wants = new Map<ObjectId, Set<Want>>();
  readonly #isExpected: (object: ObjectId) => boolean;

  /** `isExpected`: an object that is not there is on its way; another is lost. */
  constructor(isExpected: (object: ObjectId) => boolean) {
    this.#isExpected = isExpected;
  }

  post(object: ObjectId, outcome: ObjectOutcome, refs: ObjectId[]): void {
    this.#posted.set(object, {outcome, held: refs.map((id) => new ObjectRef(id))});
    const wants = this.#wants.get(object);
    this.#wants.delete(object);
    for (const want of wants ?? []) {
      want.missing.delete(object);
      if (want.missing.size <= want.spare) want.satisfied();
    }
  }

  remove(object: ObjectId): void {
    for (const ref of this.#posted.get(object)?.held ?? []) ref.release();
    this.#posted.delete(object);
  }

  /** Undefined while it is on its way. */
  outcomeOf(object: ObjectId): ObjectOutcome | undefined {
    const known = this.#posted.get(object)?.outcome;
    return known ?? (this.#isExpected(object) ? undefined : lost(object));
  }

  /** True when `count` of the objects are there, false when the time is over first. */
  until(objects: ObjectId[], count: number, bounds: WaitBounds): Promise<boolean> {
    const {timeoutMs, signal} = bounds;
    const unique = [...new Set(objects)];
    const missing = new Set(unique.filter((object) => this.outcomeOf(object) === undefined));
    const spare = unique.length - Math.min(count, unique.length);
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (missing.size <= spare) return Promise.resolve(true);
    if (timeoutMs === 0) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      const leave = (settle: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
        for (const object of want.missing) this.#wants.get(object)?.delete(want);
        bounds.ended?.(want);
        settle();
      };
      const aborted = () => leave(() => reject(signal!.reason as Error));
      const over = () => leave(() => resolve(false));
      const timer = timeoutMs === undefined ? undefined : setTimeout(over, timeoutMs);
      signal?.addEventListener("abort", aborted, {once: true});
      const want: Want = {missing, spare, satisfied: () => leave(() => resolve(true))};
      for (const object of missing) this.#wantsOf(object).add(want);
      bounds.began?.(want);
    });
  }

  #wantsOf(object: ObjectId): Set<Want> {
    let wants = this.#wants.get(object);
    if (wants === undefined) this.#wants.set(object, (wants = new Set()));
    return wants;
  }
}

function lost(object: ObjectId): {ok: false; error: Frames} {
  const error = new ObjectLostError(
    `ObjectRef(${object}) is not in this process; it was made before a restart, make it again`,
  );
  return {ok: false, error: encodeError(error)};
}
