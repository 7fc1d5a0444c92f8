// Views of memory: typed arrays, Node's Buffer, and DataView.

import {types} from "node:util";
import {CorruptFrameError} from "../../../errors.js";
import {hasOnlyElements} from "../../buffers.js";
import type {Kind} from "../../kind.js";
import {advice, nameOf} from "../../refusal.js";
import {dress, extrasOf, type Shape} from "../../shapes.js";
import {checkMemory, type Resizable} from "./memory.js";

const viewTypes = [
  Buffer,
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as const;

/** [index of its type, raw, byteOffset, length, shape | null] */
export const view: Kind = {
  tag: 22,
  dismantle(object, to) {
    if (!ArrayBuffer.isView(object)) return undefined;
    const type = viewTypes.findIndex((View) => object instanceof View);
    // The object's prototype may be the one of another kind of view.
    if (
      type < 0 ||
      kindOfView(object) !== (viewTypes[type] === Buffer ? "Uint8Array" : viewTypes[type]!.name)
    )
      to.refuse(nameOf(object), advice.other);
    if (types.isSharedArrayBuffer(object.buffer))
      to.refuse("a view of a SharedArrayBuffer", advice.shared);
    checkMemory(object.buffer as ArrayBuffer, to);
    if ((object.buffer as Resizable).resizable)
      to.refuse(
        "a view of a resizable ArrayBuffer",
        "pass the ArrayBuffer, or a copy of what the view shows",
      );
    const usual: unknown = viewTypes[type]!.prototype;
    const isElement = (key: string | symbol) => isIndex(key, (object as Uint8Array).length);
    const isUsual =
      Object.getPrototypeOf(object) === usual &&
      Object.isExtensible(object) &&
      Object.getOwnPropertySymbols(object).length === 0 &&
      (object instanceof DataView
        ? Reflect.ownKeys(object).length === 0
        : hasOnlyElements(object as unknown as ArrayLike<unknown>));
    const extras = isUsual ? null : extrasOf(to, object, usual, isElement);
    const length = object instanceof DataView ? object.byteLength : (object as Uint8Array).length;
    const body: unknown[] = [type, 0, 0, length, extras];
    to.noteLarge(object.byteLength);
    to.buffers.addView(object, body);
    return to.token(view.tag, body);
  },
  assemble(parts: [number, number, number, number, Shape | null], from, pending) {
    const [type, raw, offset, length, shape] = parts;
    const View = viewTypes[type];
    if (!View) throw new CorruptFrameError("unknown kind of typed array");
    const align = "BYTES_PER_ELEMENT" in View ? View.BYTES_PER_ELEMENT : 1;
    const {memory, base} = from.buffers.memory(raw, align);
    const made =
      View === Buffer
        ? Buffer.from(memory, base + offset, length)
        : new (View as unknown as new (m: ArrayBuffer, o: number, l: number) => object)(
            memory,
            base + offset,
            length,
          );
    return dress(from, pending.fill<object>(made), shape);
  },
};

/** Tells whether the key is an index below `length`: `"7"` is one below 8, and `"07"` is none. */
export function isIndex(key: string | symbol, length: number): boolean {
  const index = Number(String(key));
  return index < length && String(index) === key;
}

function kindOfView(view: ArrayBufferView): unknown {
  return types.isDataView(view) ? "DataView" : tagOfTypedArray.call(view);
}
const tagOfTypedArray = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;
