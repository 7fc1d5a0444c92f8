// Pieces of a function that travel apart from its captured values, under the hash of their content,
// once to each worker: the texts of its functions and classes, and large memory and values that it
// captures.

import {createHash} from "node:crypto";
import type {ShippedPart} from "../backend.js";
import {CorruptFrameError} from "../errors.js";
import type {Code} from "../shipping/source/code.js";
import {Recent} from "../recent.js";
import {PackedFlag, packTree, unpackTree} from "../packing/pack.js";

/** So many parts that were made or read last are kept, by hash. */
const keptParts = 1000;
const packed = new Recent<string, ShippedPart>(keptParts);
const read = new Recent<string, readonly Code[]>(keptParts);

export function textsPart(codes: readonly Code[]): ShippedPart {
  const hash = createHash("sha1");
  for (const code of codes) hash.update(code.hash);
  const key = hash.digest("hex");
  let part = packed.get(key);
  if (!part) {
    part = {hash: key, frames: [packTree(codes, PackedFlag.plain)]};
    packed.set(key, part);
  }
  return part;
}

export function findTexts(hash: string, parts: readonly ShippedPart[]): readonly Code[] {
  let codes = read.get(hash);
  if (!codes) {
    codes = unpackTree(findPart(hash, parts)[0]!).tree as readonly Code[];
    read.set(hash, codes);
  }
  return codes;
}

const snapshots = new WeakMap<ArrayBuffer, {start: number; part: ShippedPart}>();

/** Copies the bytes as they are now. To compare takes a fifth of the time that hashing takes. */
export function memoryPart(memory: ArrayBuffer, bytes: Uint8Array, isFresh: boolean): ShippedPart {
  const known = snapshots.get(memory);
  if (known?.start === bytes.byteOffset && Buffer.compare(known.part.frames[0]!, bytes) === 0)
    return known.part;
  const copy = isFresh ? bytes : bytes.slice();
  const hash = createHash("sha1").update("memory").update(copy).digest("hex");
  const part = {hash, frames: [copy]};
  snapshots.set(memory, {start: bytes.byteOffset, part});
  return part;
}

export function findMemory(hash: string, parts: readonly ShippedPart[]): Uint8Array {
  return findPart(hash, parts)[0]!;
}

/** Finds the frames of a value that is a piece of its own. */
export function findValue(hash: string, parts: readonly ShippedPart[]): readonly Uint8Array[] {
  return findPart(hash, parts);
}

function findPart(hash: string, parts: readonly ShippedPart[]): readonly Uint8Array[] {
  const part = parts.find((each) => each.hash === hash);
  if (!part) throw new CorruptFrameError(`a part of a function is missing: ${hash}`);
  return part.frames;
}
