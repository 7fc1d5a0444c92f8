// Measures the calls of a `%%sequential` cell: of functions of cells, and of methods of remote
// classes whose instances are made here (docs/decisions/0013 and 0014). While such a cell runs,
// each function finds its measured copy under a global (`shipping/source/thunk.ts`), and methods
// are replaced.
//
// A global is deleted and defined again for each change, because V8 takes only a property that was
// never changed for a constant.

import type {RunId} from "../ids.js";
import {measured, measuredCopy, unmeasured} from "../shipping/functions/measured.js";
import {Spans} from "./spans.js";
import type {TraceEvent} from "../trace.js";

interface Fn {
  /** Weak, so that functions which a later cell replaced are not kept alive. */
  fn: WeakRef<object>;
  name: string;
  source: string;
}

interface Methods {
  cls: WeakRef<object>;
  className: string;
  names: readonly string[];
}

export class MeasuredCalls {
  readonly #spans = new Spans();
  /** Functions, by the name of the global that each asks for its measured copy. */
  readonly #functions = new Map<string, Fn>();
  #classes: Methods[] = [];
  #isOn = false;
  #putBack: (() => void)[] = [];

  /**
   * Begins to measure the calls that the current cell causes, as part of `run`. Calls of other
   * cells that run at the same time are not measured.
   */
  begin(run: RunId, listener: (events: TraceEvent[]) => void): void {
    this.end();
    this.#isOn = true;
    this.#raiseStackLimit();
    for (const call of this.#functions.keys()) this.#replace(call);
    for (const each of this.#classes) this.#replaceMethods(each);
    this.#spans.start(run, listener);
  }

  /** Ends the measured run, and takes everything back out of functions and classes. */
  end(): void {
    if (!this.#isOn) return;
    this.#spans.stop();
    this.#isOn = false;
    for (const call of this.#functions.keys()) defineCall(call, undefined);
    for (const putBack of this.#putBack) putBack();
    this.#putBack = [];
  }

  /**
   * Takes in a function that a cell has made, with its global's name, or a remote class, with the
   * names of its methods: see `CellRuntime.fn`.
   */
  add(fn: object, name: string, source: string, what: string | readonly string[]): void {
    if (typeof what !== "string") {
      const methods = {cls: new WeakRef(fn), className: name, names: what};
      this.#classes = this.#classes.filter(({cls}) => cls.deref() !== undefined);
      this.#classes.push(methods);
      if (this.#isOn) this.#replaceMethods(methods);
      return;
    }
    const isNew = !this.#functions.has(what);
    this.#functions.set(what, {fn: new WeakRef(fn), name, source});
    if (this.#isOn) this.#replace(what);
    else if (isNew) defineCall(what, undefined);
  }

  /**
   * Makes an instance of a remote class and measures that as one call, as on a cluster it is a
   * task.
   */
  making<T extends object>(name: string, make: () => T): T {
    if (!this.#isOn) return make();
    const instance = measured(make, name, this.#spans)() as T;
    for (const {cls, className, names} of this.#classes)
      if (Object.prototype.isPrototypeOf.call(prototypeOf(cls) ?? instance, instance))
        this.#replaceIn(instance, className, names);
    return instance;
  }

  /**
   * Makes stacks longer: a measured call has two more frames, which stacks do not show (stacks.ts).
   */
  #raiseStackLimit(): void {
    const {stackTraceLimit: usual} = Error;
    const raised = 3 * usual;
    Error.stackTraceLimit = raised;
    this.#putBack.push(() => {
      if (Error.stackTraceLimit === raised) Error.stackTraceLimit = usual;
    });
  }

  #replace(call: string): void {
    const {fn, name, source} = this.#functions.get(call)!;
    const original = fn.deref();
    if (original) defineCall(call, measuredCopy(original, name, source, this.#spans));
    else this.#functions.delete(call);
  }

  #replaceMethods({cls, className, names}: Methods): void {
    const prototype = prototypeOf(cls);
    if (prototype) this.#replaceIn(prototype, className, names);
  }

  #replaceIn(object: object, className: string, names: readonly string[]): void {
    for (const name of names) {
      const own = Object.getOwnPropertyDescriptor(object, name);
      if (typeof own?.value !== "function" || !own.configurable) continue;
      const value = measured(own.value as never, `${className}.${name}`, this.#spans);
      Object.defineProperty(object, name, {...own, value});
      this.#putBack.push(() => {
        const now = Object.getOwnPropertyDescriptor(object, name);
        if (now?.value === value)
          Object.defineProperty(object, name, {...now, value: unmeasured(value)});
      });
    }
  }
}

function prototypeOf(cls: WeakRef<object>): object | undefined {
  return (cls.deref() as {prototype: object} | undefined)?.prototype;
}

function defineCall(call: string, value: unknown): void {
  Reflect.deleteProperty(globalThis, call);
  Object.defineProperty(globalThis, call, {value, writable: true, configurable: true});
}

export const measuredCalls = new MeasuredCalls();
