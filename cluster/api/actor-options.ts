// Checks the options of an actor class, and of calls of an actor, as users write them. Meanings and
// defaults are Ray's.

import type {ActorOptions, TaskOptions} from "../backend.js";
import {
  amountRules,
  exceptionNames,
  planned,
  resourcesOf,
  taskRules,
  times,
  withTime,
  type RemoteOptions,
} from "./options.js";
import {checkAll, wholeAtLeast, type Rule} from "./rules.js";

/**
 * The options of an actor class. An actor holds its resources as long as it lives.
 *
 * Meanings and defaults are Ray's: see `ActorClass.options` in Ray's
 * [Core API](https://docs.ray.io/en/latest/ray-core/api/core.html).
 *
 * @example
 * ```ts
 * import {get, remote, type ActorClassOptions} from "tasklab";
 *
 * class Counter {
 *   n = 0;
 *   add(k: number) {
 *     return (this.n += k);
 *   }
 * }
 * const options: ActorClassOptions = {numCpus: 0.5, maxRestarts: 1, maxTaskRetries: 1};
 * using counter = remote(options, Counter).remote();
 * console.log(await get(counter.add.remote(2))); // → 2
 * ```
 */
export interface ActorClassOptions extends Pick<RemoteOptions, "numGpus" | "resources" | "memory"> {
  /**
   * Logical CPUs that the actor holds while it lives. Default: 0, but 1 must be free for the moment
   * in which the actor is made.
   */
  numCpus?: number | undefined;
  /**
   * The name by which `getActor` finds the actor. Living actors have different names. Default:
   * none.
   */
  name?: string | undefined;
  /**
   * "detached": the actor lives until it is killed or the cluster ends. Default: the actor ends
   * when nobody holds a handle of it.
   */
  lifetime?: "detached" | undefined;
  /**
   * How often the actor is made again, with the same arguments, after its process was lost; -1:
   * always. Its state is lost each time. Default: 0.
   */
  maxRestarts?: number | undefined;
  /**
   * How often a call that was under way when the process was lost is sent again; -1: always. It may
   * then run twice. Takes effect while `maxRestarts` allows a new process. Default: 0.
   */
  maxTaskRetries?: number | undefined;
  /**
   * How many calls may be under way in the actor at once; they interleave at awaits. Default: 1000
   * for a class that has an async method, else 1.
   */
  maxConcurrency?: number | undefined;
}

/**
 * The options of single calls of an actor: `actor.method.options({…}).remote(…)`. `retryExceptions`
 * and `timeoutMs` mean the same as in RemoteOptions.
 *
 * @example
 * ```ts
 * import {get, remote, type CallOptions} from "tasklab";
 *
 * class Greeter {
 *   greet(name: string) {
 *     return `hello ${name}`;
 *   }
 * }
 * const greeter = remote(Greeter).remote();
 * const options: CallOptions = {name: "greeting", timeoutMs: 10_000};
 * console.log(await get(greeter.greet.options(options).remote("Ada"))); // → hello Ada
 * ```
 */
export interface CallOptions extends Pick<RemoteOptions, "retryExceptions" | "timeoutMs"> {
  /** How often this call is sent again; see ActorClassOptions. Default: the actor's own. */
  maxTaskRetries?: number | undefined;
  /** The name in diagrams, tables and errors. Default: "Class.method". */
  name?: string | undefined;
}

export interface CheckedActor {
  actor: ActorOptions;
  /** The options of the task that makes the actor. */
  task: TaskOptions;
  maxTaskRetries: number;
}

/** Throws a UsageError that names the option, its value and the class. */
export function checkActorOptions(
  options: ActorClassOptions,
  className: string,
  hasAsyncMethod: boolean,
): CheckedActor {
  const checked = checkAll(options, classRules, {
    of: ` of \`${className}\``,
    planned,
    elsewhere: ofTasks,
  });
  return {
    actor: {
      keeps: resourcesOf(checked, 0),
      name: checked.name ?? null,
      detached: checked.lifetime === "detached",
      maxRestarts: checked.maxRestarts ?? 0,
      maxConcurrency: checked.maxConcurrency ?? (hasAsyncMethod ? asyncConcurrency : 1),
    },
    task: {
      resources: resourcesOf(checked, 1),
      maxRetries: 0,
      retryExceptions: false,
      priority: 0,
    },
    maxTaskRetries: checked.maxTaskRetries ?? 0,
  };
}
/** Ray's default for a class that has an async method. */
const asyncConcurrency = 1000;

/** Checks the options of a method's calls. `maxTaskRetries` is the actor's own, the default. */
export function checkCallOptions(
  options: CallOptions,
  method: string,
  maxTaskRetries: number,
): {name: string | undefined; task: TaskOptions} {
  const checked = checkAll(options, callRules, {
    of: ` of \`${method}\``,
    planned,
    elsewhere: ofActors,
  });
  const task: TaskOptions = {
    resources: {},
    maxRetries: checked.maxTaskRetries ?? maxTaskRetries,
    retryExceptions: exceptionNames(checked),
    priority: 0,
  };
  return {name: checked.name, task: withTime(checked, task)};
}

const classRules: Record<keyof ActorClassOptions, Rule> = {
  ...amountRules,
  name: taskRules.name,
  lifetime: (value) => (value === "detached" ? null : 'must be "detached", or left out'),
  maxRestarts: times,
  maxTaskRetries: times,
  maxConcurrency: wholeAtLeast(1),
};
const callRules: Record<keyof CallOptions, Rule> = {...taskRules, maxTaskRetries: times};

const inOrder = "an actor's calls run in the order in which they are submitted";
const ofTasks = {
  maxRetries: "is for tasks; an actor has maxRestarts, and maxTaskRetries for its calls",
  retryExceptions: "is for calls: write actor.method.options({retryExceptions: true}).remote(…)",
  timeoutMs: "is for calls: write actor.method.options({timeoutMs}).remote(…)",
  priority: `is for tasks; ${inOrder}`,
  numReturns: "is for tasks; leave it out",
};
const held = "is for the actor, not for its calls: write Class.options({…}).remote(…)";
const ofActors = {
  maxRetries: "is for tasks; an actor's calls have maxTaskRetries",
  priority: `is for tasks; ${inOrder}`,
  numReturns: "is for tasks; leave it out",
  ...Object.fromEntries(
    [...Object.keys(amountRules), "lifetime", "maxRestarts", "maxConcurrency"].map((key) => [
      key,
      held,
    ]),
  ),
};
