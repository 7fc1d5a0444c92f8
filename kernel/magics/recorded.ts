// What a notebook keeps of a recorded run: the events that belong to it, an SVG and a sentence.

import type {RunId, TaskId} from "../../cluster/ids.js";
import {
  traceMimeType,
  traceVersion,
  type TraceBundle,
  type TraceEvent,
} from "../../cluster/trace.js";
import type {Run} from "../../extensions/execution/model/records.js";
import {TraceModel} from "../../extensions/execution/model/trace-model.js";
import {MagicError, type MagicContext, type SessionTrace} from "./magic.js";

/** The events of a session, as the panel sees them. */
export function modelOf(events: readonly TraceEvent[]): TraceModel {
  const model = new TraceModel();
  model.add(events);
  return model;
}

/**
 * The latest run of the name in each of the modes, of those that did something: what twin lanes
 * show.
 */
export function twinOf(model: TraceModel, name: string): Run[] {
  const runs = model
    .runsByStart()
    .filter((run) => run.name === name && model.spansOf(run.id).length > 0);
  return (["sequential", "distributed"] as const).flatMap((mode) => {
    const latest = runs.findLast((run) => run.mode === mode);
    return latest ? [latest] : [];
  });
}

/** Only what belongs to `runs`, and the nodes and workers, which belong to all. */
export function eventsOf(events: readonly TraceEvent[], runs: readonly RunId[]): TraceEvent[] {
  const wanted = new Set<string>(runs);
  const known = new Set<string>();
  for (const event of events) {
    if (event.kind === "call-started" && wanted.has(event.run)) known.add(event.call);
    if (event.kind === "task-submitted" && wanted.has(event.run)) known.add(event.task);
  }
  return events.filter((event) => {
    if ("run" in event) return wanted.has(event.run);
    if ("call" in event) return known.has(event.call);
    if ("task" in event) return known.has(event.task);
    if ("object" in event) return known.has(event.object.slice(0, 48));
    return true;
  });
}

/** Shows a view of `runs` under the cell: trace, SVG and sentence, so that it reads everywhere. */
export async function showRuns(
  context: MagicContext,
  {epoch, events}: SessionTrace,
  view: string,
  runs: readonly RunId[],
  more: Partial<Pick<TraceBundle, "task" | "workers">> = {},
): Promise<void> {
  const bundle: TraceBundle = {
    version: traceVersion,
    view,
    epoch,
    runs: [...runs],
    ...more,
    events: eventsOf(events, runs),
  };
  const {svg, text} = await context.draw(bundle);
  context.show({[traceMimeType]: bundle, "image/svg+xml": svg, "text/plain": text});
}

/** The latest run that recorded something, of `name` when it is given. */
export function latestRun(model: TraceModel, name?: string): Run {
  const runs = model.runsByStart().filter((run) => name === undefined || run.name === name);
  const latest = runs.findLast((run) => run.mode !== "plain") ?? runs.at(-1);
  if (latest) return latest;
  throw new MagicError(
    name === undefined
      ? "nothing has been recorded yet; run a cell that begins with %%sequential or %%distributed"
      : `no run is called ${JSON.stringify(name)}; recorded: ${namesOf(model)}`,
  );
}

/** The latest task of a function that has finished (or, failing that, of any that began). */
export function latestTask(model: TraceModel, fn?: string): {task: TaskId; run: RunId; fn: string} {
  const tasks = [...model.spans.values()].filter(({kind, run}) => kind === "task" && run !== null);
  const named = tasks.filter((task) => fn === undefined || task.fn === fn);
  const found =
    named.findLast((task) => task.attempts.at(-1)?.state === "finished") ?? named.at(-1);
  if (found) return {task: found.id as TaskId, run: found.run!, fn: found.fn};
  const seen = [...new Set(tasks.map((task) => task.fn))].join(", ");
  throw new MagicError(
    fn === undefined || seen === ""
      ? "no task has run yet; submit one with `.remote(…)`"
      : `no task of ${fn} has run; tasks so far: ${seen}`,
  );
}

function namesOf(model: TraceModel): string {
  const names = new Set(model.runsByStart().flatMap(({name}) => (name ? [name] : [])));
  return [...names].join(", ") || "none with a name";
}
