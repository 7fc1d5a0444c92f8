// The options of a remote function as users write them, checked, with the value and what is allowed.

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

/** A class of errors, for `retryExceptions`. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** Numbers are logical: they decide what runs beside what, not how fast it runs. */
export interface RemoteOptions {
  /** Logical CPUs that a task holds while it runs. Fractions are allowed. Default: 1. */
  numCpus?: number | undefined;
  /** GPUs; a fraction up to 1, whole numbers above. Default: 0. */
  numGpus?: number | undefined;
  /** Other resources by name, such as {tpu: 1}. */
  resources?: Readonly<Record<string, number>> | undefined;
  /** Memory in bytes. It is reserved, not enforced. */
  memory?: number | undefined;
  /** How many values it returns. Only 1 for now. */
  numReturns?: 1 | undefined;
  /** How often a task runs again after its worker was lost; -1: without end. Default: 3. */
  maxRetries?: number | undefined;
  /** Run again when it throws: never, always, or only for these classes of errors. Default: false. */
  retryExceptions?: boolean | readonly ErrorClass[] | undefined;
  /** A task that runs longer is cancelled. */
  timeoutMs?: number | undefined;
  /**
   * How long a task may go on, in milliseconds, after it was cancelled or ran longer than its
   * `timeoutMs`; then its process is ended. Default: 1000.
   */
  cancelGraceMs?: number | undefined;
  /** Higher goes first. Default: 0. */
  priority?: number | undefined;
  /** The name in diagrams, tables and errors. Default: the function's. */
  name?: string | undefined;
}

export interface CheckedOptions {
  /** Undefined: the function's own. */
  name: string | undefined;
  task: TaskOptions;
}

/** Throws a UsageError that names the option, its value and the function. */
export function checkOptions(options: RemoteOptions, fn: string): CheckedOptions {
  const checked = checkAll(options, rules, {of: ` of \`${fn}\``, planned, elsewhere});
  return {name: checked.name, task: taskOptions(checked)};
}

/** Rules of options that tasks and actors share. */
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
/** How often something may happen again. */
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

/** By name, zeros left out. `cpus`: when `numCpus` is not said. */
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
