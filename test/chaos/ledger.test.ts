import assert from "node:assert/strict";
import {test} from "node:test";
import {judge, readLines, writeLine, type Entry, type Line} from "./ledger.js";

const returned = {atMs: 300, error: null, isRight: true};
const entry: Entry = {id: "t1", retries: 0, mayEndWith: ["WorkerCrashedError"], told: returned};
const run = (pid: number, from: number, to: number, kind?: "tick", id = "t1"): Line[] => {
  const line = {id, pid, life: `${pid}-${from}`};
  return [
    {...line, kind: kind ?? "start", atMs: from},
    {...line, kind: kind ?? "end", atMs: to},
  ];
};

const cases: {name: string; told?: Entry["told"]; retries?: number; lines: Line[]; is: string[]}[] =
  [
    {name: "one run and its value are right", lines: run(1, 100, 200), is: []},
    {name: "a task that nobody hears of is lost", told: null, lines: [], is: ["lost"]},
    {
      name: "a task may end with the loss of its worker",
      told: {atMs: 300, error: "WorkerCrashedError", isRight: false},
      lines: run(1, 100, 200),
      is: [],
    },
    {
      name: "a task that ends with an error of no right is lost",
      told: {atMs: 300, error: "TypeError", isRight: false},
      lines: run(1, 100, 200),
      is: ["lost"],
    },
    {
      name: "another's value is wrong",
      told: {...returned, isRight: false},
      lines: run(1, 100, 200),
      is: ["wrong"],
    },
    {name: "a value of a task that never ran is wrong", lines: [], is: ["wrong"]},
    {
      name: "two runs without a retry are one too many",
      lines: [...run(1, 100, 110), ...run(2, 120, 200)],
      is: ["twice"],
    },
    {
      name: "two runs one after the other are right with a retry",
      retries: 3,
      lines: [...run(1, 100, 110), ...run(2, 120, 200)],
      is: [],
    },
    {
      name: "a run beside its replacement is one too many, whatever the retries",
      retries: 3,
      lines: [...run(1, 100, 130), ...run(2, 120, 200)],
      is: ["twice"],
    },
    {
      name: "a run that goes on after its end was told is one too many",
      told: {atMs: 300, error: "WorkerCrashedError", isRight: false},
      lines: run(1, 100, 5_000),
      is: ["twice"],
    },
    {
      name: "two incarnations one after the other are right",
      lines: [
        ...run(3, 150, 160),
        ...run(1, 100, 200, "tick", "a1"),
        ...run(2, 201, 300, "tick", "a1"),
      ],
      is: [],
    },
    {
      name: "two living incarnations of one actor are one too many",
      lines: [
        ...run(3, 150, 160),
        ...run(1, 100, 200, "tick", "a1"),
        ...run(2, 190, 300, "tick", "a1"),
      ],
      is: ["twice"],
    },
  ];

for (const {name, told = returned, retries = 0, lines, is} of cases) {
  test(`ledger: ${name}`, () => {
    const {lost, wrong, twice} = judge([{...entry, told, retries}], lines);
    const found = Object.entries({lost, wrong, twice}).flatMap(([word, all]) =>
      all.map(() => word),
    );
    assert.deepEqual(found, is);
  });
}

test("ledger: what was written is read, without a last line that was cut off", () => {
  const lines = run(1, 100, 200);
  assert.deepEqual(readLines(`${lines.map(writeLine).join("")}start t9 1`), lines);
});
