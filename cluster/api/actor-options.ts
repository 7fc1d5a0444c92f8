// The options of an actor class, and of one actor's calls, as users write them: checked, with the value
// and what is allowed. Meanings and defaults are Ray's.

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

/** Amounts are held as long as the actor lives. */
export interface ActorClassOptions extends Pick<RemoteOptions, "numGpus" | "resources" | "memory"> {
  /** Logical CPUs held while it lives. Default: 1 must be free to make it, and none is held then. */
  numCpus?: number | undefined;
  /** By which `getActor` finds it; one living actor a name. Default: none. */
  name?: string | undefined;
  /** "detached": it lives on when nobody holds it, until it is killed or the cluster ends. */
  lifetime?: "detached" | undefined;
  /** How often it is made anew after its process was lost, with the same arguments; -1: without end. Default: 0. */
  maxRestarts?: number | undefined;
  /** How often a call is sent again that was under way when its process was lost; -1: without end. Default: 0. */
  maxTaskRetries?: number | undefined;
  /** How many calls may have begun at once; they interleave at awaits. Default: 1, with an async method 1000. */
  maxConcurrency?: number | undefined;
}

/** Of single calls: `actor.method.options({…}).remote(…)`. */
export interface CallOptions extends Pick<RemoteOptions, "retryExceptions" | "timeoutMs"> {
  /** Instead of the actor's own. */
  maxTaskRetries?: number | undefined;
  /** The name in diagrams, tables and errors. Default: the class's and the method's. */
  name?: string | undefined;
}

export interface CheckedActor {
  actor: ActorOptions;
  /** Of the task that makes it. */
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

/** The options of a method's calls; `maxTaskRetries` are the actor's. */
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
