// Memory: what a view shows, and array buffers themselves.

import {types} from "node:util";
import type {Dismantler} from "../../dismantle.js";
import type {Kind} from "../../kind.js";
import {advice, nameOf} from "../../refusal.js";
import {dress, extrasOf, type Shape} from "../../shapes.js";

export interface Resizable extends ArrayBuffer {
  resizable?: boolean;
  maxByteLength: number;
  detached?: boolean;
}

/** [raw, maxByteLength | -1, shape | null] */
export const arrayBuffer: Kind = {
  tag: 21,
  dismantle(object, to) {
    if (!types.isArrayBuffer(object)) return undefined;
    // Without its prototype, the buffer does not tell its length.
    if (!(object instanceof ArrayBuffer)) to.refuse(nameOf(object), advice.other);
    checkMemory(object, to);
    const {resizable, maxByteLength} = object as Resizable;
    to.noteLarge(object.byteLength);
    const raw = to.buffers.addWhole(object);
    const extras = extrasOf(to, object, ArrayBuffer.prototype);
    return to.token(arrayBuffer.tag, [raw, resizable ? maxByteLength : -1, extras]);
  },
  assemble([raw, max, shape]: [number, number, Shape | null], from, pending) {
    const {memory} = from.buffers.memory(raw);
    let object = memory;
    if (max >= 0) {
      const options = {maxByteLength: max};
      object = new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(
        memory.byteLength,
        options,
      );
      new Uint8Array(object).set(new Uint8Array(memory));
    }
    return dress(from, pending.fill(object), shape);
  },
};

/**
 * Refuses memory that was transferred away. Such memory is empty, but differs from an empty buffer.
 */
export function checkMemory(memory: ArrayBuffer, to: Dismantler): void {
  const {detached, byteLength} = memory as Resizable;
  if (detached ?? (byteLength === 0 && isUnusable(memory)))
    to.refuse("memory that was transferred away", "pass it before that, or a copy");
}
function isUnusable(memory: ArrayBuffer): boolean {
  try {
    return !new Uint8Array(memory);
  } catch {
    return true;
  }
}
