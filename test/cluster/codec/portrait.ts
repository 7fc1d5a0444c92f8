// All that can be seen of a value, as a plain list: two values with equal portraits are alike down
// to the attributes of their properties, and share the same parts inside.

import {types} from "node:util";

type Portrait = unknown[];
/** Objects whose identity counts: prototypes, symbols. */
const known = new Map<unknown, number>();
const idOf = (value: unknown): number => {
  if (!known.has(value)) known.set(value, known.size);
  return known.get(value)!;
};

export function portraitOf(value: unknown): Portrait {
  const portrait: Portrait = [];
  const numbers = new Map<object, number>();
  const waiting: object[] = [];
  const brief = (part: unknown): unknown => {
    if (typeof part === "function") return `function ${part.name}`;
    if (typeof part === "symbol") return ["symbol", idOf(part)];
    if (typeof part !== "object" || part === null)
      return Object.is(part, -0)
        ? "-0"
        : typeof part === "bigint"
          ? `${part}n`
          : [typeof part, part];
    if (!numbers.has(part)) {
      numbers.set(part, numbers.size);
      waiting.push(part);
    }
    return `object ${numbers.get(part)}`;
  };
  portrait.push(brief(value));
  for (const object of waiting) {
    const prototype: unknown = Object.getPrototypeOf(object);
    const properties = ArrayBuffer.isView(object) ? [] : Reflect.ownKeys(object);
    portrait.push([
      prototype === null ? "none" : idOf(prototype),
      Object.isExtensible(object),
      contentsOf(object).map(brief),
      properties.map((key) => [brief(key), ...property(object, key).map(brief)]),
    ]);
  }
  return portrait;
}

function property(object: object, key: string | symbol): unknown[] {
  const own = Object.getOwnPropertyDescriptor(object, key)!;
  const {value, get, set, writable, enumerable, configurable} = own;
  // V8's accessor arrives as what it gives.
  if (key === "stack") return [(object as Error).stack, enumerable, configurable];
  return [value, get, set, writable, enumerable, configurable];
}

function contentsOf(object: object): unknown[] {
  const parts: unknown[] = [];
  // They may have lost their prototype.
  if (types.isMap(object))
    Map.prototype.forEach.call(object, (value, key) => parts.push(key, value));
  if (types.isSet(object)) Set.prototype.forEach.call(object, (value) => parts.push(value));
  if (types.isDate(object)) parts.push(Date.prototype.getTime.call(object));
  if (types.isRegExp(object)) parts.push(RegExp.prototype.toString.call(object));
  if (parts.length > 0) return parts;
  if (types.isStringObject(object)) return [String.prototype.valueOf.call(object)];
  if (types.isNumberObject(object)) return [Number.prototype.valueOf.call(object)];
  if (types.isBooleanObject(object)) return [Boolean.prototype.valueOf.call(object)];
  if (types.isArrayBuffer(object)) return [Buffer.from(object).toString("hex")];
  if (ArrayBuffer.isView(object)) {
    // Without its prototype it says nothing of itself, and is refused.
    if (object.buffer === undefined) return [];
    const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
    return [types.isDataView(object) ? "DataView" : nameOfView(object), bytes.toString("hex")];
  }
  return object instanceof URL ? [object.href] : [];
}

function nameOfView(view: ArrayBufferView): unknown {
  const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
  return Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)!.get!.call(view);
}
