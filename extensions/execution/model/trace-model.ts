// Folds trace events into runs, spans, workers and nodes. Events may come in any order and more
// than once: every fold keeps a minimum, a set, or a value that all copies share.

import type {ActorId, ObjectId, NodeId, RunId, TaskId, WorkerId} from "../../../cluster/ids.js";
import type {TraceEvent} from "../../../cluster/trace.js";
import type {
  Actor,
  ActorProcess,
  Attempt,
  FoldedCalls,
  Node,
  Run,
  ScaleDecision,
  Span,
  SpanId,
  Worker,
} from "./records.js";

/** Spans kept before the oldest runs are forgotten. */
export const maxSpans = 100_000;
/** Functions of a run with a colour of their own; the rest share "other". */
export const maxColours = 8;

export class TraceModel {
  readonly runs = new Map<RunId, Run>();
  readonly spans = new Map<SpanId, Span>();
  readonly nodes = new Map<NodeId, Node>();
  readonly workers = new Map<WorkerId, Worker>();
  readonly actors = new Map<ActorId, Actor>();
  /** Whose process each is. */
  readonly actorProcesses = new Map<WorkerId, ActorProcess>();
  readonly folded = new Map<string, FoldedCalls>();
  readonly scaling = new Map<string, ScaleDecision>();
  /** Time of the newest event: "now" for a trace that is over. */
  lastAt = 0;
  /** Grows with every batch. */
  version = 0;
  /** Events that the feed or this model had to forget: said wherever totals are. */
  dropped = 0;
  readonly #colours = new Map<string, number>();
  /** Colours that a run's functions have. */
  readonly #coloursOfRun = new Map<RunId, Set<number>>();
  readonly #spansOfRun = new Map<RunId, Span[]>();

  /** Takes a batch; colours go to functions in order of first appearance and stay. */
  add(events: readonly TraceEvent[]): void {
    for (const event of [...events].sort((a, b) => a.at - b.at)) this.#fold(event);
    if (events.length > 0) this.version++;
    this.#forgetOldRuns();
  }

  /** 0 to 7 in order of first appearance, and round again; 8 is "other". */
  colour(fn: string): number {
    return this.#colours.get(fn) ?? maxColours;
  }

  /** The spans of a run that are known by name, by submission. */
  spansOf(run: RunId): Span[] {
    return (this.#spansOfRun.get(run) ?? []).toSorted(bySubmission);
  }

  /** Calls of the cell itself that were counted, not told one by one. */
  foldedTopsOf(run: RunId): FoldedCalls[] {
    return this.foldedOf(run).filter(({parent}) => parent === null);
  }
  foldedOf(run: RunId): FoldedCalls[] {
    return [...this.folded.values()].filter((folded) => folded.run === run);
  }

  /** Runs by start, newest last. */
  runsByStart(): Run[] {
    return [...this.runs.values()].sort((a, b) => a.startedAt - b.startedAt);
  }

  /** Workers in the order in which they were started. */
  workersByStart(): Worker[] {
    const since = (worker: Worker) => worker.startingAt ?? worker.joinedAt ?? Number.MAX_VALUE;
    return [...this.workers.values()].sort((a, b) => since(a) - since(b) || (a.id < b.id ? -1 : 1));
  }

  /** The worker's number for people, from 1. */
  workerNumber(id: WorkerId): number {
    return this.workersByStart().findIndex((worker) => worker.id === id) + 1;
  }

  #fold(event: TraceEvent): void {
    this.lastAt = Math.max(this.lastAt, event.at);
    switch (event.kind) {
      case "run-started": {
        const run = this.#run(event.run);
        run.mode = event.mode;
        run.name = event.name;
        run.cell = event.cell;
        run.startedAt = event.at;
        return;
      }
      case "run-ended": {
        const run = this.#run(event.run);
        run.endedAt = event.at;
        run.state = event.state;
        return;
      }
      case "call-started": {
        const span = this.#span(event.call, "call");
        this.#name(span, event.fn, event.run, event.parent, event.at);
        const attempt = attemptOf(span, 1);
        attempt.startedAt = event.at;
        return;
      }
      case "call-ended": {
        const attempt = attemptOf(this.#span(event.call, "call"), 1);
        attempt.endedAt = event.at;
        attempt.state = event.state;
        return;
      }
      case "calls-folded": {
        const {run, parent, fn, at, count, totalUs} = event;
        this.#see(fn, run);
        const key = `${run} ${parent} ${fn}`;
        if (at < (this.folded.get(key)?.at ?? -1)) return;
        this.folded.set(key, {run, parent, fn, at, count, totalUs});
        return;
      }
      case "task-submitted": {
        const span = this.#span(event.task, "task");
        this.#name(span, event.fn, event.run, event.parent, event.at);
        span.args = event.args;
        span.resources = event.resources;
        return;
      }
      case "task-leased": {
        const attempt = attemptOf(this.#span(event.task, "task"), event.attempt);
        attempt.worker = event.worker;
        attempt.leasedAt = earliest(attempt.leasedAt, event.at);
        return;
      }
      case "task-started": {
        const attempt = attemptOf(this.#span(event.task, "task"), event.attempt);
        attempt.worker = event.worker;
        attempt.startedAt = earliest(attempt.startedAt, event.at);
        attempt.fetchUs = event.fetchUs;
        return;
      }
      case "task-blocked": {
        const span = this.#span(event.task, "task");
        insert(span.blockedAt, event.at);
        span.waitedOn.set(event.at, event.on);
        return;
      }
      case "task-unblocked": {
        insert(this.#span(event.task, "task").unblockedAt, event.at);
        return;
      }
      case "task-ended": {
        const attempt = attemptOf(this.#span(event.task, "task"), event.attempt);
        attempt.endedAt = earliest(attempt.endedAt, event.at);
        if (attempt.endedAt !== event.at) return;
        attempt.state = event.state;
        attempt.storeUs = event.storeUs;
        attempt.sizeBytes = event.sizeBytes;
        attempt.error = event.error ?? "";
        return;
      }
      case "object-fetched": {
        const {fetches} = this.#span(taskOf(event.object), "task");
        if (fetches.some(({at, by}) => at === event.at && by === event.by)) return;
        fetches.push({at: event.at, by: event.by});
        fetches.sort((a, b) => a.at - b.at);
        return;
      }
      case "node-joined": {
        const node = this.#node(event.node);
        node.joinedAt = event.at;
        node.host = event.host;
        node.resources = event.resources;
        node.maxWorkers = event.maxWorkers;
        return;
      }
      case "node-left": {
        const node = this.#node(event.node);
        node.leftAt = event.at;
        node.leftReason = event.reason;
        return;
      }
      case "worker-starting": {
        const worker = this.#worker(event.worker);
        worker.node = event.node;
        worker.startingAt = event.at;
        return;
      }
      case "worker-joined": {
        const worker = this.#worker(event.worker);
        worker.node = event.node;
        worker.pid = event.pid;
        worker.joinedAt = event.at;
        return;
      }
      case "worker-left": {
        const worker = this.#worker(event.worker);
        worker.leftAt = earliest(worker.leftAt, event.at);
        worker.leftReason = event.reason;
        return;
      }
      case "scale-decided": {
        const {at, workers, wanted, reason} = event;
        this.scaling.set(`${at} ${wanted}`, {at, workers, wanted, reason});
        return;
      }
      case "actor-placed": {
        const {worker, at, incarnation, className, name} = event;
        const actor = this.#actor(event.actor);
        actor.className = className;
        actor.name = name;
        actor.placed.set(incarnation, {worker, at});
        this.actorProcesses.set(worker, {actor, incarnation});
        return;
      }
      case "actor-ended": {
        const actor = this.#actor(event.actor);
        actor.endedAt = event.at;
        actor.endReason = event.reason;
        return;
      }
      default: {
        // A newer kernel may send kinds that this version has no picture for.
        event satisfies never;
      }
    }
  }

  #run(id: RunId): Run {
    return obtain(this.runs, id, () => ({
      id,
      mode: "plain",
      name: "",
      cell: 0,
      startedAt: 0,
      endedAt: null,
      state: "running",
    }));
  }

  #span(id: SpanId, kind: Span["kind"]): Span {
    return obtain(this.spans, id, () => ({
      id,
      kind,
      fn: "",
      run: null,
      parent: null,
      submittedAt: 0,
      args: [],
      resources: {},
      attempts: [],
      blockedAt: [],
      unblockedAt: [],
      waitedOn: new Map(),
      fetches: [],
    }));
  }

  #name(span: Span, fn: string, run: RunId, parent: SpanId | null, at: number): void {
    this.#see(fn, run);
    if (span.run === null) obtain(this.#spansOfRun, run, () => []).push(span);
    span.fn = fn;
    span.run = run;
    span.parent = parent;
    span.submittedAt = at;
  }

  /**
   * Gives the function a colour for good: one that no other of the run has, as long as there is
   * one.
   */
  #see(fn: string, run: RunId): void {
    const used = obtain(this.#coloursOfRun, run, () => new Set());
    const free = () => {
      const next = this.#colours.size;
      const colours = Array.from({length: maxColours}, (_, step) => (next + step) % maxColours);
      return colours.find((colour) => !used.has(colour)) ?? maxColours;
    };
    used.add(obtain(this.#colours, fn, free));
  }

  #node(id: NodeId): Node {
    return obtain(this.nodes, id, () => ({
      id,
      host: "",
      resources: {},
      maxWorkers: 0,
      joinedAt: null,
      leftAt: null,
      leftReason: "",
    }));
  }

  #worker(id: WorkerId): Worker {
    return obtain(this.workers, id, () => ({
      id,
      node: null,
      pid: 0,
      startingAt: null,
      joinedAt: null,
      leftAt: null,
      leftReason: null,
    }));
  }

  #actor(id: ActorId): Actor {
    return obtain(this.actors, id, () => ({
      id,
      className: "",
      name: "",
      placed: new Map(),
      endedAt: null,
      endReason: "",
    }));
  }

  #forgetOldRuns(): void {
    if (this.spans.size <= maxSpans) return;
    const old = this.runsByStart().filter((run) => run.endedAt !== null);
    for (const run of old.slice(0, -1)) {
      for (const span of this.#spansOfRun.get(run.id) ?? []) this.spans.delete(span.id);
      this.dropped += this.#spansOfRun.get(run.id)?.length ?? 0;
      this.#spansOfRun.delete(run.id);
      this.#coloursOfRun.delete(run.id);
      this.runs.delete(run.id);
      if (this.spans.size <= maxSpans) return;
    }
  }
}

/** An object's id starts with the 24 bytes of the task that makes it. */
export function taskOf(object: ObjectId): TaskId {
  return object.slice(0, 48) as TaskId;
}

function attemptOf(span: Span, number: number): Attempt {
  const found = span.attempts.find((attempt) => attempt.number === number);
  if (found !== undefined) return found;
  const attempt: Attempt = {
    number,
    worker: null,
    leasedAt: null,
    startedAt: null,
    endedAt: null,
    state: null,
    fetchUs: 0,
    storeUs: 0,
    sizeBytes: 0,
    error: "",
  };
  span.attempts.push(attempt);
  span.attempts.sort((a, b) => a.number - b.number);
  return attempt;
}

function bySubmission(a: Span, b: Span): number {
  return a.submittedAt - b.submittedAt || (a.id < b.id ? -1 : 1);
}

function earliest(known: number | null, at: number): number {
  return known === null ? at : Math.min(known, at);
}

function insert(times: number[], at: number): void {
  if (times.includes(at)) return;
  times.push(at);
  times.sort((a, b) => a - b);
}

function obtain<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
