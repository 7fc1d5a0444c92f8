// A function → a parcel: its code and the values of what it captures, at this moment.

import {createHash} from "node:crypto";
import type {ShippedCode, ShippedPart} from "../backend.js";
import {sizeOf} from "../codec/size.js";
import {framesApart} from "../codec.js";
import type {CapturedVariables, Dismantler} from "../codec/dismantle.js";
import type {ObjectId} from "../ids.js";
import {maybeRemoteMark} from "./remote-mark.js";
import {isTokenName} from "./thunk.js";

export interface Parcel {
  name: string;
  /** `hash` is the content's: equal parcels have equal hashes, and travel once per worker. */
  code: ShippedCode;
  /** Names that the function takes from outside itself. */
  captured: readonly string[];
  /** Objects whose refs are among the captured values. */
  refs: ObjectId[];
  sizeBytes: number;
  /** Sizes of large memory among the captured values, by the variables that it is in. */
  large: ReadonlyMap<string, number>;
}

interface Shipped {
  parcel: Parcel;
  /** What was captured, by each function in the parcel; null when it could change unnoticed. */
  variables: Dismantler["variables"];
}

const shipped = new WeakMap<object, Shipped>();

/** Ships a function (of a remote one, what it runs). `name` is the one that errors give. */
export function capture(fn: (...args: never[]) => unknown, name: string = fn.name): Parcel {
  const inner = maybeRemoteMark(fn)?.fn ?? fn;
  const known = shipped.get(inner);
  if (known?.variables?.every(isUnchanged)) return known.parcel;

  const {frames, parts, dismantler} = framesApart(inner, `\`${name || "anonymous"}\``);
  const hash = hashOf(frames);
  if (known?.parcel.code.hash === hash) return known.parcel;
  const parcel: Parcel = {
    name,
    code: {hash, frames, parts},
    captured: (dismantler.codes[0]?.slots ?? []).filter((slot) => !isTokenName(slot)),
    refs: dismantler.refs,
    sizeBytes: [{frames}, ...parts].reduce((sum, piece) => sum + sizeOf(piece.frames), 0),
    large: dismantler.largeParts,
  };
  shipped.set(inner, {parcel, variables: dismantler.variables});
  return parcel;
}

/** What a remote function would send if it were submitted now; undefined for any other value. */
export function maybeParcel(value: unknown): Parcel | undefined {
  const isRemote = typeof value === "function" && maybeRemoteMark(value) !== undefined;
  return isRemote ? capture(value as (...args: never[]) => unknown, value.name) : undefined;
}

/** The same function for a call whose arguments need `parts` as well. */
export function withParts(code: ShippedCode, parts: readonly ShippedPart[]): ShippedCode {
  const more = parts.filter(({hash}) => !code.parts.some((part) => part.hash === hash));
  if (more.length === 0) return code;
  const hash = createHash("sha1").update(code.hash);
  for (const part of more) hash.update(part.hash);
  return {hash: hash.digest("hex"), frames: code.frames, parts: [...code.parts, ...more]};
}

function isUnchanged({captured, values, isStill}: CapturedVariables): boolean {
  const now = captured() as Record<string, unknown>;
  for (const name in values)
    if (!Object.is(now[name], (values as Record<string, unknown>)[name])) return false;
  return isStill();
}

function hashOf(frames: readonly Uint8Array[]): string {
  const hash = createHash("sha1");
  for (const frame of frames) hash.update(frame);
  return hash.digest("hex");
}
