// Stops whatever JavaScript the main thread is running, from the I/O thread.

import {Session} from "node:inspector";

/** Longer than any stop that was measured; a child process that main waits for may take longer. */
const waitMs = 20;

export class Interrupter {
  readonly #session = new Session();
  #stopped: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#session.connectToMainThread();
  }

  /**
   * Resolves when main's JavaScript has stopped, or after a moment when it is in native code, which
   * is stopped as soon as it comes back. Harmless when main does nothing.
   */
  terminate(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#session.post("Runtime.terminateExecution", () => resolve());
    });
    this.#stopped = Promise.all([this.#stopped, stopped]);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      void stopped.then(() => {
        clearTimeout(timer);
        resolve();
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
