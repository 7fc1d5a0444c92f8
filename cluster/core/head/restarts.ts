// Decides how soon a worker process is started again after others crashed at start, that is before
// they held a lease. The scheduler never stops trying: each crash within a window doubles the
// pause, up to a bound. Erlang's supervisors count restarts over a window in the same way
// (Erlang/OTP, supervisor behaviour, "Maximum Restart Intensity"), but they give up; here the
// clients that wait are told instead.

import {crashWindowMs, firstCrashPauseMs, longestCrashPauseMs} from "../../limits.js";
import type {PoolNode} from "./pool.js";

export interface RestartLimits {
  /** The pause after the first crash at start; it doubles with each further one … */
  crashDelayMs?: number;
  /** … up to this pause. */
  maxCrashDelayMs?: number;
  /** Crashes at start that are longer ago are forgotten. */
  crashWindowMs?: number;
}

export class Restarts {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #windowMs: number;

  constructor({
    crashDelayMs = firstCrashPauseMs,
    maxCrashDelayMs = longestCrashPauseMs,
    crashWindowMs: windowMs = crashWindowMs,
  }: RestartLimits) {
    this.#firstMs = crashDelayMs;
    this.#longestMs = maxCrashDelayMs;
    this.#windowMs = windowMs;
  }

  /** A process of the node crashed before it held a lease. */
  crashed(node: PoolNode, how: string, nowMs: number): void {
    node.startCrashes = node.startCrashes.filter((atMs) => atMs > nowMs - this.#windowMs);
    node.startCrashes.push(nowMs);
    node.lastCrash = how;
    if (node.startCrashes.length === crashesUntilTold) node.troubles++;
    const doublings = node.startCrashes.length - 1;
    node.retryAtMs = nowMs + Math.min(this.#firstMs * 2 ** doublings, this.#longestMs);
    // More would change nothing: the pause has reached its bound.
    if (node.startCrashes.length > maxCrashesKept) node.startCrashes.shift();
  }

  forget(node: PoolNode): void {
    node.startCrashes = [];
    node.retryAtMs = 0;
  }
}

/** Crashes say more than bad luck: whoever waits for a process of this node is told. */
export function isInTrouble({startCrashes}: PoolNode): boolean {
  return startCrashes.length >= crashesUntilTold;
}

const crashesUntilTold = 3;
const maxCrashesKept = 64;
