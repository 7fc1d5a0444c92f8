// A function → a parcel: its code, and the values that it captures at this moment.

import {createHash} from "node:crypto";
import type {ShippedCode, ShippedPart} from "../backend.js";
import {sizeOf} from "../packing/size.js";
import {framesApart} from "../codec/codec.js";
import type {CapturedVariables, Dismantler} from "../codec/dismantle.js";
import type {ObjectId} from "../ids.js";
import {maybeRemoteMark} from "./names/remote-mark.js";
import {stepsFor, version} from "./setup/needed.js";
import {isTokenName} from "./source/thunk.js";

export interface Parcel {
  name: string;
  /** `hash` is of the content: equal parcels have equal hashes, and travel once to each worker. */
  code: ShippedCode;
  /** Names that the function takes from outside of itself. */
  captured: readonly string[];
  /** Captured names that the function assigns to. */
  assigned: readonly string[];
  /** Specifiers of the modules whose exports are in the parcel. */
  modules: ReadonlySet<string>;
  /** Objects whose refs are among the captured values. */
  refs: ObjectId[];
  sizeBytes: number;
  /** Sizes of large memory among the captured values, by the variables that hold it. */
  large: ReadonlyMap<string, number>;
}

interface Shipped {
  parcel: Parcel;
  /** What each function in the parcel captured; null when that could change unnoticed. */
  variables: Dismantler["variables"];
  /** The version of the steps when the parcel's steps were found (setup/needed.ts). */
  steps: number;
}

const shipped = new WeakMap<object, Shipped>();

/** Ships a function, or the inner function of a remote one. `name` is the one that errors give. */
export function capture(fn: (...args: never[]) => unknown, name: string = fn.name): Parcel {
  const inner = maybeRemoteMark(fn)?.fn ?? fn;
  const known = shipped.get(inner);
  const asOf = version();
  if (known?.steps === asOf && known.variables?.every(isUnchanged)) return known.parcel;

  const apart = framesApart(inner, `\`${name || "anonymous"}\``);
  const {frames, parts, dismantler} = apart;
  const code = withParts({hash: hashOf(frames), frames, parts}, stepsFor(dismantler));
  const {variables} = dismantler;
  if (known?.parcel.code.hash === code.hash) {
    known.steps = asOf;
    return known.parcel;
  }
  const parcel: Parcel = {
    name,
    code,
    modules: dismantler.modules,
    assigned: dismantler.codes[0]?.assigned ?? [],
    captured: (dismantler.codes[0]?.slots ?? []).filter((slot) => !isTokenName(slot)),
    refs: dismantler.refs,
    sizeBytes: [{frames}, ...code.parts].reduce((sum, piece) => sum + sizeOf(piece.frames), 0),
    large: dismantler.largeParts,
  };
  shipped.set(inner, {parcel, variables, steps: asOf});
  return parcel;
}

/**
 * Gives what a remote function would send if it were submitted now; undefined for any other value.
 */
export function maybeParcel(value: unknown): Parcel | undefined {
  const isRemote = typeof value === "function" && maybeRemoteMark(value) !== undefined;
  return isRemote ? capture(value as (...args: never[]) => unknown, value.name) : undefined;
}

/** Gives the same function for a call whose arguments need `parts` as well. */
export function withParts(code: ShippedCode, parts: readonly ShippedPart[]): ShippedCode {
  const hashes = new Set(code.parts.map(({hash}) => hash));
  const more = parts.filter(({hash}) => !hashes.has(hash) && hashes.add(hash));
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
