// A value → frames: its packed tree, and raw memory.

import type {Frames, ShippedPart} from "../backend.js";
import {CannotShipError} from "../errors.js";
import {inspectingTogether} from "../shipping/functions/closure-inspector.js";
import type {Wanted} from "../shipping/modules/imports.js";
import type {Dismantler} from "./dismantle.js";
import {PackedFlag, packTree} from "../packing/pack.js";
import {memoryPart, textsPart} from "./parts.js";
import type {RawEntry} from "./buffers.js";
import type {Code} from "../shipping/source/code.js";
import type {ScopeParts} from "./scopes.js";

/** The content of a packed tree, unless the tree is the value itself. */
export type Body = [
  root: unknown,
  buffers: RawEntry[],
  /** For a function that is shipped: the hash of the part that has the texts. */
  codes: readonly Code[] | string,
  modules: Wanted[],
  deep: unknown[],
  scopes: ScopeParts[],
];

/**
 * Encodes a value. `own`: no frame is the caller's memory. `parts` takes the pieces that travel
 * apart.
 */
export function framesOf(
  value: unknown,
  dismantler: Dismantler,
  own: boolean,
  parts?: ShippedPart[],
): Frames {
  try {
    const tree = inspectingTogether(() => dismantler.run(value));
    if (dismantler.tokens === 0) return [packTree(tree, PackedFlag.plain)];
    const raw: Uint8Array[] = [];
    const buffers = dismantler.buffers.finish(
      raw,
      own,
      parts && ((memory, bytes, isFresh) => add(memoryPart(memory, bytes, isFresh), parts)),
    );
    for (const {part} of dismantler.apart) add(part, parts!);
    const {deepTrees, shared} = dismantler;
    const modules = [...dismantler.modules, ...wantedVersions(dismantler)];
    const codes =
      parts && dismantler.codes.length > 0
        ? add(textsPart(dismantler.codes), parts)
        : dismantler.codes;
    const body: Body = [tree, buffers, codes, modules, deepTrees, shared.scopes];
    const header = packTree(body, dismantler.isConstant ? PackedFlag.constant : 0);
    return [header, ...raw];
  } catch (error) {
    if (error instanceof RangeError && /call stack/.test(error.message))
      throw new CannotShipError(`cannot ship ${dismantler.what}: it is nested too deeply`);
    throw error;
  }
}

function wantedVersions({localModules}: Dismantler): Wanted[] {
  return [...localModules].map(([{path, key}, specifier]) => [specifier, path, key]);
}

function add(part: ShippedPart, parts: ShippedPart[]): string {
  if (!parts.some(({hash}) => hash === part.hash)) parts.push(part);
  return part.hash;
}
