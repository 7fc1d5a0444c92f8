// The calls of a client until they have ended, with the code that they need; and what is told of a call
// to the machine, to the head, and to a worker.

import type {ActorPart, ShippedCode, TaskCall} from "../backend.js";
import type {Shape, SubmitterCommand, TaskTicket} from "../core/events.js";
import {actorKey} from "../core/actor-calls.js";
import {holdOf, type TaskId} from "../ids.js";
import type {SentTask, ToHead} from "../messages.js";
import {KeptCodes, pieceOf, type CodePiece} from "./codes.js";

export class Calls {
  readonly #calls = new Map<TaskId, TaskCall>();
  readonly #codes = new KeptCodes();

  /** `pieces`: of its code, what was not here before. */
  keep(call: TaskCall, pieces: readonly CodePiece[]): void {
    for (const piece of pieces) this.#codes.add(piece);
    call.code = this.#codes.use(call.code.hash) ?? call.code;
    this.#calls.set(call.task, call);
  }
  get(task: TaskId): TaskCall {
    return this.#calls.get(task)!;
  }
  drop(task: TaskId): void {
    this.#calls.delete(task);
  }

  /** What has been forgotten may still be part of a task that waits. */
  findPiece(hash: string): CodePiece | undefined {
    const known = this.#codes.find(hash);
    if (known) return known;
    for (const {code} of this.#calls.values()) {
      const piece = pieceIn(code, hash);
      if (piece) return piece;
    }
    return undefined;
  }
}

function pieceIn(code: ShippedCode, hash: string): CodePiece | undefined {
  if (code.hash === hash) return pieceOf(code);
  const part = code.parts.find((each) => each.hash === hash);
  return part && {...part, parts: []};
}

/** Equal keys for equal needs. */
export function shapeOf({options, context, actor}: TaskCall): Shape {
  const {resources, priority} = options;
  if (actor?.kind === "call") {
    const {actor: id} = actor;
    return {key: actorKey(id), resources: {}, depth: 0, priority: 0, actor: id};
  }
  if (actor) {
    const {depth} = context;
    return {key: `process/${actor.actor}`, resources, depth, priority, dedicated: true};
  }
  const names = Object.keys(resources).sort();
  const needs = names.map((name) => `${name}=${resources[name]}`).join(",");
  return {key: `${context.depth}/${priority}/${needs}`, resources, depth: context.depth, priority};
}

/** To the machine. */
export function ticketOf(call: TaskCall, shape: Shape): TaskTicket {
  const {task, fn, options, context, actor, argRefs, nestedRefs} = call;
  // A call under way keeps its actor.
  const holds = actor?.kind === "call" ? [holdOf(actor.actor), ...nestedRefs] : nestedRefs;
  return {
    task,
    fn,
    run: context.run,
    cell: context.cell,
    parent: context.parent,
    shape,
    args: argRefs.map(({object}) => object),
    ...(holds.length > 0 ? {holds} : {}),
    ...(actor ? {actor: {kind: actor.kind, actor: actor.actor}} : {}),
    maxRetries: options.maxRetries,
    retryExceptions: options.retryExceptions,
    ...(options.timeoutMs === undefined ? {} : {timeoutMs: options.timeoutMs}),
  };
}

/** To the head. */
export function actorCreationOf(
  call: TaskCall,
  args: ArgPlaces,
): (ToHead & {kind: "submit-actor"})["creation"] {
  const {task, fn, code, args: frames, nestedRefs, context} = call;
  const {actor, maxConcurrency} = call.actor as ActorPart & {kind: "creation"};
  const argPlaces = argPlacesOf(call, args);
  return {task, actor, fn, code, args: frames, argPlaces, nestedRefs, maxConcurrency, context};
}

/** To a worker. */
export function sentTaskOf(call: TaskCall, attempt: number, args: ArgPlaces): SentTask {
  const {task, fn, code, context, options} = call;
  const {cancelGraceMs} = options;
  return {
    task,
    attempt,
    fn,
    code: code.hash,
    args: call.args,
    argPlaces: argPlacesOf(call, args),
    context,
    ...methodOf(call),
    ...(cancelGraceMs === undefined ? {} : {cancelGraceMs}),
  };
}

function methodOf({actor, options}: TaskCall): Pick<SentTask, "method" | "isTimed"> {
  if (actor?.kind !== "call") return {};
  const {method} = actor;
  return options.timeoutMs === undefined ? {method} : {method, isTimed: true};
}

type ArgPlaces = (SubmitterCommand & {kind: "submit-actor"})["args"];

function argPlacesOf({argRefs}: TaskCall, places: ArgPlaces): SentTask["argPlaces"] {
  if (places.length === 0) return noPlaces;
  return argRefs.map(({index}, i) => ({index, ...places[i]!}));
}
const noPlaces: SentTask["argPlaces"] = [];
