// Checks the options of a remote function as users write them. Errors name the option, its value
// and the values that are allowed.

import type {TaskOptions} from "../backend.js";
import {
  amount,
  checkAll,
  namedAmounts,
  roundAmount,
  wholeAboveOne,
  wholeAtLeast,
  type Rule,
} from "./rules.js";

/**
 * A class of errors, for `retryExceptions`.
 *
 * @example
 * ```ts
 * import {remote, type ErrorClass} from "tasklab";
 *
 * const passing: ErrorClass[] = [RangeError];
 * const load = remote({retryExceptions: passing}, () => "loaded");
 * ```
 */
export type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * The options of a remote function. Resources are logical: they decide which tasks may run at the
 * same time, and limit neither the time nor the memory that a task uses.
 *
 * Meanings and defaults are Ray's where Ray has the option: see `RemoteFunction.options` in Ray's
 * [Core API](https://docs.ray.io/en/latest/ray-core/api/core.html).
 *
 * @example
 * ```ts
 * import {get, remote, type RemoteOptions} from "tasklab";
 *
 * const options: RemoteOptions = {numCpus: 0.5, maxRetries: 0, timeoutMs: 10_000};
 * const half = remote(options, (n: number) => n / 2);
 * console.log(await get(half.remote(8))); // → 4
 * console.log(await get(half.options({priority: 1}).remote(6))); // → 3
 * ```
 */
export interface RemoteOptions {
  /** Logical CPUs that a task holds while it runs, in steps of 0.0001. Default: 1. */
  numCpus?: number | undefined;
  /** GPUs that a task or an actor holds: a fraction up to 1, or a whole number. Default: 0. */
  numGpus?: number | undefined;
  /** Amounts of other resources by name, such as {tpu: 1}. Default: none. */
  resources?: Readonly<Record<string, number>> | undefined;
  /** Memory in bytes that a task or an actor holds. It is counted, not enforced. Default: 0. */
  memory?: number | undefined;
  /** The number of values that a call returns. Only 1 for now. */
  numReturns?: 1 | undefined;
  /** How often a task runs again after its worker was lost; -1: always. Default: 3. */
  maxRetries?: number | undefined;
  /**
   * Whether a task that throws runs again, within `maxRetries` (a call of an actor: within
   * `maxTaskRetries`): never, for every error, or for errors of these classes. Default: false.
   */
  retryExceptions?: boolean | readonly ErrorClass[] | undefined;
  /** A task that runs longer than this, in milliseconds, is cancelled. Default: no limit. */
  timeoutMs?: number | undefined;
  /**
   * How long a task may go on, in milliseconds, after it was cancelled or ran longer than its
   * `timeoutMs`. Then its process is ended. Default: 1000.
   */
  cancelGraceMs?: number | undefined;
  /** Of waiting tasks, those with a higher number go first. Default: 0. */
  priority?: number | undefined;
  /** The name in diagrams, tables and errors. Default: the function's own. */
  name?: string | undefined;
}

export interface CheckedOptions {
  /** Undefined stands for the function's own name. */
  name: string | undefined;
  task: TaskOptions;
}

/** Throws a UsageError that names the option, its value and the function. */
export function checkOptions(options: RemoteOptions, fn: string): CheckedOptions {
  const checked = checkAll(options, rules, {of: ` of \`${fn}\``, planned, elsewhere});
  return {name: checked.name, task: taskOptions(checked)};
}

/** The rules of options that tasks and actors share. */
export const amountRules = {
  numCpus: amount,
  numGpus: wholeAboveOne,
  resources: namedAmounts,
  memory: wholeAtLeast(0, "bytes"),
} satisfies Record<string, Rule>;
export const taskRules = {
  retryExceptions: errorClasses,
  timeoutMs: (value: unknown) =>
    typeof value === "number" && value > 0 && value < Infinity
      ? null
      : "must be a number of milliseconds > 0",
  name: (value: unknown) =>
    typeof value === "string" && value !== "" ? null : "must be a text that is not empty",
} satisfies Record<string, Rule>;
/** The rule of options that say how often something may happen again. */
export const times: Rule = (value) =>
  wholeAtLeast(-1)(value) && "must be a whole number ≥ 0, or -1 for without end";

const rules: Record<keyof RemoteOptions, Rule> = {
  ...amountRules,
  ...taskRules,
  numReturns: (value) =>
    value === 1 ? null : "must be 1; for several values return an array, `get` gives it whole",
  maxRetries: times,
  cancelGraceMs: (value) =>
    typeof value === "number" && value >= 0 && value < Infinity
      ? null
      : "must be a number of milliseconds ≥ 0",
  priority: (value) => (Number.isFinite(value) ? null : "must be a number; higher goes first"),
};
export const planned = new Set(["schedulingStrategy", "runtimeEnv", "maxCalls"]);
const ofActors = "is for actors, which classes make; a function has none of its own";
const elsewhere = {
  lifetime: ofActors,
  maxRestarts: ofActors,
  maxTaskRetries: `${ofActors}; maxRetries is for its tasks`,
  maxConcurrency: ofActors,
};

function taskOptions(options: RemoteOptions): TaskOptions {
  const {cancelGraceMs} = options;
  return withTime(options, {
    ...(cancelGraceMs === undefined ? {} : {cancelGraceMs}),
    resources: resourcesOf(options, 1),
    maxRetries: options.maxRetries ?? 3,
    retryExceptions: exceptionNames(options),
    priority: options.priority ?? 0,
  });
}

/** Gives amounts by name, without zeros. `cpus` is the default of `numCpus`. */
export function resourcesOf(
  options: Pick<RemoteOptions, "numCpus" | "numGpus" | "resources" | "memory">,
  cpus: number,
): Record<string, number> {
  const amounts: Record<string, number> = {
    CPU: options.numCpus ?? cpus,
    GPU: options.numGpus ?? 0,
    memory: options.memory ?? 0,
    ...options.resources,
  };
  const resources: Record<string, number> = {};
  for (const [name, count] of Object.entries(amounts)) {
    if (count !== 0) resources[name] = roundAmount(count);
  }
  return resources;
}

export function exceptionNames({
  retryExceptions: again = false,
}: Pick<RemoteOptions, "retryExceptions">): TaskOptions["retryExceptions"] {
  return typeof again === "boolean" ? again : again.map((error) => error.name);
}

export function withTime(
  {timeoutMs}: Pick<RemoteOptions, "timeoutMs">,
  task: TaskOptions,
): TaskOptions {
  return timeoutMs === undefined ? task : {...task, timeoutMs};
}

function errorClasses(value: unknown): string | null {
  if (typeof value === "boolean") return null;
  const isErrorClass = (item: unknown) =>
    typeof item === "function" && (item === Error || item.prototype instanceof Error);
  return Array.isArray(value) && value.every(isErrorClass)
    ? null
    : "must be true, false or a list of error classes such as [RangeError]";
}
