// Every error that a user can meet, by name. Each says what, which, and what to do.

/** Base of all errors made by the cluster. */
export class ClusterError extends Error {
  override name = "ClusterError";
}

/** An argument, option or call that can't be right: thrown at once, where it was written. */
export class UsageError extends TypeError {
  override name = "UsageError";
}

/** A value that can't be shown: its own way of showing itself failed. */
export class DisplayError extends Error {
  override name = "DisplayError";
}

/** A value or function that can't leave this process; `path` leads to the part that can't. */
export class CannotShipError extends ClusterError {
  override name = "CannotShipError";
  declare readonly path: readonly string[];
  /** What the part is: "a Headers". */
  declare readonly kind: string;
  constructor(message: string, path: readonly string[] = [], kind = "") {
    super(message);
    // The message says both in words: no need to print them again.
    Object.defineProperties(this, {path: {value: path}, kind: {value: kind}});
  }
}

/** `get` gave up waiting; the task goes on. */
export class GetTimeoutError extends ClusterError {
  override name = "GetTimeoutError";
}
export class TaskCancelledError extends ClusterError {
  override name = "TaskCancelledError";
}
/** The worker's process ended while it ran the task, and no retry was left. */
export class WorkerCrashedError extends ClusterError {
  override name = "WorkerCrashedError";
}
/** A lost value that can't be had again. */
export class ObjectLostError extends ClusterError {
  override name = "ObjectLostError";
}
/**
 * A value did not fit into its node's object store. The message says how much was wanted, the
 * limit, and which objects hold the space. Let go of refs that are no longer needed, or raise
 * `storeMemory`.
 */
export class ObjectStoreFullError extends ClusterError {
  override name = "ObjectStoreFullError";
}
/** The actor takes no more calls: its process ended, its constructor threw (`cause`), or it was killed. */
export class ActorDiedError extends ClusterError {
  override name = "ActorDiedError";
}
/** The actor's process was lost while the call was under way, and is being started again: it may have run. */
export class ActorUnavailableError extends ClusterError {
  override name = "ActorUnavailableError";
}
/** No node could ever fit the task. */
export class TaskUnschedulableError extends ClusterError {
  override name = "TaskUnschedulableError";
}
/** The cluster is gone or can't be reached. */
export class ClusterStoppedError extends ClusterError {
  override name = "ClusterStoppedError";
}

/** What was to be done in a process before its next task (`cluster.setup`, `%%setup`) failed there: `cause`. */
export class SetupError extends ClusterError {
  override name = "SetupError";
}

/** A module that a task, or a value, needs and that its process can't load. */
export class MissingModuleError extends ClusterError {
  override name = "MissingModuleError";

  /** The same, of a task. */
  inTask(fn: string): MissingModuleError {
    const message = this.message.replace(/^this/, `task \`${fn}\``);
    return new MissingModuleError(message, {cause: this.cause});
  }
}

/** Bytes from elsewhere that are not what they should be. */
export class CorruptFrameError extends ClusterError {
  override name = "CorruptFrameError";
}

/**
 * Stands in an error for a part of it that could not leave its process: `kind` is what was there ("a
 * Headers"), `reason` says why it can't travel. Numbers and short texts of it are there under their names
 * (`status` of a Response).
 */
export class LeftBehind {
  readonly kind: string;
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

/** Where a task failed. */
export interface TaskPlace {
  fn: string;
  task: string;
  pid: number;
  node: string;
}

/**
 * An error thrown inside a task, as `get` throws it. It is also an instance of the class that was
 * thrown: `error instanceof TaskError && error instanceof RangeError` (Ray's RayTaskError does the
 * same). `remoteStack` has the worker's frames in cell lines; `cause` is kept.
 */
export interface TaskError extends Error {
  readonly place: TaskPlace;
  readonly remoteStack: string;
}
const taskErrorMark = Symbol.for("tasklab.TaskError");
export const TaskError = {
  [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && taskErrorMark in value;
  },
} as unknown as {new (): TaskError; readonly prototype: TaskError};

/** A text of an error's. Accessors of the user's own may throw. */
export function textOfError(error: Error, key: "name" | "message" | "stack"): string {
  try {
    return String(error[key] ?? "");
  } catch {
    return `(its ${key} can't be read)`;
  }
}

/** What was thrown, in one line: `RangeError: too big`. */
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

/** The names of an error's class and of those that it extends, and the one that it goes by. */
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
