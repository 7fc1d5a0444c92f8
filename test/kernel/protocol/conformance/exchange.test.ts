// The protocol's rows on exchanges between a cell and its clients: stdin and comms. Each test is
// named by its row of the table of kernels.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {isIdle, JupyterClient, type Received} from "../../../support/jupyter-client.js";

let client: JupyterClient;
let other: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
  other = await client.beside();
});
after(async () => {
  await other?.close();
  await client?.close();
});

const ask = (code: string, of = client) => of.execute(code, {allow_stdin: true});

/** Runs a cell that asks once, and answers it. */
async function answered(code: string, answer: string) {
  const id = ask(code);
  const question = await client.question(id);
  client.answer(answer, question);
  return {question, ran: await client.finished(id)};
}

// The cell, what it asks, the answer, what comes of it.
const questions: [code: string, content: object, answer: string, result: string][] = [
  ["prompt('name? ')", {prompt: "name? ", password: false}, "Ada", "'Ada'"],
  ["prompt('name?', 'Eve')", {prompt: "name?", password: false}, "", "'Eve'"],
  ["prompt()", {prompt: "", password: false}, "😀", "'😀'"],
  ["prompt.password('key? ')", {prompt: "key? ", password: true}, "secret", "'secret'"],
  ["confirm('sure?')", {prompt: "sure? [y/N] ", password: false}, "y", "true"],
  ["confirm('sure?')", {prompt: "sure? [y/N] ", password: false}, " YES ", "true"],
  ["confirm('sure?')", {prompt: "sure? [y/N] ", password: false}, "", "false"],
  ["confirm('sure?')", {prompt: "sure? [y/N] ", password: false}, "no", "false"],
];
for (const [code, content, answer, result] of questions)
  test(`input_request: ${code} answered by ${JSON.stringify(answer)} gives ${result}`, async () => {
    const {question, ran} = await answered(code, answer);
    assert.equal(question.channel, "stdin");
    assert.deepEqual(question.content, content);
    assert.equal((question.parent_header as {msg_id: string}).msg_id, ran.id);
    assert.equal(ran.result, result);
  });

test("input_request: what is printed before a question is told before it", async () => {
  const id = ask("console.log('before'); prompt('?')");
  const question = await client.question(id);
  const printed = await client.until("its output", () =>
    client.about(id).find(({type}) => type === "stream"),
  );
  assert.ok(printed.atMs <= question.atMs + 100);
  client.answer("", question);
  await client.finished(id);
});

test("input_request: is typed, and several come one after another", async () => {
  const id = ask("const first: string = prompt('1'), second = prompt('2'); [first, second]");
  client.answer("a", await client.question(id));
  const second = await client.until("the second", () =>
    client.received.find(({content}) => content.prompt === "2"),
  );
  client.answer("b", second);
  assert.equal((await client.finished(id)).result, "[ 'a', 'b' ]");
  const {reply} = await client.run("const wrong: number = prompt.password('?')");
  assert.match(reply.content.evalue as string, /'string' is not assignable to type 'number'/);
});

for (const allow_stdin of [false, undefined, "yes"])
  test(`input_request: with allow_stdin ${allow_stdin} asking fails at once`, async () => {
    for (const code of ["prompt('?')", "confirm('?')", "prompt.password('?')"]) {
      const {reply} = await client.run(code, {allow_stdin});
      assert.match(reply.content.evalue as string, /this client gives no input \(allow_stdin/);
    }
  });

test("input_request: after its cell has ended nobody can be asked", async () => {
  const ran = await client.run(
    `setTimeout(() => { try { prompt("late?") } catch (error) { console.log(String(error)) } }, 20); 1`,
  );
  await client.until("the refusal", () =>
    client.about(ran.id).some(({content}) => /only while its cell runs/.test(String(content.text))),
  );
});

test("input_request: of two clients that one is asked whose cell it is, and that one answers", async () => {
  const id = ask("prompt('whose?')", other);
  const question = await other.question(id);
  const logged = client.log.length;
  client.answer("not mine", question);
  await client.until("it is dropped", () => client.log.slice(logged).includes("no open question"));
  other.answer("theirs", question);
  assert.equal((await other.finished(id)).result, "'theirs'");
  assert.ok(!client.received.some(({content}) => content.prompt === "whose?"));
});

const parents: [name: string, parent: (question: Received) => object, isTaken: boolean][] = [
  ["the question", ({header}) => header, true],
  ["the cell", ({parent_header}) => parent_header, true],
  ["nothing", () => ({}), true],
  ["another question", ({header}) => ({...header, msg_id: "another"}), false],
];
for (const [name, parentOf, isTaken] of parents)
  test(`input_reply: whose parent is ${name} is ${isTaken ? "taken" : "dropped"}`, async () => {
    const id = ask("prompt('?')");
    const question = await client.question(id);
    const logged = client.log.length;
    const parent_header = parentOf(question) as never;
    client.send("stdin", "input_reply", {value: "first"}, {parent_header});
    if (!isTaken) {
      await client.until("it is dropped", () =>
        client.log.slice(logged).includes("no open question"),
      );
      client.answer("second", question);
    }
    assert.equal((await client.finished(id)).result, isTaken ? "'first'" : "'second'");
  });

test("input_reply: without a question, or of an interrupted one, answers no later one", async () => {
  client.send("stdin", "input_reply", {value: "early"});
  const interrupted = ask("prompt('old?')");
  const old = await client.question(interrupted);
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.finished(interrupted)).reply.content.ename, "InterruptedError");
  client.answer("stale", old);
  const {ran} = await answered("prompt('new?')", "fresh");
  assert.equal(ran.result, "'fresh'");
});

test("comm_open: to an unknown target is closed", async () => {
  const id = client.send("shell", "comm_open", {comm_id: "c1", target_name: "nobody", data: {}});
  const closed = await client.until("comm_close", () =>
    client.about(id).find(({type}) => type === "comm_close"),
  );
  assert.equal(closed.content.comm_id, "c1");
});

test("comms: go both ways with buffers, are typed, and are listed by comm_info", async () => {
  const declared = await client.run(
    `const heard: unknown[] = [];
     jupyter.comms.register("echo", (comm, data) => {
       comm.onMessage = (data, buffers) => {
         console.log("heard");
         comm.send({echo: data.text}, buffers);
       };
       comm.onClose = (data) => heard.push(data);
       comm.send({hello: data.name});
     });`,
  );
  assert.equal(declared.reply.content.status, "ok", JSON.stringify(declared.reply.content));
  const message = (id: string, type = "comm_msg") =>
    client.until(type, () => client.about(id).find((each) => each.type === type));
  const content = {comm_id: "c2", target_name: "echo", data: {name: "panel"}};
  const opened = await message(client.send("shell", "comm_open", content));
  assert.deepEqual(opened.content, {comm_id: "c2", data: {hello: "panel"}});
  const info = async (target_name?: string) =>
    (await client.request("shell", "comm_info_request", {target_name})).content.comms;
  assert.deepEqual(await info("echo"), {c2: {target_name: "echo"}});
  assert.deepEqual(await info(), {c2: {target_name: "echo"}});
  assert.deepEqual(await info("other"), {});
  const buffers = [Buffer.from([1, 2, 3]), Buffer.alloc(0)];
  const data = {comm_id: "c2", data: {text: "hi"}};
  const id = client.send("shell", "comm_msg", data, {buffers});
  const echo = await message(id);
  assert.deepEqual(echo.content.data, {echo: "hi"});
  assert.deepEqual(
    echo.buffers.map((buffer) => [...buffer]),
    [[1, 2, 3], []],
  );
  await client.until("idle", () => client.about(id).some(isIdle));
  const types = client.about(id).map(({type}) => type);
  assert.deepEqual(types, ["status", "stream", "comm_msg", "status"]);
  client.send("shell", "comm_close", {comm_id: "c2", data: {by: "panel"}});
  assert.equal((await client.run("heard")).result, "[ { by: 'panel' } ]");
  assert.deepEqual(await info(), {});
});

test("comms: a cell opens one, and hears the frontend's answers after it has ended", async () => {
  const {id} = await client.run(
    `const comm = jupyter.comms.open("widget", {value: 1});
     comm.onMessage = (data) => console.log("got", data.value);`,
  );
  const open = client.about(id).find(({type}) => type === "comm_open")!;
  assert.equal(open.content.target_name, "widget");
  assert.deepEqual(open.content.data, {value: 1});
  const {comm_id} = open.content;
  const asked = client.send("shell", "comm_msg", {comm_id, data: {value: 2}});
  await client.until("its output", () =>
    client.about(asked).some(({content}) => content.text === "got 2\n"),
  );
  await client.run("comm.close()");
  const info = await client.request("shell", "comm_info_request", {});
  assert.deepEqual(info.content.comms, {});
});

test("comms: an error of a listener is told, and the round is closed", async () => {
  await client.run(
    `jupyter.comms.register("failing", (comm) => { comm.onMessage = () => { throw new Error("oh") } })`,
  );
  client.send("shell", "comm_open", {comm_id: "c3", target_name: "failing", data: {}});
  const id = client.send("shell", "comm_msg", {comm_id: "c3", data: {}});
  await client.until("idle", () => client.about(id).some(isIdle));
  assert.ok(client.about(id).some(({content}) => /Uncaught Error: oh/.test(String(content.text))));
});

test("comms: a listener that loops is ended by an interrupt, and its round is closed", async () => {
  await client.run(
    `jupyter.comms.register("looping", (comm) => { comm.onMessage = () => { console.log("now"); while (true) {} } })`,
  );
  client.send("shell", "comm_open", {comm_id: "c4", target_name: "looping", data: {}});
  const id = client.send("shell", "comm_msg", {comm_id: "c4", data: {}});
  await client.until("its output", () => client.about(id).some(({type}) => type === "stream"));
  await client.request("control", "interrupt_request", {});
  await client.until("idle", () => client.about(id).some(isIdle));
  assert.equal((await client.run("5")).result, "5");
});

test("comms: the live trace answers a panel even while a cell blocks", async () => {
  const cell = client.execute("console.log('now'); while (true) {}");
  await client.until("its output", () => client.about(cell).some(({type}) => type === "stream"));
  const content = {comm_id: "t1", target_name: "tasklab.trace", data: {}};
  const id = client.send("shell", "comm_open", content);
  const snapshot = await client.until("the snapshot", () =>
    client.about(id).find(({type}) => type === "comm_msg"),
  );
  const data = snapshot.content.data as Record<string, unknown>;
  assert.deepEqual([data.kind, data.version, data.droppedEvents], ["snapshot", 1, 0]);
  assert.ok(Array.isArray(data.events));
  await client.request("control", "interrupt_request", {});
  await client.finished(cell);
});
