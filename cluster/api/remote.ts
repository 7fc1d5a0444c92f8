// Functions become remote ones here: `.remote(…)` ships the function and its arguments to the current
// backend and returns at once with a ref of the result.

import type {ActorClassOptions} from "./actor-options.js";
import {makeActorClass, type AbstractClassesHaveNoInstances, type ActorClass} from "./actors.js";
import {currentBackend} from "../context/context.js";
import {UsageError} from "../errors.js";
import {newResultId} from "./fresh.js";
import type {ObjectRef} from "./object-ref.js";
import {checkOptions, type RemoteOptions} from "./options.js";
import {remoteKey} from "../shipping/names/remote-mark.js";
import {standIn} from "./stand-in.js";
import {captureNamed, submit} from "./submission.js";

/** An argument of a remote function: a value, or a ref of it. A ref itself can be one only inside of another value. */
export type Argument<T> = Exclude<T, ObjectRef> | ObjectRef<T>;
export type Arguments<Args extends readonly unknown[]> = {
  [Index in keyof Args]: Argument<Args[Index]>;
};

/** A function whose calls are tasks. */
export interface RemoteFunction<Args extends readonly unknown[], Result> {
  /** Refused: says what to write instead. */
  (
    this: "a remote function is not called directly: write f.remote(…) to run it on the cluster, or f.local(…) to run it here",
    ...args: never
  ): never;
  /**
   * Submits a task and returns at once; `get` fetches its result. A loop may submit without end:
   * pending tasks are kept in this process, each in less than 500 bytes when its function is known
   * and its arguments are small. The tasks leave while the loop runs on; a loop that is `maxAheadBytes`
   * ahead waits here for the thread that sends them. An `await` of `get` or `wait` now and then
   * keeps their number small.
   */
  remote(...args: Arguments<Args>): ObjectRef<Awaited<Result>>;
  /** The same function with other options; those not named stay. */
  options(options: RemoteOptions): RemoteFunction<Args, Result>;
  /** An ordinary call, in this process. */
  local(...args: Args): Result;
}

/**
 * A remote function that has type parameters or overloads. Only `.local` keeps them: `.remote` takes and
 * gives `unknown` for a type parameter, and knows the last overload alone.
 */
export interface GenericRemoteFunction<
  F extends (...args: Args) => Result,
  Args extends readonly unknown[],
  Result,
> extends RemoteFunction<Args, Result> {
  options(options: RemoteOptions): GenericRemoteFunction<F, Args, Result>;
  local: F;
}

type AnyClass = abstract new (...args: never[]) => unknown;

/** No call signature: one would give its own types to parameters that have none but a default value. */
type AnyFunction = CallableFunction | NewableFunction;

/** What `remote` makes of a function, or of a class. A function whose type tells nothing takes and gives anything. */
export type Remote<F> = 0 extends 1 & F
  ? RemoteFunction<any[], any>
  : F extends (...args: infer Args) => infer Result
    ? ((...args: Args) => Result) extends F
      ? RemoteFunction<Args, Result>
      : GenericRemoteFunction<F, Args, Result>
    : F extends new (...args: infer Args) => infer T
      ? ActorClass<T, Args>
      : F extends AnyClass
        ? AbstractClassesHaveNoInstances
        : RemoteFunction<any[], any>;

/** The options that fit: an actor class's, or a function's. */
type OptionsFor<F> = [F] extends [AnyClass] ? ActorClassOptions : RemoteOptions;

/**
 * Makes a function or a class remote: its calls become tasks, its instances actors. Also
 * `remote(options)(fn)`, and as `@remote` in the cells of a notebook.
 */
export function remote<F extends AnyFunction>(fn: F, options?: OptionsFor<F>): Remote<F>;
export function remote<F extends AnyFunction>(options: OptionsFor<F>, fn: F): Remote<F>;
export function remote(options: RemoteOptions): <F extends AnyFunction>(fn: F) => Remote<F>;
export function remote(options: ActorClassOptions): <F extends AnyClass>(cls: F) => Remote<F>;
export function remote(first: unknown, second?: unknown): unknown {
  checkNoDecorator(second);
  if (typeof first === "function") return makeRemote(first, second ?? {});
  if (typeof second === "function") return makeRemote(second, first);
  if (arguments.length === 1 && typeof first === "object" && first !== null) {
    return (fn: unknown) => makeRemote(fn, first);
  }
  throw new UsageError(
    "remote: give it a function or a class, as remote(fn), remote(fn, options) or remote(options, fn)",
  );
}

/** As a decorator of JavaScript's own, which changes no type, it is called with a context. */
function checkNoDecorator(second: unknown): void {
  if (typeof second !== "object" || second === null || !("addInitializer" in second)) return;
  const {kind, name} = second as unknown as DecoratorContext;
  throw new UsageError(
    kind === "class"
      ? `remote: no decorator makes \`${name}\` remote here; write \`const ${name} = remote(class { … })\``
      : `remote: \`${String(name)}\` is a member of a class and can't be remote alone; make the class remote, and call the methods of its actors with .remote(…)`,
  );
}

interface RemoteSource {
  fn: (...args: unknown[]) => unknown;
  options: RemoteOptions;
}

export function isRemote(value: unknown): value is RemoteFunction<unknown[], unknown> {
  return typeof value === "function" && remoteKey in value;
}

function makeRemote(
  fn: unknown,
  options: RemoteOptions | unknown,
): RemoteFunction<unknown[], unknown> {
  if (typeof fn !== "function") {
    throw new UsageError(`remote: ${String(fn)} is not a function`);
  }
  const plainName = fn.name || "anonymous";
  if (isRemote(fn)) {
    throw new UsageError(
      `remote: \`${plainName}\` is remote already; ${plainName}.options({…}) changes its options`,
    );
  }
  if (isClass(fn)) return makeActorClass(fn as never, options as ActorClassOptions) as never;
  const source: RemoteSource = {
    fn: fn as RemoteSource["fn"],
    options: options as RemoteOptions,
  };
  const {name = plainName, task} = checkOptions(source.options, plainName);
  const face = standIn(
    `\`${name}\` is remote and is not called directly: ` +
      `write ${plainName}.remote(…) to run it on the cluster, or ${plainName}.local(…) to run it here`,
    `[RemoteFunction: ${plainName}]`,
    {
      name: plainName,
      length: fn.length,
      [remoteKey]: source,
      remote: (...args: unknown[]) =>
        submit(
          {result: newResultId(), fn: name, ...captureNamed(source.fn, name), args, options: task},
          currentBackend(),
        ),
      options: (more: RemoteOptions) => makeRemote(fn, {...source.options, ...more}),
      // Without a `this`, as in an ordinary call.
      local: (...args: unknown[]) => (0, source.fn)(...args),
      toString: () => `remote(${plainName})`,
    },
  );
  return face as unknown as RemoteFunction<unknown[], unknown>;
}

const isClass = (fn: object) => /^class\b/.test(Function.prototype.toString.call(fn));
