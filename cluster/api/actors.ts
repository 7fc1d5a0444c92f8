// Classes become actor classes here, and actors get handles: `.remote(…)` makes an instance in a process
// of its own, and each call of its methods is a task there, one after another.

import {methodCode, type ActorFace} from "../backend.js";
import {
  checkActorOptions,
  checkCallOptions,
  type ActorClassOptions,
  type CallOptions,
} from "./actor-options.js";
import {currentBackend, resuming} from "../context/context.js";
import {UsageError} from "../errors.js";
import {newActorId, newCallResultId} from "./fresh.js";
import {actorHeldBy, holdOf, type ActorId} from "../ids.js";
import {ObjectRef} from "./object-ref.js";
import {checkHeld, decodingFrom, homeOf, sendReleases} from "./refs.js";
import type {Arguments} from "./remote.js";
import {measuredCalls} from "../context/measured-calls.js";
import {nearest, show} from "./rules.js";
import {actorKey, type ActorMark, maybeActorMark} from "../shipping/names/actor-mark.js";
import {functionFields} from "../shipping/functions/class-fields.js";
import {remoteKey} from "../shipping/names/remote-mark.js";
import {standIn} from "./stand-in.js";
import {captureNamed, submit} from "./submission.js";

/** A class whose instances are actors. */
export interface ActorClass<T, Args extends readonly unknown[] = readonly unknown[]> {
  /** Refused: says what to write instead. */
  (
    this: "an actor class is not called: write C.remote(…) to make an actor, or C.local(…) to make an instance here",
    ...args: never
  ): never;
  /**
   * Makes an actor: an instance in a process of its own. Returns its handle at once; calls wait until
   * it is made. It lives as long as a handle of it is held anywhere, or a call is under way.
   */
  remote(...args: Arguments<Args>): ActorHandle<T>;
  /** The same class with other options; those not named stay. */
  options(options: ActorClassOptions): ActorClass<T, Args>;
  /** An ordinary instance, in this process. */
  local(...args: Args): T;
}

declare const instanceType: unique symbol;

/** A way to call an actor. It is a value: it can be captured, passed on, returned and put. */
export type ActorHandle<T> = {readonly [instanceType]: T} & {
  readonly [Name in keyof T as MethodName<T, Name>]: T[Name] extends (
    ...args: infer Args
  ) => infer Result
    ? ActorMethod<Args, Result>
    : never;
} & HandleLife<T>;

/** How a program lets go of a handle. A class's own method `release` goes before this one. */
type HandleLife<T> = Disposable & {
  /**
   * Lets go of this handle now, instead of when V8 collects it. `using counter = Counter.remote()`
   * does the same at the end of a block. Calls under way and other handles go on; when the last
   * handle is gone, the actor ends. Calls through a released handle are a UsageError. A second
   * `release` does nothing.
   */
  readonly [Name in "release" as HasOwn<T, Name> extends true ? never : Name]: () => void;
};
/** Is it one of the names that `T` itself gives? An index signature gives none. */
type HasOwn<T, Name> = string extends keyof T ? false : Name extends keyof T ? true : false;
/**
 * In a box, as TypeScript looks into the types of members at once otherwise, without end where one is a
 * handle of the same class. Of `any`, and of nothing else, `unknown` is a part.
 */
type MethodName<T, Name extends keyof T> = Name extends string
  ? {in: unknown} extends {in: T[Name]}
    ? never
    : {in: T[Name]} extends {in: (...args: never) => unknown}
      ? Name
      : never
  : never;

/** A method whose calls are tasks of the actor. */
export interface ActorMethod<Args extends readonly unknown[], Result> {
  /** Refused: says what to write instead. */
  (
    this: "an actor's method is not called directly: write actor.method.remote(…)",
    ...args: never
  ): never;
  /**
   * Submits a call and returns at once; `get` fetches its result. Calls of one caller run in the order in
   * which they were submitted; one that waits for an argument holds up those behind it.
   */
  remote(...args: Arguments<Args>): ObjectRef<Awaited<Result>>;
  /** The same method with other options for its calls. */
  options(options: CallOptions): ActorMethod<Args, Result>;
}

const inspection = Symbol.for("nodejs.util.inspect.custom");

/** What `remote` of an abstract class gives: nothing that could be used. */
export interface AbstractClassesHaveNoInstances {
  readonly abstractClassesHaveNoInstances: never;
}

type AnyClass = new (...args: unknown[]) => object;

export function makeActorClass(
  cls: AnyClass,
  options: ActorClassOptions,
): ActorClass<object, unknown[]> {
  const name = cls.name || "anonymous";
  const methods = methodsOf(cls, name);
  const checked = checkActorOptions(
    options,
    name,
    methods.some(({isAsync}) => isAsync),
  );
  const face: ActorFace = {
    className: name,
    methods: methods.map((method) => method.name),
    maxTaskRetries: checked.maxTaskRetries,
  };
  const create = (...args: unknown[]) => {
    const actor = newActorId();
    const made = submit(
      {
        result: holdOf(actor),
        fn: name,
        ...captureNamed(cls as never, name),
        args,
        options: checked.task,
        actor: {kind: "creation", actor, face, ...checked.actor},
      },
      currentBackend(),
    );
    return makeHandle(made, face);
  };
  const stub = standIn(
    `\`${name}\` is remote and makes no instances by itself: ` +
      `write ${name}.remote(…) to make an actor, or ${name}.local(…) to make an instance here`,
    `[ActorClass: ${name}]`,
    {
      name,
      length: cls.length,
      [remoteKey]: {fn: cls, options},
      remote: create,
      options: (more: ActorClassOptions) => makeActorClass(cls, {...options, ...more}),
      local: (...args: unknown[]) => measuredCalls.making(name, () => new cls(...args)),
      toString: () => `remote(class ${name})`,
      [Symbol.hasInstance]: (value: unknown) => value instanceof cls,
    },
  );
  return stub as unknown as ActorClass<object, unknown[]>;
}

/** Of this class and those that it extends. A handle has one property for each. */
function methodsOf(cls: AnyClass, name: string): {name: string; isAsync: boolean}[] {
  const methods = new Map<string, boolean>();
  let owner = cls.prototype as object | null;
  for (; owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const field of functionFields(owner.constructor)) {
      if (!methods.has(field.name)) methods.set(field.name, field.isAsync);
    }
    for (const key of Object.getOwnPropertyNames(owner)) {
      const method: unknown = Object.getOwnPropertyDescriptor(owner, key)!.value;
      if (typeof method !== "function" || key === "constructor" || methods.has(key)) continue;
      methods.set(key, /^\[object Async/.test(Object.prototype.toString.call(method)));
    }
  }
  if (methods.has("then")) {
    throw new UsageError(
      `remote: \`${name}\` has a method \`then\`, so that \`await\` would call it on a handle; give it another name`,
    );
  }
  return [...methods].map(([key, isAsync]) => ({name: key, isAsync}));
}

/** What a handle is at run time. */
class Actor {
  declare readonly [actorKey]: ActorMark;

  constructor(mark: ActorMark) {
    Object.defineProperty(this, actorKey, {value: mark});
    const hidden = new Set(Object.getOwnPropertyNames(Object.prototype));
    for (const method of mark.face.methods) {
      const value = makeMethod(mark, method, {});
      Object.defineProperty(this, method, {value, enumerable: !hidden.has(method)});
    }
    Object.freeze(this);
  }
  /** A method of the class that has this name hides it. */
  release(): void {
    this[actorKey].ref.release();
  }
  [Symbol.dispose](): void {
    this[actorKey].ref.release();
  }
  [inspection](): string {
    const {face, ref} = this[actorKey];
    return `Actor(${face.className} ${actorIn(ref).slice(0, shownDigits)})`;
  }
  toString(): string {
    return this[inspection]();
  }
}
/** Of an actor's id, as people see it. */
const shownDigits = 8;

/** The handle of the actor that `ref` holds. */
export function makeHandle(ref: ObjectRef, face: ActorFace): ActorHandle<object> {
  return new Actor({ref, face}) as unknown as ActorHandle<object>;
}

export function isActor(value: unknown): value is ActorHandle<unknown> {
  return typeof value === "object" && value !== null && maybeActorMark(value) !== undefined;
}

function makeMethod(
  mark: ActorMark,
  method: string,
  options: CallOptions,
): ActorMethod<unknown[], unknown> {
  const {ref, face} = mark;
  const fullName = `${face.className}.${method}`;
  const {name = fullName, task} = checkCallOptions(options, fullName, face.maxTaskRetries);
  const call = (...args: unknown[]) => {
    checkHeld(ref, `\`${fullName}\`: the handle of its actor`);
    const actor = actorIn(ref);
    const home = homeOf(ref);
    // That the actor was not made is told by each of its calls.
    home.isSeen = true;
    return submit(
      {
        result: newCallResultId(actor),
        fn: name,
        code: methodCode,
        captured: [],
        args,
        options: task,
        actor: {kind: "call", actor, method},
      },
      // Wherever the program is now: the actor lives there.
      home.backend,
    );
  };
  const stub = standIn(
    `\`${fullName}\` is an actor's method and is not called directly: write .${method}.remote(…)`,
    `[ActorMethod: ${fullName}]`,
    {
      name: method,
      remote: call,
      options: (more: CallOptions) => makeMethod(mark, method, {...options, ...more}),
      toString: () => `remote(${fullName})`,
    },
  );
  return stub as unknown as ActorMethod<unknown[], unknown>;
}

/**
 * An instance of which no more is known than that methods can be called. With
 * `noUncheckedIndexedAccess` each may be missing: `handle.add!.remote(1)`.
 */
export interface AnyMethods {
  [method: string]: (...args: any[]) => any;
}

/**
 * The living actor of that name, as a handle: `Counter.options({name}).remote()` gave it to one. A
 * UsageError names those that there are when there is none. `T` is believed: `getActor<Counter>("c")`.
 * Without it the handle's methods take and give anything.
 */
export async function getActor<T = AnyMethods>(name: string): Promise<ActorHandle<T>> {
  if (typeof name !== "string" || name === "")
    throw new UsageError(`getActor: ${show(name)}: must be the name of an actor, a text`);
  const backend = currentBackend();
  // An actor that was just let go is not found.
  sendReleases();
  const {found, names} = await resuming(backend.findActor(name));
  if (found === null)
    throw new UsageError(`getActor: no actor is named "${name}"; ${among(name, names)}`);
  const object = holdOf(found.actor);
  const ref = decodingFrom(backend, () => new ObjectRef(object));
  return makeHandle(ref, found.face) as unknown as ActorHandle<T>;
}

function among(name: string, names: string[]): string {
  if (names.length === 0)
    return 'none has a name now; give one with .options({name}), and "detached" lets it outlive its handles';
  const near = nearest(name, names);
  const known = names.slice(0, namesShown).map((each) => `"${each}"`);
  return near === undefined
    ? `there are ${known.join(", ")}${names.length > namesShown ? ", …" : ""}`
    : `did you mean "${near}"?`;
}
const namesShown = 10;

/**
 * Ends an actor at once, whatever it does. Calls that have not ended, and later ones, give ActorDiedError.
 * `noRestart: false`: as if its process had been lost, so that it is made anew if its maxRestarts allow.
 * One that is dead already stays dead.
 */
export function kill(
  actor: ActorHandle<unknown>,
  {noRestart = true}: {noRestart?: boolean | undefined} = {},
): Promise<void> {
  try {
    if (!isActor(actor)) {
      const given: unknown = actor;
      const isRef = given instanceof ObjectRef;
      throw new UsageError(
        `kill: ${isRef ? String(given) : show(given)} is no actor's handle` +
          (isRef ? "; cancel(ref) ends a task" : "; Counter.remote(…) and getActor(name) give one"),
      );
    }
    const {ref} = maybeActorMark(actor)!;
    checkHeld(ref, "kill: the handle");
    const home = homeOf(ref);
    return resuming(
      Promise.resolve(home.held).then(() =>
        home.backend.killActor(actorIn(ref), {restart: !noRestart}),
      ),
    );
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

function actorIn(ref: ObjectRef): ActorId {
  return actorHeldBy(ref.id)!;
}
