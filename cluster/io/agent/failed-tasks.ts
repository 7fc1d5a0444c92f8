// Tasks that end without having run, and actors that are not made: their errors become objects.
//
// Who takes what has failed fails with the same error, and who calls an actor whose constructor
// threw is told what. A small error travels with the news; a large one is fetched from where it is
// stored, and stored again as the object of the one that fails for it.

import type {Frames} from "../../backend.js";
import type {Cause, Place, SubmitterCommand, SubmitterEvent} from "../../core/events.js";
import {holdOf, objectId, type ObjectId} from "../../ids.js";
import type {ToHead} from "../../messages.js";
import {encodeFailure, errorOf, lostError} from "./failures.js";
import type {ClientReply} from "../threads/ports.js";
import type {Stores} from "./stores.js";

type FailTask = SubmitterCommand & {kind: "fail-task"};
type AbandonActor = SubmitterCommand & {kind: "abandon-actor"};
type TellUnfetched = SubmitterCommand & {kind: "tell-unfetched"};

export interface FailureSurroundings {
  stores(): Stores;
  placeOf(object: ObjectId, frames: Frames, ok: boolean): Place | Promise<Place>;
  tell(event: SubmitterEvent): void;
  toHead(message: ToHead): void;
  post(reply: ClientReply): void;
}

export class FailedTasks {
  readonly #around: FailureSurroundings;
  readonly #telling = new Set<Promise<void>>();

  constructor(around: FailureSurroundings) {
    this.#around = around;
  }

  /** Resolves when what has failed by now has been told. */
  async told(): Promise<void> {
    while (this.#telling.size > 0) await Promise.all(this.#telling);
  }

  fail({task, why, detail, cause}: FailTask): void {
    const object = objectId(task);
    const tell = (place: Place) => this.#around.tell({kind: "object-put", object, place});
    if (why === "argument-failed" && cause?.place.kind === "inline") tell(cause.place);
    else this.#await(this.#failureOf(object, why, detail, cause).then(tell));
  }

  /** The head keeps the error for all who call the actor: a large one as what they hold. */
  abandon({actor, reason, cause}: AbandonActor): void {
    const tell = (why: string, place: Place | null) =>
      this.#around.toHead({kind: "abandon-actor", actor, reason: why, cause: place});
    if (!cause) return tell(reason, null);
    if (cause.place.kind === "inline") return tell(reason, cause.place);
    const telling = this.#read(cause).then(async (read) => {
      if ("missing" in read) tell(`${reason}: ${read.missing}`, null);
      else tell(reason, await this.#around.placeOf(holdOf(actor), read.frames, false));
    });
    this.#await(telling);
  }

  /** Nobody has fetched the error, and nobody can any more: it is told, and let go. */
  tellUnfetched({object, by, place}: TellUnfetched): void {
    const tell = (error: Frames): void => {
      this.#around.post({kind: "unfetched", unfetched: {...by, object, error}});
      this.#around.tell({kind: "object-released", object});
    };
    if (place.kind === "inline") return tell(place.frames);
    const telling = this.#read({object, place}).then(async (read) =>
      tell("frames" in read ? read.frames : await lostError(object, read.missing)),
    );
    this.#await(telling);
  }

  async #failureOf(
    object: ObjectId,
    why: FailTask["why"],
    detail: string,
    cause: Cause | undefined,
  ): Promise<Place> {
    const read = cause ? await this.#read(cause) : null;
    const words = read && "missing" in read ? `${detail}: ${read.missing}` : detail;
    const found = read && "frames" in read ? read.frames : undefined;
    const isSame = found && why === "argument-failed";
    const frames = isSame ? found : await encodeFailure(errorOf(why, words), found);
    return this.#around.placeOf(object, frames, false);
  }

  async #read({object, place}: Cause): Promise<{frames: Frames} | {missing: string}> {
    if (place.kind === "inline") return {frames: place.frames};
    if (place.kind === "lost") return {missing: place.reason};
    const frames = await this.#around.stores().fetch(object, place.node);
    return frames ? {frames} : {missing: `the error itself is no longer on ${place.node}`};
  }

  #await(telling: Promise<void>): void {
    const awaited = telling.finally(() => this.#telling.delete(awaited));
    this.#telling.add(awaited);
  }
}
