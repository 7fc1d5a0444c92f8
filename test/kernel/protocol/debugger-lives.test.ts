// The debugger and everything else: what waits, what is interrupted, who comes and goes.

import assert from "node:assert/strict";
import {after, before, beforeEach, test} from "node:test";
import type {StackFrame} from "../../../kernel/debugger/dap.js";
import {cell, DebugClient} from "../../support/debug-client.js";
import {JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
let debug: DebugClient;
before(async () => {
  client = await JupyterClient.start();
  debug = new DebugClient(client);
});
after(() => client?.close());
beforeEach(() => debug.restart());

test("while a cell is stopped, everything else is answered, and cells wait", async () => {
  const {id} = await debug.stopIn(cell, 3);
  const waiting = client.execute("'I waited'");
  assert.ok((await client.beat()) < 200);
  const completion = await client.request("shell", "complete_request", {
    ...{code: "Math.ma", cursor_pos: 7},
  });
  assert.deepEqual(completion.content.matches, ["max"]);
  assert.equal(client.about(waiting).length, 0);
  await debug.setBreakpoints(cell);
  await debug.ask("continue");
  assert.equal((await client.finished(id)).result, "9");
  assert.equal((await client.finished(waiting)).result, "'I waited'");
});

test("an interrupt ends a stopped cell; its variables and the debugger are kept", async () => {
  const {id} = await debug.stopIn("let keep = 5;\nwhile (true) {\n  keep++;\n}", 3);
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.finished(id)).reply.content.ename, "InterruptedError");
  assert.deepEqual((await debug.ask<{stoppedThreads: number[]}>("debugInfo")).stoppedThreads, []);
  assert.equal((await client.run("keep > 4")).result, "true");
  const again = await debug.stopIn(cell, 6);
  await debug.ask("continue");
  assert.equal((await client.finished(again.id)).result, "9");
});

test("a loop that was stopped in can be interrupted when it goes on", async () => {
  const {id} = await debug.stopIn(
    "let turn = 0;\nconsole.log('now');\nwhile (true) turn = (turn + 1) % 7;",
    2,
  );
  await debug.ask("continue");
  await client.until("now", () => client.about(id).some(({type}) => type === "stream"));
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.finished(id)).reply.content.ename, "InterruptedError");
});

test("a client that comes later finds the stop, and one that leaves lets go of it", async () => {
  const {id} = await debug.stopIn(cell, 6);
  const {stoppedThreads, isStarted} = await debug.ask<{
    stoppedThreads: number[];
    isStarted: boolean;
  }>("debugInfo");
  assert.deepEqual([stoppedThreads, isStarted], [[1], true]);
  await debug.ask("initialize");
  await debug.ask("attach");
  const {stackFrames} = await debug.ask<{stackFrames: StackFrame[]}>("stackTrace", {threadId: 1});
  assert.equal(stackFrames.length, 1);
  await debug.ask("disconnect");
  assert.equal((await client.finished(id)).result, "9");
  assert.equal((await client.run(cell)).result, "9");
});

test("what is no request of a debugger fails in words", async () => {
  const cases: [command: unknown, given: unknown, message: RegExp][] = [
    ["fly", {}, /unknown command: fly/],
    [7, {}, /bad request: its command is no string/],
    ["next", {}, /nothing is stopped/],
    ["scopes", {frameId: 99}, /unknown frameId: 99/],
    ["variables", {}, /unknown variablesReference: undefined/],
    ["setBreakpoints", {}, /the source has no path/],
    ["dumpCell", {code: null}, /the cell's code is no string/],
    ["evaluate", {}, /the expression is no string/],
    ["source", [], /its arguments are no object/],
  ];
  for (const [command, given, message] of cases) {
    const {success, message: told = ""} = await debug.request(command as string, given as object);
    assert.equal(success, false);
    assert.match(told, message);
  }
  await debug.request("disconnect");
  assert.match(
    (await debug.request("threads")).message!,
    /the debugger is not started; initialize it first/,
  );
  assert.equal((await client.run("1 + 1")).result, "2");
});

test("code runs as fast while a debugger is attached, and after it has gone", async () => {
  await debug.request("disconnect");
  await client.run(`function turns() {
    const from = performance.now();
    let sum = 0;
    for (let i = 0; i < 3e7; i++) sum += i % 7;
    return performance.now() - from;
  }`);
  const took = async () => Number((await client.run("Math.min(turns(), turns(), turns())")).result);
  const before = await took();
  await debug.ask("initialize");
  const attached = await took();
  await debug.ask("disconnect");
  const after = await took();
  assert.ok(Math.max(attached, after) < before * 3, `${before}, ${attached}, ${after} ms`);
});

test("the kernel ends while a cell is stopped", async () => {
  await debug.stopIn(cell, 3);
  assert.equal(await client.shutdown(), 0);
});
