// Makes remote functions. Their `.remote(…)` ships the function and its arguments to the current
// backend and returns at once, with a ref of the result.

import type {ActorClassOptions} from "./actor-options.js";
import {makeActorClass, type AbstractClassesHaveNoInstances, type ActorClass} from "./actors.js";
import {currentBackend} from "../context/context.js";
import {UsageError} from "../errors.js";
import type {ObjectRef} from "./object-ref.js";
import {checkOptions, type RemoteOptions} from "./options.js";
import {remoteKey} from "../shipping/names/remote-mark.js";
import type {Arguments} from "./arguments.js";
import {standIn} from "./stand-in.js";
import {captureNamed, submit} from "./submission.js";

/**
 * A function whose calls are tasks, as `remote(fn)` makes it. Calling it directly throws a
 * UsageError that says what to write.
 *
 * @example
 * ```ts
 * import {get, remote, type RemoteFunction} from "tasklab";
 *
 * const square: RemoteFunction<[n: number], number> = remote((n: number) => n * n);
 * console.log(await get(square.remote(7))); // → 49
 * console.log(square.local(7)); // → 49
 * ```
 */
export interface RemoteFunction<Args extends readonly unknown[], Result> {
  /** Refused: says what to write instead. */
  (
    this: "a remote function is not called directly: write f.remote(…) to run it on the cluster, or f.local(…) to run it here",
    ...args: never
  ): never;
  /**
   * Submits a task and returns at once, with a ref of its result; `get` fetches the result. The
   * function, the variables that it captures and its arguments travel as they are now: later
   * changes do not reach the task. The first call starts a cluster when none runs.
   *
   * A loop may submit without end: pending tasks are kept in this process, each in less than
   * 500 bytes when its function is known and its arguments are small. Tasks leave while the loop
   * runs on; a loop that is `maxAheadBytes` (1 MiB) ahead waits here for the thread that sends
   * tasks. An `await` of `get` or `wait` now and then keeps the number of pending tasks small.
   *
   * @throws CannotShipError when the function captures, or an argument holds, a value that can't
   * travel; UsageError for a released ref; ClusterStoppedError when no new cluster may be started.
   */
  remote(...args: Arguments<Args>): ObjectRef<Awaited<Result>>;
  /**
   * Gives the same function with other options. Options that are not named stay as they are.
   *
   * @throws UsageError for an unknown option or value.
   */
  options(options: RemoteOptions): RemoteFunction<Args, Result>;
  /** Calls the function in this process, as an ordinary function. */
  local(...args: Args): Result;
}

/**
 * A remote function that has type parameters or overloads. Only `.local` keeps them: for a type
 * parameter `.remote` takes and gives `unknown`, and of overloads it knows the last.
 *
 * @example
 * ```ts
 * import {get, remote, type GenericRemoteFunction} from "tasklab";
 *
 * const first = remote(function first<T>(list: T[]): T {
 *   return list[0]!;
 * });
 * const known: GenericRemoteFunction<<T>(list: T[]) => T, [unknown[]], unknown> = first;
 * console.log(await get(known.remote(["a", "b"]))); // → a
 * console.log(known.local(["a", "b"]).toUpperCase()); // → A
 * ```
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

/**
 * Any function or class. The type has no call signature, because TypeScript would give that
 * signature's types to parameters that have only a default value.
 */
type AnyFunction = CallableFunction | NewableFunction;

/**
 * The type that `remote` gives for a function or a class `F`. For a function whose type is `any`,
 * the remote function takes and gives anything.
 *
 * @example
 * ```ts
 * import {get, remote, type Remote} from "tasklab";
 *
 * const length = (text: string) => text.length;
 * const far: Remote<typeof length> = remote(length);
 * console.log(await get(far.remote("hello"))); // → 5
 * ```
 */
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

/** The options that fit `F`: those of actor classes or those of functions. */
type OptionsFor<F> = [F] extends [AnyClass] ? ActorClassOptions : RemoteOptions;

/**
 * Makes a function or a class remote: calls of the function become tasks on worker processes,
 * instances of the class become actors. In a notebook's cell, `@remote` or `@remote({…})` above the
 * declaration does the same. The function or class itself stays as it is.
 *
 * The options may come first, second, or alone: `remote(options)(fn)`. See RemoteOptions for
 * functions and ActorClassOptions for classes.
 *
 * Ray's counterpart: [ray.remote](https://docs.ray.io/en/latest/ray-core/api/doc/ray.remote.html).
 *
 * @throws UsageError for anything but a function or a class, for one that is remote already, and
 * for an unknown option or value.
 *
 * @example
 * ```ts
 * import {get, remote} from "tasklab";
 *
 * const square = remote((n: number) => n * n);
 * const squares = await get([1, 2, 3].map((n) => square.remote(n)));
 * console.log(squares); // → [ 1, 4, 9 ]
 * ```
 *
 * @example
 * ```ts
 * import {get, remote} from "tasklab";
 *
 * const Counter = remote(
 *   class Counter {
 *     n = 0;
 *     add(k: number) {
 *       return (this.n += k);
 *     }
 *   },
 * );
 * using counter = Counter.remote();
 * counter.add.remote(1);
 * console.log(await get(counter.add.remote(2))); // → 3
 * ```
 */
export function remote<F extends AnyFunction>(fn: F, options?: OptionsFor<F>): Remote<F>;
/**
 * Makes a function or a class remote, with options: calls of the function become tasks on worker
 * processes, instances of the class become actors.
 *
 * @throws UsageError for anything but a function or a class, for one that is remote already, and
 * for an unknown option or value.
 *
 * @example
 * ```ts
 * import {get, remote} from "tasklab";
 *
 * const square = remote({numCpus: 0.5, maxRetries: 0}, (n: number) => n * n);
 * console.log(await get(square.remote(7))); // → 49
 * ```
 */
export function remote<F extends AnyFunction>(options: OptionsFor<F>, fn: F): Remote<F>;
/**
 * Gives a function that makes a function remote, with these options: `remote({numCpus: 2})(fn)`.
 *
 * @throws UsageError for anything but an object.
 */
export function remote(options: RemoteOptions): <F extends AnyFunction>(fn: F) => Remote<F>;
/**
 * Gives a function that makes a class remote, with these options: `remote({maxRestarts:
 * 1})(Counter)`.
 *
 * @throws UsageError for anything but an object.
 */
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

/**
 * Refuses to be used as a JavaScript decorator, which could not change the type of the class. Such
 * a call has a decorator's context as its second argument.
 */
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
      remote: (...args: unknown[]) => {
        const backend = currentBackend();
        const result = backend.ids.newResult();
        return submit(
          {result, fn: name, ...captureNamed(source.fn, name), args, options: task},
          backend,
        );
      },
      options: (more: RemoteOptions) => makeRemote(fn, {...source.options, ...more}),
      // Without a `this`, as in an ordinary call.
      local: (...args: unknown[]) => (0, source.fn)(...args),
      toString: () => `remote(${plainName})`,
    },
  );
  return face as unknown as RemoteFunction<unknown[], unknown>;
}

const isClass = (fn: object) => /^class\b/.test(Function.prototype.toString.call(fn));
