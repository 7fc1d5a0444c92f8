// The protocol's rows on cells: what is published and replied, and in which order. Each test is
// named by its row of the table of kernels.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {isIdle, JupyterClient, type Ran} from "../../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
});
after(() => client?.close());

/** Types of what iopub said, states in the place of `status`. */
const sequence = ({iopub}: Ran) =>
  iopub.map(({type, content}) => (type === "status" ? content.execution_state : type));
const of = ({iopub}: Ran, type: string) =>
  iopub.filter((message) => message.type === type).map(({content}) => content);

test("order: busy, input, output, result, idle; the reply has all its fields", async () => {
  const ran = await client.run('console.log("printed"); 6 * 7');
  assert.deepEqual(sequence(ran), ["busy", "execute_input", "stream", "execute_result", "idle"]);
  const {content} = ran.reply;
  assert.deepEqual(Object.keys(content).sort(), [
    ...["execution_count", "payload", "status", "user_expressions"],
  ]);
  assert.deepEqual([content.status, content.user_expressions, content.payload], ["ok", {}, []]);
});

test("execute_input: the code as it was sent, magics and all, with the reply's counter", async () => {
  const code = "%time 1 + 1\n// 😀\n";
  const ran = await client.run(code);
  const {execution_count} = ran.reply.content;
  assert.deepEqual(of(ran, "execute_input"), [{code, execution_count}]);
});

test("execute_result: a bundle with text/plain without colours, metadata, counter, empty transient", async () => {
  const ran = await client.run("({a: [1, 'x'], b: new Map([[1, 2]])})");
  const [{data, ...rest} = {data: {}}] = of(ran, "execute_result") as [{data: object}];
  assert.equal(
    (data as Record<string, string>)["text/plain"],
    "{ a: [ 1, 'x' ], b: Map(1) { 1 => 2 } }",
  );
  const {execution_count} = ran.reply.content;
  assert.deepEqual(rest, {metadata: {}, transient: {}, execution_count});
});

const results: [code: string, result: string | undefined][] = [
  ["undefined", undefined],
  ["null", "null"],
  ["let quiet = 1", undefined],
  ["quiet", "1"],
  ["if (true) { 5 }", undefined],
  ["1; 2", "2"],
  ["1;", "1"],
  ["", undefined],
  ["  \n ", undefined],
  ["// only a comment", undefined],
  [";", undefined],
  ["'\\ud800'.length", "1"],
  ["'😀'", "'😀'"],
  ["Promise.resolve(5)", "5"],
  ["await Promise.resolve(6)", "6"],
  ["%time 7", "7"],
];
for (const [code, result] of results)
  test(`execute_result: ${JSON.stringify(code)} gives ${result ?? "none"}`, async () => {
    const ran = await client.run(code);
    assert.equal(ran.reply.content.status, "ok");
    assert.equal(ran.result, result);
  });

test("state: names are kept from cell to cell, closures and all, and can be declared anew", async () => {
  await client.run("let kept = 1; function bump() { kept++; }");
  await client.run("kept = 10; bump();");
  assert.equal((await client.run("kept")).result, "11");
  await client.run("const bump = 'anew'");
  assert.equal((await client.run("bump")).result, "'anew'");
});

test("error: on iopub and in the reply, with name, message and a plain traceback in cell lines", async () => {
  const ran = await client.run(
    'let x = 1;\nfunction fail() {\n  throw new RangeError("too far");\n}\nfail()',
  );
  assert.deepEqual(sequence(ran), ["busy", "execute_input", "error", "idle"]);
  const [error] = of(ran, "error");
  for (const content of [error!, ran.reply.content]) {
    assert.equal(content.ename, "RangeError");
    assert.equal(content.evalue, "too far");
    const traceback = (content.traceback as string[]).join("\n");
    assert.match(traceback, /RangeError: too far/);
    assert.match(traceback, /Cell In\[\d+\]:3:9/);
    assert.doesNotMatch(traceback, /node:inspector|kernel\/session|\u001b/);
  }
  assert.equal(ran.reply.content.status, "error");
  assert.equal(typeof ran.reply.content.execution_count, "number");
});

test("error: of types, before anything runs, with line and column", async () => {
  const {reply} = await client.run("let first = 1;\nlet wrong: string = first;");
  assert.match(reply.content.evalue as string, /Cell In\[\d+\]:2:5 - TS2322/);
  assert.match((await client.run("first")).reply.content.evalue as string, /Cannot find name/);
});

const thrown: [code: string, evalue: string][] = [
  ["throw 5", "5"],
  ["throw null", "null"],
  ["throw undefined", "undefined"],
  ["throw {a: 1}", "{ a: 1 }"],
  ["throw -0", "-0"],
  ["throw 5n", "5n"],
  ['throw Symbol("s")', "Symbol(s)"],
];
test("error: anything can be thrown", async () => {
  for (const [code, evalue] of thrown) {
    const {reply} = await client.run(code);
    assert.equal(reply.content.ename, "Uncaught", code);
    assert.equal(reply.content.evalue, evalue, code);
  }
  const rejected = await client.run('Promise.reject(new RangeError("no"))');
  assert.equal(rejected.reply.content.ename, "RangeError");
});

test("stream: stdout and stderr keep their order", async () => {
  const ran = await client.run(
    'console.log("1"); console.error("2"); process.stdout.write("3\\n"); console.error("4")',
  );
  assert.deepEqual(
    of(ran, "stream").map(({name, text}) => `${name} ${text}`),
    ["stdout 1\n", "stderr 2\n", "stdout 3\n", "stderr 4\n"],
  );
});

test("stream batching: 10,000 lines come in order, in few messages, before idle", async () => {
  const ran = await client.run("for (let i = 0; i < 10_000; i++) console.log(`line ${i}`)");
  const expected = Array.from({length: 10_000}, (_, index) => `line ${index}\n`).join("");
  assert.equal(ran.stdout, expected);
  assert.ok(isIdle(ran.iopub.at(-1)!));
  assert.ok(of(ran, "stream").length <= 30);
});

test("silent: neither input nor result nor history nor counter, yet it prints", async () => {
  const before = await client.run("1");
  const ran = await client.run('console.log("said"); 1', {silent: true});
  assert.deepEqual(sequence(ran), ["busy", "stream", "idle"]);
  const {content} = await client.request("shell", "history_request", {
    ...{hist_access_type: "tail", n: 1, output: false, raw: true},
  });
  assert.equal((content.history as unknown[][])[0]![2], "1");
  const after = await client.run("1");
  const count = ({reply}: Ran) => reply.content.execution_count as number;
  assert.equal(count(after), count(before) + 1);
});

test("store_history: false leaves counter and history as they were", async () => {
  const count = async (more: Record<string, unknown>) =>
    (await client.run("1", more)).reply.content.execution_count as number;
  const first = await count({});
  assert.equal(await count({}), first + 1);
  await count({store_history: false});
  assert.equal(await count({}), first + 2);
});

test("store_history: false: functions of such a cell keep their own lines in stacks", async () => {
  await client.run("\n\nfunction hidden() {\n  throw new Error('in line 4');\n}", {
    store_history: false,
  });
  await client.run("let one = 1, two = 2, three = 3;\none;");
  const {reply} = await client.run("hidden()");
  assert.match(
    (reply.content.traceback as string[]).join("\n"),
    /at hidden \(Cell In\[-\d+\]:4:9\)[^]*> 4 \|   throw new Error/,
  );
});

test("user_expressions: answered one by one, errors too, and not after an error of the cell", async () => {
  const {reply} = await client.run("let base = 20", {
    user_expressions: {good: "base * 2", bad: "missing.field", none: "undefined", broken: "1 +"},
  });
  const answers = reply.content.user_expressions as Record<string, Record<string, unknown>>;
  assert.deepEqual(answers.good, {status: "ok", data: {"text/plain": "40"}, metadata: {}});
  assert.deepEqual([answers.bad!.status, answers.bad!.ename], ["error", "ReferenceError"]);
  assert.equal(answers.none!.status, "ok");
  assert.deepEqual([answers.broken!.status, answers.broken!.ename], ["error", "SyntaxError"]);
  const failed = await client.run("throw 1", {user_expressions: {good: "base"}});
  assert.equal(failed.reply.content.user_expressions, undefined);
});

test("stop_on_error: cells that are queued are aborted, other requests are answered", async () => {
  const ids = ['throw new Error("stop")', "1", "2"].map((code) => client.execute(code));
  const asked = client.request("shell", "comm_info_request", {});
  const [failed, ...queued] = await Promise.all(ids.map((id) => client.finished(id)));
  assert.equal(failed!.reply.content.status, "error");
  for (const ran of queued) {
    assert.equal(ran.reply.content.status, "aborted");
    assert.deepEqual(sequence(ran), ["busy", "idle"]);
  }
  assert.equal((await asked).content.status, "ok");
  assert.equal((await client.run("3")).result, "3");
});

for (const more of [{stop_on_error: false}, {silent: true}])
  test(`stop_on_error: with ${JSON.stringify(more)} the queue goes on`, async () => {
    const failed = client.execute('throw new Error("go on")', more);
    const next = client.execute("4");
    assert.equal((await client.finished(failed)).reply.content.status, "error");
    assert.equal((await client.finished(next)).result, "4");
  });

test("payload page: `name?` gives its type and the beginning of its help, `name??` all and its source", async () => {
  await client.run(
    "/** Squares.\n *\n * Any number.\n * @param n it */\nfunction square(n: number) {\n  return n * n;\n}\n" +
      "interface Point { x: number }",
  );
  const page = async (code: string) => {
    const {reply, result, iopub} = await client.run(code);
    assert.equal(result, undefined);
    assert.ok(!iopub.some(({type}) => type === "stream"), code);
    const [{source, start, data}] = reply.content.payload as [
      {source: string; start: number; data: Record<string, string>},
    ];
    assert.deepEqual([source, start], ["page", 0]);
    assert.ok(data["text/markdown"]);
    return data["text/plain"];
  };
  const signature = "function square(n: number): number";
  assert.equal(await page("square?"), `${signature}\n\nSquares.`);
  assert.equal(await page("?square"), `${signature}\n\nSquares.`);
  assert.match(
    (await page("square??"))!,
    /Squares\.\n\nAny number\.\n\n@param n it\n\nIn\[\d+\]:\n\/\*\* Squares[^]*return n \* n;\n}$/,
  );
  assert.match((await page("Point??"))!, /interface Point\n\nIn\[\d+\]:\ninterface Point { x/);
  assert.match((await page("Math.max?"))!, /Returns the larger/);
  assert.match((await page("%time?"))!, /^%time: .*\n[^]*%%time: /);
});

test("payload page: what is not known is said, and an unknown magic is an error", async () => {
  const {stdout, reply} = await client.run("nowhere?");
  assert.equal(stdout, "Nothing is known of `nowhere`.\n");
  assert.deepEqual(reply.content.payload, []);
  assert.match((await client.run("%tme?")).reply.content.evalue as string, /did you mean %time/);
});

test("payload set_next_input: %load puts a file's text into the cell", async () => {
  await client.run('require("node:fs").writeFileSync("loaded.ts", "const text = \\"😀\\";\\n")');
  const {reply} = await client.run("%load loaded.ts");
  assert.deepEqual(reply.content.payload, [
    {source: "set_next_input", text: '// %load loaded.ts\nconst text = "😀";\n', replace: true},
  ]);
  for (const [code, said] of [
    ["%load nowhere.ts", "%load nowhere.ts: no such file"],
    ["%load .", "%load .: is a folder"],
    ["%load", "%load takes one file, for example %load helper.ts"],
  ])
    assert.equal((await client.run(code!)).reply.content.evalue, said);
});

test("execute_reply metadata: started is when the cell began, not when it was sent", async () => {
  const first = client.execute("await new Promise((go) => setTimeout(go, 100))");
  const second = await client.finished(client.execute("1"));
  const [one, two] = [(await client.finished(first)).reply, second.reply].map(({metadata}) =>
    Date.parse(metadata.started as string),
  );
  assert.ok(two! - one! >= 95);
  assert.ok(two! <= Date.now() && one! > Date.now() - 60_000);
});

test("display_data and update_display_data: in order among what is printed, under one display_id", async () => {
  const ran = await client.run(
    `import {display, html} from "tasklab";
     console.log("before");
     const shown = display(html("<b>1</b>"));
     console.log("after");
     shown.update(html("<b>2</b>"));`,
  );
  const types = sequence(ran).filter((type) => /stream|display/.test(String(type)));
  assert.deepEqual(types, ["stream", "display_data", "stream", "update_display_data"]);
  const [first] = of(ran, "display_data");
  const [second] = of(ran, "update_display_data");
  assert.equal((first!.data as Record<string, string>)["text/html"], "<b>1</b>");
  assert.equal((second!.data as Record<string, string>)["text/html"], "<b>2</b>");
  assert.deepEqual(first!.transient, second!.transient);
  assert.ok((first!.transient as {display_id: string}).display_id);
});

test("display_data: an object's own display is its result", async () => {
  const ran = await client.run(
    '({[Symbol.for("Jupyter.display")]: () => ({"text/markdown": "**bold**"})})',
  );
  const data = of(ran, "execute_result")[0]!.data as Record<string, string>;
  assert.equal(data["text/markdown"], "**bold**");
  assert.equal(typeof data["text/plain"], "string");
});

test("clear_output: at once or with the next output, in order", async () => {
  const ran = await client.run(
    `import {clearOutput} from "tasklab";
     console.log("a"); clearOutput(); console.log("b"); clearOutput({wait: true}); console.log("c")`,
  );
  const told = ran.iopub.flatMap(({type, content}) =>
    type === "stream" ? [content.text] : type === "clear_output" ? [content] : [],
  );
  assert.deepEqual(told, ["a\n", {wait: false}, "b\n", {wait: true}, "c\n"]);
});

test("magics: stand among TypeScript lines; unknown names and options are refused with the nearest", async () => {
  const ran = await client.run("const before = 1\n%who\nbefore + 1");
  assert.match(ran.stdout, /before\s+1/);
  assert.equal(ran.result, "2");
  for (const [code, said] of [
    ["%clutser start", /unknown magic: %clutser; did you mean %cluster/],
    ["%cluster start --worker 2", /unknown option: --worker; did you mean --workers/],
  ] as const) {
    const {evalue, traceback} = (await client.run(code)).reply.content;
    assert.match(evalue as string, said);
    assert.deepEqual(traceback, [`MagicError: ${evalue}`]);
  }
});

test("an execute_request without code is refused, and one with 10 MB of it runs", async () => {
  for (const code of [undefined, null, 5, {}]) {
    const {content} = await client.request("shell", "execute_request", {code, silent: false});
    assert.equal(content.status, "error");
    assert.match(content.evalue as string, /its code is (missing|no string)/);
  }
  const ran = await client.run(`"${"x".repeat(10e6)}".length`);
  assert.equal(ran.result, "10000000");
});
