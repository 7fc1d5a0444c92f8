// Follow one task: from its call to the value in hand, each step with the time that it took.

import type {TaskId} from "../../../cluster/ids.js";
import {sent} from "./actor-steps.js";
import {actorOf, actorOn, isCall, isCreation} from "./actors.js";
import {blocksOf, spanEnd, spanState, workOf, type SpanState} from "./bars.js";
import {workerLabel} from "./lanes.js";
import type {Attempt, Run, Span} from "./records.js";
import {inputsOf, type Draft, type Step} from "./step.js";
import {taskOf, type TraceModel} from "./trace-model.js";
import {count, duration, needs, size} from "./words.js";

export interface StepsView {
  kind: "steps";
  task: TaskId;
  fn: string;
  colour: number;
  ordinal: number;
  state: SpanState;
  steps: Step[];
  sentence: string;
  untilUs: number;
  nowUs: number | null;
  zero: number;
}

/** The given task, or the first top-level one of the newest run that has tasks. */
export function steps(
  model: TraceModel,
  {task, now = model.lastAt}: {task?: TaskId | undefined; now?: number | undefined} = {},
): StepsView | null {
  const span = task === undefined ? exemplary(model) : model.spans.get(task);
  if (span === undefined || span.kind !== "task" || span.run === null) return null;
  const run = model.runs.get(span.run);
  if (run === undefined) return null;
  const work = workOf(model, run);
  const zero = span.submittedAt;
  const ordinal = work.ordinal.get(span.id) ?? 0;
  const list = stepsOf(model, span, run).map((step, index) => ({
    ...step,
    number: index + 1,
    from: step.from - zero,
    to: step.to === null ? null : step.to - zero,
    waits: step.waits.map(({from, to}) => ({
      from: from - zero,
      to: to === null ? null : to - zero,
    })),
  }));
  const isOver = list.every((step) => step.to !== null);
  return {
    kind: "steps",
    task: span.id as TaskId,
    fn: span.fn,
    colour: model.colour(span.fn),
    ordinal,
    state: spanState(model, span, run),
    steps: list,
    sentence: sentenceOf(model, span, run, ordinal),
    untilUs: Math.max(1, ...list.map((step) => step.to ?? now - zero)),
    nowUs: isOver ? null : Math.max(0, now - zero),
    zero,
  };
}

/** The task that shows most: a finished top-level one, with nested tasks if there are any. */
function exemplary(model: TraceModel): Span | undefined {
  const hasTasks = (run: Run) => model.spansOf(run.id).some(({kind}) => kind === "task");
  const runs = model.runsByStart();
  const run =
    runs.findLast((each) => each.mode === "distributed" && hasTasks(each)) ??
    runs.findLast(hasTasks);
  if (run === undefined) return undefined;
  const spans = model.spansOf(run.id).filter(({kind}) => kind === "task");
  const parents = new Set(spans.map(({parent}) => parent));
  return spans.find(({id}) => parents.has(id)) ?? spans[0];
}

function stepsOf(model: TraceModel, span: Span, run: Run): Draft[] {
  const first = span.attempts[0];
  const leased = first?.leasedAt ?? first?.startedAt ?? null;
  const caller = callerOf(model, span);
  const drafts: Draft[] = [
    {
      ...moment(span.submittedAt),
      kind: "called",
      place: "driver",
      placeLabel: caller,
      title: `${span.fn}.remote(…) is called with its inputs`,
      detail: isCreation(span.id)
        ? "returns the actor's handle at once"
        : "returns an ObjectRef at once",
    },
    ...(isCall(span.id)
      ? [sent(model, span)]
      : [queued(model, span, leased), autoscaled(model, span, leased)]),
  ];
  for (const attempt of span.attempts) drafts.push(...attemptSteps(model, span, attempt, run));
  const end = spanEnd(model, span, run);
  const isFinished = spanState(model, span, run) === "finished";
  const fetch = span.fetches[0];
  if (isFinished && end !== null && fetch !== undefined)
    drafts.push({
      from: Math.min(end, fetch.at),
      to: fetch.at,
      waits: [{from: Math.min(end, fetch.at), to: fetch.at}],
      state: "done",
      kind: "fetched",
      place: "driver",
      placeLabel: fetch.by === null ? "cell" : nameOf(model, fetch.by),
      title: "The object is fetched with get",
      detail: "the value is in hand",
    });
  return drafts;
}

function queued(model: TraceModel, span: Span, leased: number | null): Draft {
  const {waits, words} = inputsOf(model, span, leased);
  const asks = `asks for ${needs(span.resources) || "1 CPU"}`;
  const what = isCreation(span.id)
    ? "actor asks for a process of its own"
    : "task is submitted for scheduling";
  return {
    from: span.submittedAt,
    to: leased,
    waits,
    state: leased === null ? "running" : "done",
    kind: "submitted",
    place: "head",
    placeLabel: "head",
    title: `The ${what} on the cluster`,
    detail: words === "" ? asks : `${asks}; ${words}`,
  };
}

function autoscaled(model: TraceModel, span: Span, leased: number | null): Draft {
  const until = leased ?? Infinity;
  const decision = [...model.scaling.values()]
    .sort((a, b) => a.at - b.at)
    .find(({at}) => at >= span.submittedAt && at <= until);
  const started = [...model.workers.values()].filter(
    ({startingAt}) => startingAt !== null && startingAt >= span.submittedAt && startingAt <= until,
  );
  const common = {
    kind: "autoscaled" as const,
    place: "autoscaler" as const,
    placeLabel: "autoscaler",
    waits: [],
  };
  const title = "The cluster is autoscaled to what its tasks need";
  if (decision === undefined && started.length === 0)
    return {
      ...common,
      ...moment(leased ?? span.submittedAt),
      title,
      detail: "no worker had to be started for it",
    };
  const from = decision?.at ?? Math.min(...started.map(({startingAt}) => startingAt ?? 0));
  const joined = started.map(({joinedAt}) => joinedAt).filter((at) => at !== null && at <= until);
  return {
    ...common,
    from,
    to: Math.max(from, ...joined.map((at) => at ?? 0)),
    state: "done",
    title,
    detail: decision?.reason || `${count(started.length, "worker")} started`,
  };
}

function attemptSteps(model: TraceModel, span: Span, attempt: Attempt, run: Run): Draft[] {
  const {leasedAt, startedAt} = attempt;
  const from = leasedAt ?? startedAt;
  if (from === null) return [];
  const worker = attempt.worker === null ? undefined : model.workers.get(attempt.worker);
  const place = placeOf(model, attempt);
  const words = wordsOf(span.id, place);
  const node = worker?.node == null ? undefined : model.nodes.get(worker.node);
  const where = [worker?.pid ? `pid ${worker.pid}` : "", node?.host ? `on ${node.host}` : ""];
  const again = span.attempts.length > 1 ? ` (attempt ${attempt.number})` : "";
  const drafts: Draft[] = [];
  // The first time it was sent to the actor at once.
  if (!isCall(span.id) || attempt !== span.attempts[0])
    drafts.push({
      from,
      to: startedAt,
      waits: [],
      state: startedAt === null ? "running" : "done",
      kind: "scheduled",
      place: "worker",
      placeLabel: place,
      title: `${words.scheduled}${again}`,
      detail: [
        where.filter((word) => word !== "").join(" "),
        attempt.fetchUs > 0 ? `inputs fetched in ${duration(attempt.fetchUs)}` : "",
      ]
        .filter((word) => word !== "")
        .join("; "),
    });
  if (startedAt === null) return drafts;
  const end = attempt.endedAt ?? spanEnd(model, span, run);
  const state = attempt.state ?? spanState(model, span, run);
  const isDone = state === "finished";
  const runEnd = end === null ? null : Math.max(startedAt, end - (isDone ? attempt.storeUs : 0));
  drafts.push({
    from: startedAt,
    to: runEnd,
    waits: blocksOf(span)
      .filter((block) => block.from >= startedAt && (runEnd === null || block.from < runEnd))
      .map((block) => ({from: block.from, to: block.to ?? runEnd})),
    state: isDone ? "done" : end === null ? "running" : "failed",
    kind: "executed",
    place: "worker",
    placeLabel: place,
    title: words.executed,
    detail: executionDetail(model, span, attempt, state, end),
  });
  if (isDone && runEnd !== null && end !== null && !isCreation(span.id))
    drafts.push({
      from: runEnd,
      to: end,
      waits: [],
      state: "done",
      kind: "stored",
      place: "store",
      placeLabel: attempt.sizeBytes > inlineBytes ? "object store" : "object",
      title: `The ${isCall(span.id) ? "call" : "task"} outputs a resulting object`,
      detail:
        attempt.sizeBytes > inlineBytes
          ? `${size(attempt.sizeBytes)}, kept in the object store`
          : `${size(attempt.sizeBytes)}, small enough to travel with the reply`,
    });
  return drafts;
}

/** "worker 2", or "actor Counter". */
function placeOf(model: TraceModel, {worker}: Attempt): string {
  if (worker === null) return "worker";
  const {label} = workerLabel(model, worker);
  return actorOn(model, worker) ? `actor ${label}` : label;
}

function wordsOf(task: Span["id"], place: string): {scheduled: string; executed: string} {
  if (isCall(task))
    return {
      scheduled: "The call is sent to its actor again",
      executed: "The actor's process executes the call",
    };
  if (isCreation(task))
    return {
      scheduled: "The actor gets a process of its own",
      executed: "The process runs the constructor",
    };
  return {
    scheduled: `The task is scheduled on ${place}`,
    executed: "The worker process executes the task",
  };
}

/** Results up to this size travel inline (spec: 100 KiB). */
const inlineBytes = 100 * 1024;

function executionDetail(
  model: TraceModel,
  span: Span,
  attempt: Attempt,
  state: string,
  end: number | null,
): string {
  if (state === "failed") return `failed: ${attempt.error || "no reason was given"}`;
  if (state === "cancelled") return "cancelled";
  if (state === "lost")
    return `its ${actorOf(span.id) === null ? "worker" : "process"} was lost${attempt.error ? `: ${attempt.error}` : ""}`;
  const waited = waitedUs(span, end);
  if (waited === 0) return "";
  const on = new Set<string>();
  for (const objects of span.waitedOn.values())
    for (const object of objects) on.add(model.spans.get(taskOf(object))?.fn || "an object");
  return `${duration(waited)} of it waiting in get for ${[...on].join(", ")}${actorOf(span.id) === null ? ", its CPU given to others" : ""}`;
}

function waitedUs(span: Span, end: number | null): number {
  return blocksOf(span).reduce((sum, {from, to}) => sum + ((to ?? end ?? from) - from), 0);
}

function callerOf(model: TraceModel, span: Span): string {
  if (span.parent !== null) return nameOf(model, span.parent as TaskId);
  const run = span.run === null ? undefined : model.runs.get(span.run);
  return run === undefined || run.cell === 0 ? "cell" : `cell [${run.cell}]`;
}

function nameOf(model: TraceModel, task: TaskId): string {
  return model.spans.get(task)?.fn || "a task";
}

function moment(at: number): Pick<Step, "from" | "to" | "waits" | "state"> {
  return {from: at, to: at, waits: [], state: "done"};
}

function sentenceOf(model: TraceModel, span: Span, run: Run, ordinal: number): string {
  const words = [`${span.fn} ${ordinal || ""}`.trim()];
  const first = span.attempts[0];
  const started = first?.startedAt ?? null;
  if (started === null) {
    const what = isCall(span.id) ? "its turn" : isCreation(span.id) ? "a process" : "a worker";
    return `${words[0]} waits for ${what}.`;
  }
  const end = spanEnd(model, span, run);
  const state = spanState(model, span, run);
  const facts = [`began ${duration(started - span.submittedAt)} after its call`];
  if (end !== null) {
    const last = span.attempts.at(-1)?.startedAt ?? started;
    const verb = state === "finished" ? "ran" : `${state} after`;
    facts.push(`${verb} ${duration(end - last)}`);
  }
  const fetch = span.fetches[0];
  if (fetch !== undefined && end !== null && state === "finished")
    facts.push(`was fetched ${duration(Math.max(0, fetch.at - end))} later`);
  if (span.attempts.length > 1) facts.push(`needed ${span.attempts.length} attempts`);
  return `${words[0]} ${facts.join(", ")}.`;
}
