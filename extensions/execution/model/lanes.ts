// Lanes: rows of bars that belong together, with what is known about their idle time.

import type {NodeId, WorkerId} from "../../../cluster/ids.js";
import {actorLabel, actorOf, actorOn} from "./actors.js";
import {barsOf, maxRows, pack, type Bar, type RunWork} from "./bars.js";
import {idleOf} from "./idle.js";
import type {Lane, Leave} from "./lane.js";
import type {Worker} from "./records.js";
import type {TraceModel} from "./trace-model.js";
import {count, cpus} from "./words.js";

/** Idle time of larger runs is not explained: it would cost more than it tells. */
const maxExplained = 3_000;

export interface LaneGroup {
  key: string;
  label: string;
  lanes: Lane[];
}

/** One lane for all spans of a run in this process, nested calls below their callers. */
export function sequentialLane(model: TraceModel, work: RunWork): Lane {
  const bars = work.spans.flatMap((span) => barsOf(model, work, span));
  for (const bar of bars) bar.row = bar.depth;
  bars.sort((a, b) => a.from - b.from || a.depth - b.depth);
  return {
    key: "sequential",
    kind: "sequential",
    label: "notebook",
    detail: "",
    rows: bars.reduce((most, bar) => Math.max(most, bar.row + 1), 1),
    bars,
    present: [{from: 0, to: null}],
    starting: null,
    left: null,
    idle: [],
  };
}

/**
 * A lane for each worker that was there during the run, grouped by node; actors' processes come
 * last.
 */
export function workerGroups(
  model: TraceModel,
  work: RunWork,
  now: number,
  {explain = false} = {},
): LaneGroup[] {
  const until = work.end ?? now;
  const barsOfWorker = new Map<WorkerId, Bar[]>();
  for (const span of work.spans) {
    const bars = barsOf(model, work, span);
    for (const bar of bars) {
      const attempt = span.attempts.find(({number}) => number === bar.attempt);
      if (attempt === undefined || attempt.worker === null) continue;
      const list = barsOfWorker.get(attempt.worker) ?? [];
      list.push(bar);
      barsOfWorker.set(attempt.worker, list);
    }
  }
  const workers = workersDuring(model, work.zero, until);
  for (const id of barsOfWorker.keys())
    if (!workers.some((worker) => worker.id === id)) workers.push(unknownWorker(id));
  const called = new Set(work.spans.map(({id}) => actorOf(id)));
  const isForeign = ({id}: Worker) => {
    const actor = actorOn(model, id)?.actor;
    return actor !== undefined && !called.has(actor.id);
  };
  const groups = new Map<NodeId | null, LaneGroup>();
  for (const worker of actorsLast(model, workers)) {
    // What it does is other runs' work, and it could do nothing for this one.
    if (isForeign(worker)) continue;
    let group = groups.get(worker.node);
    if (group === undefined) {
      group = {key: worker.node ?? "node", label: nodeLabel(model, worker.node), lanes: []};
      groups.set(worker.node, group);
    }
    const bars = barsOfWorker.get(worker.id) ?? [];
    const lane = workerLane(model, work, worker, bars, until);
    if (explain && work.spans.length <= maxExplained)
      lane.idle = idleOf(model, work, lane, until - work.zero);
    group.lanes.push(lane);
  }
  return [...groups.values()];
}

/** As they were started, an actor's processes one below the other. */
export function actorsLast<T extends {id: WorkerId}>(model: TraceModel, workers: T[]): T[] {
  const processes = new Map(workers.map((worker) => [worker, actorOn(model, worker.id)]));
  const rank = (worker: T) => {
    const process = processes.get(worker);
    if (process === undefined) return [0, 0] as const;
    return [
      Math.min(...[...process.actor.placed.values()].map(({at}) => at)),
      process.incarnation,
    ] as const;
  };
  return workers.toSorted((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]);
}

/** How a lane of a worker is called. */
export function workerLabel(model: TraceModel, id: WorkerId): {label: string; detail: string} {
  const number = model.workerNumber(id);
  const process = actorOn(model, id);
  const pid = model.workers.get(id)?.pid ?? 0;
  const detail = pid > 0 ? `pid ${pid}` : "";
  if (process === undefined) return {label: number > 0 ? `worker ${number}` : "worker", detail};
  const {actor, incarnation} = process;
  // As bars say which attempt they are.
  const again = incarnation > 1 ? ` ↻${incarnation}` : "";
  return {label: actorLabel(model, actor) + again, detail: `actor, ${detail || "starting"}`};
}

/** Why a process is gone: of an actor's last one, what became of the actor. */
export function leaveOf(model: TraceModel, {id, leftReason}: Worker, at: number): Leave {
  const isCrash = leftReason === "crashed";
  const process = actorOn(model, id);
  const isLast = process?.incarnation === Math.max(0, ...(process?.actor.placed.keys() ?? []));
  const end = isLast ? (process?.actor.endReason ?? "") : "";
  if (end !== "") return {at, verb: "ended", reason: end, isCrash};
  return {at, verb: "left", reason: leftReason ?? "stopped", isCrash};
}

/** Workers that were starting or alive at any time between `from` and `to`, by joining. */
export function workersDuring(model: TraceModel, from: number, to: number): Worker[] {
  return model.workersByStart().filter((worker) => {
    const since = worker.startingAt ?? worker.joinedAt;
    return since !== null && since <= to && (worker.leftAt === null || worker.leftAt > from);
  });
}

function workerLane(
  model: TraceModel,
  work: RunWork,
  worker: Worker,
  bars: Bar[],
  until: number,
): Lane {
  const {zero} = work;
  const left = worker.leftAt !== null && worker.leftAt <= until ? worker.leftAt : null;
  const joined = worker.joinedAt;
  const {label, detail} = workerLabel(model, worker.id);
  const rows = pack(bars);
  const since = joined ?? (bars.length > 0 ? zero : null);
  return {
    key: worker.id,
    kind: "worker",
    label,
    detail: (detail || "starting") + (rows === maxRows ? `, over ${maxRows - 1} at once` : ""),
    rows,
    bars,
    present:
      since === null
        ? []
        : [{from: Math.max(0, since - zero), to: left === null ? null : left - zero}],
    starting:
      worker.startingAt !== null && (joined === null || joined > zero)
        ? {
            from: Math.max(0, worker.startingAt - zero),
            to: joined === null ? (left === null ? null : left - zero) : joined - zero,
          }
        : null,
    left: left === null ? null : leaveOf(model, worker, left - zero),
    idle: [],
  };
}

function unknownWorker(id: WorkerId): Worker {
  return {
    id,
    node: null,
    pid: 0,
    startingAt: null,
    joinedAt: null,
    leftAt: null,
    leftReason: null,
  };
}

function nodeLabel(model: TraceModel, id: NodeId | null): string {
  const node = id === null ? undefined : model.nodes.get(id);
  if (node === undefined || node.joinedAt === null) return "workers";
  const total = cpus(node.resources);
  const words = [node.host || "node", total > 0 ? count(total, "CPU") : ""];
  return words.filter((word) => word !== "").join(" · ");
}
