// Errors that an agent makes, as `get` will throw them: instances of the library's own classes.
// What encodes them is loaded when the first is made: most processes never make one, and all start
// sooner.

import type {Frames, ObjectOutcome} from "../../backend.js";
import type {Place} from "../../core/events.js";
import {
  ActorDiedError,
  ActorUnavailableError,
  type ClusterError,
  ClusterStoppedError,
  ObjectLostError,
  TaskCancelledError,
  WorkerCrashedError,
} from "../../errors.js";
import type {ObjectId} from "../../ids.js";

/** `cause`: an encoded error. */
export async function encodeFailure(error: ClusterError, cause?: Frames): Promise<Frames> {
  const {encodeError, encodeCaused} = await (encoder ??= load());
  return cause ? encodeCaused(error, cause) : encodeError(error);
}
/** The place of an error that can always be said inline. */
export async function failedPlace(error: ClusterError): Promise<Place> {
  return {kind: "inline", ok: false, frames: await encodeFailure(error)};
}

/** Why a task has failed that never ended anywhere. */
export function errorOf(why: string, detail: string): ClusterError {
  switch (why) {
    case "argument-failed":
      return new ObjectLostError(detail);
    case "worker-crashed":
      return new WorkerCrashedError(detail);
    case "cluster-stopped":
      return new ClusterStoppedError(detail);
    case "actor-died":
      return new ActorDiedError(detail);
    case "actor-unavailable":
      return new ActorUnavailableError(detail);
    default:
      return new TaskCancelledError(detail);
  }
}

export async function lostOutcome(object: ObjectId, reason: string): Promise<ObjectOutcome> {
  return {ok: false, error: await lostError(object, reason)};
}
export function lostError(object: ObjectId, reason: string): Promise<Frames> {
  return encodeFailure(new ObjectLostError(`ObjectRef(${object}) is lost: ${reason}`));
}

type Encoder = Pick<typeof import("../../codec/codec.js"), "encodeError" | "encodeCaused">;
let encoder: Promise<Encoder> | null = null;

async function load(): Promise<Encoder> {
  const [codec, errors, {maybeLibraryName, setLibrary}, {setShippingHost}] = await Promise.all([
    import("../../codec/codec.js"),
    import("../../errors.js"),
    import("../../api/library.js"),
    import("../../shipping/names/host.js"),
  ]);
  setLibrary({...errors});
  setShippingHost({describe: maybeLibraryName});
  return codec;
}
