// An error loses what can't travel, and nothing else. Thrown in another process, looked at here.

import assert from "node:assert/strict";
import {after, before, describe, test} from "node:test";
import {inspect} from "node:util";
import {
  decode,
  decodeError,
  encode,
  encodeError,
  encodeResult,
} from "../../../cluster/codec/codec.js";
import {CannotShipError, LeftBehind, TaskError} from "../../../cluster/index.js";
import {type AnyFunction, Elsewhere} from "./elsewhere.js";
import {runCell} from "./cells.js";

// A cell that defines classes and `subject`, which throws; and, of what arrives as `e`, the values
// that it must have.
const rows: [name: string, cell: string, seen: Record<string, unknown>][] = [
  [
    "a field that holds a Headers",
    `class HttpError extends Error { status = 503; headers = new Headers({a: "1"}); }
     const subject = () => { throw new HttpError("down") }`,
    {
      "e instanceof HttpError": true,
      "e.status": 503,
      "e.message": "down",
      "String(e.headers)": "[a Headers, which did not travel]",
      "e.headers.reason": "cannot ship the error: .headers is a Headers; create it inside the task",
      "Object.keys(e)": ["status", "headers"],
    },
  ],
  [
    "fields of fields: a socket among plain records, lists and maps",
    `import net from "node:net";
     const subject = () => {
       const socket = new net.Socket();
       throw Object.assign(new RangeError("a"), {
         request: socket, response: {status: 404, request: socket, tried: [1, socket, 2]},
         byName: new Map([["s", socket], ["n", 1]]), again: {socket},
       });
     }`,
    {
      "e instanceof RangeError": true,
      "e.response.status": 404,
      "String(e.response.request)":
        "[a net.Socket (an operating-system handle), which did not travel]",
      "[e.response.tried[0], e.response.tried[2]]": [1, 2],
      "e.byName.get('n')": 1,
      "new Set([e.request, e.response.request, e.response.tried[1], e.byName.get('s'), e.again.socket]).size": 1,
    },
  ],
  [
    "an object of a class that can't travel, whole",
    `class Keeper { #held = new WeakMap(); name = "k" }
     const subject = () => { throw Object.assign(new Error("a"), {keeper: new Keeper(), list: [new Promise(() => {})]}) }`,
    {
      "e.message": "a",
      "e.keeper.name": "k",
      "String(e.list[0])": "[a Promise, which did not travel]",
    },
  ],
  [
    "a function that captures what can't travel, whole",
    `const subject = () => {
       const weak = new WeakMap(), state = {n: 1, weak};
       throw Object.assign(new Error("a"), {again: () => state.n, fine: (x: number) => x + 1, weak});
     }`,
    {
      "String(e.again)": "[a function (`again`), which did not travel]",
      "e.again.reason":
        "cannot ship the error: .again → function `again` → captured variable `state` → .weak is a WeakMap; pass the objects themselves",
      "e.fine(1)": 2,
      "String(e.weak)": "[a WeakMap, which did not travel]",
    },
  ],
  [
    "a function whose variable was lost before it",
    `const subject = () => {
       const weak = new WeakMap();
       throw Object.assign(new Error("a"), {weak, again: () => weak.get({})});
     }`,
    {"String(e.again)": "[a function (`again`), which did not travel]"},
  ],
  [
    "an AggregateError, and errors in fields, each for itself",
    `class Odd extends Error { constructor(readonly made: {by: () => string}) { super(made.by()); } }
     const subject = () => {
       const one = Object.assign(new TypeError("one"), {weak: new WeakSet()});
       throw Object.assign(new AggregateError([one, new Odd({by: () => "odd"}), 3], "all"), {last: one});
     }`,
    {
      "e instanceof AggregateError": true,
      "e.errors[0] instanceof TypeError": true,
      "e.errors[0].message": "one",
      "String(e.errors[0].weak)": "[a WeakSet, which did not travel]",
      "e.errors[1] instanceof Odd": true,
      "e.errors[1].message": "odd",
      "e.errors[1].made.by()": "odd",
      "e.errors[2]": 3,
      "e.last === e.errors[0]": true,
    },
  ],
  [
    "a chain of causes, and one that goes in a circle",
    `class Deep extends Error { code = "E_DEEP"; socket = new WeakRef({}); }
     const subject = () => {
       const first = new Error("first"), last = new Deep("last", {cause: first});
       first.cause = last;
       throw new SyntaxError("top", {cause: last});
     }`,
    {
      "e instanceof SyntaxError": true,
      "e.cause instanceof Deep": true,
      "e.cause.code": "E_DEEP",
      "e.cause.cause.message": "first",
      "e.cause.cause.cause === e.cause": true,
    },
  ],
  [
    "a DOMException with a field",
    `const subject = () => { throw Object.assign(new DOMException("m", "AbortError"), {weak: new WeakMap(), n: 1}) }`,
    {
      "e instanceof DOMException": true,
      "[e.name, e.code, e.message, e.n]": ["AbortError", 20, "m", 1],
      "String(e.weak)": "[a WeakMap, which did not travel]",
    },
  ],
  [
    "getters: of the class, its own, and one that can't travel",
    `class Got extends Error { code = 3; get double() { return this.code * 2; } }
     const subject = () => {
       const weak = new WeakMap();
       throw Object.defineProperties(new Got("a"), {
         own: {get() { return this.code + 1; }, enumerable: true},
         lost: {get() { return weak; }, set(value) {}, enumerable: true},
         late: {get() { return weak.has({}) ? 1 : {code: this.code}; }},
         thrown: {get() { weak.get({}); throw new Error("never"); }},
         bad: {get() { throw new Error("never ask"); }},
       });
     }`,
    {
      "[e.double, e.own]": [6, 4],
      "String(e.lost)": "[a WeakMap, which did not travel]",
      "e.late": {code: 3},
      "[String(e.thrown), e.thrown.reason]": [
        "[a function (`get`), which did not travel]",
        "never",
      ],
      "e instanceof Got": true,
    },
  ],
  [
    "an error whose message and stack can't be read",
    `class Shy extends Error { get message() { throw new Error("no"); } code = 1 }
     const subject = () => { throw new Shy() }`,
    {"e instanceof Shy": true, "e.code": 1},
  ],
  [
    "a frozen error, which stays one",
    `class Cold extends Error { code = 7; inner = Object.freeze(Object.assign(new Error("in"), {weak: new WeakMap()})) }
     const subject = () => { throw Object.freeze(new Cold("a")) }`,
    {
      "e instanceof Cold": true,
      "[e.code, e.message, e.inner.message]": [7, "a", "in"],
      "[Object.isFrozen(e.inner), Object.isExtensible(e)]": [true, false],
      "String(e.inner.weak)": "[a WeakMap, which did not travel]",
    },
  ],
  [
    "an error with private fields and a constructor that can't be called",
    `class Locked extends Error {
       #n; #weak = new WeakMap();
       constructor({need: {this: n}}) { super("locked " + n.toFixed()); this.#n = n; }
       get n() { return this.#n; }
       get weak() { return this.#weak; }
     }
     const subject = () => { throw new Locked({need: {this: 5}}) }`,
    {
      "e instanceof Locked": true,
      "[e.n, e.message]": [5, "locked 5"],
      "String(e.weak)": "[a WeakMap, which did not travel]",
    },
  ],
  [
    "what is thrown and is no error",
    `const subject = () => { throw {n: 1, weak: new WeakMap()} }`,
    {"e.cause.n": 1, "String(e.cause.weak)": "[a WeakMap, which did not travel]"},
  ],
  [
    "what was plain in a lost part",
    `class Failed extends Error { response = new Response("x", {status: 404}); request = new Request("http://a/b", {method: "PUT"}); }
     const subject = () => { throw new Failed("a") }`,
    {
      "[e.response.status, e.response.ok, e.request.method, e.request.url]": [
        404,
        false,
        "PUT",
        "http://a/b",
      ],
      "[e.response.kind, String(e.request)]": ["a Response", "[a Request, which did not travel]"],
    },
  ],
  [
    "an error of another realm",
    `import vm from "node:vm"; const subject = () => vm.runInNewContext("throw Object.assign(new RangeError('far'), {code: 1})");`,
    {"e instanceof RangeError": true, "[e.message, e.code, e.name]": ["far", 1, "RangeError"]},
  ],
  [
    "many parts",
    `const subject = () => {
       const errors = Array.from({length: 300}, (_, n) => Object.assign(new Error("n" + n), {weak: new WeakMap(), n}));
       throw new AggregateError(errors);
     }`,
    {
      "e.errors.map((error) => error.n).at(-1)": 299,
      "String(e.errors[299].weak)": "[a WeakMap, which did not travel]",
    },
  ],
];

describe("an error that holds what can't travel loses that alone", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  before(() => (elsewhere = new Elsewhere()));
  after(() => elsewhere.end());

  for (const [name, cell, seen] of rows)
    test(name, async () => {
      const subject = (await runCell(cell)) as AnyFunction;
      const error: unknown = await elsewhere.run(subject).then(
        () => assert.fail("nothing was thrown"),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof TaskError);
      assert.equal(error.place.pid, elsewhere.pid);
      (globalThis as Record<string, unknown>).arrived = error;
      for (const [text, wanted] of Object.entries(seen))
        assert.deepEqual(await runCell(`var e: any = globalThis.arrived`, text), wanted, text);
    });
});

describe("what stands for a part", () => {
  const sent = () => decodeError(encodeError(Object.assign(new Error("a"), {weak: new WeakMap()})));

  test("travels on", () => {
    const again = decodeError(encodeError(sent())) as Error & {weak: LeftBehind};
    assert.ok(again.weak instanceof LeftBehind);
    assert.equal(again.weak.kind, "a WeakMap");
    assert.match(again.weak.reason, /\.weak is a WeakMap/);
  });
  test("shows what it stands for", () => {
    assert.match(inspect(sent()), /weak: \[a WeakMap, which did not travel\]/);
  });
  test("is in errors alone: any other value is refused, whole", () => {
    assert.throws(() => encode({weak: new WeakMap()}, "it"), CannotShipError);
    const weak = new WeakMap();
    const error = Object.assign(new Error("a"), {weak});
    assert.throws(() => encode([error, weak], "it"), CannotShipError);
    assert.throws(() => encode([error, () => weak], "it"), CannotShipError);
  });
  test("is in errors that are returned or passed, too", () => {
    const cause = Object.assign(new Error("in"), {weak: new WeakMap()});
    const settled = [{status: "rejected", reason: new TypeError("a", {cause})}];
    for (const {frames} of [encode(settled, "it"), encodeResult(settled, "f")]) {
      const [{reason}] = decode(frames) as [{reason: Error & {cause: {weak: unknown}}}];
      assert.ok(reason instanceof TypeError);
      assert.ok(reason.cause.weak instanceof LeftBehind);
    }
  });
});

describe("an error of a class of Node's own", () => {
  test("that has no name outside is one of the class above, under its name", async () => {
    const error = await fetch("http://127.0.0.1:2/").catch((thrown: unknown) => thrown);
    const arrived = decodeError(encodeError(error)) as Error & {cause: NodeJS.ErrnoException};
    assert.ok(arrived instanceof TypeError);
    assert.equal(arrived.message, "fetch failed");
    assert.equal(arrived.cause.code, "ECONNREFUSED");
  });
});
