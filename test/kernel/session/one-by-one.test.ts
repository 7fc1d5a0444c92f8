// Work of several cells, one after another, when an interrupt may cut off anything.

import assert from "node:assert/strict";
import test from "node:test";
import {OneByOne} from "../../../kernel/session/one-by-one.js";

const never = () => new Promise<never>(() => {});
const live = () => new AbortController().signal;

test("work begins when the work before it has ended, however that ended", async () => {
  const turns = new OneByOne();
  const said: string[] = [];
  let end = () => {};
  const first = turns.run(() => new Promise<void>((go) => (end = go)), live());
  const second = turns.run(() => Promise.reject(new Error("second")), live());
  const third = turns.run(() => Promise.resolve(said.push("third")), live());
  await new Promise(setImmediate);
  assert.deepEqual(said, []);
  end();
  await first;
  await assert.rejects(second, /second/);
  await third;
  assert.deepEqual(said, ["third"]);
});

test("work that is aborted lets the next one begin", async () => {
  const turns = new OneByOne();
  const controller = new AbortController();
  const first = turns.run(never, controller.signal);
  const second = turns.run(() => Promise.resolve(2), live());
  controller.abort(new Error("interrupted"));
  await assert.rejects(first, /interrupted/);
  assert.equal(await second, 2);
});

test("work that was aborted without anybody hearing of it lets the next one begin", async () => {
  const turns = new OneByOne();
  const signal = live();
  void turns.run(never, signal);
  // An interrupt that comes late cuts off the listeners, not the abort itself.
  Object.defineProperty(signal, "aborted", {value: true});
  assert.equal(await turns.run(() => Promise.resolve(2), live()), 2);
});
