import assert from "node:assert/strict";
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, test} from "node:test";
import {glob} from "../../../kernel/protocol/glob.js";
import {historyBeside, HistoryFolder} from "../../../kernel/protocol/history-folder.js";
import {History, type Entry} from "../../../kernel/protocol/history.js";

const folders: string[] = [];
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "tasklab-history-"));
  folders.push(path);
  return join(path, "history");
}
after(() => {
  for (const path of folders) rmSync(path, {recursive: true, force: true});
});

const earlier = ["x = 1", "print"].map((input, index) => ({
  ...{session: 1, line: index + 1, input, output: null},
}));
const history = new History({
  session: () => 2,
  sessionSoFar: () => 2,
  // A kernel that began later runs beside this one.
  others: () => [...earlier, {session: 3, line: 1, input: "beside", output: null}],
  add() {},
});
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
  [
    "tail has this session's last",
    {hist_access_type: "tail", n: 5},
    [
      [3, 1, "beside"],
      [2, 1, "f()"],
      [2, 2, "let y = 2"],
      [2, 3, "f()"],
      [2, 4, "y"],
    ],
  ],
  ["tail of none", {hist_access_type: "tail", n: 0}, []],
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
    "a session's range by its number, to its end",
    {hist_access_type: "range", session: 1, start: 1, stop: null},
    [
      [1, 1, "x = 1"],
      [1, 2, "print"],
    ],
  ],
  ["the range of a session that is not there", {hist_access_type: "range", session: 9}, []],
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
  ["a search in earlier sessions", {hist_access_type: "search", pattern: "pr*"}, [[1, 2, "print"]]],
  ["an unknown access", {hist_access_type: "nonsense"}, []],
];
for (const [name, request, answer] of rows)
  test(`history: ${name}`, () => assert.deepEqual(history.answer(request), answer));

test("a tail without a number has ten entries", () => {
  const long = new History({session: () => 1, sessionSoFar: () => 1, others: () => [], add() {}});
  for (let line = 1; line <= 12; line++) long.add(line, `${line}`);
  const tail = long.answer({hist_access_type: "tail"}) as [number, number, string][];
  assert.deepEqual([tail.length, tail[0]], [10, [1, 3, "3"]]);
});

const globs: [pattern: string, matching: string[], others: string[]][] = [
  ["*", ["", "a", "a\nb"], []],
  ["", [""], ["a"]],
  ["a?c", ["abc", "a😀c", "a\nc"], ["ac", "abbc"]],
  ["*b*", ["b", "abc", "\nb\n"], ["ac"]],
  ["a*b*c", ["abc", "aXbYc", "abbcc"], ["acb", "abcd"]],
  ["[a-c]x", ["ax", "cx"], ["dx", "x"]],
  ["[^a-c]x", ["dx"], ["ax", "x"]],
  ["[]a]", ["]", "a"], ["b"]],
  ["[a", [], ["[a", "a"]],
  ["f(1) + $x.*", ["f(1) + $x.y"], ["f(1) + $xzy"]],
  ["a-b", ["a-b"], ["ab"]],
];
test("patterns match whole inputs, as file names", () => {
  for (const [pattern, matching, others] of globs) {
    for (const text of matching) assert.ok(glob(pattern)(text), `${pattern} ${text}`);
    for (const text of others) assert.ok(!glob(pattern)(text), `not ${pattern} ${text}`);
  }
});
test("no pattern takes for ever", () => {
  const started = performance.now();
  assert.ok(!glob("*a".repeat(20) + "*b")("a".repeat(20_000)));
  assert.ok(performance.now() - started < 2_000);
});

/** Entries are appended without being waited for. */
async function entriesOf(path: string, count: number): Promise<Entry[]> {
  for (;;) {
    const entries = new HistoryFolder(path).others();
    if (entries.length >= count) return entries;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("kernels that run at once have sessions of their own, and hear each other's entries", async () => {
  const path = folder();
  const [one, two] = [new HistoryFolder(path), new HistoryFolder(path)];
  assert.deepEqual([one.sessionSoFar(), two.sessionSoFar()], [1, 1]);
  assert.deepEqual([one.session(), two.session(), one.session()], [1, 2, 1]);
  const entry = (session: number, line: number) => ({session, line, input: `${line}`, output: "o"});
  for (let line = 1; line <= 50; line++) {
    one.add(entry(1, line));
    two.add(entry(2, line));
  }
  await entriesOf(path, 100);
  const linesOf = (entries: Entry[]) => entries.map(({line}) => line).sort((a, b) => a - b);
  const all = Array.from({length: 50}, (_, index) => index + 1);
  assert.deepEqual(linesOf(one.others()), all);
  assert.ok(one.others().every(({session}) => session === 2));
  assert.deepEqual(linesOf(two.others()), all);
  one.add(entry(1, 51));
  await entriesOf(path, 101);
  assert.equal(two.others().length, 51);
  assert.equal(new HistoryFolder(path).session(), 3);
});

test("the oldest sessions make room, and what is broken is left out", async () => {
  const path = folder();
  new HistoryFolder(path).session();
  for (let session = 1; session <= 250; session++)
    writeFileSync(join(path, `${session}.jsonl`), '[1,"x",null]\n{oops\n[5]\n[2,"y');
  assert.equal(new HistoryFolder(path).session(), 251);
  assert.equal(readdirSync(path).length, 201);
  const entries = await entriesOf(path, 1);
  assert.equal(entries.length, 200);
  assert.deepEqual(entries[0], {session: 51, line: 1, input: "x", output: null});
});

test("a folder that can't be made disturbs nothing", () => {
  const path = folder();
  writeFileSync(path, "a file");
  const nowhere = new HistoryFolder(path);
  assert.equal(nowhere.session(), 1);
  nowhere.add({session: 1, line: 1, input: "1", output: null});
  assert.deepEqual(nowhere.others(), []);
});

test("history is kept beside the connection file, but not in the machine's temp folder", () => {
  const runtime = folder();
  assert.equal(historyBeside(join(runtime, "kernel.json")), join(runtime, "tasklab-history"));
  assert.equal(historyBeside(join(tmpdir(), "kernel.json")), null);
  const kept = new HistoryFolder(null);
  kept.add({session: kept.session(), line: 1, input: "x", output: null});
  assert.deepEqual(kept.others(), []);
});
