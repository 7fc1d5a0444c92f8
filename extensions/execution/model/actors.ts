// Actors: which processes are theirs, and what people call them.

import type {ActorId, TaskId, WorkerId} from "../../../cluster/ids.js";
import type {Actor, ActorProcess, SpanId} from "./records.js";
import type {TraceModel} from "./trace-model.js";

/**
 * Whose process a worker is; undefined for one that takes any task, and for this process, which has
 * many.
 */
export function actorOn(model: TraceModel, worker: WorkerId): ActorProcess | undefined {
  return model.workers.has(worker) ? model.actorProcesses.get(worker) : undefined;
}

/** `Counter "c"`; actors of one class without names have numbers. */
export function actorLabel(model: TraceModel, actor: Actor): string {
  const {className, name} = actor;
  if (name !== "") return `${className} "${name}"`;
  const alike = actorsByStart(model).filter(
    (other) => other.className === className && other.name === "",
  );
  return alike.length > 1 ? `${className} ${alike.indexOf(actor) + 1}` : className;
}

/** In a sentence, of a task that makes or calls it: `actor Counter "c"`. */
export function actorLabelOf(model: TraceModel, task: SpanId): string {
  const actor = model.actors.get(actorOf(task)!);
  return actor === undefined ? "an actor" : `actor ${actorLabel(model, actor)}`;
}

/** Those that a process was found for, in that order. */
export function actorsByStart(model: TraceModel): Actor[] {
  const since = ({placed}: Actor) => Math.min(...[...placed.values()].map(({at}) => at));
  return [...model.actors.values()]
    .filter(({placed}) => placed.size > 0)
    .sort((a, b) => since(a) - since(b) || (a.id < b.id ? -1 : 1));
}

/**
 * The actor that a task makes, or calls: the id of a task ends with it. Null for a task of none.
 */
export function actorOf(task: SpanId): ActorId | null {
  if (!/^[0-9a-f]{48}$/.test(task) || task.startsWith(noActor, 16)) return null;
  return task.slice(16) as ActorId;
}
const noActor = "f".repeat(24);

/** Does the task make its actor? Else it calls it. */
export function isCreation(task: SpanId): task is TaskId {
  return actorOf(task) !== null && task.startsWith("f".repeat(16));
}

export function isCall(task: SpanId): task is TaskId {
  return actorOf(task) !== null && !isCreation(task);
}
