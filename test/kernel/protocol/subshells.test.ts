// Subshells (JEP 91) over real sockets: cells of two shells run interleaved, each shell in its
// order.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {isIdle, JupyterClient, type Ran} from "../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
  await client.run(
    `let kept = 41;
     const sleep = (ms: number) => new Promise((go) => setTimeout(go, ms));
     let open = () => {}, gate: Promise<void>;
     const shut = () => void (gate = new Promise((go) => (open = go)));`,
  );
});
after(() => client?.close());

const control = (type: string, content: Record<string, unknown> = {}) =>
  client.request("control", type, content);
async function create(): Promise<string> {
  const {content} = await control("create_subshell_request");
  assert.equal(content.status, "ok");
  return content.subshell_id as string;
}
const list = async () => (await control("list_subshell_request")).content.subshell_id;
const evalue = ({reply}: Ran) => reply.content.evalue;

test("the kernel says that it has subshells", async () => {
  const {content} = await control("kernel_info_request");
  assert.ok((content.supported_features as string[]).includes("kernel subshells"));
});

test("subshells are created, listed and deleted", async () => {
  const [first, second] = [await create(), await create()];
  assert.deepEqual(await list(), [first, second]);
  assert.equal(
    (await control("delete_subshell_request", {subshell_id: first})).content.status,
    "ok",
  );
  assert.deepEqual(await list(), [second]);
  await control("delete_subshell_request", {subshell_id: second});
  assert.deepEqual(await list(), []);
});

for (const wrong of ["nobody", 5, null, undefined, {}])
  test(`deleting the subshell ${JSON.stringify(wrong)} is refused`, async () => {
    const {content} = await control("delete_subshell_request", {subshell_id: wrong});
    assert.equal(content.status, "error");
    assert.equal(content.ename, "SubshellError");
    assert.match(content.evalue as string, /unknown subshell/);
  });

test("requests to an unknown subshell are answered with an error, between busy and idle", async () => {
  for (const type of ["execute_request", "kernel_info_request", "complete_request"]) {
    const id = client.send("shell", type, {code: "kept = 0"}, {}, {subshell_id: "nobody"});
    const reply = await client.until("the reply", () => client.replyTo(id));
    assert.equal(reply.content.status, "error");
    assert.equal(reply.content.evalue, 'unknown subshell: "nobody"');
    await client.until("idle", () => client.about(id).some(isIdle));
    assert.deepEqual(client.statusesOf(id), ["busy", "idle"]);
  }
  assert.equal((await client.run("kept")).result, "41");
});

test("a subshell's cells see the session, and their messages have their requests as parents", async () => {
  const subshell = await create();
  const ran = await client.run("console.log('here'); let made = kept + 1; made", {}, {subshell});
  assert.equal(ran.result, "42");
  assert.equal(ran.stdout, "here\n");
  const {subshell_id} = ran.reply.parent_header as {subshell_id?: string};
  assert.equal(subshell_id, subshell);
  assert.equal((await client.run("made")).result, "42");
});

test("a cell of a subshell runs while one of the main shell awaits, with values of their own", async () => {
  const subshell = await create();
  await client.run("shut()");
  const main = client.execute("console.log('main'); await gate; 'of main'");
  await client.until("its output", () => client.about(main).some(({type}) => type === "stream"));
  const other = await client.run("console.log('sub'); await sleep(1); 'of sub'", {}, {subshell});
  assert.equal(other.result, "'of sub'");
  assert.equal(other.stdout, "sub\n");
  const last = await client.run("open(); 'second'", {}, {subshell});
  assert.equal(last.result, "'second'");
  const ran = await client.finished(main);
  assert.equal(ran.result, "'of main'");
  assert.equal(ran.stdout, "main\n");
  assert.notEqual(ran.reply.content.execution_count, other.reply.content.execution_count);
});

test("cells that end at the same moment keep their own last values, errors and expressions", async () => {
  const shells = await Promise.all([create(), create(), create(), create()]);
  for (let round = 0; round < 5; round++) {
    await client.run("shut()");
    const ids = shells.map((subshell, number) =>
      client.execute(
        number === 3 ? `await gate; throw new Error("of 3")` : `await gate; ${number} * 10`,
        {user_expressions: {own: `${number} + 1`}},
        {subshell},
      ),
    );
    await client.run("open()");
    const ran = await Promise.all(ids.map((id) => client.finished(id)));
    assert.deepEqual(
      ran.map(({result}) => result),
      ["0", "10", "20", undefined],
    );
    assert.equal(evalue(ran[3]!), "of 3");
    for (const [number, {reply}] of ran.slice(0, 3).entries()) {
      const {own} = reply.content.user_expressions as Record<
        string,
        {data: {"text/plain": string}}
      >;
      assert.equal(own!.data["text/plain"], String(number + 1));
    }
  }
});

test("cells that are compiled together all keep what they declare", async () => {
  const shells = await Promise.all([create(), create(), create()]);
  const ids = shells.map((subshell, number) =>
    client.execute(`const together${number} = ${number}`, {}, {subshell}),
  );
  for (const id of ids) await client.finished(id);
  assert.equal((await client.run("together0 + together1 + together2")).result, "3");
});

test("each subshell runs its cells in order, and an error aborts what waits in it and nowhere else", async () => {
  const [one, two] = [await create(), await create()];
  await client.run("shut(); const order: string[] = []");
  const failing = client.execute("await gate; throw new Error('stop')", {}, {subshell: one});
  const aborted = client.execute("kept = 0", {}, {subshell: one});
  const others = [1, 2].map((number) =>
    client.execute(`await gate; order.push('two ${number}')`, {}, {subshell: two}),
  );
  const main = client.execute("open(); order.push('main')");
  assert.equal(evalue(await client.finished(failing)), "stop");
  assert.equal((await client.finished(aborted)).reply.content.status, "aborted");
  for (const id of [...others, main])
    assert.equal((await client.finished(id)).reply.content.status, "ok");
  assert.equal((await client.run("[kept, ...order]")).result, "[ 41, 'main', 'two 1', 'two 2' ]");
});

test("deleting a subshell aborts what waits in it; what runs goes on to its end", async () => {
  const subshell = await create();
  await client.run("shut()");
  const running = client.execute("console.log('now'); await gate; 5", {}, {subshell});
  const waiting = client.execute("kept = 0", {}, {subshell});
  await client.until("its output", () => client.about(running).some(({type}) => type === "stream"));
  await control("delete_subshell_request", {subshell_id: subshell});
  assert.equal((await client.finished(waiting)).reply.content.status, "aborted");
  const late = client.execute("kept = 0", {}, {subshell});
  assert.equal(evalue(await client.finished(late)), `unknown subshell: "${subshell}"`);
  await client.run("open()");
  assert.equal((await client.finished(running)).result, "5");
  assert.equal((await client.run("kept")).result, "41");
});

for (const [name, code] of [
  ["awaits", "console.log('now'); await new Promise(() => {})"],
  ["loops", "console.log('now'); while (true) {}"],
  ["loops after an await", "await sleep(1); console.log('now'); while (true) {}"],
])
  test(`an interrupt stops the cells of all shells while a subshell's ${name}, and nothing is lost`, async () => {
    const subshell = await create();
    const main = client.execute("console.log('now'); await new Promise(() => {})");
    await client.until("its output", () => client.about(main).some(({type}) => type === "stream"));
    const other = client.execute(code!, {}, {subshell});
    await client.until("its output", () => client.about(other).some(({type}) => type === "stream"));
    await control("interrupt_request");
    for (const id of [main, other])
      assert.equal((await client.finished(id)).reply.content.ename, "InterruptedError");
    assert.equal((await client.run("kept + 1")).result, "42");
    assert.equal((await client.run("kept + 1", {}, {subshell})).result, "42");
  });

test("while cells of several shells run, the kernel says busy until the last has ended", async () => {
  const subshell = await create();
  await client.run("shut()");
  const main = client.execute("console.log('now'); await gate");
  await client.until("its output", () => client.about(main).some(({type}) => type === "stream"));
  const from = client.received.length;
  await client.run("1", {}, {subshell});
  const last = () =>
    client.received.slice(from).findLast(({type, content}) => type === "status" && content);
  await client.until("busy again", () => last()?.content.execution_state === "busy");
  await client.run("open()", {}, {subshell});
  await client.finished(main);
  assert.equal(last()?.content.execution_state, "idle");
});

test("%%sequential measures the calls of its own cell, not those of one that runs beside it", async () => {
  const subshell = await create();
  await client.run("shut(); function own() {} function beside() { return 1 }");
  const recorded = client.execute("%%sequential\nown(); console.log('now'); await gate; own();");
  await client.until("its output", () =>
    client.about(recorded).some(({content}) => content.text === "now\n"),
  );
  assert.equal((await client.run("beside(); open(); beside()", {}, {subshell})).result, "1");
  const {iopub} = await client.finished(recorded);
  const data = iopub.find(({type}) => type === "display_data")!.content.data as object;
  const trace = JSON.stringify(data);
  assert.match(trace, /\bown\b/);
  assert.doesNotMatch(trace, /\bbeside\b/);
});

test("a comm over a subshell is answered while the main shell loops, even when its subshell is deleted", async () => {
  const subshell = await create();
  const cell = client.execute(
    "console.log('now'); { const end = Date.now() + 1000; while (Date.now() < end); }",
  );
  await client.until("its output", () => client.about(cell).some(({type}) => type === "stream"));
  const content = {comm_id: "over-subshell", target_name: "tasklab.trace", data: {}};
  const id = client.send("shell", "comm_open", content, {}, {subshell_id: subshell});
  await client.until("its snapshot", () => client.about(id).find(({type}) => type === "comm_msg"));
  await control("delete_subshell_request", {subshell_id: subshell});
  const end = {comm_id: "over-subshell", data: {}};
  const closed = client.send("shell", "comm_close", end, {}, {subshell_id: subshell});
  await client.until("its idle", () => client.about(closed).some(isIdle));
  const {content: listed} = await client.request("shell", "comm_info_request", {});
  assert.deepEqual(listed.comms, {});
  assert.ok(!client.about(cell).some(isIdle), "the loop has ended before");
  await client.finished(cell);
});

test("a question of a subshell's cell is asked with that cell as parent", async () => {
  const subshell = await create();
  const id = client.execute("prompt('sub?')", {allow_stdin: true}, {subshell});
  const asked = await client.question(id);
  client.answer("yes", asked);
  assert.equal((await client.finished(id)).result, "'yes'");
});
