// Tasks in this process, one after another: what the diagrams compare with, and the oracle of
// tests.
//
// Functions, arguments and results are shipped as on the cluster, outside of the measured span, so
// a task sees copies here too. The order is depth first: a task that waits in `get` or `wait`
// yields to the tasks that it waits for, then goes on before anything else starts. Tasks start from
// the event loop, never inside of `submit`. After a cancelled task the next starts once its code
// has settled, or after its grace: code that goes on regardless can't be ended here.

import type {
  Backend,
  FoundActor,
  Frames,
  GetOptions,
  LeftObjects,
  ObjectOutcome,
  ShippedPart,
  TaskCall,
  Traced,
  UnfetchedError,
  WaitOptions,
} from "../backend.js";
import {randomIds} from "../api/fresh.js";
import {nowUs} from "../clock.js";
import {Recent} from "../recent.js";
import {decodeLoading, encodeError, encodeResult} from "../codec/codec.js";
import {ambient, inContext, restoreAmbient, setAmbient, type Ambient} from "../context/context.js";
import {
  classNames,
  ClusterStoppedError,
  GetTimeoutError,
  lineOfThrown,
  TaskCancelledError,
} from "../errors.js";
import {load, type Attempt, type Loaded} from "../executor.js";
import {objectId, taskOf, type ActorId, type ObjectId, type TaskId, type WorkerId} from "../ids.js";
import {cancelGraceMs} from "../limits.js";
import {ObjectRef} from "../api/object-ref.js";
import {decodingFrom} from "../api/refs.js";
import {Arrivals} from "../shipping/names/arrivals.js";
import type {Realm} from "../shipping/names/realm.js";
import {revive} from "../shipping/revive.js";
import {cutShort, TaskLife} from "../context/task-life.js";
import type {TraceEvent} from "../trace.js";
import {ObjectBoard, type Want} from "./board.js";
import {PendingTasks} from "./pending.js";
import {SequentialActors} from "./sequential-actors.js";
import type {LeftBy, SequentialTask} from "./sequential-task.js";

/** The features that one thread can't have; the contract suite skips these by name. */
export const sequentialLacks = [
  "parallel tasks",
  "lost workers",
  "cutting off synchronous code",
  "output of workers",
] as const;

/** Cancelled cells that are remembered. */
const rememberedCells = 256;

/** The lane of its tasks in diagrams: the process that submits them. */
export const driverLane = "driver" as WorkerId;

export class SequentialBackend implements Backend, Traced {
  readonly can = {runHere: true};
  readonly ids = randomIds;
  readonly isDown = false;
  readonly #failed: ((object: ObjectId, unmade?: Frames) => void)[] = [];
  readonly #unfetched: ((unfetched: UnfetchedError) => void)[] = [];
  readonly #board = new ObjectBoard((object) => this.#tasks.has(taskOf(object)));
  readonly #cancelledCells = new Recent<string, true>(rememberedCells);
  readonly #tasks = new Map<TaskId, SequentialTask>();
  readonly #pending = new PendingTasks();
  /** The running task on top of those that wait for it. */
  readonly #stack: SequentialTask[] = [];
  readonly #actors = new SequentialActors(
    {
      emit: (event) => this.#emit(event),
      fail: (task, error) => {
        this.#pending.delete(task);
        this.#end(task, {ok: false, error: encodeError(error)}, [], 0, 0, error.message);
      },
      again: (task) => {
        if (task.state === "running") this.#emitEnd(task, "lost", 0, 0);
        this.#again(task);
      },
    },
    driverLane,
  );
  /**
   * Each running task has one, as elsewhere it has a process; the next gets it when it has ended.
   */
  readonly #idleRealms: Realm[] = [];
  /** The lives of cancelled tasks whose code has not settled yet; each has its grace. */
  readonly #settling = new Map<TaskLife, NodeJS.Timeout>();
  readonly #listeners = new Set<(events: TraceEvent[]) => void>();
  #stepping: NodeJS.Immediate | null = null;

  submit(call: TaskCall): void {
    const object = objectId(call.task);
    const args = call.argRefs.map((ref) => ref.object);
    const {context} = call;
    const held = [...args, ...call.nestedRefs].map((id) => new ObjectRef(id));
    const task: SequentialTask = {
      call,
      object,
      attempt: 0,
      state: "pending",
      wants: new Set(),
      held,
      timer: undefined,
      life: null,
      leftBy: null,
    };
    this.#tasks.set(call.task, task);
    this.#pending.add(task);
    this.#emit({
      kind: "task-submitted",
      at: nowUs(),
      task: call.task,
      run: context.run,
      parent: context.parent,
      fn: call.fn,
      args,
      resources: call.options.resources,
    });
    if (call.actor) this.#actors.add(task, call.actor);
    if (this.#cancelledCells.has(context.cell)) this.#stopWithCell(task);
    else this.#stepSoon();
  }

  put(object: ObjectId, value: Frames, refs: ObjectId[]): void {
    this.#board.post(object, {ok: true, value}, refs);
  }

  async get(objects: ObjectId[], bounds: GetOptions): Promise<ObjectOutcome[]> {
    const caller = this.#caller();
    const reached = await this.#until(objects, objects.length, caller, bounds);
    if (!reached) throw new GetTimeoutError(`not there after ${bounds.timeoutMs} ms`);
    const at = nowUs();
    const by = caller?.call.task ?? null;
    return objects.map((object) => {
      this.#emit({kind: "object-fetched", at, object, by});
      const outcome = this.#board.outcomeOf(object)!;
      return outcome.ok ? {ok: true, value: copied(outcome.value)} : outcome;
    });
  }

  async wait(objects: ObjectId[], {numReturns, ...bounds}: WaitOptions): Promise<ObjectId[]> {
    await this.#until(objects, numReturns, this.#caller(), bounds);
    return objects.filter((object) => this.#board.outcomeOf(object) !== undefined);
  }

  async cancel(object: ObjectId, {recursive}: {force: boolean; recursive: boolean}): Promise<void> {
    const task = this.#tasks.get(taskOf(object));
    if (task === undefined) return;
    this.#stop(task, new TaskCancelledError(`\`${task.call.fn}\` was cancelled`), recursive);
  }

  async killActor(actor: ActorId, options: {restart: boolean}): Promise<void> {
    this.#actors.kill(actor, options);
  }
  async findActor(name: string): Promise<{found: FoundActor | null; names: string[]}> {
    return this.#actors.find(name);
  }

  cancelCell(cell: string): void {
    // "" is no cell: a plain program goes on.
    if (cell !== "") this.#cancelledCells.set(cell, true);
    for (const task of [...this.#tasks.values()]) {
      if (task.call.context.cell === cell) this.#stopWithCell(task);
    }
  }

  #stopWithCell(task: SequentialTask): void {
    const reason = `\`${task.call.fn}\` was cancelled with its cell`;
    this.#stop(task, new TaskCancelledError(reason), true);
  }

  hold(): void {
    // What a value refers to is kept by refs in this process, which are counted.
  }

  release(objects: ObjectId[]): void {
    for (const object of objects) {
      this.#board.remove(object);
      this.#actors.released(object);
    }
  }

  leave(left: LeftObjects[]): void {
    for (const {objects, ...by} of left) {
      for (const object of objects) {
        const task = this.#tasks.get(taskOf(object));
        if (task) task.leftBy = by;
        else this.#tellLeft(object, by);
      }
    }
  }
  onUnfetched(listener: (unfetched: UnfetchedError) => void): void {
    this.#unfetched.push(listener);
  }
  #tellLeft(object: ObjectId, by: LeftBy): void {
    const outcome = this.#board.outcomeOf(object);
    if (outcome?.ok === false)
      for (const listener of this.#unfetched) listener({...by, object, error: outcome.error});
    this.release([object]);
  }

  surroundings(): ShippedPart | undefined {
    // Tasks find the environment of this process.
    return undefined;
  }
  onCollect(): void {
    // Nothing waits for what other processes hold.
  }
  onOutput(): void {
    // Tasks write to this process's own console.
  }

  async close(): Promise<void> {
    for (const task of [...this.#tasks.values()]) {
      this.#stop(
        task,
        new ClusterStoppedError(`the backend was closed before \`${task.call.fn}\` ended`),
        true,
      );
    }
    for (const life of [...this.#settling.keys()]) this.#settled(life);
    this.#actors.close();
  }

  watch(listener: (events: TraceEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  async flushTrace(): Promise<void> {}

  // ---- which task runs ----

  #stepSoon(): void {
    this.#stepping ??= setImmediate(() => {
      this.#stepping = null;
      this.#step();
    });
  }

  #step(): void {
    if (this.#settling.size > 0) return;
    const top = this.#stack.at(-1);
    if (top !== undefined && top.wants.size === 0) return;
    const next =
      (top && this.#findWanted(top)) ?? this.#pending.find((task) => this.#firstOf(task));
    if (next !== undefined) this.#start(next);
  }

  /** The first task to run for what `waiting` waits for. */
  #findWanted(waiting: SequentialTask): SequentialTask | undefined {
    for (const want of waiting.wants) {
      for (const object of want.missing) {
        const maker = this.#tasks.get(taskOf(object));
        const first = maker && this.#firstOf(maker);
        if (first !== undefined) return first;
      }
    }
    return undefined;
  }

  /**
   * The task itself, or the first of those whose results it takes; none when one of them can't
   * start now.
   */
  #firstOf(task: SequentialTask): SequentialTask | undefined {
    if (task.state !== "pending") return undefined;
    const turn = this.#actors.turnOf(task);
    if (turn !== task) return turn && this.#firstOf(turn);
    for (const {object} of task.call.argRefs) {
      if (this.#board.outcomeOf(object) !== undefined) continue;
      const maker = this.#tasks.get(taskOf(object));
      return maker && this.#firstOf(maker);
    }
    return task;
  }

  #start(task: SequentialTask): void {
    const {call} = task;
    const {context} = call;
    this.#pending.delete(task);
    task.state = "running";
    this.#stack.push(task);
    const {attempt} = task;
    this.#emit({kind: "task-leased", at: nowUs(), task: call.task, attempt, worker: driverLane});
    const arrivals = this.#actors.arrivalsOf(call) ?? new Arrivals(this.#idleRealms.pop());
    const names = {task: call.task, fn: call.fn, attempt: attempt + 1, node: driverLane};
    const life = (task.life = new TaskLife(names));
    void this.#run(task, attempt, {
      ...context,
      parent: call.task,
      depth: context.depth + 1,
      backend: this,
      arrivals,
      life,
    }).then(() => {
      if (!call.actor) this.#idleRealms.push(arrivals.realm);
      this.#settled(life);
    });
  }

  #settle(life: TaskLife, graceMs: number): void {
    this.#settling.set(
      life,
      setTimeout(() => this.#settled(life), graceMs),
    );
  }
  #settled(life: TaskLife): void {
    clearTimeout(this.#settling.get(life));
    if (this.#settling.delete(life)) this.#stepSoon();
  }

  async #run(
    task: SequentialTask,
    attempt: number,
    context: Ambient & {arrivals: Arrivals},
  ): Promise<void> {
    const {call} = task;
    const isCurrent = () => task.state === "running" && task.attempt === attempt;
    const fetchedFrom = nowUs();
    const failed = call.argRefs
      .map(({object}) => this.#board.outcomeOf(object)!)
      .find(({ok}) => !ok);
    if (failed !== undefined) return this.#end(task, failed, [], 0, 0, "an argument failed");
    let loaded: Loaded;
    try {
      const {arrivals} = context;
      loaded = await load({
        fn: call.fn,
        parts: call.code.parts,
        within: (own, work) => inContext({...context, arrivals: own, life: null}, work),
        callee: () =>
          call.actor ? this.#actors.begin(task, call.actor) : revive(call.code, arrivals),
        args: call.args,
        values: this.#values(call),
        decode: (frames) => decodingFrom(this, () => decodeLoading(frames, {copy: true, arrivals})),
      });
    } catch (error) {
      return this.#fail(task, error);
    }
    if (!isCurrent()) return;
    const before = setAmbient(context);
    const startedUs = nowUs();
    this.#emit({
      kind: "task-started",
      at: startedUs,
      task: call.task,
      attempt,
      worker: driverLane,
      fetchUs: startedUs - fetchedFrom,
    });
    const {timeoutMs} = call.options;
    if (timeoutMs !== undefined) task.timer = setTimeout(() => this.#timeOut(task), timeoutMs);
    try {
      const returned = loaded.callee(...loaded.args);
      if (this.#actors.interleaves(task)) this.#letOthersOn(task, before);
      const result = await returned;
      if (!isCurrent()) return;
      const returnedUs = nowUs();
      if (timeoutMs !== undefined && returnedUs - startedUs > timeoutMs * 1000)
        return this.#timeOut(task);
      const {frames, refs, sizeBytes} = encodeResult(result, call.fn);
      this.#end(task, {ok: true, value: frames}, refs, nowUs() - returnedUs, sizeBytes);
    } catch (error) {
      if (isCurrent()) this.#failOrRetry(task, error);
    } finally {
      if (ambient().parent === call.task) restoreAmbient(before);
    }
  }

  /** Once it awaits, other calls of its actor, and whatever they wait for, may begin. */
  #letOthersOn(task: SequentialTask, before: Ambient): void {
    setImmediate(() => {
      if (task.state !== "running") return;
      if (ambient().parent === task.call.task) restoreAmbient(before);
      this.#leaveStack(task);
      this.#stepSoon();
    });
  }

  #values({argRefs}: TaskCall): Attempt["values"] {
    return argRefs.flatMap(({index, object}) => {
      const outcome = this.#board.outcomeOf(object)!;
      return outcome.ok ? [{index, frames: outcome.value}] : [];
    });
  }

  // ---- how a task ends ----

  #failOrRetry(task: SequentialTask, error: unknown): void {
    const {retryExceptions, maxRetries} = task.call.options;
    const again = Array.isArray(retryExceptions)
      ? classNames(error).some((name) => retryExceptions.includes(name))
      : retryExceptions;
    if (!again || (maxRetries !== -1 && task.attempt >= maxRetries)) return this.#fail(task, error);
    this.#emitEnd(task, "failed", 0, 0, lineOfThrown(error));
    if (task.call.actor) this.#actors.again(task, task.call.actor);
    this.#again(task);
  }

  #again(task: SequentialTask): void {
    this.#clear(task);
    task.attempt++;
    task.state = "pending";
    this.#tasks.set(task.call.task, task);
    this.#pending.add(task);
    this.#stepSoon();
  }

  #fail(task: SequentialTask, error: unknown): void {
    this.#end(
      task,
      {ok: false, error: this.#errorFrames(task, error)},
      [],
      0,
      0,
      lineOfThrown(error),
    );
  }

  #timeOut(task: SequentialTask): void {
    const {fn, options} = task.call;
    this.#stop(
      task,
      new TaskCancelledError(`\`${fn}\` ran longer than its timeoutMs of ${options.timeoutMs}`),
      true,
    );
  }

  #stop(task: SequentialTask, error: Error, recursive: boolean): void {
    if (task.state === "ended") return;
    const {task: id} = task.call;
    if (recursive) {
      for (const child of [...this.#tasks.values()]) {
        if (child.call.context.parent === id) this.#stop(child, error, true);
      }
    }
    this.#pending.delete(task);
    if (task.life) {
      this.#settle(task.life, task.call.options.cancelGraceMs ?? cancelGraceMs);
      task.life.cancel(error);
    }
    // No error of the task's own: it has no place in it.
    const frames = encodeError(error);
    this.#end(task, {ok: false, error: frames}, [], 0, 0, error.message, "cancelled");
  }

  #end(
    task: SequentialTask,
    outcome: ObjectOutcome,
    refs: ObjectId[],
    storeUs: number,
    sizeBytes: number,
    error?: string,
    state: "finished" | "failed" | "cancelled" = outcome.ok ? "finished" : "failed",
  ): void {
    if (task.state === "ended") return;
    this.#emitEnd(task, state, storeUs, sizeBytes, error);
    this.#clear(task);
    task.state = "ended";
    const {held} = task;
    task.held = [];
    this.#tasks.delete(task.call.task);
    const {actor} = task.call;
    if (actor) this.#actors.ended(task, actor, outcome.ok ? null : outcome.error);
    // An actor holds the refs that its constructor was given until the actor ends.
    if (actor?.kind !== "creation") {
      this.#board.post(task.object, outcome, refs);
      for (const ref of held) ref.release();
    }
    if (task.leftBy) this.#tellLeft(task.object, task.leftBy);
    // As on a cluster: what a task leaves inside of its own is told when it is collected.
    if (!outcome.ok && task.call.context.depth === 0) {
      const unmade = actor?.kind === "creation" ? outcome.error : undefined;
      for (const listener of this.#failed) listener(task.object, unmade);
    }
    this.#stepSoon();
  }

  #clear(task: SequentialTask): void {
    clearTimeout(task.timer);
    task.life = null;
    task.wants.clear();
    this.#leaveStack(task);
  }
  #leaveStack(task: SequentialTask): void {
    const place = this.#stack.indexOf(task);
    if (place !== -1) this.#stack.splice(place, 1);
  }

  #errorFrames({call}: SequentialTask, error: unknown): Frames {
    return encodeError(error, {fn: call.fn, task: call.task, pid: process.pid, node: driverLane});
  }

  // ---- who waits for what ----

  /** The task that calls, when a task does. */
  #caller(): SequentialTask | undefined {
    const {parent} = ambient();
    const task = this.#tasks.get(parent as TaskId);
    return task?.state === "running" ? task : undefined;
  }

  #until(
    objects: ObjectId[],
    count: number,
    caller: SequentialTask | undefined,
    bounds: GetOptions,
  ): Promise<boolean> {
    const notices = {
      began: (want: Want) => {
        if (caller?.wants.size === 0) {
          this.#emit({
            kind: "task-blocked",
            at: nowUs(),
            task: caller.call.task,
            on: [...want.missing],
          });
        }
        caller?.wants.add(want);
        this.#stepSoon();
      },
      ended: (want: Want) => {
        if (caller?.wants.delete(want) && caller.wants.size === 0 && caller.state === "running") {
          this.#emit({kind: "task-unblocked", at: nowUs(), task: caller.call.task});
        }
        this.#stepSoon();
      },
    };
    const {life} = ambient();
    const begin = (within: GetOptions) =>
      this.#board.until(objects, count, {...within, ...notices});
    return life ? cutShort(life, bounds, begin) : begin(bounds);
  }

  #emitEnd(
    task: SequentialTask,
    state: "finished" | "failed" | "cancelled" | "lost",
    storeUs: number,
    sizeBytes: number,
    error?: string,
  ): void {
    this.#emit({
      kind: "task-ended",
      at: nowUs(),
      task: task.call.task,
      attempt: task.attempt,
      state,
      storeUs,
      sizeBytes,
      ...(error !== undefined && {error}),
    });
  }

  onFailed(listener: (object: ObjectId, unmade?: Frames) => void): void {
    this.#failed.push(listener);
  }

  #emit(event: TraceEvent): void {
    for (const listener of this.#listeners) listener([event]);
  }
}

/** Decoded values are views of the frames after the first, which are kept here. */
const copied = (frames: Frames) =>
  frames.length === 1
    ? frames
    : frames.map((frame, index) => (index === 0 ? frame : frame.slice()));
