// Makes actor classes and handles of actors. An actor class's `.remote(…)` makes an instance in a
// process of its own. Each call of the instance's methods is a task there, one after another.

import {methodCode, type ActorFace} from "../backend.js";
import {
  checkActorOptions,
  checkCallOptions,
  type ActorClassOptions,
  type CallOptions,
} from "./actor-options.js";
import {currentBackend, resuming} from "../context/context.js";
import {UsageError} from "../errors.js";
import {actorHeldBy, holdOf, type ActorId} from "../ids.js";
import {ObjectRef} from "./object-ref.js";
import {checkHeld, decodingFrom, homeOf, sendReleases} from "./refs.js";
import type {Arguments} from "./arguments.js";
import {measuredCalls} from "../context/measured-calls.js";
import {nearest} from "../nearest.js";
import {show} from "./rules.js";
import {actorKey, type ActorMark, maybeActorMark} from "../shipping/names/actor-mark.js";
import {functionFields} from "../shipping/functions/class-fields.js";
import {remoteKey} from "../shipping/names/remote-mark.js";
import {standIn} from "./stand-in.js";
import {captureNamed, submit} from "./submission.js";

/**
 * A class whose instances are actors, as `remote(cls)` makes it. Calling it directly throws a
 * UsageError that says what to write.
 *
 * @example
 * ```ts
 * import {get, remote, type ActorClass} from "tasklab";
 *
 * class Counter {
 *   constructor(public n: number) {}
 *   add(k: number) {
 *     return (this.n += k);
 *   }
 * }
 * const RemoteCounter: ActorClass<Counter, [n: number]> = remote(Counter);
 * using counter = RemoteCounter.options({name: "hits"}).remote(40);
 * console.log(await get(counter.add.remote(2))); // → 42
 * console.log(RemoteCounter.local(1).add(1)); // → 2
 * ```
 */
export interface ActorClass<T, Args extends readonly unknown[] = readonly unknown[]> {
  /** Refused: says what to write instead. */
  (
    this: "an actor class is not called: write C.remote(…) to make an actor, or C.local(…) to make an instance here",
    ...args: never
  ): never;
  /**
   * Makes an actor: an instance in a process of its own. Returns a handle at once; calls wait until
   * the actor is made. The actor lives as long as a handle of it is held anywhere, or a call is
   * under way. When the constructor throws, `get` of each call throws an ActorDiedError.
   *
   * @throws CannotShipError when the class captures, or an argument holds, a value that can't
   * travel.
   */
  remote(...args: Arguments<Args>): ActorHandle<T>;
  /**
   * Gives the same class with other options. Options that are not named stay as they are.
   *
   * @throws UsageError for an unknown option or value.
   */
  options(options: ActorClassOptions): ActorClass<T, Args>;
  /** Makes an ordinary instance, in this process. */
  local(...args: Args): T;
}

declare const instanceType: unique symbol;

/**
 * A handle of an actor, by which its methods are called. A handle is a value: it can be captured,
 * passed on, returned and put. The actor lives as long as a handle is held anywhere.
 *
 * Fields and private methods are not reached through a handle, and calls always give refs. `using`
 * or `release()` lets go of a handle at once.
 *
 * Ray's counterpart: [actors](https://docs.ray.io/en/latest/ray-core/actors.html).
 *
 * @example
 * ```ts
 * import {get, remote, type ActorHandle} from "tasklab";
 *
 * class Board {
 *   #lines: string[] = [];
 *   report(line: string) {
 *     return this.#lines.push(line);
 *   }
 * }
 * using board: ActorHandle<Board> = remote(Board).remote();
 * const work = remote(async (to: ActorHandle<Board>, n: number) => {
 *   await get(to.report.remote(`part ${n} is done`));
 * });
 * await get([work.remote(board, 1), work.remote(board, 2)]);
 * console.log(await get(board.report.remote("all is done"))); // → 3
 * ```
 */
export type ActorHandle<T> = {readonly [instanceType]: T} & {
  readonly [Name in keyof T as MethodName<T, Name>]: T[Name] extends (
    ...args: infer Args
  ) => infer Result
    ? ActorMethod<Args, Result>
    : never;
} & HandleLife<T>;

/** The ways to let go of a handle. A class's own method `release` hides the one of handles. */
type HandleLife<T> = Disposable & {
  /**
   * Lets go of this handle now, instead of when V8 collects it. `using counter = Counter.remote()`
   * does the same at the end of a block. Calls under way and other handles go on; when the last
   * handle is gone, the actor ends. Calls through a released handle are a UsageError. A second
   * `release` does nothing.
   */
  readonly [Name in "release" as HasOwn<T, Name> extends true ? never : Name]: () => void;
};
/** True for a name that `T` declares. An index signature declares no name. */
type HasOwn<T, Name> = string extends keyof T ? false : Name extends keyof T ? true : false;
/**
 * The name if the member is a method. The member's type stands in a box (`{in: …}`): otherwise
 * TypeScript would resolve the types of all members at once, without end where one is a handle of
 * the same class. The first condition excludes `any`, the only type that `unknown` is assignable to
 * besides `unknown`.
 */
type MethodName<T, Name extends keyof T> = Name extends string
  ? {in: unknown} extends {in: T[Name]}
    ? never
    : {in: T[Name]} extends {in: (...args: never) => unknown}
      ? Name
      : never
  : never;

/**
 * A method of an actor's handle, whose calls are tasks in the actor's process. Calling it directly
 * throws a UsageError that says what to write.
 *
 * @example
 * ```ts
 * import {get, remote, type ActorMethod} from "tasklab";
 *
 * class Adder {
 *   sum = 0;
 *   add(n: number) {
 *     return (this.sum += n);
 *   }
 * }
 * using adder = remote(Adder).remote();
 * const add: ActorMethod<[n: number], number> = adder.add;
 * console.log(await get([add.remote(1), add.remote(2), add.remote(3)])); // → [ 1, 3, 6 ]
 * ```
 */
export interface ActorMethod<Args extends readonly unknown[], Result> {
  /** Refused: says what to write instead. */
  (
    this: "an actor's method is not called directly: write actor.method.remote(…)",
    ...args: never
  ): never;
  /**
   * Submits a call and returns at once, with a ref of its result. Calls of one caller begin in the
   * order in which they were submitted; a call that waits for an argument holds up later ones.
   *
   * @throws CannotShipError for an argument that can't travel; UsageError for a released handle.
   */
  remote(...args: Arguments<Args>): ObjectRef<Awaited<Result>>;
  /**
   * Gives the same method with other options for its calls.
   *
   * @throws UsageError for an unknown option or value.
   */
  options(options: CallOptions): ActorMethod<Args, Result>;
}

const inspection = Symbol.for("nodejs.util.inspect.custom");

/**
 * The type that `remote` gives for an abstract class. Its name is the message that TypeScript shows
 * where such a class is used.
 *
 * @example
 * ```ts
 * import type {AbstractClassesHaveNoInstances, Remote} from "tasklab";
 *
 * abstract class Shape {
 *   abstract area(): number;
 * }
 * type Unusable = Remote<typeof Shape>;
 * const check = (shape: Unusable): AbstractClassesHaveNoInstances => shape;
 * ```
 */
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
    const backend = currentBackend();
    const actor = backend.ids.newActor();
    const made = submit(
      {
        result: holdOf(actor),
        fn: name,
        ...captureNamed(cls as never, name),
        args,
        options: checked.task,
        actor: {kind: "creation", actor, face, ...checked.actor},
      },
      backend,
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

/** The methods of a class and of the classes that it extends. A handle has a property for each. */
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

/** A handle at run time. */
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
/** So many digits of an actor's id are shown to people. */
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
    // Each call of an actor that could not be made tells the error, so no other report is needed.
    home.isSeen = true;
    return submit(
      {
        result: home.backend.ids.newCallResult(actor),
        fn: name,
        code: methodCode,
        captured: [],
        args,
        options: task,
        actor: {kind: "call", actor, method},
      },
      // The actor's own backend, which need not be the program's current one.
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
 * An instance of an unknown class: any name is a method that takes and gives anything. With
 * TypeScript's `noUncheckedIndexedAccess` a method may be missing: write `handle.add!.remote(1)`.
 */
export interface AnyMethods {
  [method: string]: (...args: any[]) => any;
}

/**
 * Finds the living actor that has this name, and gives a handle of it. An actor gets its name when
 * it is made: `Counter.options({name: "hits"}).remote()`.
 *
 * `T` is the actor's class, which nobody checks: `getActor<Counter>("hits")`. Without `T` the
 * handle's methods take and give anything.
 *
 * Ray's counterpart:
 * [ray.get_actor](https://docs.ray.io/en/latest/ray-core/api/doc/ray.get_actor.html).
 *
 * @throws UsageError when no living actor has this name; the message lists the names that there
 * are.
 *
 * @example
 * ```ts
 * import {get, getActor, remote} from "tasklab";
 *
 * class Hits {
 *   n = 0;
 *   add() {
 *     return ++this.n;
 *   }
 * }
 * using first = remote({name: "visits"}, Hits).remote();
 * await get(first.add.remote());
 * using again = await getActor<Hits>("visits");
 * console.log(await get(again.add.remote())); // → 2
 * ```
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
 * Ends an actor at once, with its process, whatever the actor does. `get` of calls that have not
 * ended, and of later calls, throws ActorDiedError. Resolves when the actor has been ended; for a
 * dead actor, at once.
 *
 * `noRestart` (default: true): with `false` the actor counts as lost, so that it is made again if
 * its `maxRestarts` allows.
 *
 * Ray's counterpart: [ray.kill](https://docs.ray.io/en/latest/ray-core/api/doc/ray.kill.html).
 *
 * @throws UsageError for anything but an actor's handle, and for a released handle.
 *
 * @example
 * ```ts
 * import {get, kill, remote} from "tasklab";
 *
 * class Greeter {
 *   greet() {
 *     return "hello";
 *   }
 * }
 * const greeter = remote(Greeter).remote();
 * console.log(await get(greeter.greet.remote())); // → hello
 * await kill(greeter);
 * const late = greeter.greet.remote();
 * console.log(await get(late).catch((error: Error) => error.name)); // → ActorDiedError
 * ```
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
