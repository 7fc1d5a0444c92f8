// A value ↔ frames: the first is a packed tree, the others are raw memory. What crosses a process
// crosses as this (or as a parcel, whose values are this).
//
// The frames of large typed arrays *are* the caller's memory, and decoded ones are views of the
// received frames: 64 MiB cost microseconds. Whoever keeps frames while the owner may go on writing
// encodes with `own`, or decodes with `copy`.

import {Assembler} from "./codec/assemble.js";
import {BufferReader, type RawEntry} from "./codec/buffers.js";
import {Dismantler} from "./codec/dismantle.js";
import {PackedFlag, packTree, unpackTree} from "./codec/pack.js";
import {CannotShipError, CorruptFrameError} from "./errors.js";
import type {ObjectId} from "./ids.js";

export {decodeMessage, encodeMessage} from "./codec/pack.js";

export interface Encoded {
  frames: Uint8Array[];
  /** Objects whose refs the value holds. */
  refs: ObjectId[];
  sizeBytes: number;
}

const noRefs: ObjectId[] = [];

/** `what` names the value in errors: "argument 1 of `load`". `own`: no frame is the caller's memory. */
export function encode(value: unknown, what: string, {own = false} = {}): Encoded {
  const dismantler = new Dismantler(what);
  try {
    const tree = dismantler.value(value);
    if (dismantler.tokens === 0) {
      const frame = packTree(tree, PackedFlag.plain);
      return {frames: [frame], refs: noRefs, sizeBytes: frame.byteLength};
    }
    const raw: Uint8Array[] = [];
    const entries = dismantler.buffers.finish(raw);
    const frames = [
      packTree([tree, entries], 0),
      ...(own ? raw.map((bytes) => bytes.slice()) : raw),
    ];
    const sizeBytes = frames.reduce((sum, frame) => sum + frame.byteLength, 0);
    return {frames, refs: dismantler.refs, sizeBytes};
  } catch (error) {
    if (error instanceof RangeError && /call stack/.test(error.message))
      throw new CannotShipError(`cannot ship ${what}: it is nested too deeply for the stack`);
    throw error;
  }
}

/** `copy`: the value shares no memory with `frames`. Bytes that are not a value: CorruptFrameError. */
export function decode(frames: readonly Uint8Array[], {copy = false} = {}): unknown {
  const [header] = frames;
  if (!header) throw new CorruptFrameError("an encoded value has no frames");
  const {tree, flags} = unpackTree(header);
  if (flags & PackedFlag.plain) return tree;
  try {
    const [root, entries] = tree as [unknown, RawEntry[]];
    const owned = copy ? frames.map((frame) => frame.slice()) : frames;
    return new Assembler(new BufferReader(entries, owned)).run(root);
  } catch (error) {
    if (error instanceof CorruptFrameError) throw error;
    throw new CorruptFrameError("an encoded value can't be put together", {cause: error});
  }
}
