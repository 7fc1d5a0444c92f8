// Arbitrary graphs of what is seldom met: attributes, accessors, subclasses, cycles, builtins with
// properties of their own.

import fc from "fast-check";

class Point {
  x = 1;
}
class Dictionary extends Map<unknown, unknown> {
  label = "d";
}
class Failure extends RangeError {
  code = 7;
}
class Numbers extends Array<unknown> {
  sum = 0;
}
class Samples extends Float64Array {}

type Make = (parts: unknown[]) => object;
const makers: Make[] = [
  () => ({}),
  (parts) => [...parts],
  () => Object.create(null) as object,
  () => new Point(),
  (parts) => new Map([[parts[0], parts[1]]]),
  (parts) => new Dictionary([[parts[1], parts[0]]]),
  (parts) => new Set(parts),
  ([cause]) => new Failure("far", {cause}),
  (parts) => new AggregateError(parts, "all"),
  (parts) => Numbers.from(parts),
  ([a, b]) => [a, , b, ,],
  () => new Date(5),
  () => /a(b)?/gi,
  () => Object("boxed") as object,
  () => Object(-0) as object,
  () => new URL("http://a/?b=1#c"),
  () => new Float64Array([-0, NaN, 1]),
  () => Samples.of(1, 2),
  () => new Uint8Array(memory, 8, 4),
  () => new DataView(memory, 4, 12),
  () => Buffer.from("some text"),
  () => new ArrayBuffer(3),
  () => Array.from({length: 70}, (_, i) => i - 3),
  () => Array.from({length: 70}, (_, i) => `w${i}`),
  () => Array.from({length: 20}, (_, i) => [i, -0, NaN, 4]),
];
const memory = new ArrayBuffer(32);

/** Nobody looks at each of many numbers, whether it may be written: that would take too long. */
const isOfNumbers = (object: object) =>
  ArrayBuffer.isView(object) ||
  (Array.isArray(object) && object.length > 60 && typeof object[1] === "number");

const symbols = [Symbol.for("r"), Symbol("u")];
const keys = ["a", "7", "07", "__proto__", "constructor", "\ud800", "length2", ...symbols];

type Change = (object: object, key: string | symbol, value: unknown) => void;
const changes: Change[] = [
  (object, key, value) => Reflect.defineProperty(object, key, {value, ...attributes(7)}),
  (object, key, value) => Reflect.defineProperty(object, key, {value, ...attributes(5)}),
  (object, key, value) => Reflect.defineProperty(object, key, {value, ...attributes(2)}),
  (object, key, value) => Reflect.defineProperty(object, key, {value, ...attributes(0)}),
  (object, key) => Reflect.defineProperty(object, key, {get: () => 5, configurable: true}),
  (object, key) => Reflect.defineProperty(object, key, {set: () => {}, enumerable: true}),
  (object, key, value) => object instanceof Map && object.set(key, value),
  (object, _key, value) => object instanceof Set && object.add(value),
  (object, _key, value) => Array.isArray(object) && Reflect.set(object, object.length, value),
  (object) => Object.preventExtensions(object),
  (object) => !ArrayBuffer.isView(object) && Object.freeze(object),
  (object) => !ArrayBuffer.isView(object) && Object.seal(object),
  (object) => Object.isExtensible(object) && Object.setPrototypeOf(object, null),
  (object, key) => Reflect.deleteProperty(object, key),
];

function attributes(bits: number): PropertyDescriptor {
  return {writable: !!(bits & 1), enumerable: !!(bits & 2), configurable: !!(bits & 4)};
}

const primitives = [0, -0, NaN, 1e300, "", "é", "a\ud800", null, undefined, true, 10n, ...symbols];

/** A list of objects that hold each other; each can be changed several times. */
export const rareValues = fc
  .record({
    kinds: fc.array(fc.nat(makers.length - 1), {minLength: 1, maxLength: 6}),
    parts: fc.array(fc.nat(99), {minLength: 2, maxLength: 12}),
    changed: fc.array(fc.tuple(fc.nat(9), fc.nat(changes.length - 1), fc.nat(99), fc.nat(99)), {
      maxLength: 10,
    }),
  })
  .map(({kinds, parts, changed}) => {
    const objects: object[] = [];
    const valueOf = (n: number): unknown => {
      const all = [...objects, ...primitives];
      return all[n % all.length];
    };
    for (const [i, kind] of kinds.entries())
      objects.push(
        makers[kind]!([valueOf(parts[i % parts.length]!), valueOf(parts[(i + 1) % parts.length]!)]),
      );
    for (const [at, change, key, value] of changed) {
      const object = objects[at % objects.length]!;
      const name = keys[key % keys.length]!;
      if (name !== "7" || !isOfNumbers(object)) changes[change]!(object, name, valueOf(value));
    }
    return objects;
  });
