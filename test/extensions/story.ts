// Builds traces for tests and the gallery from few words. Times are in milliseconds here.

import {
  actorId,
  actorTaskId,
  creationOf,
  objectId,
  taskId,
  type ActorId,
  type NodeId,
  type RunId,
  type TaskId,
  type WorkerId,
} from "../../cluster/ids.js";
import {
  traceVersion,
  type CallId,
  type RunMode,
  type TaskEnded,
  type TraceBundle,
  type TraceEvent,
} from "../../cluster/trace.js";

export const node = "node-1" as NodeId;

export class Story {
  readonly events: TraceEvent[] = [];
  #calls = 0;
  #tasks = 0;
  #run = "" as RunId;

  get run(): RunId {
    return this.#run;
  }

  startRun(at: number, mode: RunMode, {name = "", cell = 2} = {}): RunId {
    this.#run = `run-${cell}` as RunId;
    this.events.push({kind: "run-started", at: us(at), run: this.#run, mode, name, cell});
    return this.#run;
  }

  endRun(at: number, state: "finished" | "failed" | "interrupted" = "finished"): void {
    this.events.push({kind: "run-ended", at: us(at), run: this.#run, state});
  }

  /** A plain call from `from` to `to`; `to` null leaves it running. */
  call(
    fn: string,
    from: number,
    to: number | null,
    parent: CallId | null = null,
    state: "finished" | "failed" = "finished",
  ): CallId {
    const call = `call-${++this.#calls}` as CallId;
    this.events.push({kind: "call-started", at: us(from), call, run: this.#run, parent, fn});
    if (to !== null) this.events.push({kind: "call-ended", at: us(to), call, state});
    return call;
  }

  joinNode(at: number, {cpus = 4, maxWorkers = 2} = {}): void {
    const resources = {CPU: cpus};
    this.events.push({
      kind: "node-joined",
      at: us(at),
      node,
      host: "laptop",
      resources,
      maxWorkers,
    });
  }

  joinWorker(
    id: string,
    starting: number,
    joined: number | null,
    pid = 4700 + this.events.length,
  ): void {
    const worker = id as WorkerId;
    this.events.push({kind: "worker-starting", at: us(starting), worker, node});
    if (joined !== null)
      this.events.push({kind: "worker-joined", at: us(joined), worker, node, pid});
  }

  leaveWorker(id: string, at: number, reason: "idle" | "stopped" | "crashed" | "cancelled"): void {
    this.events.push({kind: "worker-left", at: us(at), worker: id as WorkerId, reason});
  }

  scale(at: number, workers: number, wanted: number, reason: string): void {
    this.events.push({kind: "scale-decided", at: us(at), workers, wanted, reason});
  }

  submit(
    fn: string,
    at: number,
    {
      parent = null,
      cpus = 1,
      args = [],
    }: {parent?: TaskId | null; cpus?: number; args?: TaskId[]} = {},
  ): TaskId {
    const task = taskId(this.#unique());
    this.#submitted(task, fn, at, {parent, args, resources: {CPU: cpus}});
    return task;
  }

  /** `Counter.remote()`: the task that makes it. */
  create(
    className: string,
    at: number,
    {cpus = 1}: {cpus?: number} = {},
  ): {actor: ActorId; creation: TaskId} {
    const actor = actorId(this.#unique().padStart(24, "0"));
    const creation = creationOf(actor);
    this.#submitted(creation, className, at, {parent: null, args: [], resources: {CPU: cpus}});
    return {actor, creation};
  }

  callActor(
    actor: ActorId,
    fn: string,
    at: number,
    {parent = null, args = []}: {parent?: TaskId | null; args?: TaskId[]} = {},
  ): TaskId {
    const task = actorTaskId(this.#unique(), actor);
    this.#submitted(task, fn, at, {parent, args, resources: {}});
    return task;
  }

  placeActor(
    actor: ActorId,
    at: number,
    worker: string,
    {className = "Counter", name = "", incarnation = 1} = {},
  ): void {
    const id = worker as WorkerId;
    this.events.push({
      kind: "actor-placed",
      at: us(at),
      actor,
      worker: id,
      incarnation,
      className,
      name,
    });
  }

  endActor(actor: ActorId, at: number, reason: string): void {
    this.events.push({kind: "actor-ended", at: us(at), actor, reason});
  }

  #unique(): string {
    return (++this.#tasks).toString(16).padStart(16, "0");
  }

  #submitted(
    task: TaskId,
    fn: string,
    at: number,
    {
      parent,
      args,
      resources,
    }: {parent: TaskId | null; args: TaskId[]; resources: Record<string, number>},
  ): void {
    this.events.push({
      kind: "task-submitted",
      at: us(at),
      task,
      run: this.#run,
      parent,
      fn,
      args: args.map((arg) => objectId(arg)),
      resources,
    });
  }

  start(task: TaskId, at: number, worker: string, {attempt = 1, fetchMs = 0.2} = {}): void {
    const id = worker as WorkerId;
    const leased = us(at - fetchMs - 0.4);
    this.events.push({kind: "task-leased", at: leased, task, attempt, worker: id});
    this.events.push({
      kind: "task-started",
      at: us(at),
      task,
      attempt,
      worker: id,
      fetchUs: us(fetchMs),
    });
  }

  block(task: TaskId, from: number, to: number | null, on: TaskId[]): void {
    const objects = on.map((each) => objectId(each));
    this.events.push({kind: "task-blocked", at: us(from), task, on: objects});
    if (to !== null) this.events.push({kind: "task-unblocked", at: us(to), task});
  }

  end(
    task: TaskId,
    at: number,
    {
      state = "finished",
      attempt = 1,
      sizeBytes = 9,
      storeMs = 0.1,
      error,
    }: {
      state?: TaskEnded["state"];
      attempt?: number;
      sizeBytes?: number;
      storeMs?: number;
      error?: string;
    } = {},
  ): void {
    this.events.push({
      kind: "task-ended",
      at: us(at),
      task,
      attempt,
      state,
      storeUs: us(storeMs),
      sizeBytes,
      ...(error === undefined ? {} : {error}),
    });
  }

  fetch(task: TaskId, at: number, by: TaskId | null = null): void {
    this.events.push({kind: "object-fetched", at: us(at), object: objectId(task), by});
  }

  bundle(view: string, more: Partial<TraceBundle> = {}): TraceBundle {
    return {
      version: traceVersion,
      view,
      epoch: "2026-11-23T08:00:00.000Z",
      runs: [this.#run],
      events: this.events,
      ...more,
    };
  }

  /** What had happened by a time: a trace that is still going on. */
  until(at: number): TraceEvent[] {
    return this.events.filter((event) => event.at <= us(at));
  }
}

function us(ms: number): number {
  return Math.round(ms * 1000);
}
