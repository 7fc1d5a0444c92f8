// JavaScript's own kinds of object, each with all that belongs to it, and those that can't travel.

import {types} from "node:util";
import {globalPath} from "../shipping/intrinsics.js";
import {hasOnlyElements} from "./buffers.js";
import type {Dismantler} from "./dismantle.js";
import {advice} from "./refusal.js";
import {Tag, type Token} from "./tokens.js";

export const viewTypes = [
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

/** The token of a builtin object; null when `object` is an ordinary one (or of a user's class). */
export function dismantleBuiltin(object: object, to: Dismantler): Token | null {
  // Before errors: newer Node counts it among them.
  if (object instanceof DOMException) return dismantleDomException(object, to);
  if (types.isNativeError(object)) return dismantleError(object, to);
  if (types.isDate(object)) {
    const time = Date.prototype.getTime.call(object);
    return to.token(Tag.date, [
      Number.isNaN(time) ? null : time,
      to.extras(object, Date.prototype),
    ]);
  }
  if (types.isMap(object)) {
    const entries: unknown[] = [];
    let i = 0;
    Map.prototype.forEach.call(object, (value, key) => {
      entries.push(to.at({words: `key ${i}`}, key), to.at({words: mapStep(key, i)}, value));
      i++;
    });
    return to.token(Tag.map, [entries, to.extras(object, Map.prototype)]);
  }
  if (types.isSet(object)) {
    const elements: unknown[] = [];
    Set.prototype.forEach.call(object, (value) => {
      elements.push(to.at({words: `element ${elements.length}`}, value));
    });
    return to.token(Tag.set, [elements, to.extras(object, Set.prototype)]);
  }
  if (types.isRegExp(object)) {
    const shape = to.shape(object, RegExp.prototype);
    return to.token(Tag.regexp, [to.value(object.source), object.flags, shape]);
  }
  if (ArrayBuffer.isView(object)) return dismantleView(object, to);
  if (types.isArrayBuffer(object)) {
    const {resizable, maxByteLength} = object as ArrayBuffer & {
      resizable?: boolean;
      maxByteLength: number;
    };
    to.noteLarge(object.byteLength);
    const raw = to.buffers.addWhole(object);
    const extras = to.extras(object, ArrayBuffer.prototype);
    return to.token(Tag.arrayBuffer, [raw, resizable ? maxByteLength : -1, extras]);
  }
  if (types.isBoxedPrimitive(object)) {
    const primitive = (object as {valueOf(): unknown}).valueOf();
    const isElement = (key: string | symbol) =>
      typeof primitive === "string" && typeof key === "string" && /^(\d+|length)$/.test(key);
    const usual: unknown = Object.getPrototypeOf(Object(primitive));
    return to.token(Tag.boxed, [to.value(primitive), to.extras(object, usual, isElement)]);
  }
  if (object instanceof URL) return to.token(Tag.url, to.value(object.href));
  if (object instanceof URLSearchParams)
    return to.token(Tag.urlSearchParams, to.value(object.toString()));
  refuseUnshippable(object, to);
  return null;
}

function mapStep(key: unknown, index: number): string {
  return typeof key === "string" ? `.get(${JSON.stringify(key)})` : `value ${index}`;
}

function dismantleView(view: ArrayBufferView, to: Dismantler): Token {
  if (types.isSharedArrayBuffer(view.buffer))
    to.refuse("a view of a SharedArrayBuffer", advice.shared);
  const type = viewTypes.findIndex((View) => view instanceof View);
  if (type < 0) to.refuse(nameOf(view), advice.other);
  const usual: unknown = viewTypes[type]!.prototype;
  const isElement = (key: string | symbol) => typeof key === "string" && /^\d+$/.test(key);
  const isUsual =
    Object.getPrototypeOf(view) === usual &&
    Object.getOwnPropertySymbols(view).length === 0 &&
    (view instanceof DataView
      ? Object.keys(view).length === 0
      : hasOnlyElements(view as unknown as ArrayLike<unknown>));
  const extras = isUsual ? null : to.extras(view, usual, isElement);
  const length = view instanceof DataView ? view.byteLength : (view as Uint8Array).length;
  const body: unknown[] = [type, 0, 0, length, extras];
  to.noteLarge(view.byteLength);
  to.buffers.addView(view, body);
  return to.token(Tag.view, body);
}

function dismantleError(error: Error, to: Dismantler): Token {
  // `stack` may be an accessor that belongs to V8: its text is what counts.
  const prototype = publicPrototype(error);
  const shape = to.shape(error, Error.prototype, (key) => key === "stack", prototype);
  const stack = Object.hasOwn(error, "stack") ? to.at("stack", error.stack) : null;
  return to.token(Tag.error, [stack, shape]);
}

/** Node's errors with a code have marked prototypes of their own: what counts elsewhere is the kind above. */
function publicPrototype(error: Error): unknown {
  const first = Object.getPrototypeOf(error) as object | null;
  let isNodes = false;
  for (let at = first; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (globalPath(at)) return isNodes ? at : first;
    isNodes ||= Object.getOwnPropertySymbols(at).some(
      ({description}) => description === "kIsNodeError",
    );
  }
  return first;
}

function dismantleDomException(error: DOMException, to: Dismantler): Token {
  const cause: unknown = (error as {cause?: unknown}).cause;
  return to.token(Tag.domException, [
    to.value(error.message),
    to.value(error.name),
    to.value(error.stack),
    to.at("cause", cause),
  ]);
}

const arrayIterator: unknown = Object.getPrototypeOf([][Symbol.iterator]());

function refuseUnshippable(object: object, to: Dismantler): void {
  if (types.isPromise(object)) to.refuse("a Promise", advice.promise);
  if (types.isWeakMap(object)) to.refuse("a WeakMap", advice.weak);
  if (types.isWeakSet(object)) to.refuse("a WeakSet", advice.weak);
  if (object instanceof WeakRef) to.refuse("a WeakRef", advice.weak);
  if (types.isGeneratorObject(object)) to.refuse("a running generator", advice.iterator);
  if (types.isMapIterator(object) || types.isSetIterator(object))
    to.refuse("a running iterator", advice.iterator);
  if (Object.getPrototypeOf(object) === arrayIterator)
    to.refuse("a running iterator", advice.iterator);
  if (types.isSharedArrayBuffer(object)) to.refuse("a SharedArrayBuffer", advice.shared);
  if (types.isArgumentsObject(object)) to.refuse("an arguments object", "pass [...arguments]");
  if (types.isExternal(object)) to.refuse("a native handle", advice.handle);
}

/** `an Intl.Collator`, `a Timeout`. */
export function nameOf(object: object): string {
  const constructor: unknown = object.constructor;
  const name = typeof constructor === "function" && constructor.name ? constructor.name : "object";
  return `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name}`;
}
