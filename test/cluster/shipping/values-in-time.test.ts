import assert from "node:assert/strict";
import {after, before, describe, test} from "node:test";
import {capture} from "../../../cluster/shipping/capture.js";
import {runCell} from "./cells.js";
import {Elsewhere} from "./elsewhere.js";

type AnyFunction = (...args: unknown[]) => unknown;
const cell = async (text: string): Promise<AnyFunction> => (await runCell(text)) as AnyFunction;

describe("captured values", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  before(() => (elsewhere = new Elsewhere()));
  after(() => elsewhere.end());

  test("that a task changes are not changed for the next one", async () => {
    const counter = await cell(`let count = 0; const subject = () => ++count`);
    assert.deepEqual([await elsewhere.run(counter), await elsewhere.run(counter)], [1, 1]);
    const pusher = await cell(
      `const list = []; const subject = (x) => { list.push(x); return list.length }`,
    );
    assert.deepEqual([await elsewhere.run(pusher, 1), await elsewhere.run(pusher, 2)], [1, 1]);
    const statics = await cell(
      `class K { static n = 0; static level = {x: 1} } const subject = () => [++K.n, ++K.level.x]`,
    );
    assert.deepEqual(
      [await elsewhere.run(statics), await elsewhere.run(statics)],
      [
        [1, 2],
        [1, 2],
      ],
    );
    const own = await cell(
      `function helper() { return ++helper.calls } helper.calls = 0; const subject = () => helper()`,
    );
    assert.deepEqual([await elsewhere.run(own), await elsewhere.run(own)], [1, 1]);
  });

  test("that functions share start anew with each task, also beside classes", async () => {
    const pair = await cell(
      `let shared = 1; const add = () => ++shared; const subject = () => { add(); return [shared, add()] }`,
    );
    assert.deepEqual(await elsewhere.run(pair), [2, 3]);
    assert.deepEqual(await elsewhere.run(pair), [2, 3]);
    const withClass = await cell(
      `let units = 1; class Unit { constructor() { units++ } } const subject = () => { new Unit(); return [units, unitsNow()] }; const unitsNow = () => units`,
    );
    assert.deepEqual(await elsewhere.run(withClass), [2, 2]);
    const later = await cell(
      `class Other { both() { new Unit(); return units } } const subject = () => [new Other().both(), units]`,
    );
    assert.deepEqual(await elsewhere.run(later), [2, 2]);
    assert.deepEqual(await elsewhere.run(withClass), [2, 2]);
    await runCell(`units = 10`);
    assert.deepEqual(await elsewhere.run(later), [11, 11]);
    assert.equal(await runCell(``, "units"), 10);
  });

  test("changed inside of an object are sent anew", async () => {
    const subject = await cell(`const config = {level: 1}; const subject = () => config.level`);
    assert.equal(await elsewhere.run(subject), 1);
    await runCell(`config.level = 2`);
    assert.equal(await elsewhere.run(subject), 2);
  });

  test("of a helper's helper are noticed too", async () => {
    const subject = await cell(
      `let deep = 1; const inner = () => deep; const outer = () => inner(); const subject = () => outer()`,
    );
    assert.equal(await elsewhere.run(subject), 1);
    await runCell(`deep = 5`);
    assert.equal(await elsewhere.run(subject), 5);
    await runCell(`const inner = () => "redefined"`);
    assert.equal(await elsewhere.run(subject), "redefined");
  });

  test("that a function or its prototype was given later are noticed", async () => {
    const subject = await cell(
      `function Maker() {} const subject = () => [subject.level, Maker.level, new Maker().hi?.()]`,
    );
    assert.deepEqual(await elsewhere.run(subject), [undefined, undefined, undefined]);
    await runCell(`subject.level = 1`);
    assert.deepEqual(await elsewhere.run(subject), [1, undefined, undefined]);
    await runCell(`Maker.level = 2`);
    assert.deepEqual(await elsewhere.run(subject), [1, 2, undefined]);
    await runCell(`Maker.prototype.hi = () => 3`);
    assert.deepEqual(await elsewhere.run(subject), [1, 2, 3]);
  });

  test("that did not change give the same parcel, without looking at them again", async () => {
    const subject = await cell(
      `const k = 2; const twice = (x) => x * k; const subject = (x) => twice(x)`,
    );
    assert.equal(capture(subject), capture(subject));
    const other = await cell(`const data = {a: 1}; const subject = () => data`);
    assert.equal(capture(other), capture(other));
  });

  test("a reused array does not arrive with later numbers", async () => {
    const subject = await cell(
      `const buffer = new Float64Array(2000); const subject = () => buffer[0]`,
    );
    const {code} = capture(subject);
    await runCell(`buffer[0] = 7`);
    assert.equal(await elsewhere.runShipped(code), 0);
    assert.equal(await elsewhere.run(subject), 7);
  });
});

describe("classes", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  before(() => (elsewhere = new Elsewhere()));
  after(() => elsewhere.end());

  test("instances come back as instances of the cell's own class", async () => {
    const subject = await cell(
      `class Vec { constructor(x) { this.x = x } twice() { return new Vec(this.x * 2) } } const subject = (v) => v.twice()`,
    );
    const Vec = (await runCell(``, "Vec")) as new (x: number) => {x: number; twice(): unknown};
    const back = (await elsewhere.run(subject, new Vec(4))) as {x: number; twice(): {x: number}};
    assert.ok(back instanceof Vec);
    assert.equal(back.twice().x, 16);
  });

  test("two functions that use one class see one class", async () => {
    const make = await cell(`class Coin { face = 1 } const subject = () => new Coin()`);
    const coin = await elsewhere.run(make);
    const check = await cell(`const subject = (c) => c instanceof Coin`);
    assert.equal(await elsewhere.run(check, coin), true);
  });

  test("redefined are new classes; old instances keep the old one", async () => {
    await cell(
      `class Note { text() { return "old" } } const old = new Note(); const subject = () => {}`,
    );
    const subject = await cell(
      `class Note { text() { return "new" } } const subject = () => [old.text(), new Note().text(), old instanceof Note]`,
    );
    assert.deepEqual(await elsewhere.run(subject), ["old", "new", false]);
  });

  test("see the current values of what they capture", async () => {
    const subject = await cell(
      `let rate = 1; class Bill { total(n) { return n * rate } } const subject = (n) => new Bill().total(n)`,
    );
    assert.equal(await elsewhere.run(subject, 3), 3);
    await runCell(`rate = 2`);
    assert.equal(await elsewhere.run(subject, 3), 6);
  });

  test("defined here are never changed by what comes back", async () => {
    const subject = await cell(
      `class Keep { static n = 1 } const subject = () => { Keep.n = 99; return new Keep() }`,
    );
    await elsewhere.run(subject);
    assert.equal(((await runCell(``, "Keep")) as {n: number}).n, 1);
  });
});
