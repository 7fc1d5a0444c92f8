// Classes shipped to another process, where an instance of each stays and answers calls: what an
// actor has of its class. The answers must be those of an instance here.
import assert from "node:assert/strict";
import {after, before, describe, test} from "node:test";
import {SequentialBackend} from "../../../cluster/backends/sequential.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {CannotShipError} from "../../../cluster/errors.js";
import {get, remote, type ObjectRef} from "../../../cluster/index.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {runCell} from "./cells.js";
import {type AnyClass, Elsewhere} from "./elsewhere.js";
import {Shape} from "./local-module.js";

type Instance = Record<string, (...args: unknown[]) => unknown>;
type Calls = [method: string, ...args: unknown[]][];

const cases: {name: string; cells: string; args?: unknown[]; calls: Calls}[] = [
  {
    name: "31 an actor's state persists between its calls",
    cells: `class Subject { constructor(start) { this.n = start } add(k) { return this.n += k } }`,
    args: [10],
    calls: [
      ["add", 1],
      ["add", 2],
      ["add", 3],
    ],
  },
  {
    name: "31 private members, accessors and statics persist",
    cells: `class Subject { #n = 1; static #made = 0; static all = []; accessor last = 0; constructor() { Subject.#made++ } get double() { return 2 * this.#n } set double(x) { this.#n = x / 2 } go(k) { this.double = k; this.last = this.#n; Subject.all.push(k); return [this.double, this.last, Subject.#made, Subject.all.length] } }`,
    calls: [
      ["go", 4],
      ["go", 6],
    ],
  },
  {
    name: "31 captured variables, and functions that share them, persist",
    cells: `let calls = 0; const note = () => ++calls; class Subject { go() { calls += 10; return note() } }`,
    calls: [["go"], ["go"]],
  },
  {
    name: "31 what it inherits, from a class of another cell too",
    cells: `class Root { log = ["root"]; say(x) { this.log.push(x); return this.log.join() } } class Subject extends Root { say(x) { return super.say(x + "!") } }`,
    calls: [
      ["say", "a"],
      ["say", "b"],
    ],
  },
  {
    name: "31 decorated classes and methods",
    cells: `let count = 0; const counted = (method) => function (...args) { count++; return method.apply(this, args) }; const tagged = (cls) => class extends cls { tag() { return "tagged" } }; @tagged class Subject { @counted go() { return count } }`,
    calls: [["go"], ["go"], ["tag"]],
  },
  {
    name: "31 asynchronous methods and what they await",
    cells: `class Subject { list = []; async add(x) { await null; this.list.push(x); return this.list.length } }`,
    calls: [
      ["add", 1],
      ["add", 2],
    ],
  },
  {
    name: "31 arguments that are instances of its own class, or of others",
    cells: `class Other { constructor(n) { this.n = n } } class Subject { static seen = 0; n = 1; meet(it) { Subject.seen++; return [it instanceof Subject, it instanceof Other, it.n, Subject.seen] } make() { return new Other(5).n } }`,
    calls: [["meet", {n: 1}], ["make"], ["meet", {n: 2}]],
  },
];

test("functions in the fields of a cell's class are methods of its actors", async () => {
  const cls = (await runCell(
    `let q = 1; class Fielded { #x = 1; up = (k) => k + q + this.#x; later = async () => 1; n = 3 }`,
    "Fielded",
  )) as AnyClass;
  setAmbient({backend: new SequentialBackend()});
  const c = remote(cls).remote() as unknown as {up: {remote(k: number): ObjectRef<number>}};
  assert.deepEqual(Object.keys(c), ["up", "later"]);
  assert.equal(await get(c.up.remote(5)), 7);
});

describe("the class of an actor, shipped to another process", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  before(() => (elsewhere = new Elsewhere()));
  after(() => elsewhere.end());

  for (const {name, cells, args = [], calls} of cases) {
    test(name, async () => {
      const cls = (await runCell(cells, "Subject")) as AnyClass;
      await elsewhere.make(cls, ...args);
      const there: unknown[] = [];
      for (const [method, ...given] of calls) there.push(await elsewhere.call(method, ...given));
      const local = new cls(...(args as never[])) as Instance;
      const here: unknown[] = [];
      for (const [method, ...given] of calls) here.push(await local[method]!(...given));
      assert.deepEqual(there, here);
    });
  }

  test("a class of a plain program, with what its module has", async () => {
    await elsewhere.make(Shape as never, 3);
    assert.equal(
      await elsewhere.call("area"),
      new (Shape as never as new (n: number) => {area(): number})(3).area(),
    );
    assert.equal(Shape.made, 1);
  });

  test("54 an actor's handle goes along with a function that captures it", async () => {
    setAmbient({backend: new SequentialBackend()});
    const c = remote(
      class Counter {
        add(k: number) {
          return k;
        }
      },
    ).remote();
    const {refs} = capture(() => c);
    assert.equal(refs.length, 1);
    const shows = async () => [String(c), typeof c.add.remote, Object.keys(c)];
    assert.deepEqual(await elsewhere.run(shows), await shows());
  });

  test("what an actor's class can't take along is refused with its path", async () => {
    const cls = (await runCell(
      `const held = {it: new WeakRef({})}; class Counter { go() { return held } }`,
      "Counter",
    )) as AnyClass;
    setAmbient({backend: new SequentialBackend()});
    assert.throws(
      () => remote(cls).remote(),
      (error: unknown) => {
        assert(error instanceof CannotShipError, String(error));
        assert.match(
          error.message,
          /^cannot ship `Counter`: captured variable `held` → \.it is a WeakRef/,
        );
        return true;
      },
    );
  });
});
