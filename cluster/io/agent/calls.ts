// What is told of a call to the machine, to the head, and to a worker; and the code that a client's
// calls need. The machine keeps each call until it has ended: most of it in the ticket, which calls
// share.

import type {ActorPart, Frames, ShippedCode, TaskCall} from "../../backend.js";
import type {ReadyTask, Shape, TaskTicket} from "../../core/events.js";
import {actorKey} from "../../core/client/actor-calls.js";
import {holdOf, type ObjectId} from "../../ids.js";
import type {SentTask, ToHead} from "../../messages.js";
import {KeptCodes, pieceOf, type CodePiece} from "./codes.js";

/** A ticket that has the rest of the call with it, all but its own arguments. */
interface CallTicket extends TaskTicket, Pick<TaskCall, "code" | "options" | "context"> {
  argRefs: TaskCall["argRefs"];
  nestedRefs: ObjectId[];
  actor?: ActorPart;
}

/**
 * A task's payload: the arguments of its call. Small ones are kept as text, a character for each
 * byte: a view of memory costs ten times as much.
 */
type Payload = string | Frames;

/** There may be a million calls, so those of one loop share a ticket. */
export class Calls {
  readonly #tickets: () => Iterable<TaskTicket>;
  readonly #codes = new KeptCodes();
  /** The ticket that was made last for calls that take no refs. */
  #last: CallTicket | null = null;

  /** `tickets`: gives those of the calls that have not ended. */
  constructor(tickets: () => Iterable<TaskTicket>) {
    this.#tickets = tickets;
  }

  /** Gives the ticket for the machine. `pieces`: of the call's code, what was not here before. */
  ticketOf(call: TaskCall, pieces: readonly CodePiece[]): TaskTicket {
    for (const piece of pieces) this.#codes.add(piece);
    call.code = this.#codes.use(call.code.hash) ?? call.code;
    const {argRefs, nestedRefs, actor} = call;
    if (actor) return ticketOf(call, shapeOf(call));
    const plain = this.#plainTicketOf(call);
    const isPlain = argRefs.length === 0 && nestedRefs.length === 0;
    return isPlain ? plain : ticketOf(call, plain.shape);
  }

  #plainTicketOf(call: TaskCall): CallTicket {
    const {fn, code, options, context} = call;
    const last = this.#last;
    const isSame =
      last?.fn === fn && last.code === code && last.options === options && last.context === context;
    if (isSame) return last;
    this.#last = ticketOf({...call, argRefs: [], nestedRefs: []}, shapeOf(call));
    return this.#last;
  }

  /** Finds a piece. One that has been forgotten may still be part of a task that waits. */
  findPiece(hash: string): CodePiece | undefined {
    const known = this.#codes.find(hash);
    if (known) return known;
    for (const ticket of this.#tickets()) {
      const piece = pieceIn((ticket as CallTicket).code, hash);
      if (piece) return piece;
    }
    return undefined;
  }
}

/** The call of a task, from what the machine has kept. */
export function callOf(kept: Pick<ReadyTask, "task" | "ticket" | "payload">): TaskCall {
  const {fn, code, options, context, argRefs, nestedRefs, actor} = kept.ticket as CallTicket;
  const payload = kept.payload as Payload;
  const args = typeof payload === "string" ? [Buffer.from(payload, "latin1")] : payload;
  const call: TaskCall = {task: kept.task, fn, code, args, options, context, argRefs, nestedRefs};
  if (actor) call.actor = actor;
  return call;
}

/** Arguments of at most so many bytes are kept as text. */
const textBytes = 1024;

export function packed(args: Frames): Payload {
  const [frame] = args;
  if (args.length !== 1 || frame!.byteLength > textBytes) return args;
  const {buffer, byteOffset, byteLength} = frame!;
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}

function pieceIn(code: ShippedCode, hash: string): CodePiece | undefined {
  if (code.hash === hash) return pieceOf(code);
  const part = code.parts.find((each) => each.hash === hash);
  return part && {...part, parts: []};
}

/** Equal keys for equal needs. */
function shapeOf({options, context, actor}: TaskCall): Shape {
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
function ticketOf(call: TaskCall, shape: Shape): CallTicket {
  const {fn, code, options, context, actor, argRefs, nestedRefs} = call;
  // A call under way keeps its actor.
  const holds = actor?.kind === "call" ? [holdOf(actor.actor), ...nestedRefs] : nestedRefs;
  const ticket: CallTicket = {
    fn,
    run: context.run,
    cell: context.cell,
    parent: context.parent,
    shape,
    args: argRefs.map(({object}) => object),
    maxRetries: options.maxRetries,
    retryExceptions: options.retryExceptions,
    code,
    options,
    context,
    argRefs,
    nestedRefs,
  };
  if (holds.length > 0) ticket.holds = holds;
  if (actor) ticket.actor = actor;
  if (options.timeoutMs !== undefined) ticket.timeoutMs = options.timeoutMs;
  return ticket;
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

type ArgPlaces = ReadyTask["args"];

function argPlacesOf({argRefs}: TaskCall, places: ArgPlaces): SentTask["argPlaces"] {
  if (places.length === 0) return noPlaces;
  return argRefs.map(({index}, i) => ({index, ...places[i]!}));
}
const noPlaces: SentTask["argPlaces"] = [];
