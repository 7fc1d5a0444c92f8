// A batch of messages ↔ frames: the first holds the messages, large buffers follow as they are, so that
// no byte of a large value is copied on its way from one process's memory into the socket and out.

import {decodeMessage, encodeMessage} from "../codec/pack.js";
import type {Place} from "../core/events.js";
import type {Frames} from "../backend.js";
import type {FromHead, FromStore, FromWorker, ToHead, ToStore, ToWorker} from "../messages.js";

/** A frame of its own costs about 2 µs; copying so many bytes costs as much. */
const outOfBandBytes = 4096;

type Message = ToHead | FromHead | ToWorker | FromWorker | ToStore | FromStore;

export function encodeBatch(batch: readonly object[]): Uint8Array[] {
  const large: Uint8Array[] = [];
  const detach = (frames: Frames): Frames => {
    if (!frames.some(isLarge)) return frames;
    // In the batch, a number stands for the frame that follows at this place.
    return frames.map((frame) => (isLarge(frame) ? large.push(frame) : frame)) as Frames;
  };
  const messages = batch.map((message) => mapFrames(message as Message, detach));
  return [encodeMessage(messages), ...large];
}

/** Throws when the bytes are not a batch of messages. */
export function decodeBatch<M>(received: readonly Uint8Array[]): M[] {
  const batch = decodeMessage(received[0]!);
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

/** The message with every value's frames replaced. */
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
