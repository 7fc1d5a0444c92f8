import assert from "node:assert/strict";
import {beforeEach, mock, test} from "node:test";
import {keptTailChars, maxCellChars, StreamBuffer} from "../../../kernel/protocol/streams.js";
import type {CellId} from "../../../kernel/threads.js";

const a = "a" as CellId;
const b = "b" as CellId;
let out: string[];
let streams: StreamBuffer;

beforeEach(() => {
  out = [];
  streams = new StreamBuffer((cell, name, text) => out.push(`${cell} ${name} ${text}`));
});

test("text of one kind is joined into one message", () => {
  for (let i = 0; i < 1000; i++) streams.write(a, "stdout", `${i}\n`);
  streams.flush();
  assert.equal(out.length, 1);
  assert.ok(out[0]!.endsWith("998\n999\n"));
});

test("text of two streams and two cells keeps its order", () => {
  streams.write(a, "stdout", "1");
  streams.write(a, "stderr", "2");
  streams.write(b, "stderr", "3");
  streams.write(a, "stdout", "4");
  streams.flush();
  assert.deepEqual(out, ["a stdout 1", "a stderr 2", "b stderr 3", "a stdout 4"]);
});

test("text goes out by itself after a moment", () => {
  mock.timers.enable({apis: ["setTimeout"]});
  try {
    streams.write(a, "stdout", "soon");
    assert.deepEqual(out, []);
    mock.timers.tick(50);
    assert.deepEqual(out, ["a stdout soon"]);
  } finally {
    mock.timers.reset();
  }
});

test("a flood is bounded, its end is kept, and one line says what is not shown", () => {
  const line = `${"x".repeat(99)}\n`;
  for (let i = 0; i < maxCellChars / 50; i++) streams.write(a, "stdout", line);
  streams.write(a, "stdout", "the end\n");
  streams.end(a);
  const shown = out.join("");
  assert.ok(shown.length < maxCellChars + 2 * keptTailChars);
  assert.match(shown, /… 4\d,\d{3} lines not shown/);
  assert.ok(out.at(-1)!.endsWith("the end\n"));
});
