import assert from "node:assert/strict";
import test from "node:test";
import {keptTailChars, Lines, maxPipeChars} from "../../../cluster/io/worker/child-pipes.js";

function collected() {
  const told: string[] = [];
  return {told, lines: new Lines((text) => told.push(text))};
}

test("what a child prints is told in whole lines, and the rest when it has ended", () => {
  const {told, lines} = collected();
  for (const text of ["one\ntw", "o\n", "thr", "ee"]) lines.add(text);
  assert.deepEqual(told, ["one\n", "two\n"]);
  lines.flush();
  assert.deepEqual(told, ["one\n", "two\n", "three"]);
  lines.end();
  assert.equal(told.length, 3);
});

test("a line without an end is told in pieces, and no other line is cut", () => {
  const {told, lines} = collected();
  lines.add(`one\ntwo\n${"x".repeat(10)}`);
  lines.add("y".repeat(100_000));
  lines.add("z\n");
  assert.deepEqual(
    told.map((text) => text.length),
    [8, 100_010, 2],
  );
});

test("of a flood the beginning and the end are told, and how much is not", () => {
  const {told, lines} = collected();
  const line = `${"x".repeat(99)}\n`;
  const count = 100_000;
  for (let i = 0; i < count; i++) lines.add(line);
  lines.add("the end\n");
  lines.end();
  const text = told.join("");
  assert.ok(text.length < maxPipeChars + 3 * keptTailChars, `${text.length}`);
  const [, leftOut = ""] = /… ([\d,]+) lines not shown …\n/.exec(text) ?? [];
  const shown = text.split("\n").filter((one) => one.startsWith("xx")).length;
  assert.equal(Number(leftOut.replaceAll(",", "")) + shown, count);
  assert.match(text, /x\nthe end\n$/);
});
