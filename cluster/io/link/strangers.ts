// Logs refused connections: the first of a kind at once, later ones as a number.

import {refusalsLogMs} from "../../limits.js";

/** Writes the first refusal of a kind at once, and later, now and then, how many more came. */
export class RefusalLog {
  readonly #log: (line: string) => void;
  readonly #more = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  add(reason: string, count = 1): void {
    // Strangers choose some of the words, so the number of kinds that are told apart is bounded.
    const isKnown = this.#more.has(reason);
    const kind = isKnown || this.#more.size < maxKinds ? reason : "refused others";
    const more = this.#more.get(kind);
    this.#more.set(kind, (more ?? 0) + (more === undefined ? count - 1 : count));
    if (more === undefined) this.#log(kind);
    this.#timer ??= setTimeout(() => this.#tell(), refusalsLogMs).unref();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#timer = null;
    const more = [...this.#more];
    this.#more.clear();
    for (const [kind, count] of more) {
      if (count === 0) continue;
      this.#log(`${kind} (and ${count} more of this kind)`);
      this.#more.set(kind, 0);
    }
    if (this.#more.size > 0) this.#timer = setTimeout(() => this.#tell(), refusalsLogMs).unref();
  }
}
const maxKinds = 20;

/**
 * Runs a planned action once in each `delayMs`, however often it is planned, and at least that long
 * after the last plan.
 */
export class Throttle {
  readonly #delayMs: number;
  readonly #run: () => void;
  #timer: NodeJS.Timeout | null = null;
  #again = false;

  constructor(delayMs: number, run: () => void) {
    this.#delayMs = delayMs;
    this.#run = run;
  }
  get isPlanned(): boolean {
    return this.#timer !== null;
  }
  plan(): void {
    if (this.#timer) this.#again = true;
    else this.#timer = setTimeout(() => this.#due(), this.#delayMs).unref();
  }
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }
  #due(): void {
    this.#timer = null;
    if (this.#again) {
      this.#again = false;
      this.plan();
    }
    this.#run();
  }
}
