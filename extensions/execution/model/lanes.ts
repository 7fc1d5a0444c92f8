// Lanes: rows of bars that belong together, with what is known about their idle time.

import type {NodeId, WorkerId} from "../../../cluster/ids.js";
import {barsOf, pack, type Bar, type RunWork} from "./bars.js";
import {idleOf, type Gap} from "./idle.js";
import type {Worker} from "./records.js";
import type {TraceModel} from "./trace-model.js";
import {count, cpus} from "./words.js";

/** Idle time of larger runs is not explained: it would cost more than it tells. */
const maxExplained = 3_000;

export interface Lane {
  key: string;
  kind: "sequential" | "worker" | "ideal";
  label: string;
  detail: string;
  /** Rows that its bars take. */
  rows: number;
  bars: Bar[];
  /** When it could take work, since the run's first span; `to` is null if it still can. */
  present: {from: number; to: number | null}[];
  starting: {from: number; to: number | null} | null;
  left: {at: number; reason: string} | null;
  idle: Gap[];
}

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

/** A lane for each worker that was there during the run, grouped by node. */
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
  const groups = new Map<NodeId | null, LaneGroup>();
  for (const worker of workers) {
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
  const number = model.workerNumber(worker.id);
  const rows = pack(bars);
  const since = joined ?? (bars.length > 0 ? zero : null);
  return {
    key: worker.id,
    kind: "worker",
    label: number > 0 ? `worker ${number}` : "worker",
    detail: worker.pid > 0 ? `pid ${worker.pid}` : "starting",
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
    left: left === null ? null : {at: left - zero, reason: worker.leftReason ?? "stopped"},
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
