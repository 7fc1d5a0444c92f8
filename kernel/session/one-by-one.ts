// Waits on the main thread, where an interrupt may cut off any code. No wait here goes on for work
// that was cut off.

/** The work's result, or the signal's reason as soon as it is aborted. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abandon = () => reject(signal.reason as Error);
    if (signal.aborted) return abandon();
    signal.addEventListener("abort", abandon, {once: true});
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abandon));
  });
}

/** Work of several cells, each piece begun when the one before it has ended or was abandoned. */
export class OneByOne {
  #last: {ended: Promise<void>; signal: AbortSignal} | null = null;

  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.#last;
    let done = () => {};
    const ended = new Promise<void>((resolve) => (done = resolve));
    // What is cut off never comes to its end.
    signal.addEventListener("abort", done, {once: true});
    this.#last = {ended, signal};
    try {
      // The telling of an abort may itself be cut off, by a stop that comes late.
      if (before && !before.signal.aborted) await orAborted(before.ended, signal);
      return await orAborted(work(), signal);
    } finally {
      done();
      signal.removeEventListener("abort", done);
    }
  }
}
