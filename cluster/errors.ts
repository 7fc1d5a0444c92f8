// Every error that a user can meet, by name. Each message says which value is wrong, why, and what
// to do.

/**
 * The base class of the errors that the cluster makes: of lost processes, cancelled tasks, values
 * that can't travel. An error that a task throws keeps its own class instead; see TaskError.
 *
 * @example
 * ```ts
 * import {ClusterError, GetTimeoutError, TaskCancelledError} from "tasklab";
 *
 * console.log(new GetTimeoutError() instanceof ClusterError); // → true
 * console.log(new TaskCancelledError() instanceof ClusterError); // → true
 * ```
 */
export class ClusterError extends Error {
  override name = "ClusterError";
}

/**
 * An argument, option or call that can't be right. It is thrown at once, in the line that is wrong
 * (by functions that return a promise: as its rejection), and says what to write instead.
 *
 * @example
 * ```ts
 * import {remote, UsageError} from "tasklab";
 *
 * try {
 *   remote({numCpus: -1}, (n: number) => n);
 * } catch (error) {
 *   console.log(error instanceof UsageError); // → true
 * }
 * ```
 */
export class UsageError extends TypeError {
  override name = "UsageError";
}

/**
 * A value that can't be shown, because its own display method failed or gave no MIME bundle.
 *
 * @example
 * ```ts
 * import {display, DisplayError, displaySymbol} from "tasklab";
 *
 * const broken = {
 *   [displaySymbol]() {
 *     throw new RangeError("no rows");
 *   },
 * };
 * try {
 *   display(broken);
 * } catch (error) {
 *   console.log(error instanceof DisplayError); // → true
 * }
 * ```
 */
export class DisplayError extends Error {
  override name = "DisplayError";
}

/**
 * A value or function that can't leave this process: thrown by `.remote(…)`, by `put`, and by `get`
 * for a result that could not leave its worker.
 *
 * @example
 * ```ts
 * import {CannotShipError, put} from "tasklab";
 *
 * try {
 *   put({users: {seen: new WeakMap()}});
 * } catch (error) {
 *   if (error instanceof CannotShipError) console.log(error.kind); // → a WeakMap
 * }
 * ```
 */
export class CannotShipError extends ClusterError {
  override name = "CannotShipError";
  /** The names that lead from the value to the part that can't travel. */
  declare readonly path: readonly string[];
  /** A word for the part that can't travel, such as "a Headers"; "" when it is not known. */
  declare readonly kind: string;
  constructor(message: string, path: readonly string[] = [], kind = "") {
    super(message);
    // The message says both in words: no need to print them again.
    Object.defineProperties(this, {path: {value: path}, kind: {value: kind}});
  }
}

/**
 * Thrown by `get` when `timeoutMs` is over before the value is there. The task goes on: call `get`
 * again, or `cancel`.
 *
 * Ray's counterpart:
 * [GetTimeoutError](https://docs.ray.io/en/latest/ray-core/api/exceptions.html).
 *
 * @example
 * ```ts
 * import {cancel, get, GetTimeoutError, remote} from "tasklab";
 *
 * const slow = remote(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
 * const ref = slow.remote();
 * const error = await get(ref, {timeoutMs: 20}).catch((error: unknown) => error);
 * console.log(error instanceof GetTimeoutError); // → true
 * await cancel(ref);
 * ```
 */
export class GetTimeoutError extends ClusterError {
  override name = "GetTimeoutError";
}
/**
 * Thrown by `get` for a task that was cancelled, ran longer than its `timeoutMs`, or belongs to an
 * interrupted cell. Inside such a task, its own awaits throw it.
 *
 * Ray's counterpart:
 * [TaskCancelledError](https://docs.ray.io/en/latest/ray-core/api/exceptions.html).
 *
 * @example
 * ```ts
 * import {cancel, get, remote, TaskCancelledError} from "tasklab";
 *
 * const slow = remote(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
 * const ref = slow.remote();
 * await cancel(ref);
 * const error = await get(ref).catch((error: unknown) => error);
 * console.log(error instanceof TaskCancelledError); // → true
 * ```
 */
export class TaskCancelledError extends ClusterError {
  override name = "TaskCancelledError";
}
/**
 * Thrown by `get` when the worker's process ended while it ran the task, and no retry was left
 * (`maxRetries`, by default 3).
 *
 * Ray's counterpart:
 * [WorkerCrashedError](https://docs.ray.io/en/latest/ray-core/api/exceptions.html).
 *
 * @example
 * ```ts
 * import {get, remote, WorkerCrashedError} from "tasklab";
 *
 * const crash = remote({maxRetries: 0}, () => process.exit(1));
 * const error = await get(crash.remote()).catch((error: unknown) => error);
 * console.log(error instanceof WorkerCrashedError); // → true
 * ```
 */
export class WorkerCrashedError extends ClusterError {
  override name = "WorkerCrashedError";
}
/**
 * Thrown by `get` for a value that was lost: the process or the node that held the value ended, or
 * the process that had submitted its task. A lost value is not made again by itself: submit its
 * task again.
 *
 * Ray's counterpart: [ObjectLostError](https://docs.ray.io/en/latest/ray-core/api/exceptions.html).
 *
 * @example
 * ```ts
 * import {get, kill, ObjectLostError, remote} from "tasklab";
 *
 * const slow = remote(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
 * const Planner = remote(
 *   class Planner {
 *     plan() {
 *       return {part: slow.remote()};
 *     }
 *   },
 * );
 * const planner = Planner.remote();
 * const {part} = await get(planner.plan.remote());
 * await kill(planner); // and so what the planner has submitted ends
 * const error = await get(part).catch((error: unknown) => error);
 * console.log(error instanceof ObjectLostError); // → true
 * ```
 */
export class ObjectLostError extends ClusterError {
  override name = "ObjectLostError";
}
/**
 * Thrown by `get` when a value did not fit into its node's object store. The message says how many
 * bytes were wanted, the limit, and which objects hold the space. Let go of refs that are no longer
 * needed, or start the cluster with a larger `storeMemory`.
 *
 * @example
 * ```ts
 * import {cluster, get, ObjectStoreFullError, put, remote} from "tasklab";
 *
 * await cluster.stop();
 * await cluster.start({workers: 1, storeMemory: 8 * 2 ** 20});
 * const length = remote((bytes: Uint8Array) => bytes.length);
 * const ref = length.remote(put(new Uint8Array(32 * 2 ** 20)));
 * const error = await get(ref).catch((error: unknown) => error);
 * console.log(error instanceof ObjectStoreFullError); // → true
 * await cluster.stop();
 * ```
 */
export class ObjectStoreFullError extends ClusterError {
  override name = "ObjectStoreFullError";
}
/**
 * Thrown by `get` for a call of an actor that takes no more calls: the actor was killed, its
 * process ended and `maxRestarts` allows no other, or its constructor threw (that error is the
 * `cause`).
 *
 * Ray's counterpart: [ActorDiedError](https://docs.ray.io/en/latest/ray-core/api/exceptions.html).
 *
 * @example
 * ```ts
 * import {ActorDiedError, get, kill, remote} from "tasklab";
 *
 * const Greeter = remote(
 *   class Greeter {
 *     greet() {
 *       return "hello";
 *     }
 *   },
 * );
 * const greeter = Greeter.remote();
 * await kill(greeter);
 * const error = await get(greeter.greet.remote()).catch((error: unknown) => error);
 * console.log(error instanceof ActorDiedError); // → true
 * ```
 */
export class ActorDiedError extends ClusterError {
  override name = "ActorDiedError";
}
/**
 * Thrown by `get` for a call that was under way when its actor's process was lost, while the actor
 * is made again (`maxRestarts`). The call may have run. With `maxTaskRetries` it is sent again
 * instead.
 *
 * Ray's counterpart:
 * [ActorUnavailableError](https://docs.ray.io/en/latest/ray-core/api/exceptions.html).
 *
 * @example
 * ```ts
 * import {ActorUnavailableError, get, remote} from "tasklab";
 *
 * class Fragile {
 *   fall() {
 *     process.exit(1);
 *   }
 * }
 * const fragile = remote({maxRestarts: 1}, Fragile).remote();
 * const error = await get(fragile.fall.remote()).catch((error: unknown) => error);
 * console.log(error instanceof ActorUnavailableError); // → true
 * ```
 */
export class ActorUnavailableError extends ClusterError {
  override name = "ActorUnavailableError";
}
/**
 * Reserved for a task that wants more than any node of the cluster has. This version never throws
 * it: such a task waits, since a node may still join, and one line on stderr says what is missing.
 *
 * Ray's counterpart:
 * [TaskUnschedulableError](https://docs.ray.io/en/latest/ray-core/api/exceptions.html).
 *
 * @example
 * ```ts
 * import {cancel, get, GetTimeoutError, remote} from "tasklab";
 *
 * const onTpu = remote({resources: {tpu: 1}}, () => "done");
 * const ref = onTpu.remote();
 * const error = await get(ref, {timeoutMs: 100}).catch((error: unknown) => error);
 * console.log(error instanceof GetTimeoutError); // → true
 * await cancel(ref);
 * ```
 */
export class TaskUnschedulableError extends ClusterError {
  override name = "TaskUnschedulableError";
}
/**
 * Thrown by `get` for a task that was under way when the cluster stopped or its head died. `wait`
 * counts such a task as ready.
 *
 * @example
 * ```ts
 * import {cluster, ClusterStoppedError, get, remote} from "tasklab";
 *
 * const slow = remote(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
 * const result = get(slow.remote()).catch((error: unknown) => error);
 * await cluster.stop();
 * console.log((await result) instanceof ClusterStoppedError); // → true
 * ```
 */
export class ClusterStoppedError extends ClusterError {
  override name = "ClusterStoppedError";
}

/**
 * Thrown by `get` when a setup (`cluster.setup`, `%%setup`) failed in the task's process; the error
 * of the setup is the `cause`. The setup is tried again before the next task.
 *
 * @example
 * ```ts
 * import {cluster, get, remote, SetupError} from "tasklab";
 *
 * cluster.setup(() => JSON.parse("{"), {name: "settings"});
 * const error = await get(remote(() => 1).remote()).catch((error: unknown) => error);
 * console.log(error instanceof SetupError); // → true
 * cluster.setup(() => JSON.parse("{}"), {name: "settings"}); // replaces the one that failed
 * ```
 */
export class SetupError extends ClusterError {
  override name = "SetupError";
}

/**
 * Thrown by `get` when a task, or its value, needs a module that the process can't load.
 *
 * @example
 * ```ts
 * import {get, MissingModuleError, remote} from "tasklab";
 *
 * const name: string = "not-installed-anywhere";
 * const load = remote(() => import(name));
 * const error = await get(load.remote()).catch((error: unknown) => error);
 * console.log(error instanceof MissingModuleError); // → true
 * ```
 */
export class MissingModuleError extends ClusterError {
  override name = "MissingModuleError";

  /** Gives the same error with a message that names the task's function. */
  inTask(fn: string): MissingModuleError {
    const message = this.message.replace(/^this/, `task \`${fn}\``);
    return new MissingModuleError(message, {cause: this.cause});
  }
}

/** Bytes from another process that do not decode. */
export class CorruptFrameError extends ClusterError {
  override name = "CorruptFrameError";
}

/**
 * Stands in an error for a part that could not leave its process. Numbers and short texts of that
 * part are kept under their names, such as `status` of a Response.
 *
 * @example
 * ```ts
 * import {get, LeftBehind, remote} from "tasklab";
 *
 * const load = remote(() => {
 *   throw Object.assign(new Error("not found"), {headers: new Headers()});
 * });
 * const error = await get(load.remote()).catch((error: unknown) => error);
 * const {headers} = error as {headers?: unknown};
 * if (headers instanceof LeftBehind) console.log(headers.kind); // → a Headers
 * ```
 */
export class LeftBehind {
  /** A word for the part, such as "a Headers". */
  readonly kind: string;
  /** Says why the part can't travel. */
  declare readonly reason: string;
  [part: string]: unknown;
  constructor(kind: string, reason: string, parts: Record<string, unknown> = {}) {
    Object.assign(this, parts);
    this.kind = kind;
    Object.defineProperty(this, "reason", {value: reason, enumerable: false});
  }

  toString(): string {
    return `[${this.kind}, which did not travel]`;
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * The place where a task failed.
 *
 * @example
 * ```ts
 * import {get, remote, TaskError, type TaskPlace} from "tasklab";
 *
 * const fails = remote(function fails() {
 *   throw new RangeError("too big");
 * });
 * const error = await get(fails.remote()).catch((error: unknown) => error);
 * const place: TaskPlace | null = error instanceof TaskError ? error.place : null;
 * console.log(place?.fn); // → fails
 * ```
 */
export interface TaskPlace {
  /** The function's name, as in diagrams. */
  fn: string;
  /** The task's id, as in the trace. */
  task: string;
  /** The process's id. */
  pid: number;
  /** The node whose process ran the task. */
  node: string;
}

/**
 * An error that was thrown inside a task, as `get` throws it. It is also an instance of the class
 * that was thrown, with the fields and the `cause` of the thrown error.
 *
 * Ray's counterpart:
 * [RayTaskError](https://docs.ray.io/en/latest/ray-core/api/exceptions.html), which is an instance
 * of both classes too.
 *
 * @example
 * ```ts
 * import {get, remote, TaskError} from "tasklab";
 *
 * const fails = remote(function fails() {
 *   throw new RangeError("too big");
 * });
 * const error = await get(fails.remote()).catch((error: unknown) => error);
 * console.log(error instanceof TaskError && error instanceof RangeError); // → true
 * ```
 */
export interface TaskError extends Error {
  /** The place where the task failed. */
  readonly place: TaskPlace;
  /** The frames of the worker's stack, with lines of cells or files, as text. */
  readonly remoteStack: string;
}
const taskErrorMark = Symbol.for("tasklab.TaskError");
export const TaskError = {
  [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && taskErrorMark in value;
  },
} as unknown as {new (): TaskError; readonly prototype: TaskError};

/** A text of an error. Accessors that a user has written may throw. */
export function textOfError(error: Error, key: "name" | "message" | "stack"): string {
  try {
    return String(error[key] ?? "");
  } catch {
    return `(its ${key} can't be read)`;
  }
}

/** Describes a thrown value in one line: `RangeError: too big`. */
export function lineOfThrown(thrown: unknown): string {
  const isError = thrown instanceof Error;
  const name = isError ? textOfError(thrown, "name") : "";
  const message = isError ? textOfError(thrown, "message") : textOf(thrown);
  return `${name || "Error"}: ${message}`.split("\n", 1)[0]!;
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

/** The names of an error's class and of the classes that it extends, and the error's own name. */
export function classNames(error: unknown): string[] {
  const names: string[] = [];
  let at: unknown = error;
  while (at !== null && typeof at === "object") {
    const own = Object.getOwnPropertyDescriptor(at, "constructor")?.value as
      {name?: string} | undefined;
    if (own?.name) names.push(own.name);
    at = Object.getPrototypeOf(at);
  }
  if (error instanceof Error) names.push(textOfError(error, "name"));
  return names;
}

/** Marks a revived error as the failure of a task at `place`. */
export function asTaskError(error: Error, place: TaskPlace, remoteStack: string): TaskError {
  const hidden = (value: unknown) => ({
    value,
    enumerable: false,
    configurable: true,
    writable: true,
  });
  Object.defineProperties(error, {
    [taskErrorMark]: hidden(true),
    place: hidden(place),
    remoteStack: hidden(remoteStack),
  });
  return error as TaskError;
}
