// Values as the simulation ships them: a number, an error's name, or a number with a ref in it.

import type {Place} from "../../cluster/core/events.js";
import type {ObjectId} from "../../cluster/ids.js";

export interface Value {
  /** What is known of it without the ref's value. */
  parts: number[];
  name: string;
  /** To be gotten too: its value is the last part. */
  ref?: ObjectId;
  error?: string;
}

export function inlinePlace(value: Value): Place {
  const frames = [new TextEncoder().encode(JSON.stringify(value))];
  const refs = value.ref ? {refs: [value.ref]} : {};
  return {kind: "inline", ok: value.error === undefined, frames, ...refs};
}

export function errorPlace(error: string): Place {
  return inlinePlace(errorValue(error));
}

export function errorValue(error: string): Value {
  return {name: "t0", parts: [], error};
}

export function decode(frames: Uint8Array[]): Value {
  return JSON.parse(new TextDecoder().decode(frames[0])) as Value;
}
