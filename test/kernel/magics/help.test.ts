import assert from "node:assert/strict";
import {test} from "node:test";
import {helpWanted} from "../../../kernel/magics/help.js";

const questions: [cell: string, name: string, detail: 0 | 1][] = [
  ["square?", "square", 0],
  ["?square", "square", 0],
  ["square??", "square", 1],
  ["?? square", "square", 1],
  ["  Math.max?\n", "Math.max", 0],
  ["?Math.max;", "Math.max", 0],
  ["π?", "π", 0],
  ["_$1?", "_$1", 0],
  ["%time?", "%time", 0],
  ["?%%time", "%%time", 0],
  ["!?", "!", 0],
];
const others = [
  "",
  "a",
  "?",
  "a ? b : c",
  "const a = b?\n1 : 2",
  "a?.b",
  "a?\nb?",
  "f()?",
  "5?",
  "a ??= b",
  "%time f()?",
  "!ls ?",
  "a???",
];

test("a cell that is a name and question marks asks for help", () => {
  for (const [cell, name, detail] of questions)
    assert.deepEqual(helpWanted(cell), {name, detail}, cell);
});
test("what may be TypeScript, or a magic with arguments, asks for none", () => {
  for (const cell of others) assert.equal(helpWanted(cell), null, cell);
});
