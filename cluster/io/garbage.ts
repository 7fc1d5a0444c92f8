// Gives the memory of large values back once a thread is done with them.
//
// V8 collects when a program allocates. A thread that has passed a large value on and then has nothing to
// do allocates nothing, so the value's memory would stay with the process for ever. Each thread that large
// values pass through counts them here, and collects once it has been quiet for a moment.

import {setFlagsFromString} from "node:v8";
import {runInNewContext} from "node:vm";
import {garbageBytes, garbageQuietMs} from "../limits.js";

/** A collection takes at most about this share of a thread's time. */
const maxShare = 0.02;

export class GarbageWatch {
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #notBefore = 0;

  /** So much memory, which this thread may have let go of, has passed through it. */
  passed(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < garbageBytes) return;
    if (this.#timer !== null) this.#timer.refresh();
    else this.#plan(garbageQuietMs);
  }
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #plan(delayMs: number): void {
    this.#timer = setTimeout(() => this.#collect(), delayMs).unref();
  }
  #collect(): void {
    const began = performance.now();
    if (began < this.#notBefore) return this.#plan(this.#notBefore - began);
    this.#timer = null;
    this.#bytes = 0;
    collectGarbage();
    const now = performance.now();
    this.#notBefore = now + (now - began) / maxShare;
  }
}

let collect: (() => void) | undefined;

/** Makes V8 collect all of this thread's garbage now. */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}
