import assert from "node:assert/strict";
import {test} from "node:test";
import {History} from "../../../kernel/protocol/history.js";

const earlier = ["x = 1", "print"].map((input, index) => ({
  ...{session: 1, line: index + 1, input, output: null},
}));
const history = new History(earlier);
for (const [index, input] of ["f()", "let y = 2", "f()"].entries()) history.add(index + 1, input);
history.add(4, "y").output = "2";

const rows: [name: string, request: Record<string, unknown>, answer: unknown[]][] = [
  [
    "tail",
    {hist_access_type: "tail", n: 2},
    [
      [2, 3, "f()"],
      [2, 4, "y"],
    ],
  ],
  ["tail with output", {hist_access_type: "tail", n: 1, output: true}, [[2, 4, ["y", "2"]]]],
  [
    "this session's range",
    {hist_access_type: "range", session: 0, start: 1, stop: 3},
    [
      [2, 1, "f()"],
      [2, 2, "let y = 2"],
    ],
  ],
  [
    "the range of the session before",
    {hist_access_type: "range", session: -1, start: 2},
    [[1, 2, "print"]],
  ],
  [
    "search",
    {hist_access_type: "search", pattern: "*y*"},
    [
      [2, 2, "let y = 2"],
      [2, 4, "y"],
    ],
  ],
  [
    "search for unique inputs",
    {hist_access_type: "search", pattern: "f(?", unique: true},
    [[2, 3, "f()"]],
  ],
  ["search for the last one", {hist_access_type: "search", pattern: "*", n: 1}, [[2, 4, "y"]]],
  ["an unknown access", {hist_access_type: "nonsense"}, []],
];
for (const [name, request, answer] of rows)
  test(`history: ${name}`, () => assert.deepEqual(history.answer(request), answer));
