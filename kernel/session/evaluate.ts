// Runs JavaScript on the main thread in V8's REPL mode. Top-level names are kept and can be
// declared again, `await` works at top level, and an interrupt ends the code without a trace.
//
// The inspector answers when the cell's own promise settles. If that promise is collected before,
// as in `await new Promise(() => {})`, Node 22's inspector answers in the midst of garbage
// collection, and V8 ends the process. So the promise is held while the cell runs, and the
// inspector session is closed when the cell is given up.
//
// An interrupt (`Runtime.terminateExecution`, posted by the I/O thread) cuts off every frame on the
// stack. Evaluation therefore begins in a `setImmediate` callback. Measured: from there, Node goes
// on as if nothing had happened; from a MessagePort's callback, Node's task queue is stuck
// afterwards. After an interrupt past an `await` the inspector gives no answer at all, so callers
// that wait are told by the cell's signal.

import {Session, type Runtime} from "node:inspector";
import {promiseHooks} from "node:v8";
import {debuggee} from "../debugger/debuggee.js";

export class InterruptedError extends Error {
  override name = "InterruptedError";
  constructor() {
    super("the cell was interrupted; its variables are kept");
  }
}

/** What the cell threw, as it threw it; `thrown` may be anything. */
export class Thrown {
  readonly thrown: unknown;
  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

type Evaluated = Runtime.EvaluateReturnType;

const later = setImmediate;
const holderKey = Symbol.for("tasklab.thrown");
const objectGroup = "tasklab";

export class Evaluator {
  #session!: Session;
  /** Where the inspector puts the value that was thrown. */
  readonly #holder: {thrown?: unknown} = {};
  #holderId = "";
  /** Promises of the cells that run. */
  readonly #held = new Set<Promise<unknown>>();

  constructor() {
    this.#connect();
  }

  /**
   * Rejects with `Thrown`, or with the signal's reason as soon as the cell is interrupted.
   * `entering` is called right before the code begins.
   */
  run(expression: string, signal: AbortSignal, entering: () => void = () => {}): Promise<void> {
    return new Promise((resolve, reject) => {
      let isRunning = false;
      const abandon = () => {
        reject(signal.reason as Error);
        if (isRunning) this.#connect();
      };
      if (signal.aborted) return abandon();
      signal.addEventListener("abort", abandon, {once: true});
      later(() => {
        if (signal.aborted) return;
        entering();
        isRunning = true;
        let promise: Promise<unknown> | undefined;
        onFirstPromise((made) => this.#held.add((promise = made)));
        const silent = !debuggee.isAttached;
        const parameters = {expression, replMode: true, silent, objectGroup};
        this.#session.post("Runtime.evaluate", parameters, (error, answer: Evaluated) => {
          isRunning = false;
          if (promise) this.#held.delete(promise);
          signal.removeEventListener("abort", abandon);
          // The only error of the call itself: execution was terminated.
          if (error) return reject(new InterruptedError());
          const {exceptionDetails} = answer;
          if (!exceptionDetails) resolve();
          else reject(new Thrown(this.#fetch(exceptionDetails)));
          this.#session.post("Runtime.releaseObjectGroup", {objectGroup});
        });
      });
    });
  }

  /**
   * Opens a new inspector session after an interrupt. The old session's answers are void, and so
   * are the promises behind them.
   */
  #connect(): void {
    this.#held.clear();
    (this.#session as Session | undefined)?.disconnect();
    this.#session = new Session();
    this.#session.connect();
    const globals = globalThis as {[holderKey]?: object};
    globals[holderKey] = this.#holder;
    this.#session.post(
      "Runtime.evaluate",
      {expression: `globalThis[Symbol.for("tasklab.thrown")]`},
      (_error, {result}) => (this.#holderId = result.objectId as string),
    );
    delete globals[holderKey];
  }

  #fetch({exception, text}: Runtime.ExceptionDetails): unknown {
    if (!exception) return new Error(text);
    const {objectId, value, unserializableValue} = exception;
    const thrown = objectId ? {objectId} : unserializableValue ? {unserializableValue} : {value};
    this.#session.post("Runtime.callFunctionOn", {
      objectId: this.#holderId,
      functionDeclaration: "function (thrown) { this.thrown = thrown; }",
      arguments: [thrown],
    });
    const fetched = this.#holder.thrown;
    delete this.#holder.thrown;
    return fetched;
  }
}

/** Calls `take` with the next promise that is made: a cell in REPL mode begins with its own. */
function onFirstPromise(take: (promise: Promise<unknown>) => void): void {
  if (!process.versions.node.startsWith("22.")) return;
  const stop = promiseHooks.onInit((promise) => {
    stop();
    take(promise);
  });
}
