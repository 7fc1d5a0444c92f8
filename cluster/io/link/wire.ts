// Turns a batch of messages into frames and back. The first frame holds the messages, and large
// buffers follow as they are, so that no byte of a large value is copied on its way into the
// socket.
//
// A batch of at most `maxFrameBytes` is one message of zmq. A larger batch is cut into messages of
// that size: the sockets refuse longer frames, because zmq has one limit for strangers and members.
// Short frames are also encrypted from the processor's cache, and heartbeats pass between them. The
// first frame of a message with pieces is a list of numbers. The list begins with the number of
// buffers in the batch, or 0 when the batch goes on; then, for each piece, comes the size of the
// buffer that the piece begins, or 0 when the piece continues the last buffer.

import {decodeMessage, encodeMessage} from "../../packing/pack.js";
import type {Place} from "../../core/events.js";
import type {Frames} from "../../backend.js";
import {maxFrameBytes} from "../../limits.js";
import type {FromHead, FromStore, FromWorker, ToHead, ToStore, ToWorker} from "../../messages.js";

/**
 * Shorter buffers are copied into the batch: a frame of its own costs about 2 µs, as much as that.
 */
const outOfBandBytes = 4096;

type Message = ToHead | FromHead | ToWorker | FromWorker | ToStore | FromStore;

/** Gives the frames of each message of zmq, to be sent in this order. */
export function encodeBatch(batch: readonly object[]): Uint8Array[][] {
  const large: Uint8Array[] = [];
  const detach = (frames: Frames): Frames => {
    if (!frames.some(isLarge)) return frames;
    // In the batch, a number stands for a buffer: its place among the frames that follow.
    return frames.map((frame) => (isLarge(frame) ? large.push(frame) : frame)) as Frames;
  };
  const messages = batch.map((message) => mapFrames(message as Message, detach));
  const buffers = [encodeMessage(messages), ...large];
  const isShort = sum(buffers) <= maxFrameBytes;
  return isShort ? [buffers] : cut(buffers);
}

function cut(buffers: Uint8Array[]): Uint8Array[][] {
  const messages: Uint8Array[][] = [];
  let sizes: number[] = [];
  let pieces: Uint8Array[] = [];
  let room = maxFrameBytes;
  const leave = (): void => {
    const count = messages.length === 0 ? buffers.length : 0;
    messages.push([encodeMessage([count, ...sizes]), ...pieces]);
    [sizes, pieces, room] = [[], [], maxFrameBytes];
  };
  for (const buffer of buffers) {
    // A buffer that fits into one frame is not cut, so the receiver need not copy it together.
    if (buffer.byteLength > room) leave();
    for (let start = 0; start < buffer.byteLength;) {
      if (room === 0) leave();
      const piece = buffer.subarray(start, start + room);
      sizes.push(start === 0 ? buffer.byteLength : 0);
      pieces.push(piece);
      start += piece.byteLength;
      room -= piece.byteLength;
    }
  }
  leave();
  return messages;
}

/** Puts the batches of one peer together again. */
export class BatchReader<M> {
  #expected = 0;
  #buffers: Uint8Array[] = [];
  /** The last buffer, of which `filled` bytes have come. */
  #last: Uint8Array | null = null;
  #filled = 0;

  /**
   * Takes the frames of the next message. Gives null while the batch is incomplete. Throws when the
   * frames are no part of a batch, and forgets what has come of the batch.
   */
  read(frames: readonly Uint8Array[]): M[] | null {
    try {
      const first = decodeMessage(frames[0]!);
      if (!Array.isArray(first)) throw new Error("not a batch");
      if (typeof first[0] !== "number") {
        if (this.#expected > 0) throw new Error("a batch that did not come to its end");
        return decodeBatch<M>(first, frames);
      }
      this.#add(first as number[], frames);
      return this.#finished();
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #add([count, ...sizes]: number[], frames: readonly Uint8Array[]): void {
    if (count! > 0) {
      if (this.#expected > 0) throw new Error("a batch that did not come to its end");
      this.#expected = count!;
    }
    for (const [index, size] of sizes.entries()) {
      const piece = frames[index + 1];
      if (!piece) throw new Error("a piece is missing");
      if (size > 0) this.#begin(size, piece);
      else this.#goOn(piece);
    }
  }
  #begin(size: number, piece: Uint8Array): void {
    if (!this.#isFull() || this.#buffers.length >= this.#expected) throw new Error(misplaced);
    if (piece.byteLength === size) {
      this.#last = piece;
      this.#filled = size;
    } else {
      this.#last = Buffer.allocUnsafeSlow(size);
      this.#filled = 0;
      this.#goOn(piece);
    }
    this.#buffers.push(this.#last);
  }
  #goOn(piece: Uint8Array): void {
    if (!this.#last || this.#filled + piece.byteLength > this.#last.byteLength) {
      throw new Error(misplaced);
    }
    this.#last.set(piece, this.#filled);
    this.#filled += piece.byteLength;
  }
  #isFull(): boolean {
    return this.#last === null || this.#filled === this.#last.byteLength;
  }

  #finished(): M[] | null {
    if (this.#buffers.length < this.#expected || !this.#isFull()) return null;
    const buffers = this.#buffers;
    this.#forget();
    return decodeBatch<M>(decodeMessage(buffers[0]!), buffers);
  }
  #forget(): void {
    this.#expected = 0;
    this.#buffers = [];
    this.#last = null;
    this.#filled = 0;
  }
}
const misplaced = "a piece that belongs to nothing";

const sum = (buffers: Uint8Array[]): number =>
  buffers.reduce((bytes, {byteLength}) => bytes + byteLength, 0);

function decodeBatch<M>(batch: unknown, received: readonly Uint8Array[]): M[] {
  if (!Array.isArray(batch)) throw new Error("not a batch");
  const attach = (frames: Frames): Frames => {
    if (!Array.isArray(frames)) throw new Error("a value without frames");
    return frames.map((frame: Uint8Array | number) => {
      const bytes = typeof frame === "number" ? received[frame] : frame;
      if (!(bytes instanceof Uint8Array)) throw new Error("a frame is missing");
      return bytes;
    });
  };
  return batch.map((message: unknown) => {
    if (typeof message !== "object" || message === null || !("kind" in message)) {
      throw new Error("a message without a kind");
    }
    return mapFrames(message as Message, attach) as M;
  });
}

const isLarge = (frame: Uint8Array): boolean => frame.byteLength >= outOfBandBytes;

/** Copies a message with the frames of every value replaced. */
function mapFrames(message: Message, map: (frames: Frames) => Frames): Message {
  switch (message.kind) {
    case "publish-object":
    case "place":
      return {...message, place: mapPlace(message.place, map)};
    case "trace":
      if ("batch" in message) {
        return {...message, batch: {...message.batch, frames: map(message.batch.frames)}};
      }
      return {
        ...message,
        batches: message.batches.map((batch) => ({...batch, frames: map(batch.frames)})),
      };
    case "code":
    case "put-object":
    case "object":
      return {...message, frames: map(message.frames)};
    case "tasks":
      return {
        ...message,
        tasks: message.tasks.map((task) => ({
          ...task,
          args: map(task.args),
          argPlaces: task.argPlaces.map((arg) => ({...arg, place: mapPlace(arg.place, map)})),
        })),
      };
    case "ended": {
      const {outcome} = message;
      if (outcome.kind === "cancelled") return message;
      return {...message, outcome: {...outcome, place: mapPlace(outcome.place, map)}};
    }
    default:
      return message;
  }
}

function mapPlace(place: Place, map: (frames: Frames) => Frames): Place {
  return place.kind === "inline" ? {...place, frames: map(place.frames)} : place;
}
