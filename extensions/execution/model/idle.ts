// Why a worker had nothing to do. Only reasons that the trace proves are named.

import type {WorkerId} from "../../../cluster/ids.js";
import {actorLabelOf, actorOf, actorOn, isCall, isCreation} from "./actors.js";
import type {Gap, Lane} from "./lane.js";
import {blocksOf, type RunWork} from "./bars.js";
import type {Actor, Span} from "./records.js";
import {taskOf, type TraceModel} from "./trace-model.js";
import {cpus} from "./words.js";

/** Gaps shorter than this share of the run are not explained. */
const smallestGap = 0.02;
/** Gaps explained in one lane. */
const maxGaps = 50;

/** The idle gaps of a worker's lane up to `until`, each with its reason. */
export function idleOf(model: TraceModel, work: RunWork, lane: Lane, until: number): Gap[] {
  const gaps: Gap[] = [];
  const actor = actorOn(model, lane.key as WorkerId)?.actor;
  const least = Math.max(1, until * smallestGap);
  for (const {from, to} of lane.present) {
    let at = from;
    const busy = lane.bars
      .flatMap((bar) => bar.segments.filter((segment) => segment.kind !== "blocked"))
      .sort((a, b) => a.from - b.from);
    for (const segment of [...busy, {from: Math.min(to ?? until, until), to: null}]) {
      if (segment.from - at >= least && gaps.length < maxGaps) {
        const middle = work.zero + (at + segment.from) / 2;
        const reason = actor ? reasonOf(model, work, actor, middle) : reasonAt(model, work, middle);
        gaps.push({from: at, to: segment.from, reason});
      }
      at = Math.max(at, segment.to ?? Infinity);
    }
  }
  return gaps;
}

function reasonAt(model: TraceModel, work: RunWork, at: number): string {
  const waiting = work.spans.filter(
    (span) =>
      span.kind === "task" &&
      span.submittedAt <= at &&
      (isCall(span.id) ? firstStart(span) : firstLease(span)) > at,
  );
  const ofActors = waiting.filter(({id}) => isCall(id));
  if (waiting.length === 0) return "no task was waiting";
  if (waiting.length === ofActors.length)
    return `calls waited for ${[...new Set(ofActors.map(({id}) => actorLabelOf(model, id)))].slice(0, 2).join(" and ")}`;
  const missing = new Set<string>();
  let ready = 0;
  let least = Infinity;
  for (const span of waiting) {
    if (isCall(span.id)) continue;
    const maker = makerAt(model, span, at);
    if (maker !== undefined) missing.add(maker.fn);
    else {
      ready++;
      least = Math.min(least, cpus(span.resources));
    }
  }
  if (ready === 0) return `waiting for ${[...missing].slice(0, 2).join(" and ")}`;
  const total = [...model.nodes.values()].reduce((sum, node) => sum + cpus(node.resources), 0);
  if (total > 0 && usedAt(work, at) + least > total) return "not enough free CPUs";
  return "being scheduled";
}

/** Why an actor had nothing to do: its process takes no tasks but its calls. */
function reasonOf(model: TraceModel, work: RunWork, actor: Actor, at: number): string {
  const own = work.spans.filter(
    (span) => actorOf(span.id) === actor.id && span.submittedAt <= at && firstStart(span) > at,
  );
  const [first] = own;
  if (first === undefined) return "no call was waiting";
  const maker = makerAt(model, first, at);
  if (maker !== undefined) return `waiting for ${maker.fn}`;
  return isCreation(first.id) ? "being started" : "being sent a call";
}

/** The task whose result it has to wait for. */
function makerAt(model: TraceModel, span: Span, at: number): Span | undefined {
  return span.args.map((arg) => model.spans.get(taskOf(arg))).find(isUnfinishedAt(at));
}

function firstStart(span: Span): number {
  return span.attempts[0]?.startedAt ?? span.attempts[0]?.endedAt ?? Infinity;
}

function isUnfinishedAt(at: number): (span: Span | undefined) => boolean {
  return (span) => {
    const end = span?.attempts.at(-1)?.endedAt;
    return span !== undefined && (end === null || end === undefined || end > at);
  };
}

function firstLease(span: Span): number {
  const first = span.attempts[0];
  return first?.leasedAt ?? first?.startedAt ?? Infinity;
}

/** CPUs held at a time: a task that waits in `get` has given its own back. */
function usedAt(work: RunWork, at: number): number {
  let used = 0;
  for (const span of work.spans) {
    const holds = span.attempts.some(
      ({leasedAt, startedAt, endedAt}) =>
        (leasedAt ?? startedAt ?? Infinity) <= at && (endedAt ?? Infinity) > at,
    );
    if (!holds) continue;
    if (blocksOf(span).some(({from, to}) => from <= at && (to ?? Infinity) > at)) continue;
    used += cpus(span.resources);
  }
  return used;
}
