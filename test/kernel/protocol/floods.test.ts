// Too much of everything: by clients, and by cells. Whatever comes, the heartbeat goes on, memory
// stays bounded, and a cell runs afterwards.

import assert from "node:assert/strict";
import {after, afterEach, before, test} from "node:test";
import {Dealer, Subscriber} from "zeromq";
import {maxCodeChars, maxWaitingCells} from "../../../kernel/protocol/limits.js";
import {isIdle, JupyterClient} from "../../support/jupyter-client.js";
import {signedFrames} from "../../support/raw-messages.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
  await client.run(`import {display} from "tasklab"; const kept = 41;`);
});
after(() => client?.close());

/** With all that a cell may leave behind: the kernel alone has 250 MB. */
const maxBytes = 1.2e9;
afterEach(async () => {
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.run("kept + 1")).result, "42");
  const {content} = await client.request("control", "usage_request", {});
  assert.ok((content.kernel_memory as number) < maxBytes, `${String(content.kernel_memory)} bytes`);
});

test("thousands of requests are all answered", async () => {
  const ids = Array.from({length: 2000}, () => client.send("shell", "kernel_info_request", {}));
  const last = ids.at(-1)!;
  await client.until("the last idle", () => client.about(last).some(isIdle));
  assert.ok(ids.every((id) => client.replyTo(id)));
});

test("a cell does not wait for thousands of completions", async () => {
  const ids = Array.from({length: 3000}, () =>
    client.send("shell", "complete_request", {code: "cons", cursor_pos: 4}),
  );
  await client.run("1");
  const answered = ids.filter((id) => client.replyTo(id)?.content.status === "ok").length;
  assert.ok(answered < 900, `${answered} were answered before`);
  await client.until("the last idle", () => client.about(ids.at(-1)!).some(isIdle));
});

test("more cells than can wait are refused by name, and the others run", async () => {
  const running = client.execute("await new Promise(() => {})");
  const ids = Array.from({length: maxWaitingCells + 10}, () => client.execute("1"));
  const refused = await client.until("the refusal", () => client.replyTo(ids.at(-1)!));
  assert.match(String(refused.content.evalue), /10000 cells wait already/);
  await client.request("control", "interrupt_request", {});
  await client.finished(running);
  await client.until("the abortion", () => client.replyTo(ids[maxWaitingCells - 1]!));
  assert.equal(client.replyTo(ids[0]!)?.content.status, "aborted");
});

test("a cell of 50 MB is refused by name", async () => {
  const {reply} = await client.run(`"${"x".repeat(50e6)}"`);
  assert.match(String(reply.content.evalue), new RegExp(`at most ${maxCodeChars} can be compiled`));
});

test("thousands of interrupts stop one cell, and the next one runs", async () => {
  const id = client.execute("await new Promise(() => {})");
  await client.until("busy", () => client.about(id).length > 0);
  const asked = Array.from({length: 3000}, () => client.send("control", "interrupt_request", {}));
  assert.equal((await client.finished(id)).reply.content.ename, "InterruptedError");
  await client.until("the last reply", () => client.replyTo(asked.at(-1)!));
});

test("control is answered while a cell loops, a thousand times", async () => {
  const id = client.execute("console.log('now'); while (true) {}");
  await client.until("its output", () => client.about(id).some(({type}) => type === "stream"));
  const asked = Array.from({length: 1000}, () => client.send("control", "usage_request", {}));
  await client.until("the last reply", () => client.replyTo(asked.at(-1)!));
  await client.request("control", "interrupt_request", {});
  await client.finished(id);
});

test("thousands of comms to nobody are closed, and those to a panel are served to a bound", async () => {
  for (const target_name of ["nobody", "tasklab.trace"]) {
    const ids = Array.from({length: 2000}, (_, n) =>
      client.send("shell", "comm_open", {comm_id: `${target_name}${n}`, target_name, data: {}}),
    );
    await client.until("the last idle", () => client.about(ids.at(-1)!).some(isIdle));
    await client.until("the first is closed", () =>
      client.about(ids[0]!).some(({type}) => type === "comm_close"),
    );
  }
  const {content} = await client.request("shell", "comm_info_request", {});
  assert.ok(Object.keys(content.comms as object).length <= 50);
});

test("a message of thousands of buffers is taken", async () => {
  const parts = [JSON.stringify(client.signer.header("comm_msg")), "{}", "{}", "{}"] as const;
  const buffers = Array.from({length: 20_000}, () => Buffer.alloc(10));
  client.sendFrames("shell", signedFrames(String(client.connection.key), parts, buffers));
  await client.request("shell", "kernel_info_request", {});
});

test("unsigned messages of 50 MB cost a moment each", async () => {
  const parts = ["x".repeat(50e6), "{}", "{}", "{}"] as const;
  for (let n = 0; n < 5; n++) client.sendFrames("shell", signedFrames("other key", parts));
  await client.sent();
});

test("a flood of bad messages is told in a few lines", async () => {
  const before = client.log.length;
  for (let n = 0; n < 20_000; n++) client.sendFrames("shell", [Buffer.from("x"), Buffer.from("y")]);
  await client.sent();
  await client.request("shell", "kernel_info_request", {});
  await client.until("the sum", () => /more lines left out/.test(client.log.slice(before)));
  assert.ok(client.log.length - before < 50_000);
});

const loops: [name: string, code: string][] = [
  ["displays", `for (let i = 0; ; i++) display(i, {displayId: "one"});`],
  ["prints", `for (let i = 0; ; i++) console.log("x".repeat(1000));`],
  ["sends to a comm", `const comm = jupyter.comms.open("nobody"); for (;;) comm.send({a: 1});`],
  ["clears its output", `import {clearOutput} from "tasklab"; for (;;) clearOutput();`],
];
for (const [name, code] of loops)
  test(`a loop that ${name} without end leaves the heartbeat alone and can be interrupted`, async () => {
    const id = client.execute(code);
    await client.until("its first output", () => client.about(id).length > 3);
    // What comes meanwhile keeps this process busy too.
    const beats: number[] = [];
    for (let n = 0; n < 20; n++) beats.push(await client.beat());
    assert.ok(beats.sort((a, b) => a - b)[10]! < 500, beats.join());
    await client.request("control", "interrupt_request", {});
    assert.equal((await client.finished(id)).reply.content.ename, "InterruptedError");
  });

test("a subscriber that never reads holds up nobody", async () => {
  const sleeper = new Subscriber({linger: 0, receiveHighWaterMark: 1});
  try {
    sleeper.connect(client.endpoint("iopub"));
    sleeper.subscribe("");
    await sleeper.receive();
    const ran = await client.run("for (let i = 0; i < 10_000; i++) display('x'.repeat(2000));");
    assert.equal(ran.iopub.filter(({type}) => type === "display_data").length, 10_000);
  } finally {
    sleeper.close();
  }
});

test("clients that ask and go away are forgotten", async () => {
  for (let n = 0; n < 100; n++) {
    const ghost = new Dealer({linger: 100});
    ghost.connect(client.endpoint("shell"));
    const header = client.signer.header("execute_request");
    const content = {code: "console.log('x'.repeat(1000))"};
    const message = {identities: [], header, parent_header: {}, metadata: {}, content, buffers: []};
    await ghost.send(client.signer.encode(message) as Buffer[]);
    ghost.close();
  }
});
