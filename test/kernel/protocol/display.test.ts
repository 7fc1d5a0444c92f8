// What cells show, as a client gets it: which messages, in which order, of which cell.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {JupyterClient, type Ran, type Received} from "../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
  await client.run(`import * as tasklab from "tasklab";
    import {clearOutput, display, displaySymbol, get, html, image, remote} from "tasklab";`);
});
after(() => client?.close());

type Data = Record<string, unknown>;
const outputs = ({iopub}: Ran) =>
  iopub.filter(({type}) => !["status", "execute_input"].includes(type));
const dataOf = (message: Received | undefined) => message?.content.data as Data;
const told = ({reply}: Ran) => reply.content.evalue as string;

test("a result has its text and its HTML, and transient is an object", async () => {
  const ran = await client.run("({a: 1, b: {c: [1, 2]}})");
  const [result] = outputs(ran);
  assert.equal(result!.type, "execute_result");
  assert.equal(dataOf(result)["text/plain"], "{ a: 1, b: { c: [ 1, 2 ] } }");
  assert.match(String(dataOf(result)["text/html"]), /<details/);
  assert.deepEqual(result!.content.metadata, {});
  const [shown] = outputs(await client.run("display(1); undefined"));
  assert.equal(typeof (shown!.content.transient as Data).display_id, "string");
});

test("console.table stands in its place among what is printed, and honours its columns", async () => {
  const ran = await client.run(`
    console.log("before");
    console.table([{a: 1, b: "<x>"}, {a: 2, b: "y"}], ["b"]);
    console.log("after");
    console.table(5);
  `);
  assert.deepEqual(
    outputs(ran).map(({type, content}) => (type === "stream" ? content.text : type)),
    ["before\n", "display_data", "after\n5\n"],
  );
  const data = dataOf(outputs(ran)[1]);
  assert.match(String(data["text/html"]), /<td[^>]*>&lt;x&gt;<\/td>/);
  assert.doesNotMatch(String(data["text/html"]), /<td[^>]*>1<\/td>/);
  assert.match(String(data["text/plain"]), /^┌[─┬]+┐\n│ \(index\) │\s+b\s+│\n/);
});

const tables: [call: string, cells: string[], text: RegExp][] = [
  ["console.table([[1, 2], [3, 4]])", ["1", "2", "3", "4"], /│ 3\s+│ 4\s+│/],
  ["console.table([5, {x: 6}])", ["", "5", "6", ""], /Values/],
  ['console.table({r: {x: 1}, s: 2}, ["x"])', ["1", ""], /│\s+'?s'?\s+│\s+│/],
  ["console.table({r: {x: 1}})", ["1"], /│\s+'?r'?\s+│ 1\s+│/],
  ['console.table(new Map([["k", 1]]))', ["k", "1"], /Key/],
  ["console.table(new Set([7]))", ["7"], /Values/],
];
for (const [call, cells, text] of tables)
  test(`${call} has Node's rows and columns`, async () => {
    const data = dataOf(outputs(await client.run(call))[0]);
    const found = [...String(data["text/html"]).matchAll(/<td[^>]*>(.*?)<\/td>/g)];
    assert.deepEqual(
      found.map(([, cell]) => cell),
      cells,
    );
    assert.match(String(data["text/plain"]), text);
  });

test("a long console.table is cut, and says so", async () => {
  const ran = await client.run("console.table(Array.from({length: 5000}, (_, i) => ({i})))");
  const data = dataOf(outputs(ran)[0]);
  assert.match(String(data["text/html"]), /4,800 more rows/);
  assert.match(String(data["text/plain"]), /│ 199\s+│\n└[─┴]+┘\n… 4,800 more rows$/);
});

test("a timer's table and display go to the cell that set it", async () => {
  const ran = await client.run(
    `setTimeout(() => { console.table([{late: 1}]); display(html("late")); }, 20); undefined`,
  );
  await client.run("await new Promise((resolve) => setTimeout(resolve, 60)); undefined");
  const late = client.about(ran.id).filter(({type}) => type === "display_data");
  assert.equal(late.length, 2);
});

test("an update replaces what was shown, from a later cell too", async () => {
  const [first] = outputs(await client.run(`const d = display(html("1")); undefined`));
  const [second] = outputs(await client.run(`d.update([{a: 1}]); undefined`));
  assert.equal(second!.type, "update_display_data");
  assert.deepEqual(second!.content.transient, first!.content.transient);
  assert.match(String(dataOf(second)["text/html"]), /<table/);
});

test("clearOutput says whether it waits", async () => {
  const ran = await client.run("clearOutput(); clearOutput({wait: true}); undefined");
  assert.deepEqual(
    outputs(ran).map(({content}) => content),
    [{wait: false}, {wait: true}],
  );
});

test("a class shows itself, at once or later", async () => {
  const [now, later] = await Promise.all([
    client.run(
      `class Now { [displaySymbol]() { return {"text/markdown": "**now**"}; } }; new Now()`,
    ),
    client.run(
      `new (class { async [Symbol.for("Jupyter.display")]() { return {"text/plain": "later"}; } })()`,
    ),
  ]);
  assert.equal(dataOf(outputs(now)[0])["text/markdown"], "**now**");
  assert.deepEqual(dataOf(outputs(later)[0]), {"text/plain": "later"});
});

const failing: [name: string, code: string, evalue: RegExp][] = [
  [
    "one that throws",
    `class Bad { [displaySymbol](): {} { throw new RangeError("far"); } }; new Bad()`,
    /^the Bad's own display, .* failed with RangeError: far$/,
  ],
  [
    "one that gives no bundle",
    `({[displaySymbol]: () => 5})`,
    /gave 5; it must give a MIME bundle/,
  ],
  [
    "what no message can hold",
    `({[displaySymbol]: () => ({"application/json": {f: {a: [Symbol("x")].entries, g: 1n, get h() { throw new Error("h"); }}}})})`,
    /cannot show application\/json: JSON can't hold it: h/,
  ],
];
for (const [name, code, evalue] of failing)
  test(`a failure to show is the cell's error, and leads to its line: ${name}`, async () => {
    const ran = await client.run(code);
    assert.equal(ran.reply.content.ename, "DisplayError");
    assert.match(told(ran), evalue);
    assert.equal((await client.run("1 + 1")).result, "2");
  });

test("a display that is never made can be interrupted", async () => {
  const id = client.execute(`({[displaySymbol]: () => new Promise<{}>(() => {})})`);
  await client.until("busy", () => client.about(id).some(({type}) => type === "execute_input"));
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.finished(id)).reply.content.status, "error");
  assert.equal((await client.run("1 + 1")).result, "2");
});

test("what can't be cloned and what is no JSON arrive as text", async () => {
  const ran = await client.run(
    `({f() {}, s: Symbol("a"), w: new WeakMap(), b: 1n, p: new Proxy({}, {})})`,
  );
  assert.equal(ran.reply.content.status, "ok");
  const later = await client.run(`display({"application/json": {a: 1n}}, {raw: true}); undefined`);
  assert.deepEqual(dataOf(outputs(later)[0])["application/json"], {a: 1});
});

test("a cell that ends in a display has no other result", async () => {
  const ran = await client.run(
    `const {update} = display("one");\nupdate("two");\ndisplay("three")`,
  );
  assert.deepEqual(
    outputs(ran).map(({type}) => type),
    ["display_data", "update_display_data", "display_data"],
  );
});

test("a value that has a then of its own is a result like others: it is not waited for", async () => {
  const ran = await client.run(
    `%time new Proxy({}, {get: () => () => {}})\n({then(go: () => void) { go(); }})`,
  );
  assert.equal(ran.result, "{ then: [Function: then] }");
  const proxy = await client.run(`new Proxy({}, {get: () => () => {}})`);
  assert.equal(proxy.result, "Proxy [ {}, { get: [Function: get] } ]");
  const {user_expressions} = (await client.run("1", {user_expressions: {it: "({then() {}})"}}))
    .reply.content;
  assert.match(JSON.stringify(user_expressions), /\{ then: \[Function: then\] \}/);
});

test("a proxy is a result like others: it is not asked what it is", async () => {
  const ran = await client.run(
    `new Proxy({a: 1}, {getPrototypeOf() { throw new Error("a trap"); }})`,
  );
  assert.equal(ran.result, "Proxy [ { a: 1 }, { getPrototypeOf: [Function: getPrototypeOf] } ]");
});

test("user expressions are shown as results are", async () => {
  const {reply} = await client.run("1", {user_expressions: {x: "[{a: 1}]"}});
  const {x} = reply.content.user_expressions as {x: {data: Data}};
  assert.match(String(x.data["text/html"]), /<table/);
});

test("an error as a value shows its frames in cell lines", async () => {
  const ran = await client.run(`const error = new TypeError("as a value");\nerror`);
  assert.equal(ran.reply.content.status, "ok");
  assert.match(
    ran.result!,
    /^TypeError: as a value\n +at Cell In\[\d+\]:1:15\n\n> 1 \| const error/,
  );
});

test("a large captured value is said once, under the cell that sends it", async () => {
  const first = await client.run(`
    const weights = new Float64Array(1e6).fill(2);
    const weigh = remote(function weigh(i: number) { return weights[i]! * i });
    await get(weigh.remote(3))`);
  assert.equal(first.result, "6");
  assert.match(first.stderr, /^`weigh` takes captured variable `weights` along, 8 MB: it goes to /);
  const again = await client.run("weights[3] = 5; await get(weigh.remote(3))");
  assert.deepEqual([again.result, again.stderr], ["15", ""]);
});

test("a task shows under the cell that submitted it, and its rich result is one here", async () => {
  const ran = await client.run(`
    const draw = remote((n: number) => {
      console.log("drawing");
      const handle = display(html("<b>" + n + "</b>"));
      handle.update(html("<i>" + n + "</i>"));
      display({plain: n});
      return html("<u>" + n + "</u>");
    });
    await get(draw.remote(7))
  `);
  const shown = outputs(ran).filter(({type}) => type !== "stream");
  assert.deepEqual(
    shown.map((message) => [message.type, dataOf(message)["text/html"]]),
    [
      ["display_data", "<b>7</b>"],
      ["update_display_data", "<i>7</i>"],
      ["execute_result", "<u>7</u>"],
    ],
  );
  assert.match(ran.stdout, /^\(draw pid=\d+\) drawing\n\(draw pid=\d+\) \{ plain: 7 \}\n/);
});
