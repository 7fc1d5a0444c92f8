import assert from "node:assert/strict";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {decodeError, encodeError} from "../../../cluster/codec/codec.js";
import {asTaskError, TaskError} from "../../../cluster/errors.js";
import {sources} from "../../../cluster/shipping/source/thunk.js";
import {
  codeFrame,
  describe,
  DiagnosticsError,
  failureOf,
} from "../../../kernel/display/traceback.js";

const cell = "const one = 1;\nfail(one);\n";
const map = {version: 3, sources: ["Cell In[3]"], sourcesContent: [cell], names: [], mappings: ""};
sources.set("Cell In[3]", {code: "", map: JSON.stringify(map)});

test("a traceback ends with the code that failed", () => {
  const error = new RangeError("too far");
  error.stack = "RangeError: too far\n    at Cell In[3]:2:1";
  const {ename, evalue, traceback} = failureOf(error);
  assert.deepEqual([ename, evalue], ["RangeError", "too far"]);
  assert.equal(
    traceback.join("\n"),
    "RangeError: too far\n    at Cell In[3]:2:1\n\n" +
      "  1 | const one = 1;\n> 2 | fail(one);\n    | ^\n  3 |",
  );
});

test("an error of a local file ends with the code of that file", () => {
  const folder = mkdtempSync(join(tmpdir(), "with space-"));
  try {
    const file = join(folder, "helper.mjs");
    writeFileSync(file, "\nthrow new Error('in a file');\n");
    const error = new Error("in a file");
    error.stack = `Error: in a file\n    at f (file://${file}:2:7)\n    at Cell In[3]:2:1`;
    const end = `\n${file}\n  1 |\n> 2 | throw new Error('in a file');\n    |       ^\n  3 |`;
    assert.ok(failureOf(error).traceback.join("\n").endsWith(end));
    error.stack = `Error: in a file\n    at f (${file}.gone:2:7)\n    at Cell In[3]:2:1`;
    assert.match(failureOf(error).traceback.join("\n"), /> 2 \| fail\(one\);/);
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test("a missing package comes with the magic that installs it", () => {
  for (const [name, expected] of [
    ["lodash", "%npm install lodash"],
    ["@scope/name/part", "%npm install @scope/name"],
    ["./local.js", undefined],
    ["node:nothing", undefined],
  ] as const) {
    const error = Object.assign(new Error(`Cannot find module '${name}'`), {
      code: "MODULE_NOT_FOUND",
    });
    const told = /%npm install [^\s`]+/.exec(failureOf(error).traceback.join("\n"))?.[0];
    assert.equal(told, expected, name);
  }
});

test("a task's error says where the task ran", () => {
  const error = new TypeError("no");
  error.stack = "TypeError: no\n    at f (Cell In[9]:1:1)";
  const place = {fn: "f", task: "t", pid: 12, node: "n1"};
  const {traceback} = failureOf(asTaskError(error, place, error.stack));
  assert.deepEqual(traceback.slice(-1), ["in the task f, on n1 (pid 12)"]);
});

test("an error keeps the task that threw it on its way through outer ones", () => {
  const place = {fn: "inner", task: "t1", pid: 12, node: "n1"};
  const once = decodeError(encodeError(new RangeError("deep"), place));
  const twice = decodeError(encodeError(once, {...place, fn: "outer", task: "t2", pid: 13}));
  assert(twice instanceof TaskError);
  assert.deepEqual(twice.place, place);
  assert.equal(twice.remoteStack, (once as TaskError).remoteStack);
});

test("neither the library's own frames nor what joins them are shown", () => {
  const own = new URL("../../../cluster/api/objects.js", import.meta.url).href;
  const error = new Error("late");
  error.stack =
    `Error: late\n    at async fetchAll (${own}:9:9)\n` +
    "    at async Promise.all (index 0)\n    at async Cell In[3]:2:1";
  assert.deepEqual(describe(error).split("\n").slice(0, 3), [
    "Error: late",
    "    at async Cell In[3]:2:1",
    "",
  ]);
});

test("causes and own fields are shown", () => {
  const error = Object.assign(new Error("outer", {cause: new Error("inner")}), {code: "E42"});
  const text = failureOf(error).traceback.join("\n");
  assert.match(text, /\[cause\]: Error: inner/);
  assert.match(text, /code: 'E42'/);
});

test("what is no error is shown as it is", () => {
  assert.deepEqual(failureOf({a: 1}), {
    ...{status: "error", ename: "Uncaught", evalue: "{ a: 1 }"},
    traceback: ["Uncaught { a: 1 }"],
  });
});

test("an error that can't be inspected is shown all the same", () => {
  const error = new Error("odd");
  Object.defineProperty(error, "name", {value: Symbol("name")});
  Object.defineProperty(error, Symbol.for("nodejs.util.inspect.custom"), {
    value: () => {
      throw new Error("no");
    },
  });
  assert.equal(failureOf(error).evalue, "odd");
});

test("each diagnostic has its place and its line of code", () => {
  const at = {line: 2, column: 6, length: 3, code: 2304, message: "Cannot find name 'one'."};
  const {ename, evalue, traceback} = failureOf(new DiagnosticsError("Cell In[4]", cell, [at]));
  assert.equal(ename, "TypeScriptError");
  assert.equal(evalue, "Cell In[4]:2:6 - TS2304: Cannot find name 'one'.");
  assert.match(traceback[0]!, /> 2 \| fail\(one\);\n {4}\| {6}\^\^\^/);
});

test("a frame's mark stays within its line", () => {
  assert.equal(codeFrame("ab", 1, 2, 50), "> 1 | ab\n    |  ^");
});

test("frames of the kernel and the cluster, and what stands between them, are not shown", () => {
  const own = new URL("../../../cluster/api/objects.js", import.meta.url).href;
  const error = new Error("no");
  error.stack = [
    "Error: no",
    `    at decodeAll (${own}:1:2)`,
    "    at Array.map (<anonymous>)",
    `    at async ${own}:3:4`,
    "    at Array.map (<anonymous>)",
    "    at outer (Cell In[3]:3:9)",
    "    at Array.map (<anonymous>)",
    "    at node:internal/process/task_queues:95:5",
  ].join("\n");
  const shown = describe(error);
  const [first, ...frames] = shown.split("\n");
  assert.equal(first, "Error: no");
  assert.deepEqual(frames.slice(0, 2), [
    "    at outer (Cell In[3]:3:9)",
    "    at Array.map (<anonymous>)",
  ]);
  assert.doesNotMatch(shown, /decodeAll|node:internal/);
});

test("a flood in an error is cut, and its end said", () => {
  const error = Object.assign(new Error("x".repeat(50_000_000)), {list: Array(1e6).fill({a: [1]})});
  const {evalue, traceback} = failureOf(error);
  assert.match(evalue, /^x+\n… 49,983,616 more characters not shown$/);
  assert(traceback.join("\n").length < 300_000);
  assert(failureOf("y".repeat(50_000_000)).evalue.length < 20_000);
});
