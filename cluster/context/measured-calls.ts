// What a `%%sequential` cell measures: functions of cells, and methods of remote classes whose instances
// are made here. While such a cell runs, functions find their measured copies under their globals
// (`shipping/source/thunk.ts`), and methods of classes are replaced.
//
// Each change of a global makes it anew: only one that was never changed is a constant to V8.

import type {RunId} from "../ids.js";
import {measured, measuredCopy, unmeasured} from "../shipping/functions/measured.js";
import {Spans} from "./spans.js";
import type {TraceEvent} from "../trace.js";

interface Fn {
  /** Replaced ones are not kept alive. */
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
  /** By the global that each asks. */
  readonly #functions = new Map<string, Fn>();
  #classes: Methods[] = [];
  #isOn = false;
  #putBack: (() => void)[] = [];

  /** From now on calls that this cell causes are measured, as part of `run`; others may run beside it. */
  begin(run: RunId, listener: (events: TraceEvent[]) => void): void {
    this.end();
    this.#isOn = true;
    this.#raiseStackLimit();
    for (const call of this.#functions.keys()) this.#replace(call);
    for (const each of this.#classes) this.#replaceMethods(each);
    this.#spans.start(run, listener);
  }

  /** The run is over: nothing of it is left in functions and classes. */
  end(): void {
    if (!this.#isOn) return;
    this.#spans.stop();
    this.#isOn = false;
    for (const call of this.#functions.keys()) defineCall(call, undefined);
    for (const putBack of this.#putBack) putBack();
    this.#putBack = [];
  }

  /** A function comes to be, or a remote class with such methods: see `CellRuntime.fn`. */
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

  /** Makes an instance of a remote class as one call, as its making elsewhere is a task. */
  making<T extends object>(name: string, make: () => T): T {
    if (!this.#isOn) return make();
    const instance = measured(make, name, this.#spans)() as T;
    for (const {cls, className, names} of this.#classes)
      if (Object.prototype.isPrototypeOf.call(prototypeOf(cls) ?? instance, instance))
        this.#replaceIn(instance, className, names);
    return instance;
  }

  /** A measured call has two frames more, which stacks do not show (stacks.ts). */
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
