import assert from "node:assert/strict";
import test from "node:test";
import type {TaskOutput} from "../../../cluster/backend.js";
import type {TaskId} from "../../../cluster/ids.js";
import {WorkerOutput} from "../../../kernel/session/worker-output.js";

function collected() {
  const written: string[] = [];
  const output = new WorkerOutput((cell, name, text) => written.push(`${cell} ${name} ${text}`));
  const add = (text: string, more: Partial<TaskOutput> = {}) =>
    output.add({
      cell: "c1",
      fn: "multiply",
      task: "t" as TaskId,
      pid: 123,
      node: "n1",
      name: "stdout",
      text,
      ...more,
    });
  return {written, output, add};
}

test("each line of a worker shows in the submitting cell, with its function and pid", () => {
  const {written, add} = collected();
  add("one\ntwo\n");
  add("three\n", {pid: 124, name: "stderr", cell: "c2"});
  assert.deepEqual(written, [
    "c1 stdout (multiply pid=123) one\n",
    "c1 stdout (multiply pid=123) two\n",
    "c2 stderr (multiply pid=124) three\n",
  ]);
});

test("a line that repeats is shown once and counted, told when the cell ends", () => {
  const {written, output, add} = collected();
  for (let pid = 1; pid <= 4; pid++) add("same\n", {pid});
  add("other\n");
  assert.equal(written.length, 2);
  output.end("c1");
  assert.deepEqual(written.slice(2), ["c1 stdout (multiply) same [repeated 3 more times]\n"]);
  add("same\n");
  assert.equal(written.length, 4, "a later cell begins afresh");
});

test("different lines are never folded, however many", () => {
  const {written, output, add} = collected();
  for (let line = 0; line < 5000; line++) add(`line ${line}\n`);
  output.end("c1");
  assert.equal(written.length, 5000);
});
