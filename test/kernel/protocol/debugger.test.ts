// The debugger over real sockets, as a client drives it: DAP in debug_request, on the control channel.

import assert from "node:assert/strict";
import {after, before, beforeEach, test} from "node:test";
import type {
  DapEvent,
  DapResponse,
  Scope,
  StackFrame,
  Variable,
} from "../../../kernel/debugger/dap.js";
import {JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
let sequence = 0;
before(async () => {
  client = await JupyterClient.start();
});
after(() => client?.close());
beforeEach(async () => {
  await dap("disconnect");
  await dap("initialize");
  await dap("attach");
});

async function dap(command: string, given: object = {}): Promise<DapResponse> {
  const request = {type: "request", seq: ++sequence, command, arguments: given};
  return (await client.request("control", "debug_request", request)).content as never;
}
/** The body of a response that must be a success. */
async function ask<Body>(command: string, given: object = {}): Promise<Body> {
  const {success, message, body} = await dap(command, given);
  assert.ok(success, `${command}: ${message}`);
  return body as Body;
}

const events = () => client.received.filter(({type}) => type === "debug_event");
/** Does something and waits for the next `stopped`; gives its body and the stack. */
async function stopAfter(act: () => unknown) {
  const before = events().length;
  act();
  const event = await client.until("stopped", () =>
    events()
      .slice(before)
      .map(({content}) => content as unknown as DapEvent)
      .find(({event}) => event === "stopped"),
  );
  const {stackFrames} = await ask<{stackFrames: StackFrame[]}>("stackTrace", {threadId: 1});
  return {
    ...(event.body as {reason: string; text?: string}),
    frames: stackFrames,
    top: stackFrames[0]!,
  };
}
const places = (frames: StackFrame[]) => frames.map(({name, line}) => `${name}:${line}`);

async function setBreakpoints(code: string, ...lines: number[]) {
  const {sourcePath} = await ask<{sourcePath: string}>("dumpCell", {code});
  const breakpoints = lines.map((line) => ({line}));
  const source = {path: sourcePath};
  const answer = await ask<{breakpoints: {line: number}[]}>("setBreakpoints", {
    source,
    breakpoints,
  });
  return {sourcePath, lines: answer.breakpoints.map(({line}) => line)};
}
/** Runs the cell up to its first breakpoint. */
async function stopIn(code: string, ...lines: number[]) {
  const {sourcePath} = await setBreakpoints(code, ...lines);
  let id = "";
  const stopped = await stopAfter(() => (id = client.execute(code)));
  return {...stopped, id, sourcePath};
}
async function variables(reference: number): Promise<Record<string, Variable>> {
  const answer = await ask<{variables: Variable[]}>("variables", {variablesReference: reference});
  return Object.fromEntries(answer.variables.map((variable) => [variable.name, variable]));
}
async function scopesOf(frame: StackFrame) {
  const {scopes} = await ask<{scopes: Scope[]}>("scopes", {frameId: frame.id});
  return Object.fromEntries(scopes.map(({name, variablesReference}) => [name, variablesReference]));
}

const cell = `const factor = 3;
function scale(x: number): number {
  const scaled = x * factor;
  return scaled;
}
let first = scale(1);
let second = scale(2);
first + second`;

test("a breakpoint stops its cell, which goes on and ends as if nothing had been", async () => {
  const {reason, frames, top, sourcePath, id} = await stopIn(cell, 3);
  assert.equal(reason, "breakpoint");
  assert.deepEqual(
    places(frames).map((place) => place.replace(/\d+\]/, "n]")),
    ["scale:3", "Cell In[n]:6"],
  );
  assert.equal(top.source?.path, sourcePath);
  const again = await stopAfter(() => ask("continue", {threadId: 1}));
  assert.deepEqual(places(again.frames).slice(0, 1), ["scale:3"]);
  await ask("continue", {threadId: 1});
  assert.equal((await client.finished(id)).result, "9");
});

test("steps go by lines of the cell: over, into, out", async () => {
  const {id} = await stopIn(cell, 6);
  const lines: string[] = [];
  for (const command of ["next", "stepIn", "next", "stepOut"]) {
    const {reason, frames} = await stopAfter(() => ask(command, {threadId: 1}));
    assert.equal(reason, "step");
    lines.push(`${frames.length}:${frames[0]!.line}`);
  }
  assert.deepEqual(lines, ["1:7", "2:3", "2:4", "1:8"]);
  await ask("next", {threadId: 1});
  assert.equal((await client.finished(id)).result, "9");
  // The step has ended with its cell.
  assert.equal((await client.run("first * 2")).result, "6");
});

test("variables have scopes, are shown as the kernel shows them and are expanded on demand", async () => {
  const code = `class Point { #secret = 1; constructor(readonly x: number, readonly y: number) {} }
function look(point: Point, names: Map<string, number[]>) {
  const long = Array.from({length: 1234}, (_, index) => index);
  const text = "three";
  return long.length;
}
let origin = new Point(0, 1);
look(origin, new Map([["a", [1, 2]]]))`;
  const {top, id} = await stopIn(code, 5);
  const scopes = await scopesOf(top);
  const locals = await variables(scopes.Locals!);
  const {point, names, long, text} = locals as Record<string, Variable>;
  assert.equal(point!.value, "Point { x: 0, y: 1 }");
  assert.deepEqual([text!.value, text!.variablesReference], ["'three'", 0]);
  const entries = await variables(names!.variablesReference);
  assert.equal(entries.a!.value, "[ 1, 2 ]");
  assert.deepEqual(Object.keys(await variables(entries.a!.variablesReference)), ["0", "1"]);
  const ranges = await variables(long!.variablesReference);
  assert.equal(Object.keys(ranges).length, 13);
  const last = await variables(ranges["1200 … 1233"]!.variablesReference);
  assert.equal(last["1233"]!.value, "1233");
  const globals = await variables(scopes.Globals!);
  assert.equal(globals.origin!.value, "Point { x: 0, y: 1 }");
  assert.equal(globals.__tasklab, undefined);
  await ask("continue");
  assert.equal((await client.finished(id)).result, "1234");
  const gone = await dap("variables", {variablesReference: long!.variablesReference});
  assert.match(gone.message!, /unknown variablesReference: \d+; its values are of the past/);
});

test("expressions are evaluated in a frame, and change what they change", async () => {
  const {top, frames, id} = await stopIn(cell, 4);
  const evaluate = async (expression: string, frame = top) =>
    ask<{result: string}>("evaluate", {expression, frameId: frame.id, context: "repl"});
  assert.equal((await evaluate("scaled + x")).result, "4");
  assert.equal((await evaluate("({scaled, list: [x]})")).result, "{ scaled: 3, list: [ 1 ] }");
  assert.equal((await evaluate("typeof scaled", frames[1])).result, "'undefined'");
  await evaluate("factor = 100");
  const failed = await dap("evaluate", {expression: "nothing.at.all", frameId: top.id});
  assert.equal(failed.message, "ReferenceError: nothing is not defined");
  const endless = await dap("evaluate", {expression: "while (true) {}", frameId: top.id});
  assert.match(endless.message!, /the expression was stopped: it took longer than 3 s/);
  assert.equal((await evaluate("x")).result, "1");
  await setBreakpoints(cell);
  await ask("continue");
  assert.equal((await client.finished(id)).result, "203");
});

test("breakpoints hold in timers, after awaits and in methods and arrow functions", async () => {
  const code = `let seen: number[] = [];
class Counter {
  count = 0;
  async add(n: number) {
    await null;
    this.count += n;
    return this.count;
  }
}
const each = (n: number) => {
  seen.push(n);
};
await new Promise<void>((go) =>
  setTimeout(() => {
    [1].forEach(each);
    go();
  }, 5),
);
await new Counter().add(2)`;
  const {top, id} = await stopIn(code, 7, 11);
  assert.equal(top.line, 11);
  const {top: method} = await stopAfter(() => ask("continue"));
  assert.equal(method.line, 7);
  const {this: self} = await variables((await scopesOf(method)).Locals!);
  assert.equal(self!.value, "Counter { count: 2 }");
  await ask("continue");
  assert.equal((await client.finished(id)).result, "2");
});

test("a breakpoint in an earlier cell's function stops its callers, though it ran before", async () => {
  await dap("disconnect");
  const code = `function earlier(n: number) {\n  const double = n * 2;\n  return double;\n}`;
  await client.run(code);
  await ask("initialize");
  await setBreakpoints(code, 3);
  let id = "";
  const {top, frames} = await stopAfter(() => (id = client.execute("earlier(4)")));
  assert.equal(top.line, 3);
  assert.equal(frames.length, 2);
  await ask("continue");
  assert.equal((await client.finished(id)).result, "8");
});

test("lines without code give way to the next that has some; magics keep their lines", async () => {
  const code = `%time 1\n// nothing here\n\nlet afterMagic = 5;\nafterMagic`;
  const {top, sourcePath, id} = await stopIn(code, 2);
  assert.equal(top.line, 4);
  const info = await ask<{breakpoints: {source: string; breakpoints: object[]}[]}>("debugInfo");
  assert.deepEqual(info.breakpoints.find(({source}) => source === sourcePath)?.breakpoints, [
    {line: 4},
  ]);
  await ask("continue");
  await client.finished(id);
});

test("the path of a cell is known by its text, whoever asks", async () => {
  const {sourcePath} = await ask<{sourcePath: string}>("dumpCell", {code: cell});
  const {tmpFilePrefix, tmpFileSuffix, hashMethod} = await ask<Record<string, string>>("debugInfo");
  assert.equal(hashMethod, "Murmur2");
  assert.ok(sourcePath.startsWith(tmpFilePrefix!) && sourcePath.endsWith(tmpFileSuffix!));
  const {content} = await ask<{content: string}>("source", {source: {path: sourcePath}});
  assert.equal(content, cell);
  assert.match(
    (await dap("source", {source: {path: "/etc/hosts"}})).message!,
    /source unavailable/,
  );
});

test("global variables are listed whether or not anything is stopped or debugged", async () => {
  await dap("disconnect");
  await client.run("let listed = {deep: [1, {x: 2}]}");
  const answer = await ask<{variables: Variable[]}>("inspectVariables");
  const listed = answer.variables.find(({name}) => name === "listed")!;
  assert.equal(listed.value, "{ deep: [ 1, [Object] ] }");
  const {deep} = await variables(listed.variablesReference);
  assert.equal(deep!.value, "[ 1, { x: 2 } ]");
  const {data} = await ask<{data: Record<string, string>}>("richInspectVariables", {
    variableName: "listed",
  });
  assert.match(data["text/plain"]!, /deep/);
  assert.match(data["text/html"]!, /deep/);
});

test("the client can stop what runs, an endless loop too, and let it go on", async () => {
  const id = client.execute(
    "let turns = 0;\nconsole.log('now');\nwhile (turns >= 0) {\n  turns++;\n}\nturns",
  );
  await client.until("now", () => client.about(id).some(({type}) => type === "stream"));
  const {reason, top} = await stopAfter(() => ask("pause", {threadId: 1}));
  assert.equal(reason, "pause");
  assert.ok(top.line === 3 || top.line === 4);
  await ask("evaluate", {expression: "turns = -10", frameId: top.id});
  await ask("continue");
  assert.equal((await client.finished(id)).reply.content.status, "ok");
});

test("errors stop where they are thrown, all of them or those that nobody catches", async () => {
  const code = `function fails() {\n  throw new Error("caught");\n}\ntry { fails() } catch {}\nthrow new Error("not caught");`;
  for (const [filter, expected] of [
    [
      "all",
      [
        ["Error: caught", 2],
        ["Error: not caught", 5],
      ],
    ],
    ["uncaught", [["Error: not caught", 5]]],
  ] as const) {
    await ask("setExceptionBreakpoints", {filters: [filter]});
    let id = "";
    for (const [index, [text, line]] of expected.entries()) {
      const stopped = await stopAfter(() =>
        index === 0 ? (id = client.execute(code)) : ask("continue"),
      );
      assert.deepEqual([stopped.reason, stopped.text, stopped.top.line], ["exception", text, line]);
    }
    await ask("continue");
    assert.equal((await client.finished(id)).reply.content.evalue, "not caught");
  }
  await ask("setExceptionBreakpoints", {filters: []});
  assert.equal((await client.run(code)).reply.content.evalue, "not caught");
});

test("while a cell is stopped, everything else is answered, and cells wait", async () => {
  const {id} = await stopIn(cell, 3);
  const waiting = client.execute("'I waited'");
  assert.ok((await client.beat()) < 200);
  const completion = await client.request("shell", "complete_request", {
    ...{code: "Math.ma", cursor_pos: 7},
  });
  assert.deepEqual(completion.content.matches, ["max"]);
  assert.equal(client.about(waiting).length, 0);
  await setBreakpoints(cell);
  await ask("continue");
  assert.equal((await client.finished(id)).result, "9");
  assert.equal((await client.finished(waiting)).result, "'I waited'");
});

test("an interrupt ends a stopped cell; its variables and the debugger are kept", async () => {
  const {id} = await stopIn("let keep = 5;\nwhile (true) {\n  keep++;\n}", 3);
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.finished(id)).reply.content.ename, "InterruptedError");
  assert.deepEqual((await ask<{stoppedThreads: number[]}>("debugInfo")).stoppedThreads, []);
  assert.equal((await client.run("keep > 4")).result, "true");
  const again = await stopIn(cell, 6);
  await ask("continue");
  assert.equal((await client.finished(again.id)).result, "9");
});

test("a client that comes later finds the stop, and one that leaves lets go of it", async () => {
  const {id} = await stopIn(cell, 6);
  const {stoppedThreads, isStarted} = await ask<{stoppedThreads: number[]; isStarted: boolean}>(
    "debugInfo",
  );
  assert.deepEqual([stoppedThreads, isStarted], [[1], true]);
  await ask("initialize");
  await ask("attach");
  const {stackFrames} = await ask<{stackFrames: StackFrame[]}>("stackTrace", {threadId: 1});
  assert.equal(stackFrames.length, 1);
  await ask("disconnect");
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
    const {success, message: told = ""} = await dap(command as string, given as object);
    assert.equal(success, false);
    assert.match(told, message);
  }
  await dap("disconnect");
  assert.match((await dap("threads")).message!, /the debugger is not started; initialize it first/);
  assert.equal((await client.run("1 + 1")).result, "2");
});

test("code runs as fast while a debugger is attached, and after it has gone", async () => {
  await dap("disconnect");
  await client.run(`function turns() {
    const from = performance.now();
    let sum = 0;
    for (let i = 0; i < 3e7; i++) sum += i % 7;
    return performance.now() - from;
  }`);
  const took = async () => Number((await client.run("Math.min(turns(), turns(), turns())")).result);
  const before = await took();
  await ask("initialize");
  const attached = await took();
  await ask("disconnect");
  const after = await took();
  assert.ok(Math.max(attached, after) < before * 3, `${before}, ${attached}, ${after} ms`);
});

test("the kernel ends while a cell is stopped", async () => {
  await stopIn(cell, 3);
  assert.equal(await client.shutdown(), 0);
});
