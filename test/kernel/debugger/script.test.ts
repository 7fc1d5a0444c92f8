// Positions and steps of the debugger, without a V8 that stops: what the compiler emits, and where
// a user would see it.

import assert from "node:assert/strict";
import test from "node:test";
import {hashSeed, murmur2} from "../../../kernel/debugger/cell-paths.js";
import {Script} from "../../../kernel/debugger/script.js";
import {Step, type StepCommand, type Stop} from "../../../kernel/debugger/stepping.js";
import {Compiler} from "../../../kernel/compiler/compile.js";

const cell = `import {sep} from "path";
const factor = 3;
function scale(x: number): number {
  function inner(y: number) {
    return y * factor;
  }
  return inner(x);
}
const twice = (x: number) => x * 2;
class Point {
  x = 1;
}
var last = scale(2);
last + twice(1)`;

let compiler: Compiler | undefined;
function scriptOf(text: string, isDebugged = false): {script: Script; lines: string[]} {
  compiler ??= new Compiler();
  const compiled = compiler.compile(text, 1, {isDebugged});
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const {code, map} = compiled;
  return {
    script: new Script({id: "1", path: "cell.ts", name: "Cell In[1]", code, map}),
    lines: code.split("\n"),
  };
}

test("a position of emitted code is one of the cell, or known to be nobody's", () => {
  const {script, lines} = scriptOf(cell);
  const at = (text: string, more = 0) => {
    const lineNumber = lines.findIndex((line) => line.includes(text));
    return script.place({lineNumber, columnNumber: lines[lineNumber]!.indexOf(text) + more});
  };
  const cases: [text: string, line: number | undefined, isInserted: boolean][] = [
    ["return y * factor", 5, false],
    ["return inner(x)", 7, false],
    ["__tasklab.fn({twice", 9, false],
    ["(last = scale(2))", 13, false],
    ["scale(2)", 13, false],
    ["__tasklab.last = (last", 14, false],
    ["await __tasklab.import", 1, false],
    ["if (__tasklabCall_", 3, true],
    ["__tasklab.fn(inner", 3, true],
  ];
  for (const [text, line, isInserted] of cases) {
    const place = at(text);
    assert.equal(place?.line, line, text);
    if (place) assert.equal(place.isInserted, isInserted, text);
  }
});

test("code that is debugged has no spans", () => {
  assert.doesNotMatch(scriptOf(cell, true).lines.join("\n"), /__tasklabCall/);
});

test("a breakpoint is set on its line, where a function begins on it, or on the next that has code", () => {
  const {script, lines} = scriptOf(cell);
  const possible = ["return y * factor", "return inner(x)", "if (__tasklabCall_", "scale(2)"].map(
    (text) => {
      const lineNumber = lines.findIndex((line) => line.includes(text));
      return {lineNumber, columnNumber: lines[lineNumber]!.indexOf(text)};
    },
  );
  const cases: [asked: number, set: number | undefined][] = [
    [3, 3],
    [4, 5],
    [5, 5],
    [6, 7],
    [8, 13],
    [14, undefined],
  ];
  for (const [asked, set] of cases) assert.equal(script.stopFor(asked, possible)?.line, set);
});

const stop = (line: number, column = 1, depth = 1, isInserted = false): Stop => ({
  ...{script: "1", depth},
  place: {line, column, isInserted},
});
const steps: [name: string, command: StepCommand, stops: Stop[], next: (StepCommand | null)[]][] = [
  ["goes on to another line", "stepOver", [stop(1, 9), stop(2)], ["stepOver", null]],
  ["ends in another call of the same line", "stepInto", [stop(1, 1, 2)], [null]],
  [
    "ends where a loop in one line comes by again",
    "stepOver",
    [stop(1, 9), stop(1)],
    ["stepOver", null],
  ],
  [
    "passes what nobody wrote",
    "stepInto",
    [stop(3, 1, 2, true), stop(4, 1, 2)],
    ["stepOver", null],
  ],
  ["goes on when it comes out in its own line", "stepOut", [stop(1, 9)], ["stepOver"]],
  [
    "leaves code that is nobody's",
    "stepInto",
    [{script: undefined, depth: 2, place: undefined}],
    ["stepOut"],
  ],
];
for (const [name, command, stops, next] of steps)
  test(`a step ${name}`, () => {
    const step = new Step(command, stop(1));
    assert.deepEqual(
      stops.map((stop) => step.next(stop)),
      next,
    );
  });

test("a step that never ends is ended", () => {
  const step = new Step("stepOver", stop(1));
  let steps = 0;
  while (step.next(stop(1, steps + 2)) !== null) steps++;
  assert.ok(steps < 2000);
});

test("texts are hashed as clients hash them", () => {
  // Reckoned by another implementation, in Python's whole numbers.
  const cases: [text: string, seed: number, hash: number][] = [
    ["", 0, 0],
    ["a", 0, 2456313694],
    ["abc", 0, 324500635],
    ["hello world", hashSeed, 3537592377],
    ["let é = '😀';\n", hashSeed, 3192610442],
  ];
  for (const [text, seed, hash] of cases) assert.equal(murmur2(text, seed), hash);
});
