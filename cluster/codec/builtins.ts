// JavaScript's own kinds of object, each with all that belongs to it, and those that can't travel.

import {types} from "node:util";
import {globalPath} from "../shipping/names/intrinsics.js";
import {hasOnlyElements} from "./buffers.js";
import type {Dismantler} from "./dismantle.js";
import {advice, withArticle} from "./refusal.js";
import {Tag} from "./tokens.js";
import {flagsOf} from "../shipping/functions/attributes.js";
import type {Token} from "../packing/token.js";

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
  if (isA(DOMException, "code", object))
    return inError(to, () => dismantleDomException(object, to));
  if (types.isNativeError(object)) return inError(to, () => dismantleError(object, to));
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
    // Without its prototype it does not say how long it is.
    if (!(object instanceof ArrayBuffer)) to.refuse(nameOf(object), advice.other);
    checkMemory(object, to);
    const {resizable, maxByteLength} = object as Resizable;
    to.noteLarge(object.byteLength);
    const raw = to.buffers.addWhole(object);
    const extras = to.extras(object, ArrayBuffer.prototype);
    return to.token(Tag.arrayBuffer, [raw, resizable ? maxByteLength : -1, extras]);
  }
  if (types.isBoxedPrimitive(object)) {
    const primitive = unboxed(object);
    const isElement = (key: string | symbol) =>
      typeof primitive === "string" && (key === "length" || isIndex(key, primitive.length));
    const usual: unknown = Object.getPrototypeOf(Object(primitive));
    return to.token(Tag.boxed, [to.value(primitive), to.extras(object, usual, isElement)]);
  }
  if (isA(URL, "href", object)) return dismantleUrl(object, to);
  if (isA(URLSearchParams, "size", object)) {
    const text = URLSearchParams.prototype.toString.call(object);
    return to.token(Tag.urlSearchParams, [text, to.extras(object, URLSearchParams.prototype)]);
  }
  refuseUnshippable(object, to);
  return null;
}

interface Resizable extends ArrayBuffer {
  resizable?: boolean;
  maxByteLength: number;
  detached?: boolean;
}

/** Is it one of Node's own, and not only made to look like one, as the prototype of a subclass is? */
function isA<T extends object>(
  cls: abstract new (...args: never[]) => T,
  getter: string,
  object: object,
): object is T {
  if (!(object instanceof cls)) return false;
  try {
    Object.getOwnPropertyDescriptor(cls.prototype, getter)!.get!.call(object);
    return true;
  } catch {
    return false;
  }
}

/** Without asking the object, which may have a `valueOf` of its own. */
function unboxed(object: object): unknown {
  if (types.isStringObject(object)) return String.prototype.valueOf.call(object);
  if (types.isNumberObject(object)) return Number.prototype.valueOf.call(object);
  if (types.isBooleanObject(object)) return Boolean.prototype.valueOf.call(object);
  if (types.isBigIntObject(object)) return BigInt.prototype.valueOf.call(object);
  return Symbol.prototype.valueOf.call(object);
}

/** A URL and its `searchParams` are one: whoever has both sees changes of one in the other. */
function dismantleUrl(url: URL, to: Dismantler): Token {
  const {searchParams} = url;
  if (to.objects.has(searchParams))
    to.refuse("a URL whose `searchParams` come before it", "take them from the URL in the task");
  const shape = to.extras(url, URL.prototype);
  to.objects.set(searchParams, to.objects.size);
  to.path.push("searchParams");
  const ofParams = to.extras(searchParams, URLSearchParams.prototype);
  to.path.pop();
  return to.token(Tag.url, [url.href, shape, ofParams]);
}

function mapStep(key: unknown, index: number): string {
  return typeof key === "string" ? `.get(${JSON.stringify(key)})` : `value ${index}`;
}

function dismantleView(view: ArrayBufferView, to: Dismantler): Token {
  const type = viewTypes.findIndex((View) => view instanceof View);
  // Its prototype may be another kind's.
  if (
    type < 0 ||
    kindOfView(view) !== (viewTypes[type] === Buffer ? "Uint8Array" : viewTypes[type]!.name)
  )
    to.refuse(nameOf(view), advice.other);
  if (types.isSharedArrayBuffer(view.buffer))
    to.refuse("a view of a SharedArrayBuffer", advice.shared);
  checkMemory(view.buffer as ArrayBuffer, to);
  if ((view.buffer as Resizable).resizable)
    to.refuse(
      "a view of a resizable ArrayBuffer",
      "pass the ArrayBuffer, or a copy of what the view shows",
    );
  const usual: unknown = viewTypes[type]!.prototype;
  const isElement = (key: string | symbol) => isIndex(key, (view as Uint8Array).length);
  const isUsual =
    Object.getPrototypeOf(view) === usual &&
    Object.isExtensible(view) &&
    Object.getOwnPropertySymbols(view).length === 0 &&
    (view instanceof DataView
      ? Reflect.ownKeys(view).length === 0
      : hasOnlyElements(view as unknown as ArrayLike<unknown>));
  const extras = isUsual ? null : to.extras(view, usual, isElement);
  const length = view instanceof DataView ? view.byteLength : (view as Uint8Array).length;
  const body: unknown[] = [type, 0, 0, length, extras];
  to.noteLarge(view.byteLength);
  to.buffers.addView(view, body);
  return to.token(Tag.view, body);
}

/** `"7"` is one below 8, and `"07"` none. */
function isIndex(key: string | symbol, length: number): boolean {
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

function inError(to: Dismantler, dismantle: () => Token): Token {
  return to.losses ? to.losses.inError(dismantle) : dismantle();
}

function dismantleError(error: Error, to: Dismantler): Token {
  const shape = to.shape(error, Error.prototype, isStack(error), publicPrototype(error));
  return to.token(Tag.error, [...stackOf(error, to), shape]);
}

/** What `stack` is when V8 makes it an accessor. */
const stackGetter = Object.getOwnPropertyDescriptor(new Error(), "stack")!.get;

/** The stack that V8 gives, whose text is what counts; undefined for none, and for a getter of the user's. */
function ownStack(error: Error): PropertyDescriptor | undefined {
  const own = Object.getOwnPropertyDescriptor(error, "stack");
  if (!own?.get) return own;
  // Whoever freezes an error can't make an accessor read-only.
  return own.get === stackGetter ? {...own, writable: own.configurable!} : undefined;
}

function isStack(error: Error): (key: string | symbol) => boolean {
  return (key) => key === "stack" && ownStack(error) !== undefined;
}

function stackOf(error: Error, to: Dismantler): [stack: unknown[], flags: number] {
  const own = ownStack(error);
  return own ? [[to.at("stack", error.stack)], flagsOf(own)] : [[], 0];
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
  const text = [to.value(error.message), to.value(error.name)];
  const shape = to.shape(error, DOMException.prototype, isStack(error));
  return to.token(Tag.domException, [...text, ...stackOf(error, to), shape]);
}

/** What was transferred away is empty, but not like an empty one. */
function checkMemory(memory: ArrayBuffer, to: Dismantler): void {
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
  return withArticle(name);
}
