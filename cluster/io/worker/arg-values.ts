// Values of refs among a task's arguments, from wherever they are.

import {ObjectLostError} from "../../errors.js";
import type {SentTask} from "../../messages.js";
import type {ArgValue} from "./assigned.js";
import type {Stores} from "../agent/stores.js";

export function fetchArgValues({fn, argPlaces}: SentTask, stores: Stores): Promise<ArgValue>[] {
  return argPlaces.map(async ({index, object, place}) => {
    if (place.kind === "lost") throw new ObjectLostError(`${object} is lost: ${place.reason}`);
    if (place.kind === "inline") return {index, frames: place.frames};
    const frames = await stores.fetch(object, place.node);
    if (frames === null) {
      throw new ObjectLostError(
        `ObjectRef(${object}), which ${fn} takes, is no longer on ${place.node}`,
      );
    }
    return {index, frames};
  });
}
