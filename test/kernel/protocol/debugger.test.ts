// The debugger over real sockets: where it stops, how it goes on, what it shows.

import assert from "node:assert/strict";
import {after, before, beforeEach, test} from "node:test";
import type {StackFrame, Variable} from "../../../kernel/debugger/dap.js";
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

const places = (frames: StackFrame[]) => frames.map(({name, line}) => `${name}:${line}`);

test("a breakpoint stops its cell, which goes on and ends as if nothing had been", async () => {
  const {reason, frames, top, sourcePath, id} = await debug.stopIn(cell, 3);
  assert.equal(reason, "breakpoint");
  assert.deepEqual(
    places(frames).map((place) => place.replace(/\d+\]/, "n]")),
    ["scale:3", "Cell In[n]:6"],
  );
  assert.equal(top.source?.path, sourcePath);
  const again = await debug.stopAfter(() => debug.ask("continue", {threadId: 1}));
  assert.deepEqual(places(again.frames).slice(0, 1), ["scale:3"]);
  await debug.ask("continue", {threadId: 1});
  assert.equal((await client.finished(id)).result, "9");
});

test("steps go by lines of the cell: over, into, out", async () => {
  const {id} = await debug.stopIn(cell, 6);
  const lines: string[] = [];
  for (const command of ["next", "stepIn", "next", "stepOut"]) {
    const {reason, frames} = await debug.stopAfter(() => debug.ask(command, {threadId: 1}));
    assert.equal(reason, "step");
    lines.push(`${frames.length}:${frames[0]!.line}`);
  }
  assert.deepEqual(lines, ["1:7", "2:3", "2:4", "1:8"]);
  await debug.ask("next", {threadId: 1});
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
  const {top, id} = await debug.stopIn(code, 5);
  const scopes = await debug.scopesOf(top);
  const locals = await debug.variables(scopes.Locals!);
  const {point, names, long, text} = locals as Record<string, Variable>;
  assert.equal(point!.value, "Point { x: 0, y: 1 }");
  assert.deepEqual([text!.value, text!.variablesReference], ["'three'", 0]);
  const entries = await debug.variables(names!.variablesReference);
  assert.equal(entries.a!.value, "[ 1, 2 ]");
  assert.deepEqual(Object.keys(await debug.variables(entries.a!.variablesReference)), ["0", "1"]);
  const ranges = await debug.variables(long!.variablesReference);
  assert.equal(Object.keys(ranges).length, 13);
  const last = await debug.variables(ranges["1200 … 1233"]!.variablesReference);
  assert.equal(last["1233"]!.value, "1233");
  const globals = await debug.variables(scopes.Globals!);
  assert.equal(globals.origin!.value, "Point { x: 0, y: 1 }");
  assert.equal(globals.__tasklab, undefined);
  await debug.ask("continue");
  assert.equal((await client.finished(id)).result, "1234");
  const gone = await debug.request("variables", {variablesReference: long!.variablesReference});
  assert.match(gone.message!, /unknown variablesReference: \d+; its values are of the past/);
});

test("expressions are evaluated in a frame, and change what they change", async () => {
  const {top, frames, id} = await debug.stopIn(cell, 4);
  const evaluate = async (expression: string, frame = top) =>
    debug.ask<{result: string}>("evaluate", {expression, frameId: frame.id, context: "repl"});
  assert.equal((await evaluate("scaled + x")).result, "4");
  assert.equal((await evaluate("({scaled, list: [x]})")).result, "{ scaled: 3, list: [ 1 ] }");
  assert.equal((await evaluate("typeof scaled", frames[1])).result, "'undefined'");
  await evaluate("factor = 100");
  const failed = await debug.request("evaluate", {expression: "nothing.at.all", frameId: top.id});
  assert.equal(failed.message, "ReferenceError: nothing is not defined");
  const endless = await debug.request("evaluate", {expression: "while (true) {}", frameId: top.id});
  assert.match(endless.message!, /the expression was stopped: it took longer than 3 s/);
  assert.equal((await evaluate("x")).result, "1");
  await debug.setBreakpoints(cell);
  await debug.ask("continue");
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
  const {top, id} = await debug.stopIn(code, 7, 11);
  assert.equal(top.line, 11);
  const {top: method} = await debug.stopAfter(() => debug.ask("continue"));
  assert.equal(method.line, 7);
  const {this: self} = await debug.variables((await debug.scopesOf(method)).Locals!);
  assert.equal(self!.value, "Counter { count: 2 }");
  await debug.ask("continue");
  assert.equal((await client.finished(id)).result, "2");
});

test("a breakpoint in an earlier cell's function stops its callers, though it ran before", async () => {
  await debug.request("disconnect");
  const code = `function earlier(n: number) {\n  const double = n * 2;\n  return double;\n}`;
  await client.run(code);
  await debug.ask("initialize");
  await debug.setBreakpoints(code, 3);
  let id = "";
  const {top, frames} = await debug.stopAfter(() => (id = client.execute("earlier(4)")));
  assert.equal(top.line, 3);
  assert.equal(frames.length, 2);
  await debug.ask("continue");
  assert.equal((await client.finished(id)).result, "8");
});

test("lines without code give way to the next that has some; magics keep their lines", async () => {
  const code = `%time 1\n// nothing here\n\nlet afterMagic = 5;\nafterMagic`;
  const {top, sourcePath, id} = await debug.stopIn(code, 2);
  assert.equal(top.line, 4);
  const info = await debug.ask<{breakpoints: {source: string; breakpoints: object[]}[]}>(
    "debugInfo",
  );
  assert.deepEqual(info.breakpoints.find(({source}) => source === sourcePath)?.breakpoints, [
    {line: 4},
  ]);
  await debug.ask("continue");
  await client.finished(id);
});

test("the path of a cell is known by its text, whoever asks", async () => {
  const {sourcePath} = await debug.ask<{sourcePath: string}>("dumpCell", {code: cell});
  const {tmpFilePrefix, tmpFileSuffix, hashMethod} =
    await debug.ask<Record<string, string>>("debugInfo");
  assert.equal(hashMethod, "Murmur2");
  assert.ok(sourcePath.startsWith(tmpFilePrefix!) && sourcePath.endsWith(tmpFileSuffix!));
  const {content} = await debug.ask<{content: string}>("source", {source: {path: sourcePath}});
  assert.equal(content, cell);
  assert.match(
    (await debug.request("source", {source: {path: "/etc/hosts"}})).message!,
    /source unavailable/,
  );
});

test("global variables are listed whether or not anything is stopped or debugged", async () => {
  await debug.request("disconnect");
  await client.run("let listed = {deep: [1, {x: 2}]}");
  const answer = await debug.ask<{variables: Variable[]}>("inspectVariables");
  const listed = answer.variables.find(({name}) => name === "listed")!;
  assert.equal(listed.value, "{ deep: [ 1, [Object] ] }");
  const {deep} = await debug.variables(listed.variablesReference);
  assert.equal(deep!.value, "[ 1, { x: 2 } ]");
  const {data} = await debug.ask<{data: Record<string, string>}>("richInspectVariables", {
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
  const {reason, top} = await debug.stopAfter(() => debug.ask("pause", {threadId: 1}));
  assert.equal(reason, "pause");
  assert.ok(top.line === 3 || top.line === 4);
  await debug.ask("evaluate", {expression: "turns = -10", frameId: top.id});
  await debug.ask("continue");
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
    await debug.ask("setExceptionBreakpoints", {filters: [filter]});
    let id = "";
    for (const [index, [text, line]] of expected.entries()) {
      const stopped = await debug.stopAfter(() =>
        index === 0 ? (id = client.execute(code)) : debug.ask("continue"),
      );
      assert.deepEqual([stopped.reason, stopped.text, stopped.top.line], ["exception", text, line]);
    }
    await debug.ask("continue");
    assert.equal((await client.finished(id)).reply.content.evalue, "not caught");
  }
  await debug.ask("setExceptionBreakpoints", {filters: []});
  assert.equal((await client.run(code)).reply.content.evalue, "not caught");
});

test("a breakpoint in a local module holds once the module is loaded", async () => {
  const text =
    "export function triple(n: number) {\n  const tripled = n * 3;\n  return tripled;\n}";
  const path = (
    await client.run(
      `const path = process.cwd() + "/local.ts";
     require("node:fs").writeFileSync(path, ${JSON.stringify(text)});
     console.log(path)`,
    )
  ).stdout.trim();
  await debug.ask("setBreakpoints", {source: {path}, breakpoints: [{line: 3}]});
  await client.run('import {triple} from "./local.ts";');
  let id = "";
  const {top} = await debug.stopAfter(() => (id = client.execute("triple(2)")));
  assert.deepEqual([top.name, top.line, top.source], ["triple", 3, {name: "local.ts", path}]);
  const {tripled} = await debug.variables((await debug.scopesOf(top)).Locals!);
  assert.equal(tripled!.value, "6");
  assert.equal((await debug.ask<{content: string}>("source", {source: {path}})).content, text);
  const {modules} = await debug.ask<{modules: {path: string}[]}>("modules");
  assert.ok(modules.some((module) => module.path === path));
  await debug.ask("continue");
  assert.equal((await client.finished(id)).result, "6");
});
