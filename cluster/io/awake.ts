// Time in which this process was awake. A process that was stopped, and one of a machine that was
// suspended, finds all its timers due at once when it goes on, before the processes beside it have
// had their time.

/** How many ticks a wait has. */
const ticks = 25;

/**
 * Calls `act` after `ms` milliseconds in which the process ran: one that stands still makes fewer
 * ticks. Returns what calls the wait off.
 */
export function afterAwake(ms: number, act: () => void): () => void {
  let left = ticks;
  let timer = setTimeout(tick, ms / ticks);
  return () => clearTimeout(timer);

  function tick(): void {
    if (--left === 0) act();
    else timer = setTimeout(tick, ms / ticks);
  }
}

/** Knows when this process last stood still, by looking at the clock each second. */
export class Standstills {
  readonly #timer = setInterval(() => this.#look(), lookEveryMs).unref();
  #lookedAtMs = performance.now();
  #endedAtMs = -Infinity;

  /** Tells whether the process stood still and went on within the last `ms` milliseconds. */
  endedWithin(ms: number): boolean {
    this.#look();
    return performance.now() - this.#endedAtMs < ms;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lookedAtMs > 3 * lookEveryMs) this.#endedAtMs = nowMs;
    this.#lookedAtMs = nowMs;
  }
}

const lookEveryMs = 1_000;
