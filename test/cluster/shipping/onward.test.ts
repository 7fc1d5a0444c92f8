// A function that was shipped can be shipped on, with what it captures there.

import assert from "node:assert/strict";
import {after, before, describe, test} from "node:test";
import {capture} from "../../../cluster/shipping/capture.js";
import {revive} from "../../../cluster/shipping/revive.js";
import {runCell} from "./cells.js";
import {Elsewhere} from "./elsewhere.js";

type AnyFunction = (...args: unknown[]) => unknown;

describe("a function that was shipped", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  before(() => (elsewhere = new Elsewhere()));
  after(() => elsewhere.end());

  /** As in a worker that submits a task: revived here, then shipped again. */
  async function shippedTwice(cell: string, ...args: unknown[]): Promise<unknown> {
    const first = await revive(capture((await runCell(cell)) as AnyFunction).code);
    return elsewhere.run(first, ...args);
  }

  test("can be shipped on", async () => {
    assert.equal(
      await shippedTwice(
        `const k = 3; const twice = (x) => x * k; const subject = (x) => twice(x)`,
        4,
      ),
      12,
    );
  });
  test("can be shipped on when it is a class with statics", async () => {
    const cell = `class A { static n = 1; hi() { return "a" + A.n } } class B extends A { hi() { return super.hi() + "b" } } const subject = () => new B().hi()`;
    assert.equal(await shippedTwice(cell), "a1b");
  });
  test("ships closures that it makes itself", async () => {
    const make = await revive(
      capture(
        (await runCell(
          `const base = 10; const subject = (n) => (x) => base + n + x`,
        )) as AnyFunction,
      ).code,
    );
    assert.equal(await elsewhere.run(make(1) as AnyFunction, 2), 13);
  });
  test("brings private state along, both ways", async () => {
    const cell = `class Base { #made = [1]; grow() { this.#made.push(this.#made.length + 1); return this } seen() { return [...this.#made] } } class Purse extends Base { #coins = 3; static #all = 0; spend() { this.#coins--; Purse.#all++; return this.grow() } left() { return [this.#coins, Purse.#all, ...this.seen()] } }
      const purse = new Purse().spend(); const subject = () => purse.spend()`;
    const back = (await shippedTwice(cell)) as {left(): unknown; spend(): typeof back};
    assert.ok(back instanceof ((await runCell(``, "Purse")) as new () => object));
    assert.deepEqual(back.left(), [1, 1, 1, 2, 3]);
    assert.deepEqual(back.spend().left(), [0, 2, 1, 2, 3, 4]);
  });
  test("shares its variables with the others once more", async () => {
    const cell = `let tally = 1; const make = () => { let n = 0; return [() => { tally++; return ++n }, () => n] }; const [inc, read] = make(); const [inc2, read2] = make();
      const all = () => tally; const subject = () => { inc(); inc(); inc2(); return [read(), read2(), all(), tally] }`;
    assert.deepEqual(await shippedTwice(cell), [2, 1, 4, 4]);
  });
  test("shares them with closures that were made there", async () => {
    const cell = `let level = 0; const raise = () => ++level; const subject = () => { let own = 0; return Object.assign(() => [raise(), level, ++own], {own: () => own}) }`;
    const make = await revive(capture((await runCell(cell)) as AnyFunction).code);
    const made = make() as AnyFunction;
    (await runCell(`const subject = (f) => [f(), f(), f.own()]`)) as AnyFunction;
    const call = (await runCell(``, "subject")) as AnyFunction;
    assert.deepEqual(await elsewhere.run(call, made), [[1, 1, 1], [2, 2, 2], 2]);
  });
  test("still has the lines of its cell in stacks", async () => {
    const cell = `const subject = () => {\n  const inner = () => {\n    throw new Error("far");\n  };\n  return inner;\n}`;
    const make = await revive(capture((await runCell(cell)) as AnyFunction).code);
    const error = await elsewhere.run(make() as AnyFunction).then(
      () => assert.fail("nothing was thrown"),
      (thrown: unknown) => thrown as {remoteStack: string},
    );
    assert.match(error.remoteStack, /at inner \(Cell In\[\d+\]:3:11\)/);
  });
});
