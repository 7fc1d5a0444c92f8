// What is seldom met: builtins with properties of their own, odd attributes, subclasses. Each comes
// back as it was, down to what only a descriptor shows, or is refused by name.

import assert from "node:assert/strict";
import {describe, test} from "node:test";
import {decode, encode} from "../../../cluster/codec/codec.js";
import {CannotShipError} from "../../../cluster/errors.js";

const roundTrip = (value: unknown): unknown => decode(encode(value, "it").frames);
const descriptors = (object: unknown) => {
  // It is an accessor on newer versions of Node: what it gives is what counts.
  const {stack, ...rest} = Object.getOwnPropertyDescriptors(object as object) as {
    stack?: PropertyDescriptor;
  };
  const text = stack && (object as Error).stack;
  return [rest, text, stack?.enumerable, stack?.configurable, Reflect.ownKeys(object as object)];
};
const everything = (object: unknown): unknown[] => [
  descriptors(object),
  Object.isExtensible(object),
  Object.isFrozen(object),
  Object.getPrototypeOf(object as object),
];
const numbers = (length: number) => Array.from({length}, (_, i) => i);
const words = (length: number) => Array.from({length}, (_, i) => `w${i}`);
const hide = <T extends object>(object: T, key: string | symbol): T =>
  Object.defineProperty(object, key, {value: "hidden"});
const lock = <T extends object>(object: T, key: string): T =>
  Object.defineProperty(object, key, {writable: false});
const params = (url: URL) => url.searchParams;

/** `look`: what else of it must be the same. */
const cases: Record<string, {make: () => object; look?: (object: never) => unknown}> = {
  "a list that can't grow": {make: () => lock([1, 2], "length")},
  "a long list that can't grow": {make: () => lock(numbers(100), "length")},
  "a frozen list": {make: () => Object.freeze([1, 2])},
  "a list with a read-only element": {make: () => lock([1, 2], "0")},
  "a long list with a read-only element": {make: () => lock(words(100), "50")},
  "a list with a hidden property": {make: () => hide([1, 2], "x")},
  "a long list with a hidden property": {make: () => hide(numbers(100), "x")},
  "a long list with a hidden symbol": {make: () => hide(numbers(100), Symbol.for("x"))},
  "a list that is no iterable": {make: () => Object.setPrototypeOf([1, 2], null) as object},
  "rows with a hidden property": {
    make: () => [hide([1, 2], "x"), ...Array.from({length: 50}, () => [1, 2])],
    look: ([row]: never[]) => descriptors(row),
  },
  "a typed array with a hidden property": {make: () => hide(new Uint8Array(4), "x")},
  "an empty typed array with a hidden property": {make: () => hide(new Uint8Array(0), "x")},
  "a typed array that takes no properties": {
    make: () => Object.preventExtensions(new Float64Array(2)),
  },
  "a Buffer with a property": {make: () => Object.assign(Buffer.from("hi"), {k: 1})},
  "a DataView with a hidden property": {make: () => hide(new DataView(new ArrayBuffer(8)), "x")},
  "an ArrayBuffer with a property": {make: () => Object.assign(new ArrayBuffer(8), {k: 1})},
  "a Map with properties": {make: () => Object.assign(new Map([[1, 2]]), {k: 1})},
  "a frozen Set": {make: () => Object.freeze(new Set([1])), look: (set: Set<number>) => [...set]},
  "a frozen RegExp": {make: () => Object.freeze(/a/g)},
  "a Date with properties": {make: () => Object.assign(new Date(5), {zone: "x"})},
  "a boxed text with properties": {
    make: () => Object.assign(Object("ab") as object, {k: 1}),
    look: String,
  },
  "a boxed text that hides its value": {
    make: () => Object.assign(Object("ab") as object, {valueOf: Array}),
    look: (text: never) => String.prototype.valueOf.call(text),
  },
  "a boxed -0": {
    make: () => Object(-0) as object,
    look: (zero: number) => Object.is(zero.valueOf(), -0),
  },
  "a boxed symbol": {
    make: () => Object(Symbol.for("s")) as object,
    look: (symbol: symbol) => symbol.valueOf(),
  },
  "a URL with properties": {
    make: () => Object.assign(new URL("http://a/?b=1"), {k: 1}),
    look: String,
  },
  "a frozen URL": {make: () => Object.freeze(new URL("http://a/"))},
  "a URL whose searchParams have properties": {
    make: () => Object.assign(params(new URL("http://a/?b=1")), {k: 1}),
  },
  "a URLSearchParams with properties": {
    make: () => Object.assign(new URLSearchParams("a=1"), {k: 1}),
    look: String,
  },
  "an error without a stack": {
    make: () => {
      const error = new Error("x");
      delete error.stack;
      return error;
    },
  },
  "an error whose stack is no text": {make: () => Object.assign(new Error(), {stack: {a: 1}})},
  "an error with a stack of odd attributes": {
    make: () =>
      Object.defineProperty(new Error(), "stack", {
        value: "s",
        enumerable: true,
        writable: false,
        configurable: false,
      }),
  },
  "a frozen error": {make: () => Object.freeze(new RangeError("x", {cause: 1}))},
  "an error without a prototype": {
    make: () => Object.setPrototypeOf(new Error("x"), null) as object,
  },
  "a DOMException with properties and a cause": {
    make: () => Object.assign(new DOMException("m", {name: "N", cause: [1]} as never), {k: 1}),
    look: ({name, message, code}: DOMException) => [name, message, code],
  },
};

describe("what is seldom met comes back as it was", () => {
  for (const [name, {make, look = () => null}] of Object.entries(cases))
    test(name, () => {
      const value = make();
      const back = roundTrip(value);
      assert.deepEqual(everything(back), everything(value));
      assert.deepEqual(look(back as never), look(value as never));
    });

  test("changes of a URL and of its searchParams are seen in both", () => {
    const url = new URL("http://a/?b=1");
    const back = roundTrip([url, url.searchParams]) as [URL, URLSearchParams];
    back[1].set("b", "2");
    assert.equal(back[0].href, "http://a/?b=2");
  });
  test("errors that are each other's causes, and in their own list", () => {
    const [one, all] = [new Error("one"), new AggregateError([], "all")];
    all.errors.push(one, all);
    one.cause = all;
    const back = roundTrip(one) as {cause: AggregateError};
    assert.deepEqual(
      back.cause.errors.map((each) => each === back || each === back.cause),
      [true, true],
    );
  });
  test("symbols whose names are no well-formed text", () => {
    const [registered, own] = [Symbol.for("a\ud800"), Symbol("b\udc00")];
    assert.equal(roundTrip(registered), registered);
    assert.equal(roundTrip(own), own);
    assert.equal((roundTrip(Symbol("\ud800")) as symbol).description, "\ud800");
  });
  test("bits of numbers that are no numbers", () => {
    const bits = 0x7ff8_0000_dead_beefn;
    const floats = new Float64Array(new BigUint64Array([bits]).buffer);
    assert.equal(new BigUint64Array((roundTrip(floats) as Float64Array).buffer)[0], bits);
  });
});

type Resizable = new (length: number, options: {maxByteLength: number}) => ArrayBuffer;
const resizable = () => new (ArrayBuffer as unknown as Resizable)(8, {maxByteLength: 16});
const detached = () => {
  const memory = new ArrayBuffer(8);
  const view = new Uint8Array(memory);
  structuredClone(memory, {transfer: [memory]});
  return [memory, view] as const;
};
const url = new URL("http://a/?b=1");

const refused: [name: string, value: unknown, said: RegExp][] = [
  ["a view of memory that can grow", {v: new Uint8Array(resizable())}, /\.v is a view of a resiz/],
  ["memory that is gone", {m: detached()[0]}, /\.m is memory that was transferred away; pass it/],
  ["a view of such memory", {v: detached()[1]}, /\.v is memory that was transferred away/],
  ["searchParams before their URL", [url.searchParams, url], /\[1\] is a URL whose `searchParams`/],
  ["what only looks like a URL", Object.create(URL.prototype), /it is a URL/],
  ["a proxy in a Map", new Map([["k", new Proxy({}, {})]]), /\.get\("k"\) is a Proxy/],
  ["a proxy as prototype", Object.create(new Proxy({}, {})), /its prototype is a Proxy/],
  ["an iterator of a text", "ab"[Symbol.iterator](), /it is a /],
];

describe("what can't come back as it was is refused by name", () => {
  for (const [name, value, said] of refused)
    test(name, () => {
      assert.throws(
        () => encode(value, "it"),
        (error) =>
          (error instanceof CannotShipError && said.test(error.message)) ||
          assert.fail(String(error)),
      );
    });
});
