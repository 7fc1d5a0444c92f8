// Writes the messages between a user's thread and its agent as bytes. The few kinds of which tens
// of thousands come are written as short lists, without the parts that equal those of the message
// before.

import type {ActorPart, Frames, ObjectOutcome, TaskCall} from "../../backend.js";
import {sizeOf} from "../../packing/size.js";
import {decodeMessage, encodeMessage} from "../../packing/pack.js";
import type {ObjectId, TaskId} from "../../ids.js";
import {maxRecordBytes, type ChannelCodec} from "./channel.js";
import type {CodePiece} from "../agent/codes.js";
import {
  giveAway,
  Parcel,
  type ClientReply,
  type ClientRequest,
  type FromAgent,
  type ToAgent,
  type UserOrder,
  type UserReport,
  type UserTask,
} from "./ports.js";

type Submit = ClientRequest & {kind: "submit"};
type Get = ClientRequest & {kind: "get"};
type Got = ClientReply & {kind: "got"};
type Done = UserReport & {kind: "done"};
type Run = UserOrder & {kind: "run"};

/** So many bytes are kept for headers and keys, which stay well below this, beside the frames. */
const reservedBytes = 16 * 1024;

function fits(...values: Frames[]): boolean {
  let bytes = 0;
  for (const frames of values) bytes += sizeOf(frames);
  return bytes < maxRecordBytes - reservedBytes;
}
/**
 * Encodes a message; null when the result, which may hold long lists, is too large for a record.
 */
function record(message: unknown): Uint8Array | null {
  const bytes = encodeMessage(message);
  return bytes.byteLength <= maxRecordBytes ? bytes : null;
}

/** The parts that most calls of a loop have in common. */
type Common = Pick<TaskCall, "fn" | "options" | "context"> & {hash: string};

function isSame(a: Common | null, call: TaskCall): boolean {
  if (a === null) return false;
  const [one, two] = [a.context, call.context];
  return (
    a.hash === call.code.hash &&
    a.options === call.options &&
    a.fn === call.fn &&
    one.run === two.run &&
    one.cell === two.cell &&
    one.parent === two.parent &&
    one.depth === two.depth
  );
}

/** The codec of the user's thread. */
export class UserCodec implements ChannelCodec<ToAgent, FromAgent> {
  #last: Common | null = null;
  #pending: Common | null = null;

  encode(message: ToAgent): Uint8Array | null {
    switch (message.kind) {
      case "submit":
        return this.#submit(message);
      case "get": {
        const {request, objects, timeoutMs, by} = message;
        return record(["get", request, objects, timeoutMs, by]);
      }
      case "done":
        return encodeDone(message);
      case "put":
        return fits(message.frames) ? record(message) : null;
      case "feed":
      case "cancels":
      case "exit":
        return null;
      default:
        return record(message);
    }
  }
  /** Tells that the message encoded last has been sent. */
  sent(): void {
    this.#last = this.#pending;
  }
  #submit({call, pieces}: Submit): Uint8Array | null {
    const {task, fn, code, args, argRefs, nestedRefs, options, context} = call;
    if (!fits(args, ...pieces.map(({frames}) => frames))) return null;
    const isRepeated = pieces.length === 0 && isSame(this.#last, call);
    const common = isRepeated ? null : [fn, code.hash, pieces, options, context];
    this.#pending = isRepeated ? this.#last : {fn, hash: code.hash, options, context};
    return record(["submit", task, args, argRefs, nestedRefs, common, call.actor ?? null]);
  }

  decode(bytes: Uint8Array): FromAgent {
    const message = decodeMessage(bytes);
    if (!Array.isArray(message)) return message as FromAgent;
    return message[0] === "got" ? decodeGot(message) : decodeRun(message);
  }

  pack(message: ToAgent): {message: unknown; transfer: Parcel["transfer"]} {
    const parcel = new Parcel();
    switch (message.kind) {
      case "submit": {
        const {call, pieces} = message;
        const packed = {
          kind: "submit",
          call: {...call, args: parcel.pack(call.args)},
          pieces: pieces.map((piece) => ({...piece, frames: parcel.pack(piece.frames)})),
        };
        return {message: packed, transfer: parcel.transfer};
      }
      case "put":
      case "done":
        // The frames were encoded for this message alone, so their memory can be handed over.
        return {
          message: {...message, frames: parcel.pack(giveAway(message.frames))},
          transfer: parcel.transfer,
        };
      case "feed":
      case "cancels":
        return {message, transfer: [message.port]};
      default:
        return {message, transfer: []};
    }
  }
}

type CommonParts = [string, string, CodePiece[], TaskCall["options"], TaskCall["context"]];

/** The codec of the agent. */
export class AgentCodec implements ChannelCodec<FromAgent, ToAgent> {
  #last: CommonParts | null = null;

  encode(message: FromAgent): Uint8Array | null {
    switch (message.kind) {
      case "got":
        return encodeGot(message);
      case "run":
        return encodeRun(message);
      case "code":
        return fits(message.frames) ? record(message) : null;
      default:
        return record(message);
    }
  }

  decode(bytes: Uint8Array): ToAgent {
    const message = decodeMessage(bytes) as unknown[];
    if (!Array.isArray(message)) return message as ToAgent;
    if (message[0] === "done") return decodeDone(message);
    if (message[0] === "submit") return this.#submit(message);
    const [, request, objects, timeoutMs, by] = message;
    return {kind: "get", request, objects, timeoutMs, by} as Get;
  }
  #submit(message: unknown[]): Submit {
    const [, task, args, argRefs, nestedRefs, common, actor] = message;
    const isRepeated = common === null;
    if (!isRepeated) this.#last = common as CommonParts;
    const [fn, hash, pieces, options, context] = this.#last!;
    const code = {hash, frames: [], parts: []};
    const call = {task, fn, code, args, argRefs, nestedRefs, options, context} as TaskCall;
    if (actor !== null) call.actor = actor as ActorPart;
    return {kind: "submit", call, pieces: isRepeated ? [] : pieces};
  }

  pack(message: FromAgent): {message: unknown; transfer: Parcel["transfer"]} {
    const parcel = new Parcel();
    switch (message.kind) {
      case "got": {
        const outcomes = message.outcomes?.map((outcome): ObjectOutcome =>
          outcome.ok
            ? {ok: true, value: parcel.pack(outcome.value)}
            : {ok: false, error: parcel.pack(outcome.error)},
        );
        return {message: {...message, outcomes}, transfer: parcel.transfer};
      }
      case "code":
        return {
          message: {...message, frames: parcel.pack(message.frames)},
          transfer: parcel.transfer,
        };
      case "run": {
        const tasks = message.tasks.map((task) => ({
          ...task,
          args: parcel.pack(task.args),
          values: task.values.map(({index, frames}) => ({index, frames: parcel.pack(frames)})),
        }));
        return {message: {...message, tasks}, transfer: parcel.transfer};
      }
      default:
        return {message, transfer: []};
    }
  }
}

function encodeGot({request, outcomes}: Got): Uint8Array | null {
  if (outcomes === null) return record(["got", request, null]);
  const frames = outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.error));
  if (!fits(...frames)) return null;
  return record(["got", request, outcomes.flatMap((outcome, i) => [outcome.ok, frames[i]])]);
}
function decodeGot(message: unknown[]): Got {
  const [, request, flat] = message as [string, number, unknown[] | null];
  if (flat === null) return {kind: "got", request, outcomes: null};
  const outcomes: ObjectOutcome[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const frames = flat[i + 1] as Frames;
    outcomes.push(flat[i] ? {ok: true, value: frames} : {ok: false, error: frames});
  }
  return {kind: "got", request, outcomes};
}

function encodeDone(done: Done): Uint8Array | null {
  if (!fits(done.frames)) return null;
  const {task, state, frames, startedAt, endedAt, decodeUs, encodeUs} = done;
  const {refs, errorNames, errorLine} = done;
  const rest = state === "returned" && refs.length === 0 ? null : [refs, errorNames, errorLine];
  return record(["done", task, state, frames, startedAt, endedAt, decodeUs, encodeUs, rest]);
}
const noRest = [[], [], ""] as const;
function decodeDone(message: unknown[]): Done {
  const [, task, state, frames, startedAt, endedAt, decodeUs, encodeUs, rest] = message;
  const [refs, errorNames, errorLine] = (rest ?? noRest) as [ObjectId[], string[], string];
  return {
    kind: "done",
    task: task as TaskId,
    state: state as Done["state"],
    frames: frames as Frames,
    refs,
    errorNames,
    errorLine,
    startedAt: startedAt as number,
    endedAt: endedAt as number,
    decodeUs: decodeUs as number,
    encodeUs: encodeUs as number,
  };
}

function encodeRun({tasks}: Run): Uint8Array | null {
  let last: UserTask | null = null;
  const list = [];
  for (const task of tasks) {
    const {task: id, attempt, slot, ticket, fn, code, args, values, context} = task;
    if (!fits(args, ...values.map(({frames}) => frames))) return null;
    const isRepeated =
      last !== null && last.code === code && last.fn === fn && isSameContext(last, task);
    const common = isRepeated ? null : [fn, code, context];
    const ofActor = task.method ?? task.makes ?? null;
    list.push([id, attempt, slot, ticket, args, values, common, ofActor]);
    last = task;
  }
  return record(["run", list]);
}
function isSameContext({context: one}: UserTask, {context: two}: UserTask): boolean {
  return (
    one.run === two.run &&
    one.cell === two.cell &&
    one.parent === two.parent &&
    one.depth === two.depth
  );
}
function decodeRun(message: unknown[]): Run {
  let common: unknown[] = [];
  const tasks = (message[1] as unknown[][]).map((item) => {
    const [task, attempt, slot, ticket, args, values, changed, ofActor] = item;
    if (changed !== null) common = changed as unknown[];
    const [fn, code, context] = common;
    const user = {task, attempt, slot, ticket, fn, code, args, values, context} as UserTask;
    if (typeof ofActor === "string") user.method = ofActor;
    else if (ofActor !== null) user.makes = ofActor as {maxConcurrency: number};
    return user;
  });
  return {kind: "run", tasks};
}
