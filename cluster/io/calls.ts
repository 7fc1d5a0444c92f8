// The calls of a client until they have ended, with the code that they need; and what is told of a call
// to the machine, to the head, and to a worker.

import type {
  ActorPart,
  Frames,
  ShippedCode,
  TaskCall,
  TaskContext,
  TaskOptions,
} from "../backend.js";
import type {Shape, SubmitterCommand, TaskTicket} from "../core/events.js";
import {actorKey} from "../core/actor-calls.js";
import {holdOf, type TaskId} from "../ids.js";
import type {SentTask, ToHead} from "../messages.js";
import {KeptCodes, pieceOf, type CodePiece} from "./codes.js";

/** The properties that the calls of one loop have in common, kept once for all of them. */
interface Kind {
  fn: string;
  code: ShippedCode;
  options: TaskOptions;
  context: TaskContext;
  shape: Shape;
  /** The ticket of a call that takes no refs. */
  ticket: TaskTicket;
}

interface Kept {
  kind: Kind;
  /**
   * The call's arguments. Small ones are kept as text, a character for each byte: a view of memory
   * costs ten times as much.
   */
  args: string | Frames;
  /** Null: it takes no refs, and is no actor's. */
  more: Pick<TaskCall, "argRefs" | "nestedRefs" | "actor"> | null;
}

/** There may be a million of them, so what is small and the same takes no room of its own. */
export class Calls {
  readonly #calls = new Map<TaskId, Kept>();
  readonly #codes = new KeptCodes();
  #lastKind: Kind | null = null;

  /** `pieces`: of its code, what was not here before. Gives the ticket for the machine. */
  keep(call: TaskCall, pieces: readonly CodePiece[]): TaskTicket {
    for (const piece of pieces) this.#codes.add(piece);
    call.code = this.#codes.use(call.code.hash) ?? call.code;
    const {task, args, argRefs, nestedRefs, actor} = call;
    const kind = this.#kindOf(call);
    const isPlain = argRefs.length === 0 && nestedRefs.length === 0 && !actor;
    const more = isPlain ? null : {argRefs, nestedRefs, ...(actor && {actor})};
    this.#calls.set(task, {kind, args: packed(args), more});
    return isPlain ? kind.ticket : ticketOf(call, actor ? shapeOf(call) : kind.shape);
  }
  get(task: TaskId): TaskCall {
    const {kind, args, more} = this.#calls.get(task)!;
    const {fn, code, options, context} = kind;
    const frames = typeof args === "string" ? [Buffer.from(args, "latin1")] : args;
    return {task, fn, code, args: frames, options, context, ...(more ?? noMore)};
  }
  drop(task: TaskId): void {
    this.#calls.delete(task);
  }

  #kindOf(call: TaskCall): Kind {
    const {fn, code, options, context} = call;
    const last = this.#lastKind;
    const isSame =
      last?.fn === fn && last.code === code && last.options === options && last.context === context;
    if (isSame) return last;
    const plain = {...call, ...noMore};
    delete plain.actor;
    const shape = shapeOf(plain);
    this.#lastKind = {fn, code, options, context, shape, ticket: ticketOf(plain, shape)};
    return this.#lastKind;
  }

  /** What has been forgotten may still be part of a task that waits. */
  findPiece(hash: string): CodePiece | undefined {
    const known = this.#codes.find(hash);
    if (known) return known;
    for (const {kind} of this.#calls.values()) {
      const piece = pieceIn(kind.code, hash);
      if (piece) return piece;
    }
    return undefined;
  }
}

const noMore: Pick<TaskCall, "argRefs" | "nestedRefs"> = {argRefs: [], nestedRefs: []};
/** Arguments of at most so many bytes are kept as text. */
const textBytes = 1024;

function packed(args: Frames): string | Frames {
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
function ticketOf(call: TaskCall, shape: Shape): TaskTicket {
  const {fn, options, context, actor, argRefs, nestedRefs} = call;
  // A call under way keeps its actor.
  const holds = actor?.kind === "call" ? [holdOf(actor.actor), ...nestedRefs] : nestedRefs;
  return {
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
