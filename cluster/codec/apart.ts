// Pieces of a function. A large value that a function captures is a piece of its own, under the
// hash of its content. A piece travels to each worker once, whatever else of the function changes,
// and while the value stays as it is, the piece is compared instead of encoded again.
//
// What may belong to several values stays with the function and is *outside* of the piece:
// functions, classes, and memory that is large by itself. A captured value that shares any other
// object or memory with the rest of the function is no piece, so that the two share that where they
// arrive as well.

import {createHash} from "node:crypto";
import {sizeOf} from "../packing/size.js";
import {Dismantler} from "./dismantle.js";
import {framesOf} from "./frames.js";
import {isLarge} from "./large.js";
import {type Apart, Outside} from "./pieces.js";
import {Snapshot} from "./snapshot.js";

const made = new WeakMap<object, Apart>();
/** Values that are no pieces because they share objects with others, and their sizes. */
const inseparable = new WeakMap<object, number>();

/** Gives the piece of a captured value; null when the value stays with the function. */
export function maybeApart(root: object, home: Dismantler): Apart | null {
  const known = made.get(root);
  if (known?.snapshot?.isUnchanged()) return known;
  if (!isLarge(root)) return null;
  const sizeBytes = inseparable.get(root);
  if (sizeBytes === undefined) return encode(root, home);
  home.noteLarge(sizeBytes);
  return null;
}

function encode(root: object, home: Dismantler): Apart {
  const within = new Dismantler(home.what, home.kinds);
  const outside = (within.outside = new Outside(home.path.length));
  within.path.push(...home.path);
  const frames = framesOf(root, within, true);
  const {refs, modules, localModules, objects} = within;
  const apart: Apart = {
    root,
    part: {hash: hashOf(frames), frames},
    sizeBytes: sizeOf(frames),
    memories: within.buffers.memories(),
    snapshot: within.isComparable ? new Snapshot(objects.keys()) : null,
    ...{objects, outside, refs, modules, localModules},
    separate: new WeakSet(),
  };
  made.set(root, apart);
  return apart;
}

/**
 * Tells whether no two pieces share an object or a buffer. Pieces that do are marked inseparable,
 * and the caller encodes again with them inline.
 */
export function areSeparate({apart, objects, buffers}: Dismantler): boolean {
  const home = {objects, memories: buffers.memories()};
  const shared = new Set<Apart>();
  apart.forEach((one, i) => {
    if (shares(home, one)) shared.add(one);
    for (const other of apart.slice(i + 1)) {
      if (one.separate.has(other)) continue;
      if (shares(one, other)) shared.add(one).add(other);
      else one.separate.add(other);
    }
  });
  for (const {root, sizeBytes} of shared) {
    inseparable.set(root, sizeBytes);
    made.delete(root);
  }
  return shared.size === 0;
}

type Contents = Pick<Apart, "objects" | "memories">;

function shares(one: Contents, {root, objects, memories}: Apart): boolean {
  for (const memory of memories) if (one.memories.has(memory)) return true;
  const [few, many] =
    one.objects.size < objects.size ? [one.objects, objects] : [objects, one.objects];
  for (const object of few.keys()) if (object !== root && many.has(object)) return true;
  return false;
}

function hashOf(frames: readonly Uint8Array[]): string {
  const hash = createHash("sha1").update("value");
  for (const frame of frames) hash.update(frame);
  return hash.digest("hex");
}
