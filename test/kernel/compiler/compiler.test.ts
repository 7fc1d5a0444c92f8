// The compiler as a thread, as the kernel starts it. Starts a thread.

import {test} from "node:test";
import assert from "node:assert/strict";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {MessageChannel, Worker} from "node:worker_threads";
import {CompilerClient} from "../../../kernel/compiler/compiler-client.js";
import type {CompilerStart} from "../../../kernel/threads.js";

const entry = new URL("../../../kernel/compiler/compiler.js", import.meta.url);

test("several threads ask the compiler, each on its own port, and a defect is an answer", async () => {
  const one = new MessageChannel();
  const two = new MessageChannel();
  const ports = [one.port2, two.port2];
  const worker = new Worker(entry, {
    workerData: {ports} satisfies CompilerStart,
    transferList: ports,
  });
  try {
    const main = new CompilerClient(one.port1);
    const io = new CompilerClient(two.port1);
    const compile = (code: string, executionCount: number) =>
      main.request({kind: "compile", code, executionCount, options: {}});

    const {result} = await compile("const answer: number = 42", 1);
    assert.ok(result.ok);
    assert.deepEqual(result.names, ["answer"]);
    assert.match(result.code, /sourceURL=Cell%20In\[1\]$/);

    const before = await io.request({kind: "complete", code: "answ", cursor: 4});
    assert.ok(!before.matches.some(({text}) => text === "answer"));
    await main.request({kind: "commit", executionCount: 1});
    const after = await io.request({kind: "complete", code: "answ", cursor: 4});
    assert.ok(after.matches.some(({text}) => text === "answer"));
    const {text} = await io.request({kind: "inspect", code: "answer", cursor: 0, detail: 0});
    assert.equal(text?.plain, "const answer: number");
    const {status} = await io.request({kind: "is-complete", code: "f("});
    assert.equal(status, "incomplete");

    await assert.rejects(
      io.request({kind: "draw", bundle: null as never}),
      /the compiler failed: /,
    );
    const wrong = await compile("answer = 'x'", 2);
    assert.ok(!wrong.result.ok);
    assert.equal(wrong.result.diagnostics[0]?.code, 2588);
  } finally {
    await worker.terminate();
  }
});

test("what is wrong in tsconfig.json is told by the first cell, and not by the warming up", async () => {
  const folder = mkdtempSync(join(tmpdir(), "compiler-"));
  const before = process.cwd();
  writeFileSync(join(folder, "tsconfig.json"), "{");
  process.chdir(folder);
  const {port1, port2} = new MessageChannel();
  const workerData = {ports: [port2]} satisfies CompilerStart;
  const worker = new Worker(entry, {workerData, transferList: [port2]});
  try {
    const compiler = new CompilerClient(port1);
    const compile = (code: string, executionCount: number) =>
      compiler.request({kind: "compile", code, executionCount, options: {}});
    const {result} = await compile("1", 1);
    assert.match(result.notices.join("\n"), /tsconfig\.json:1:2 - .*; cells are checked with the/);
    assert.deepEqual((await compile("2", 2)).result.notices, []);
  } finally {
    await worker.terminate();
    process.chdir(before);
    rmSync(folder, {recursive: true});
  }
});
