import assert from "node:assert/strict";
import {describe, test} from "node:test";
import {decode, decodeMessage, encode, encodeMessage} from "../../../cluster/codec/codec.js";
import {CannotShipError, CorruptFrameError} from "../../../cluster/errors.js";
import type {ObjectId} from "../../../cluster/ids.js";
import "../../../cluster/index.js";
import {ObjectRef} from "../../../cluster/api/object-ref.js";

const roundTrip = <T>(value: T): T => decode(encode(value, "it").frames) as T;

describe("plain values", () => {
  const values: Record<string, unknown> = {
    numbers: [0, -0, 1, -1, 2 ** 31, 2 ** 53, 1e300, 0.1, NaN, Infinity, -Infinity],
    strings: ["", "é", "😀", "a\ud800", "\udc00b", "x".repeat(10_000)],
    bigints: [0n, -1n, 2n ** 63n, -(2n ** 200n)],
    nothing: [null, undefined, true, false],
    nested: {a: [{b: {c: [1, [2, [3]]]}}], "": 1, "a b": 2, 7: 3},
    "awkward keys": JSON.parse(
      '{"__proto__": 5, "constructor": 1, "toJSON": 2, "hasOwnProperty": 3}',
    ),
    holes: [1, , 3, , ,],
    "only holes": new Array(70),
    "an array with names": Object.assign([1, 2], {x0: 3, [Symbol.for("y")]: 4}),
    "a match": /(?<year>\d+)/.exec("in 1999"),
    "no prototype": Object.assign(Object.create(null), {z: 1}),
    maps: new Map<unknown, unknown>([
      [{k: 1}, [1]],
      ["s", new Map([[NaN, -0]])],
    ]),
    sets: new Set<unknown>([1, "1", {a: 1}]),
    dates: [new Date(0), new Date(-1.5e12)],
    bytes: [
      Buffer.from("hello"),
      new Uint8Array([1, 2]),
      new ArrayBuffer(3),
      new DataView(new ArrayBuffer(9), 3),
    ],
    "typed arrays": [
      new Float64Array([1, -0, NaN]),
      new BigInt64Array([-1n]),
      new Uint8ClampedArray(2),
      new Int16Array(0),
    ],
    boxed: [Object("text"), Object(3), Object(false), Object(10n)],
    urls: [new URL("http://a.b/c?d=é#f"), new URLSearchParams("a=1&a=2")],
  };
  for (const [name, value] of Object.entries(values))
    test(`${name} come back as they were`, () => assert.deepEqual(roundTrip(value), value));

  test("an invalid date stays invalid", () =>
    assert.ok(Number.isNaN(roundTrip(new Date(NaN)).getTime())));
  test("a lone surrogate in a key is kept", () =>
    assert.deepEqual(Object.keys(roundTrip({"\ud800": 1})), ["\ud800"]));
  test("lastIndex of a regular expression is kept", () => {
    const expression = /a/gu;
    expression.lastIndex = 3;
    assert.equal(roundTrip(expression).lastIndex, 3);
  });
  test("symbols stay the same, in values and in keys", () => {
    const own = Symbol("own");
    const back = roundTrip({[own]: Symbol.iterator, r: Symbol.for("r"), own});
    assert.equal(back[own], Symbol.iterator);
    assert.equal(back.r, Symbol.for("r"));
    assert.equal(back.own, own);
  });
  test("order of keys is kept", () =>
    assert.deepEqual(Object.keys(roundTrip({b: 1n, a: 2, 3: 1, 1: 1})), ["1", "3", "b", "a"]));
});

describe("objects with attributes", () => {
  test("frozen, sealed and inextensible objects stay so", () => {
    const back = roundTrip([
      Object.freeze({a: 1}),
      Object.seal({b: 1}),
      Object.preventExtensions({c: 1}),
      Object.freeze([1]),
    ]);
    assert.deepEqual(
      back.map((each) => Object.isFrozen(each)),
      [true, false, false, true],
    );
    assert.deepEqual(
      back.map((each) => Object.isSealed(each)),
      [true, true, false, true],
    );
    assert.deepEqual(
      back.map((each) => Object.isExtensible(each)),
      [false, false, false, false],
    );
  });
  test("hidden and read-only properties keep their attributes", () => {
    const object = Object.defineProperty({}, "x", {
      value: 1,
      enumerable: false,
      writable: false,
      configurable: true,
    });
    assert.deepEqual(
      Object.getOwnPropertyDescriptor(roundTrip(object), "x"),
      Object.getOwnPropertyDescriptor(object, "x"),
    );
  });
});

describe("graphs", () => {
  test("shared parts stay shared and cycles closed", () => {
    const shared = {x: 1};
    const graph: Record<string, unknown> = {a: shared, b: [shared], m: new Map([[shared, shared]])};
    graph["self"] = graph;
    const back = roundTrip(graph) as {a: object; b: object[]; m: Map<object, object>; self: object};
    assert.equal(back.self, back);
    assert.equal(back.b[0], back.a);
    assert.equal(back.m.get(back.a), back.a);
  });
  test("shared rows of a matrix stay shared", () => {
    const row = Array.from({length: 40}, (_, i) => i);
    const back = roundTrip([row, row, [1]]);
    assert.equal(back[0], back[1]);
  });
  test("a list of 100,000 links comes through", () => {
    let list: {next: unknown} | null = null;
    for (let i = 0; i < 1e5; i++) list = {next: list};
    let count = 0;
    for (
      let link = roundTrip(list) as {next: unknown} | null;
      link;
      link = link.next as typeof link
    )
      count++;
    assert.equal(count, 1e5);
  });
});

describe("raw memory", () => {
  test("large typed arrays are frames of their own, and views of them when decoded", () => {
    const {frames} = encode(new Float64Array(1000).fill(2), "it");
    assert.deepEqual(frames.map(({byteLength}) => byteLength).slice(1), [8000]);
    const back = decode(frames) as Float64Array;
    assert.equal(back.buffer, frames[1]!.buffer);
    assert.notEqual((decode(frames, {copy: true}) as Float64Array).buffer, frames[1]!.buffer);
  });
  test("frames are copies unless the caller wants his own memory sent", () => {
    const numbers = new Float64Array(1000);
    assert.notEqual(encode(numbers, "it").frames[1]!.buffer, numbers.buffer);
    assert.equal(encode(numbers, "it", {own: false}).frames[1]!.buffer, numbers.buffer);
  });
  test("a frame at an odd address is copied, not misread", () => {
    const {frames} = encode(new Float64Array(1000).fill(0.1), "it");
    const odd = Buffer.alloc(8001);
    odd.set(frames[1]!, 1);
    assert.deepEqual(decode([frames[0]!, odd.subarray(1)]), new Float64Array(1000).fill(0.1));
  });
  test("views keep sharing their memory, and only what is seen of it travels", () => {
    const memory = new ArrayBuffer(1 << 20);
    const {frames, sizeBytes} = encode(
      [new Uint8Array(memory, 16, 32), new Float64Array(memory, 24, 2)],
      "it",
    );
    assert.ok(sizeBytes < 300);
    const [bytes, floats] = decode(frames) as [Uint8Array, Float64Array];
    floats[0] = 1;
    assert.equal(bytes[15], 63);
  });
  test("an ArrayBuffer travels whole", () => {
    const memory = new ArrayBuffer(9000);
    const back = roundTrip({memory, view: new Uint8Array(memory, 8000, 10)});
    assert.equal(back.memory.byteLength, 9000);
    assert.equal(back.view.buffer, back.memory);
    assert.equal(back.view.byteOffset, 8000);
  });
  test("lists of lists of numbers are flattened, ragged ones and odd numbers too", () => {
    const ragged = Array.from({length: 60}, (_, i) =>
      Array.from({length: i % 7}, (_, j) => (j === 1 ? NaN : -0 * j)),
    );
    const square = Array.from({length: 100}, (_, i) =>
      Array.from({length: 100}, (_, j) => i / (j + 1)),
    );
    assert.deepEqual(roundTrip(ragged), ragged);
    assert.deepEqual(roundTrip(square), square);
    assert.equal(encode(square, "it").frames[1]!.byteLength, 80_000);
  });
  test("named properties of a list of numbers are not lost", () => {
    const bin = Object.assign(
      Array.from({length: 100}, (_, i) => i),
      {x0: 1},
    );
    assert.equal((roundTrip(bin) as typeof bin).x0, 1);
    const rows = Array.from({length: 100}, () => [1, 2]);
    Object.assign(rows[50]!, {label: "odd"});
    assert.equal((roundTrip(rows)[50] as unknown as {label: string}).label, "odd");
  });
});

describe("errors as values", () => {
  test("class, message, cause, stack and own fields", () => {
    const error = Object.assign(new RangeError("far", {cause: new TypeError("why")}), {code: "E"});
    const back = roundTrip(error);
    assert.ok(back instanceof RangeError);
    assert.equal(back.stack, error.stack);
    assert.equal(back.code, "E");
    assert.ok(back.cause instanceof TypeError);
    assert.deepEqual(Object.keys(back), ["code"]);
  });
  test("AggregateError and DOMException", () => {
    const back = roundTrip(new AggregateError([new Error("a"), 2], "all"));
    assert.ok(back instanceof AggregateError);
    assert.equal((back.errors[0] as Error).message, "a");
    assert.equal(roundTrip(new DOMException("m", "AbortError")).name, "AbortError");
  });
  test("Node's own errors keep their code", () => {
    let error: NodeJS.ErrnoException | undefined;
    try {
      process.chdir("/no/such/folder");
    } catch (thrown) {
      error = thrown as NodeJS.ErrnoException;
    }
    assert.equal(roundTrip(error!).code, "ENOENT");
  });
  test("Node's own errors keep their kind", async () => {
    const wrong = [
      () => Buffer.alloc(-1),
      () => Buffer.from(5 as never),
      () => import("no-such-package" as string),
    ];
    const kinds = [RangeError, TypeError, Error];
    for (const [i, fail] of wrong.entries()) {
      const error = await Promise.resolve()
        .then(fail)
        .then(
          () => assert.fail("nothing was thrown"),
          (thrown: unknown) => thrown as NodeJS.ErrnoException,
        );
      const back = roundTrip(error);
      assert.equal(Object.getPrototypeOf(back), kinds[i]!.prototype);
      assert.deepEqual(
        [back.code, back.message, back.stack],
        [error.code, error.message, error.stack],
      );
    }
  });
});

describe("refs", () => {
  test("are passed on as refs and counted", () => {
    const id = "0".repeat(56) as ObjectId;
    const {frames, refs} = encode({deep: [new ObjectRef(id)]}, "it");
    assert.deepEqual(refs, [id]);
    const back = decode(frames) as {deep: ObjectRef[]};
    assert.ok(back.deep[0] instanceof ObjectRef);
    assert.equal(back.deep[0].id, id);
  });
});

describe("what can't travel", () => {
  test("is refused with its path, and the names of things are quoted where they must be", () => {
    assert.throws(() => encode({a: [{"b c": Promise.resolve()}]}, "argument 1 of `f`"), {
      name: "CannotShipError",
      message:
        'cannot ship argument 1 of `f`: .a → [0] → ["b c"] is a Promise; await it first, or pass the ref of a task',
    });
  });
  test("is refused inside of maps and sets", () => {
    assert.throws(
      () => encode(new Map([["k", new WeakMap()]]), "it"),
      /it: \.get\("k"\) is a WeakMap/,
    );
    assert.throws(() => encode(new Set([new WeakSet()]), "it"), CannotShipError);
  });
});

describe("corrupt bytes", () => {
  const value = {list: [1, "two", new Date(3), new Map([[1, new Float64Array(2000)]])], when: 4n};
  const {frames} = encode(value, "it");
  test("every flipped bit of the header is noticed", () => {
    const [header, ...rest] = frames as [Uint8Array, ...Uint8Array[]];
    for (let at = 0; at < header.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const bad = header.slice();
        bad[at]! ^= 1 << bit;
        assert.throws(() => decode([bad, ...rest]), CorruptFrameError, `byte ${at}, bit ${bit}`);
      }
  });
  test("every cut is noticed", () => {
    for (let length = 0; length < frames[0]!.length; length++)
      assert.throws(() => decode([frames[0]!.subarray(0, length), frames[1]!]), CorruptFrameError);
  });
  test("a missing, short, changed or additional raw frame is noticed", () => {
    const changed = frames[1]!.slice();
    changed[100]! ^= 1;
    for (const bad of [[], [frames[1]!.subarray(1)], [changed], [frames[1]!, frames[1]!]])
      assert.throws(() => decode([frames[0]!, ...bad]), CorruptFrameError);
  });
  test("no frames at all", () => assert.throws(() => decode([]), CorruptFrameError));
});

describe("messages", () => {
  test("carry bytes without copying them on arrival", () => {
    const bytes = encodeMessage([
      {kind: "code", frames: [new Uint8Array([1, 2, 3])], missing: undefined},
    ]);
    const [message] = decodeMessage(bytes) as [{kind: string; frames: Uint8Array[]}];
    assert.equal(message.kind, "code");
    assert.deepEqual([...message.frames[0]!], [1, 2, 3]);
    assert.equal(message.frames[0]!.buffer, bytes.buffer);
  });
  test("that can't be read give a CorruptFrameError", () => {
    assert.throws(() => decodeMessage(new Uint8Array([0xc1, 0xff])), CorruptFrameError);
    assert.throws(() => decodeMessage(new Uint8Array(0)), CorruptFrameError);
  });
});
