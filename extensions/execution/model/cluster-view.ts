// The cluster over its last busy minute: which workers there were, when they joined and left, and
// what was wanted. While nothing happens, time stands still, so that the picture does not fade
// away.

import {actorOn} from "./actors.js";
import type {Bar} from "./bars.js";
import {barsOf, pack, workOf} from "./bars.js";
import type {Leave} from "./lane.js";
import {actorsLast, leaveOf, workerLabel} from "./lanes.js";
import {legendOf, type LegendEntry} from "./legend.js";
import type {ScaleMark} from "./timeline.js";
import type {Node, Worker} from "./records.js";
import type {TraceModel} from "./trace-model.js";
import {count, cpus, duration, needs} from "./words.js";

export interface WorkerRow {
  key: string;
  label: string;
  detail: string;
  starting: {from: number; to: number | null} | null;
  alive: {from: number; to: number | null} | null;
  left: Leave | null;
  bars: Bar[];
  rows: number;
}

export interface NodeBox {
  key: string;
  label: string;
  detail: string;
  isGone: boolean;
  /** Workers that are there, and actors. */
  present: string;
  workers: WorkerRow[];
}

export interface ClusterView {
  kind: "cluster";
  nodes: NodeBox[];
  scaling: ScaleMark[];
  sentence: string;
  legend: LegendEntry[];
  /** Times are microseconds since the begin of the window. */
  untilUs: number;
  nowUs: number | null;
  zero: number;
}

/** How much is shown before the last thing that happened, and after it. */
const windowUs = 60e6;
const restUs = 3e6;

/** Null before the first node joined. */
export function clusterView(
  model: TraceModel,
  {now = model.lastAt}: {now?: number | undefined} = {},
): ClusterView | null {
  const nodes = [...model.nodes.values()].sort((a, b) => (a.joinedAt ?? 0) - (b.joinedAt ?? 0));
  if (nodes.length === 0) return null;
  const first = Math.min(
    ...nodes.map(({joinedAt}) => joinedAt ?? Infinity),
    ...[...model.workers.values()].map(({startingAt}) => startingAt ?? Infinity),
  );
  if (!Number.isFinite(first)) return null;
  const last = lastChange(model, now);
  const zero = Math.max(first, last - windowUs);
  const works = model
    .runsByStart()
    .filter((run) => run.mode !== "sequential" && (run.endedAt ?? now) >= zero)
    .map((run) => ({...workOf(model, run), zero}));
  const bars = new Map<string, Bar[]>();
  for (const work of works)
    for (const span of work.spans)
      for (const bar of barsOf(model, work, span)) {
        const worker = span.attempts.find(({number}) => number === bar.attempt)?.worker;
        if (worker == null) continue;
        const list = bars.get(worker) ?? [];
        bars.set(worker, list);
        if (bar.to === null || bar.to > 0) list.push(sinceZero(bar));
      }
  const until = Math.min(now, last + restUs);
  return {
    kind: "cluster",
    nodes: nodes.map((node) => nodeBox(model, node, zero, bars)),
    scaling: [...model.scaling.values()]
      .filter(({at}) => at >= zero && at <= until)
      .map((mark) => ({...mark, at: mark.at - zero}))
      .sort((a, b) => a.at - b.at),
    sentence: sentenceOf(model, nodes, now),
    legend: legendOf(model, works),
    untilUs: Math.max(1, until - zero),
    nowUs: until < now ? null : now - zero,
    zero,
  };
}

function lastChange(model: TraceModel, now: number): number {
  const times = [...model.workers.values()].flatMap(({startingAt, joinedAt, leftAt}) => [
    startingAt ?? 0,
    joinedAt ?? 0,
    leftAt ?? 0,
  ]);
  for (const {joinedAt, leftAt} of model.nodes.values()) times.push(joinedAt ?? 0, leftAt ?? 0);
  for (const {at} of model.scaling.values()) times.push(at);
  for (const run of model.runs.values()) {
    const work = workOf(model, run);
    if (work.spans.some(({kind}) => kind === "task")) times.push(work.end ?? now);
  }
  return times.reduce((latest, at) => Math.max(latest, at), 0);
}

/** The part of a bar that lies in the window. */
function sinceZero(bar: Bar): Bar {
  if (bar.from >= 0) return bar;
  const segments = bar.segments
    .filter(({to}) => to === null || to > 0)
    .map((segment) => ({...segment, from: Math.max(0, segment.from)}));
  return {...bar, from: 0, segments};
}

function nodeBox(model: TraceModel, node: Node, zero: number, bars: Map<string, Bar[]>): NodeBox {
  const workers = model
    .workersByStart()
    .filter(({node: id, leftAt}) => id === node.id && (leftAt === null || leftAt >= zero));
  return {
    key: node.id,
    label: node.host || "node",
    detail: needs(node.resources),
    isGone: node.leftAt !== null,
    present: presentOf(model, workers),
    workers: actorsLast(model, workers).map((worker) => workerRow(model, node, worker, zero, bars)),
  };
}

/** "2 workers, 1 actor". */
function presentOf(model: TraceModel, workers: Worker[]): string {
  const here = workers.filter(({leftAt}) => leftAt === null);
  const actors = here.filter(({id}) => actorOn(model, id) !== undefined).length;
  return [
    count(here.length - actors, "worker"),
    ...(actors > 0 ? [count(actors, "actor")] : []),
  ].join(", ");
}

function workerRow(
  model: TraceModel,
  node: Node,
  worker: Worker,
  zero: number,
  bars: Map<string, Bar[]>,
): WorkerRow {
  const end = worker.leftAt ?? node.leftAt;
  const since = (at: number | null) => (at === null ? null : at - zero);
  const list = bars.get(worker.id) ?? [];
  const {label, detail} = workerLabel(model, worker.id);
  return {
    key: worker.id,
    label,
    detail: detail || (end === null ? "starting" : "never joined"),
    starting:
      worker.startingAt === null || (worker.joinedAt ?? Infinity) < zero
        ? null
        : {from: Math.max(0, worker.startingAt - zero), to: since(worker.joinedAt ?? end)},
    alive:
      worker.joinedAt === null ? null : {from: Math.max(0, worker.joinedAt - zero), to: since(end)},
    left: end === null ? null : leaveOf(model, worker, end - zero),
    bars: list,
    rows: pack(list),
  };
}

function sentenceOf(model: TraceModel, nodes: Node[], until: number): string {
  const alive = [...model.workers.values()].filter(
    ({joinedAt, leftAt, node}) =>
      joinedAt !== null &&
      leftAt === null &&
      (node === null || (model.nodes.get(node)?.leftAt ?? null) === null),
  );
  const here = nodes.filter(({leftAt}) => leftAt === null);
  if (here.length === 0) return "The cluster has stopped.";
  const actors = alive.filter(({id}) => actorOn(model, id) !== undefined).length;
  const total = here.reduce((sum, node) => sum + cpus(node.resources), 0);
  const starting = [...model.workers.values()].filter(
    ({startingAt, joinedAt, leftAt}) => startingAt !== null && joinedAt === null && leftAt === null,
  ).length;
  const more = starting > 0 ? `, ${starting} starting` : "";
  const age = duration(
    Math.max(0, until - Math.min(...here.map(({joinedAt}) => joinedAt ?? until))),
  );
  return `${count(here.length, "node")} with ${count(total, "CPU")}: ${count(alive.length - actors, "worker")} alive${actors > 0 ? ` and ${count(actors, "actor")}` : ""}${more}; up for ${age}.`;
}
