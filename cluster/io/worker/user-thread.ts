// A worker's main thread: runs the user's code, one task after another, and nothing else that can
// block.
//
// The thread can be cut off between `enter` and `leave`, where shared memory says that a task's own
// code runs; so no code of ours is ever torn. After a cut the agent posts `resume`. A task that
// awaits has left. When such a task is cancelled its awaits reject, and it keeps its place here
// until its code has come to an end.

import {nowUs, setEpoch} from "../../clock.js";
import type {ShippedCode, TaskOutput, TaskShown} from "../../backend.js";
import {sizeOf} from "../../packing/size.js";
import {decodeLoading, encodeError, encodeResult} from "../../codec/codec.js";
import {ambient, inContext, setAmbient} from "../../context/context.js";
import {classNames, lineOfThrown} from "../../errors.js";
import {load, type Loaded} from "../../executor.js";
import type {TaskId} from "../../ids.js";
import {Arrivals} from "../../shipping/names/arrivals.js";
import {processRealm} from "../../shipping/names/realm.js";
import {revive} from "../../shipping/revive.js";
import {inherited, type Within} from "../../shipping/setup/prepare.js";
import {enterSurroundings} from "../../shipping/setup/surroundings.js";
import {TaskLife} from "../../context/task-life.js";
import {letGo} from "../../garbage.js";
import {KeptCodes} from "../agent/codes.js";
import type {SharedState, TaskEnd, UserOrder, UserReport, UserTask} from "../threads/ports.js";

export interface UserThreadOptions {
  shared: SharedState;
  report(report: UserReport): void;
  /** The agent is not woken for it alone. */
  reportLazily(report: UserReport): void;
}

/**
 * The end of a tiny task wakes the agent at most so often while others wait behind it; the agent
 * looks by itself every few milliseconds, should one of those run long.
 */
const wakeEveryUs = 700;

/** A task with its function. */
type Handed = UserTask & {shipped: ShippedCode};

/** A task whose code has begun. */
interface Begun {
  task: UserTask;
  arrivals: Arrivals;
  life: TaskLife;
  startedAt: number;
  decodeUs: number;
  blocked: boolean;
}

export class UserThread {
  readonly #options: UserThreadOptions;
  readonly #waiting: Handed[] = [];
  /** Shipped functions: each comes before the first task that needs it. */
  readonly #codes = new KeptCodes();
  readonly #begun = new Map<TaskId, Begun>();
  /** The one whose synchronous code runs now. */
  #inside: Begun | null = null;
  /** Once this process has become one's. */
  #actor: HostedActor | null = null;
  #wokeAt = 0;
  #node = "";

  constructor(options: UserThreadOptions) {
    this.#options = options;
  }

  hear(order: UserOrder): void {
    switch (order.kind) {
      case "worker":
        this.#node = order.node;
        return setEpoch(BigInt(order.epochNs));
      case "code":
        return this.#codes.add(order);
      case "run":
        for (const task of order.tasks) this.#waiting.push({...task, shipped: this.#use(task)});
        break;
      case "blocked":
      case "unblocked": {
        const begun = this.#begun.get(order.task);
        if (begun) begun.blocked = order.kind === "blocked";
        break;
      }
      case "abandon":
        this.#begun.get(order.task)?.life.cancel();
        this.#options.report({kind: "heard", task: order.task});
        break;
      case "resume":
        this.#options.shared.reset();
        // No frame of it is left: this message could not have come otherwise.
        this.#cancelled(this.#inside ?? this.#cutAfterAwait());
        this.#inside = null;
        break;
    }
    this.#next();
  }

  /** Text that was written (or shown) while a task ran, or by what it left behind. */
  output(name: "stdout" | "stderr", text: string, shown?: TaskShown): boolean {
    const source = this.#source(name);
    if (source === null) return false;
    const output: TaskOutput = {...source, text, ...(shown ? {shown} : {})};
    this.#options.report({kind: "output", output});
    return true;
  }
  /** A child process of the task that runs prints into the pipe. */
  childPipe(fd: number, name: "stdout" | "stderr"): void {
    const output = this.#source(name);
    if (output !== null) this.#options.report({kind: "child-pipe", fd, output});
  }
  #source(name: "stdout" | "stderr"): Omit<TaskOutput, "text"> | null {
    const {parent, cell} = ambient();
    if (parent === null) return null;
    const task = parent as TaskId;
    const fn = this.#names.get(task) ?? "";
    return {cell, fn, task, pid: process.pid, node: this.#node, name};
  }
  /** Names of the last tasks, for what they print later. */
  readonly #names = new Map<TaskId, string>();

  #use({code}: UserTask): ShippedCode {
    return this.#codes.use(code) ?? {hash: code, frames: [], parts: []};
  }

  /** Runs what waits, until one of them awaits something. */
  #next(): void {
    while (this.#inside === null && this.#waiting.length > 0 && !this.#isBusy()) {
      const task = this.#waiting.shift()!;
      if (this.#options.shared.take(task.slot, task.ticket)) this.#run(task);
    }
  }
  /** The cancelled task whose code was cut after an `await`: a cut leaves the context as it was. */
  #cutAfterAwait(): Begun | undefined {
    const begun = this.#begun.get(ambient().parent as TaskId);
    return begun?.life.isCancelled ? begun : undefined;
  }

  /** Is at most one task under way? */
  get isAlone(): boolean {
    return this.#begun.size <= 1;
  }

  #isBusy(): boolean {
    // An actor's calls that wait keep their place.
    if (this.#actor) return this.#begun.size >= this.#actor.maxConcurrency;
    for (const {blocked} of this.#begun.values()) if (!blocked) return true;
    return false;
  }

  #run(task: Handed): void {
    const {makes, method} = task;
    if (makes) this.#actor = {...makes, arrivals: new Arrivals(processRealm), instance: null};
    const actor = this.#actor;
    // To an actor all arrives once in its life: what it makes of its classes is its state as well.
    const arrivals = actor?.arrivals ?? new Arrivals(processRealm);
    const {task: id, fn: name, attempt} = task;
    const life = new TaskLife({task: id, fn: name, attempt, node: this.#node});
    const begun: Begun = {task, arrivals, life, startedAt: nowUs(), decodeUs: 0, blocked: false};
    this.#begun.set(id, begun);
    this.#remember(task);
    try {
      const {parts} = task.shipped;
      enterSurroundings(parts);
      if (parts.length > 0) arrivals.steps = inherited(parts);
      const loading = load({
        fn: name,
        parts,
        within: this.#within(task),
        callee: () =>
          method === undefined ? revive(task.shipped, arrivals) : callOf(actor, method),
        args: task.args,
        values: task.values,
        decode: (frames) => decodeLoading(frames, {arrivals}),
      });
      if (!(loading instanceof Promise)) return this.#call(begun, loading);
      loading.then(
        (loaded) => this.#later(begun, () => this.#call(begun, loaded)),
        (error: unknown) => this.#later(begun, () => this.#threw(begun, error)),
      );
    } catch (error) {
      this.#threw(begun, error);
    }
  }

  /** The context of a step of set-up: no part of the task, but it prints where the task does. */
  #within({task, context}: Handed): Within {
    return (own, work) =>
      inContext(
        {
          ...ambient(),
          ...context,
          parent: task,
          depth: context.depth + 1,
          arrivals: own,
          life: null,
        },
        work,
      );
  }

  #call(begun: Begun, {callee, args}: Loaded): void {
    const {shared} = this.#options;
    const {arrivals, life} = begun;
    const {task, context, slot} = begun.task;
    setAmbient({...context, parent: task, depth: context.depth + 1, arrivals, life});
    let result: unknown;
    const startedAt = nowUs();
    begun.decodeUs = startedAt - begun.startedAt;
    begun.startedAt = startedAt;
    this.#inside = begun;
    shared.enter(slot, startedAt);
    try {
      result = begun.task.makes ? this.#construct(callee, args) : callee(...args);
      shared.leave(slot);
    } catch (error) {
      shared.leave(slot);
      this.#inside = null;
      return this.#threw(begun, error);
    }
    this.#inside = null;
    if (!isThenable(result)) return this.#returned(begun, result);
    this.#options.report({kind: "began", task, startedAt});
    result.then(
      (value) => this.#later(begun, () => this.#returned(begun, value)),
      (error: unknown) => this.#later(begun, () => this.#threw(begun, error)),
    );
  }

  /** The instance stays here; what made it gives nothing. */
  #construct(cls: unknown, args: unknown[]): undefined {
    this.#actor!.instance = new (cls as new (...args: unknown[]) => Instance)(...args);
  }

  #later(begun: Begun, end: () => void): void {
    // The task may have been cut off meanwhile.
    if (this.#begun.get(begun.task.task) !== begun) return;
    if (begun.life.isCancelled) this.#cancelled(begun);
    else end();
    this.#next();
  }

  #returned(begun: Begun, value: unknown): void {
    const endedAt = nowUs();
    let encoded;
    try {
      encoded = encodeResult(value, begun.task.fn);
    } catch (error) {
      return this.#threw(begun, error, endedAt);
    }
    const {frames, refs} = encoded;
    this.#done(begun, {state: "returned", frames, refs, errorNames: [], errorLine: ""}, endedAt);
  }

  #threw(begun: Begun, error: unknown, endedAt = nowUs()): void {
    const {fn, task} = begun.task;
    const frames = encodeError(error, {fn, task, pid: process.pid, node: this.#node});
    const errorLine = lineOfThrown(error);
    this.#done(
      begun,
      {state: "threw", frames, refs: [], errorNames: classNames(error), errorLine},
      endedAt,
    );
  }

  #cancelled(begun: Begun | undefined): void {
    if (!begun) return;
    begun.life.cancel();
    const nothing = {frames: [], refs: [], errorNames: [], errorLine: ""};
    this.#done(begun, {state: "cancelled", ...nothing}, nowUs());
  }

  #done(begun: Begun, end: Omit<TaskEnd, keyof Times>, endedAt: number): void {
    const {task, startedAt, decodeUs} = begun;
    this.#begun.delete(task.task);
    const encodeUs = nowUs() - endedAt;
    const times: Times = {startedAt, endedAt, decodeUs, encodeUs};
    const values = begun.task.values.reduce((bytes, {frames}) => bytes + sizeOf(frames), 0);
    letGo(values + sizeOf(end.frames));
    const done: UserReport = {kind: "done", task: task.task, ...end, ...times};
    const now = endedAt + encodeUs;
    if (this.#waiting.length > 0 && now - this.#wokeAt < wakeEveryUs) {
      return this.#options.reportLazily(done);
    }
    this.#wokeAt = now;
    this.#options.report(done);
  }

  #remember(task: UserTask): void {
    this.#names.set(task.task, task.fn);
    if (this.#names.size <= maxNames) return;
    for (const oldest of this.#names.keys()) {
      this.#names.delete(oldest);
      break;
    }
  }
}

type Instance = Record<string, (...args: unknown[]) => unknown>;
interface HostedActor {
  maxConcurrency: number;
  arrivals: Arrivals;
  /** Null until its constructor has returned. */
  instance: Instance | null;
}

const callOf =
  (actor: HostedActor | null, method: string) =>
  (...args: unknown[]): unknown =>
    actor!.instance![method]!(...args);

type Times = Pick<TaskEnd, "startedAt" | "endedAt" | "decodeUs" | "encodeUs">;
const maxNames = 1_000;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value instanceof Promise) return true;
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as {then?: unknown}).then === "function"
  );
}
