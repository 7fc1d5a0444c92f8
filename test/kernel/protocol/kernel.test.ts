// A real kernel process over real sockets: what each request answers, and in which order.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {isIdle, JupyterClient, type Ran} from "../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
});
after(() => client?.close());

const sequence = ({iopub}: Ran) =>
  iopub.map(({type, content}) => (type === "status" ? content.execution_state : type));
const shell = (type: string, content: object) =>
  client.request("shell", type, content as Record<string, unknown>);

test("a subscriber is welcomed, and the kernel says once that it starts", async () => {
  const welcome = client.received.find(({type}) => type === "iopub_welcome")!;
  assert.deepEqual(welcome.content, {subscription: ""});
  assert.deepEqual(welcome.parent_header, {});
});

test("kernel_info names protocol 5.5 and TypeScript, on shell and on control", async () => {
  for (const channel of ["shell", "control"] as const) {
    const {content} = await client.request(channel, "kernel_info_request", {});
    assert.equal(content.status, "ok");
    assert.equal(content.protocol_version, "5.5");
    assert.equal(content.implementation, "tasklab");
    const language = content.language_info as Record<string, unknown>;
    assert.equal(language.name, "typescript");
    assert.equal(language.codemirror_mode, "typescript");
    assert.equal(language.mimetype, "text/typescript");
    assert.equal(language.file_extension, ".ts");
  }
});

test("the kernel's session id is its own", () => {
  for (const message of client.received)
    assert.notEqual(message.header.session, client.signer.session);
});

test("a cell publishes busy, its input, its output, its result and idle, in this order", async () => {
  const ran = await client.run('console.log("printed"); 6 * 7');
  assert.deepEqual(sequence(ran), ["busy", "execute_input", "stream", "execute_result", "idle"]);
  assert.equal(ran.stdout, "printed\n");
  assert.equal(ran.result, "42");
  const {content, metadata} = ran.reply;
  assert.equal(content.status, "ok");
  assert.deepEqual([content.user_expressions, content.payload], [{}, []]);
  assert.ok(Date.parse(metadata.started as string) > 0);
  const input = ran.iopub.find(({type}) => type === "execute_input")!;
  assert.equal(input.content.execution_count, content.execution_count);
});

test("what is undefined shows nothing, what is null shows null", async () => {
  assert.equal((await client.run("undefined")).result, undefined);
  assert.equal((await client.run("null")).result, "null");
  assert.equal((await client.run("let quiet = 1")).result, undefined);
});

test("names are kept from cell to cell", async () => {
  await client.run("let kept = 1; function bump() { kept++; }");
  await client.run("kept = 10; bump();");
  assert.equal((await client.run("kept")).result, "11");
});

test("a promise as the last value is waited for", async () => {
  assert.equal((await client.run("Promise.resolve(5)")).result, "5");
  const failed = await client.run('Promise.reject(new RangeError("no"))');
  assert.equal(failed.reply.content.ename, "RangeError");
});

test("an error is published and replied with name, message and a plain traceback", async () => {
  const ran = await client.run('throw new RangeError("too far")');
  assert.deepEqual(sequence(ran), ["busy", "execute_input", "error", "idle"]);
  const error = ran.iopub.find(({type}) => type === "error")!.content;
  for (const content of [error, ran.reply.content]) {
    assert.equal(content.ename, "RangeError");
    assert.equal(content.evalue, "too far");
    assert.match((content.traceback as string[]).join("\n"), /RangeError: too far/);
  }
  const traceback = (error.traceback as string[]).join("\n");
  assert.doesNotMatch(traceback, /node:inspector|kernel\/session|\u001b/);
});

test("anything can be thrown", async () => {
  for (const [code, evalue] of [
    ["throw 5", "5"],
    ["throw null", "null"],
    ["throw undefined", "undefined"],
    ["throw {a: 1}", "{ a: 1 }"],
    ["throw -0", "-0"],
    ["throw 5n", "5n"],
    ['throw Symbol("s")', "Symbol(s)"],
  ] as const) {
    const {reply} = await client.run(code);
    assert.equal(reply.content.ename, "Uncaught", code);
    assert.equal(reply.content.evalue, evalue, code);
  }
});

test("the counter counts cells that are stored", async () => {
  const count = async (more: object) => {
    const {reply} = await client.run("1", more as Record<string, unknown>);
    return reply.content.execution_count as number;
  };
  const first = await count({});
  assert.equal(await count({}), first + 1);
  await count({store_history: false});
  await count({silent: true});
  assert.equal(await count({}), first + 2);
});

test("a silent cell shows neither input nor result, yet prints", async () => {
  const ran = await client.run('console.log("said"); 1', {silent: true});
  assert.deepEqual(sequence(ran), ["busy", "stream", "idle"]);
});

test("user expressions are answered one by one", async () => {
  const {reply} = await client.run("let base = 20", {
    user_expressions: {good: "base * 2", bad: "missing.field"},
  });
  const {good, bad} = reply.content.user_expressions as Record<string, Record<string, unknown>>;
  assert.deepEqual(good, {status: "ok", data: {"text/plain": "40"}, metadata: {}});
  assert.equal(bad!.status, "error");
  assert.equal(bad!.ename, "ReferenceError");
});

test("10,000 lines come in order, in few messages, before idle", async () => {
  const ran = await client.run("for (let i = 0; i < 10_000; i++) console.log(`line ${i}`)");
  const lines = ran.stdout.split("\n");
  assert.equal(lines.length, 10_001);
  lines.slice(0, -1).forEach((line, index) => assert.equal(line, `line ${index}`));
  assert.ok(isIdle(ran.iopub.at(-1)!));
  assert.ok(ran.iopub.filter(({type}) => type === "stream").length <= 30);
});

test("stdout and stderr keep their order", async () => {
  const ran = await client.run(
    'console.log("1"); console.error("2"); process.stdout.write("3\\n"); console.error("4")',
  );
  const streams = ran.iopub.filter(({type}) => type === "stream");
  assert.deepEqual(
    streams.map(({content}) => `${content.name} ${content.text}`),
    ["stdout 1\n", "stderr 2\n", "stdout 3\n", "stderr 4\n"],
  );
});

test("what a timer prints after its cell has ended goes to its own cell", async () => {
  const early = client.execute(
    `setTimeout(async () => {
      console.log("timer");
      await null;
      console.log("microtask");
    }, 150); 1`,
  );
  await client.finished(early);
  const running = client.execute("await new Promise((resolve) => setTimeout(resolve, 400)); 2");
  await client.finished(running);
  const printed = (id: string) =>
    client
      .about(id)
      .filter(({type}) => type === "stream")
      .map(({content}) => content.text)
      .join("");
  assert.equal(printed(early), "timer\nmicrotask\n");
  assert.equal(printed(running), "");
});

test("an uncaught error of a timer is told in its cell, and the kernel lives", async () => {
  const id = client.execute('setTimeout(() => { throw new Error("late trouble"); }, 20); 1');
  await client.until("the error", () =>
    client.about(id).find(({content}) => /late trouble/.test(String(content.text))),
  );
  assert.equal((await client.run("2")).result, "2");
});

test("an unhandled rejection is told, and the kernel lives", async () => {
  const id = client.execute('void Promise.reject(new Error("nobody caught")); 1');
  await client.until("the error", () =>
    client.about(id).find(({content}) => /nobody caught/.test(String(content.text))),
  );
  assert.equal((await client.run("2")).result, "2");
});

test("after an error, cells that are queued are aborted; others run", async () => {
  const ids = ['throw new Error("stop")', "1", "2"].map((code) => client.execute(code));
  const complete = client.request("shell", "comm_info_request", {});
  const [failed, second, third] = await Promise.all(ids.map((id) => client.finished(id)));
  assert.equal(failed!.reply.content.status, "error");
  for (const ran of [second!, third!]) {
    assert.equal(ran.reply.content.status, "aborted");
    assert.deepEqual(sequence(ran), ["busy", "idle"]);
  }
  assert.equal((await complete).content.status, "ok");
  assert.equal((await client.run("3")).result, "3");
});

test("without stop_on_error the queue goes on", async () => {
  const failed = client.execute('throw new Error("go on")', {stop_on_error: false});
  const next = client.execute("4");
  assert.equal((await client.finished(failed)).reply.content.status, "error");
  assert.equal((await client.finished(next)).result, "4");
});

test("a request answered while a cell runs is closed by busy with the cell as parent", async () => {
  const cell = client.execute("await new Promise((resolve) => setTimeout(resolve, 300)); 1");
  await client.until("execute_input", () =>
    client.about(cell).some(({type}) => type === "execute_input"),
  );
  const info = await shell("kernel_info_request", {});
  const asked = (info.parent_header as {msg_id: string}).msg_id;
  await client.finished(cell);
  const statuses = client.received
    .filter(({type}) => type === "status")
    .map(({content, parent_header}) => {
      const {msg_id} = parent_header as {msg_id?: string};
      const who = msg_id === cell ? "cell" : msg_id === asked ? "info" : "";
      return who && `${who} ${content.execution_state}`;
    });
  assert.deepEqual(statuses.filter(Boolean), [
    "cell busy",
    "info busy",
    "info idle",
    "cell busy",
    "cell idle",
  ]);
});

test("requests are answered while a cell is in a synchronous loop", async () => {
  const started = performance.now();
  const cell = client.execute("{ const end = Date.now() + 1500; while (Date.now() < end); }");
  await client.until("execute_input", () =>
    client.about(cell).some(({type}) => type === "execute_input"),
  );
  await shell("kernel_info_request", {});
  await shell("is_complete_request", {code: "1"});
  const {content} = await client.request("control", "usage_request", {});
  assert.ok((content.kernel_memory as number) > 1e6);
  assert.ok((await client.beat()) < 200);
  assert.ok(performance.now() - started < 1400);
  await client.finished(cell);
});

test("history gives what was run, with its output", async () => {
  await client.run("111 + 222");
  const {content} = await shell("history_request", {
    ...{hist_access_type: "tail", n: 1, output: true, raw: true},
  });
  const [[, , [input, output]]] = content.history as [[number, number, [string, string]]];
  assert.deepEqual([input, output], ["111 + 222", "333"]);
});

test("input is asked of the client that sent the cell", async () => {
  const id = client.execute('prompt("name? ")', {allow_stdin: true});
  const asked = await client.until("the input_request", () =>
    client.received.find(({type}) => type === "input_request"),
  );
  assert.equal(asked.channel, "stdin");
  assert.deepEqual(asked.content, {prompt: "name? ", password: false});
  assert.equal((asked.parent_header as {msg_id: string}).msg_id, id);
  client.send("stdin", "input_reply", {value: "Ada", status: "ok"});
  assert.equal((await client.finished(id)).result, "'Ada'");
});

test("a client that allows no input makes asking fail at once", async () => {
  const {reply} = await client.run('prompt("name? ")', {allow_stdin: false});
  assert.match(reply.content.evalue as string, /allow_stdin/);
});

test("a comm to an unknown target is closed", async () => {
  const id = client.send("shell", "comm_open", {comm_id: "c1", target_name: "nobody", data: {}});
  const closed = await client.until("comm_close", () =>
    client.about(id).find(({type}) => type === "comm_close"),
  );
  assert.equal(closed.content.comm_id, "c1");
});

test("comms go both ways and are listed", async () => {
  await client.run(
    `(globalThis as any).jupyter.comms.register("echo", (comm: any, data: any) => {
      comm.onMessage = (data: any) => { console.log("heard"); comm.send({echo: data.text}); };
      comm.send({hello: data.name});
    })`,
  );
  const message = (id: string, type = "comm_msg") =>
    client.until(type, () => client.about(id).find((each) => each.type === type));
  const content = {comm_id: "c2", target_name: "echo", data: {name: "panel"}};
  const opened = await message(client.send("shell", "comm_open", content));
  assert.deepEqual(opened.content.data, {hello: "panel"});
  const {content: listed} = await shell("comm_info_request", {target_name: "echo"});
  assert.deepEqual(listed.comms, {c2: {target_name: "echo"}});
  const id = client.send("shell", "comm_msg", {comm_id: "c2", data: {text: "hi"}});
  assert.deepEqual((await message(id)).content.data, {echo: "hi"});
  await client.until("idle", () => client.about(id).some(isIdle));
  const types = client.about(id).map(({type}) => type);
  assert.deepEqual(types, ["status", "stream", "comm_msg", "status"]);
  client.send("shell", "comm_close", {comm_id: "c2", data: {}});
  const {content: left} = await shell("comm_info_request", {});
  assert.deepEqual(left.comms, {});
});

test("the live trace answers a panel even while a cell blocks", async () => {
  const cell = client.execute("{ const end = Date.now() + 1200; while (Date.now() < end); }");
  const started = performance.now();
  const content = {comm_id: "t1", target_name: "tasklab.trace", data: {}};
  const id = client.send("shell", "comm_open", content);
  const snapshot = await client.until("the snapshot", () =>
    client.about(id).find(({type}) => type === "comm_msg"),
  );
  assert.ok(performance.now() - started < 1100);
  const data = snapshot.content.data as Record<string, unknown>;
  assert.equal(data.kind, "snapshot");
  assert.equal(data.version, 1);
  assert.equal(data.droppedEvents, 0);
  assert.ok(Array.isArray(data.events));
  await client.finished(cell);
});

test("display shows under the cell, and its handle replaces what was shown", async () => {
  const ran = await client.run(
    `import {display, html} from "tasklab";
     console.log("before");
     const shown = display(html("<b>1</b>"));
     console.log("after");
     shown.update(html("<b>2</b>"));`,
  );
  const types = sequence(ran).filter((type) => /stream|display/.test(String(type)));
  assert.deepEqual(types, ["stream", "display_data", "stream", "update_display_data"]);
  const shown = ran.iopub.filter(({type}) => type.endsWith("display_data"));
  const [first, second] = shown.map(({content}) => content);
  assert.equal((first!.data as Record<string, string>)["text/html"], "<b>1</b>");
  assert.equal((second!.data as Record<string, string>)["text/html"], "<b>2</b>");
  assert.deepEqual(first!.transient, second!.transient);
});

test("an object's own display is used for the result", async () => {
  const ran = await client.run(
    '({[Symbol.for("Jupyter.display")]: () => ({"text/markdown": "**bold**"})})',
  );
  const result = ran.iopub.find(({type}) => type === "execute_result")!;
  const data = result.content.data as Record<string, string>;
  assert.equal(data["text/markdown"], "**bold**");
  assert.equal(typeof data["text/plain"], "string");
  assert.deepEqual(result.content.transient, {});
});

test("a magic line stands among TypeScript lines", async () => {
  const ran = await client.run("const before = 1\n%who\nbefore + 1");
  assert.match(ran.stdout, /before\s+1/);
  assert.equal(ran.result, "2");
});

test("an unknown magic or option is refused with the nearest one", async () => {
  const unknown = await client.run("%clutser start");
  assert.match(
    unknown.reply.content.evalue as string,
    /unknown magic: %clutser; did you mean %cluster/,
  );
  const option = await client.run("%cluster start --worker 2");
  assert.match(
    option.reply.content.evalue as string,
    /unknown option: --worker; did you mean --workers/,
  );
  assert.deepEqual(option.reply.content.traceback, [`MagicError: ${option.reply.content.evalue}`]);
});

test("what is not a signed, whole message is dropped with a reason, and nothing else happens", async () => {
  const good = client.signer.encode({
    ...{identities: [], parent_header: {}, metadata: {}, buffers: []},
    ...{header: client.signer.header("kernel_info_request"), content: {}},
  }) as Buffer[];
  const changed = (index: number, text: string) =>
    good.map((frame, each) => (each === index ? Buffer.from(text) : frame));
  const before = client.received.length;
  for (const [frames, reason] of [
    [changed(1, "0".repeat(64)), "bad signature"],
    [changed(5, '{"a":1}'), "bad signature"],
    [good.slice(0, 4), "truncated"],
    [[Buffer.from("noise"), Buffer.alloc(100_000)], "no <IDS|MSG> delimiter"],
  ] as const) {
    const logged = client.log.length;
    client.sendFrames("shell", [...frames]);
    await client.until(reason, () => client.log.slice(logged).includes(`dropped: ${reason}`));
  }
  assert.equal(client.received.length, before);
  assert.equal((await client.run("5")).result, "5");
});

test("an execute_request without code and an unknown request harm nothing", async () => {
  const {content} = await shell("execute_request", {silent: false});
  assert.equal(content.status, "error");
  assert.match(content.evalue as string, /code is missing/);
  const id = client.send("shell", "nonsense_request", {});
  await client.until("idle", () => client.about(id).some(isIdle));
  assert.equal((await client.run("6")).result, "6");
});
