// Stops whatever JavaScript the main thread is running, from the I/O thread.

import {Session} from "node:inspector";
import {setTimeout as pause} from "node:timers/promises";
import {stopExpression} from "../session/stops.js";
import type {CellId} from "../threads.js";

/** Longer than any stop that was measured; a child process that main waits for may take longer. */
const waitMs = 20;
/** Longer than a loop's round; in a getter that takes longer its variables are as before the loop. */
const saveMs = 5;

export class Interrupter {
  readonly #session = new Session();
  /** Cells with loops that are told before they are cut off. */
  readonly told = new Set<CellId>();
  /** Main has saved what its loop kept. */
  saved: () => void = () => {};
  #stopped: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#session.connectToMainThread();
  }

  /**
   * Resolves when main's JavaScript has stopped, or after a moment when it is in native code, which
   * is stopped as soon as it comes back. Harmless when main does nothing.
   */
  terminate(): Promise<void> {
    const stopped = this.told.size === 0 ? this.#cutOff() : this.#tell().then(() => this.#cutOff());
    this.#stopped = Promise.all([this.#stopped, stopped]);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      void stopped.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #cutOff(): Promise<void> {
    return new Promise((resolve) => {
      this.#session.post("Runtime.terminateExecution", () => resolve());
    });
  }

  async #tell(): Promise<void> {
    const saved = new Promise<void>((resolve) => (this.saved = resolve));
    this.#session.post("Runtime.evaluate", {expression: stopExpression});
    await Promise.race([saved, pause(saveMs)]);
  }

  /** Resolves when no stop is on its way any more. */
  async quiet(): Promise<void> {
    await this.#stopped;
  }

  /** Must be called before the thread ends. */
  disconnect(): void {
    this.#session.disconnect();
  }
}
