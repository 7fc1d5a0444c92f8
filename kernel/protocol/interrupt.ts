// Stops whatever JavaScript the main thread is running, from the I/O thread.

import {Session, type Runtime} from "node:inspector";
import {stopExpression} from "../session/stops.js";
import type {CellId} from "../threads.js";

/** Longer than any stop that was measured; a child process that main waits for may take longer. */
const waitMs = 20;
/**
 * Much longer than a loop's round; after a getter that takes longer its variables are as before the
 * loop.
 */
const saveMs = 1000;

type Evaluated = Runtime.EvaluateReturnType;

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

  /**
   * Resolves when no loop runs that keeps variables to itself, or it has saved them. Before main
   * answers it would not be stopped either.
   */
  #tell(): Promise<void> {
    return new Promise((resolve) => {
      this.saved = resolve;
      const parameters = {expression: stopExpression, returnByValue: true};
      this.#session.post("Runtime.evaluate", parameters, (_error, answer?: Evaluated) => {
        if (answer?.result.value) setTimeout(resolve, saveMs);
        else resolve();
      });
    });
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
