// Whatever user code prints goes to the cell that caused it. The cell is part of the ambient context
// (cluster/context.ts); timers and microtasks carry the context in which they were made.

import {promisify} from "node:util";
import {ambient, restoreAmbient} from "../../cluster/host.js";

type Write = (cell: string, name: "stdout" | "stderr", text: string) => void;
type Callback = (...args: unknown[]) => unknown;

/** Sends stdout and stderr of this process to `write`; `failed` hears what callbacks throw. */
export function captureOutput(write: Write, failed: (error: unknown) => void): void {
  for (const name of ["stdout", "stderr"] as const) capture(process[name], name, write);
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) carry(name, failed);
  const enqueue = globalThis.queueMicrotask;
  globalThis.queueMicrotask = function queueMicrotask(callback) {
    enqueue(typeof callback === "function" ? inContext(callback as Callback, failed) : callback);
  };
}

function capture(stream: NodeJS.WriteStream, name: "stdout" | "stderr", write: Write): void {
  stream.write = ((
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    const ended = typeof encoding === "function" ? encoding : done;
    const text =
      typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString("utf8");
    write(ambient().cell, name, text);
    if (ended) process.nextTick(ended, null);
    return true;
  }) as typeof stream.write;
}

function carry(
  name: "setTimeout" | "setInterval" | "setImmediate",
  failed: (error: unknown) => void,
) {
  const original = globalThis[name] as (callback: Callback, ...args: unknown[]) => unknown;
  const carrying = (callback: Callback, ...args: unknown[]) =>
    original(typeof callback === "function" ? inContext(callback, failed) : callback, ...args);
  Object.defineProperty(carrying, "name", {value: name});
  // `util.promisify(setTimeout)` finds its own version here.
  const {custom} = promisify;
  if (custom in original)
    Object.defineProperty(carrying, custom, {value: original[custom as never], enumerable: true});
  Object.assign(globalThis, {[name]: carrying});
}

/** The callback, run in the context of now, and so is every microtask that it sets off. */
function inContext(callback: Callback, failed: (error: unknown) => void): Callback {
  const context = ambient();
  return function (this: unknown, ...args) {
    const before = ambient();
    restoreAmbient(context);
    try {
      callback.apply(this, args);
      runMicrotasks();
    } catch (error) {
      failed(error);
    } finally {
      restoreAmbient(before);
    }
  };
}

/** What Node does after each timer anyway, only that the context is still the callback's. */
const runMicrotasks =
  (process as unknown as {_tickCallback?: () => void})._tickCallback ?? (() => {});
