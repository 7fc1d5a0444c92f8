import assert from "node:assert/strict";
import {test} from "node:test";
import {CellSizeError, checkSize, maxTokens, reasonOf} from "../../../kernel/compiler/size.js";

test("a cell of more words and signs than TypeScript can check is refused before it is tried", () => {
  checkSize("x;".repeat(maxTokens / 2));
  assert.throws(() => checkSize("x;".repeat(maxTokens / 2 + 1)), CellSizeError);
});

test("a long string is one word", () => {
  checkSize(JSON.stringify("it's long, ".repeat(maxTokens)));
});

const reasons: [name: string, error: unknown, reason: RegExp][] = [
  ["a cell that is too large", new CellSizeError("too large"), /^too large$/],
  ["a stack that is full", overflow(), /^it is nested too deeply/],
  ["a defect, with its stack", new TypeError("x is undefined"), /x is undefined\n +at /],
  ["what is no error", "odd", /^odd$/],
];
for (const [name, error, reason] of reasons)
  test(`the reason of a failed request names ${name}`, () => {
    assert.match(reasonOf(error), reason);
  });

function overflow(): unknown {
  const forever = (): number => 1 + forever();
  try {
    return forever();
  } catch (error) {
    return error;
  }
}
