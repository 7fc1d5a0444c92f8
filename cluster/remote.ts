// Functions become remote ones here: `.remote(…)` ships the function and its arguments to the current
// backend and returns at once with a ref of the result.

import type {Backend, TaskCall, TaskOptions} from "./backend.js";
import {submitAcross, crosses} from "./bridge.js";
import {encode} from "./codec.js";
import {currentBackend, taskContext} from "./context.js";
import {CannotShipError, UsageError} from "./errors.js";
import {newTaskId} from "./fresh.js";
import {objectId, type ObjectId} from "./ids.js";
import {ObjectRef} from "./object-ref.js";
import {checkOptions, type RemoteOptions} from "./options.js";
import {holdNew, passedOn} from "./refs.js";
import {capture, withParts} from "./shipping/capture.js";
import {noteLarge} from "./shipping/large.js";
import {remoteKey} from "./shipping/remote-mark.js";

/** An argument of a remote function: a value, or a ref of it. A ref itself can be one only inside of another value. */
export type Argument<T> = Exclude<T, ObjectRef> | ObjectRef<T>;
type Arguments<Args extends readonly unknown[]> = {[Index in keyof Args]: Argument<Args[Index]>};

/** A function whose calls are tasks. */
export interface RemoteFunction<Args extends readonly unknown[], Result> {
  /** Refused: says what to write instead. */
  (
    this: "a remote function is not called directly: write f.remote(…) to run it on the cluster, or f.local(…) to run it here",
    ...args: never
  ): never;
  /** Submits a task and returns at once; `get` fetches its result. */
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

/** What `remote` of a class gives until there are actors: nothing that could be used. */
export interface ActorsAreNotInThisVersion {
  readonly actorsAreNotInThisVersion: never;
}

type AnyClass = abstract new (...args: never[]) => unknown;

/** No call signature: one would give its own types to parameters that have none but a default value. */
type AnyFunction = CallableFunction | NewableFunction;

/** What `remote` makes of a function. One whose type tells nothing takes and gives anything. */
export type Remote<F> = 0 extends 1 & F
  ? RemoteFunction<any[], any>
  : F extends (...args: infer Args) => infer Result
    ? ((...args: Args) => Result) extends F
      ? RemoteFunction<Args, Result>
      : GenericRemoteFunction<F, Args, Result>
    : F extends AnyClass
      ? ActorsAreNotInThisVersion
      : RemoteFunction<any[], any>;

/** Makes a function remote. Also `remote(options)(fn)`, and as `@remote` in the cells of a notebook. */
export function remote<F extends AnyFunction>(fn: F, options?: RemoteOptions): Remote<F>;
export function remote<F extends AnyFunction>(options: RemoteOptions, fn: F): Remote<F>;
export function remote(options: RemoteOptions): <F extends AnyFunction>(fn: F) => Remote<F>;
export function remote(first: unknown, second?: unknown): unknown {
  if (typeof first === "function") return makeRemote(first, second ?? {});
  if (typeof second === "function") return makeRemote(second, first);
  if (arguments.length === 1 && typeof first === "object" && first !== null) {
    return (fn: unknown) => makeRemote(fn, first);
  }
  throw new UsageError(
    "remote: give it a function, as remote(fn), remote(fn, options) or remote(options, fn)",
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
  if (isClass(fn)) {
    throw new UsageError(
      `@remote on a class: actors are not in this version; make remote functions of what \`${plainName}\` does ` +
        "and pass its state to them as an argument",
    );
  }
  const source: RemoteSource = {
    fn: fn as RemoteSource["fn"],
    options: options as RemoteOptions,
  };
  const {name = plainName, task} = checkOptions(source.options, plainName);
  const face = function () {
    throw new UsageError(
      `\`${name}\` is remote and is not called directly: ` +
        `write ${plainName}.remote(…) to run it on the cluster, or ${plainName}.local(…) to run it here`,
    );
  };
  const fixed = (value: unknown) => ({value, enumerable: false});
  Object.defineProperties(face, {
    name: fixed(plainName),
    length: fixed(fn.length),
    [remoteKey]: fixed(source),
    remote: fixed((...args: unknown[]) => submit(source.fn, name, task, args)),
    options: fixed((more: RemoteOptions) => makeRemote(fn, {...source.options, ...more})),
    // Without a `this`, as in an ordinary call.
    local: fixed((...args: unknown[]) => (0, source.fn)(...args)),
    toString: fixed(() => `remote(${plainName})`),
    [Symbol.for("nodejs.util.inspect.custom")]: fixed(() => `[RemoteFunction: ${plainName}]`),
  });
  return face as unknown as RemoteFunction<unknown[], unknown>;
}

function submit(
  fn: RemoteSource["fn"],
  name: string,
  options: TaskOptions,
  args: unknown[],
): ObjectRef {
  const {code, refs: captured, large} = shipping(name, () => capture(fn, name));
  noteLarge(name, large);
  const argRefs = takeRefs(args);
  const {
    frames,
    refs: nested,
    parts,
  } = shipping(name, () => encode(args, `the arguments of \`${name}\``));
  const nestedRefs = captured.length === 0 ? nested : [...captured, ...nested];

  const backend = currentBackend();
  const context = taskContext();
  const task = newTaskId();
  const call: TaskCall = {
    task,
    fn: name,
    code: parts.length === 0 ? code : withParts(code, parts),
    args: frames,
    argRefs,
    nestedRefs,
    options,
    context,
  };
  const result = holdNew(objectId(task), {backend, fn: name, cell: context.cell, seen: false});
  let isHeld = false;
  for (const {object} of argRefs) isHeld = pass(object, backend) || isHeld;
  for (const object of nestedRefs) isHeld = pass(object, backend) || isHeld;
  if (isHeld) submitAcross(call, backend);
  else backend.submit(call);
  return result;
}

/** Takes top-level refs out of the arguments, which are the call's own list. */
function takeRefs(args: unknown[]): TaskCall["argRefs"] {
  const argRefs: TaskCall["argRefs"] = [];
  args.forEach((arg, index) => {
    if (!(arg instanceof ObjectRef)) return;
    argRefs.push({index, object: arg.id});
    args[index] = undefined;
  });
  return argRefs;
}

/** True when the task has to wait for the object on this side of the seam. */
function pass(id: ObjectId, backend: Backend): boolean {
  passedOn(id);
  return crosses(id, backend);
}

/** Says which function it was that could not be shipped. */
function shipping<T>(name: string, ship: () => T): T {
  try {
    return ship();
  } catch (error) {
    if (error instanceof CannotShipError && !error.message.includes(`\`${name}\``)) {
      throw new CannotShipError(`${error.message} (on the way to \`${name}\`)`, error.path);
    }
    throw error;
  }
}

const isClass = (fn: object) => /^class\b/.test(Function.prototype.toString.call(fn));
