// The protocol's rows on messages, channels and what the kernel says of itself. Each test is named
// by its row of the table of kernels; rows with files of their own: subshells, interrupts, shutdown
// and history.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {isIdle, JupyterClient} from "../../../support/jupyter-client.js";

let client: JupyterClient;
const guests: JupyterClient[] = [];
before(async () => {
  client = await JupyterClient.start();
});
after(async () => {
  for (const guest of guests) await guest.close();
  await client?.close();
});

async function guest(): Promise<JupyterClient> {
  const other = await client.beside();
  guests.push(other);
  return other;
}
const idle = (id: string) => client.until("its idle", () => client.about(id).some(isIdle));

test("announced protocol: 5.5, in kernel_info and in every header", async () => {
  const {content} = await client.request("shell", "kernel_info_request", {});
  assert.equal(content.protocol_version, "5.5");
  for (const {header} of client.received) assert.equal(header.version, "5.5");
});

for (const channel of ["shell", "control"] as const)
  test(`kernel_info: on ${channel}, whole, with the language as editors need it`, async () => {
    const {content, channel: came} = await client.request(channel, "kernel_info_request", {});
    assert.equal(came, channel);
    assert.equal(content.status, "ok");
    assert.equal(content.implementation, "tasklab");
    assert.match(content.implementation_version as string, /^\d+\.\d+\.\d+/);
    assert.match(content.banner as string, /Tasklab.*TypeScript.*Node\.js/);
    const language = content.language_info as Record<string, unknown>;
    assert.equal(language.name, "typescript");
    assert.match(language.version as string, /^\d+\.\d+\.\d+/);
    // JupyterLab takes a string only.
    assert.equal(language.codemirror_mode, "typescript");
    assert.equal(language.pygments_lexer, "typescript");
    assert.equal(language.mimetype, "text/typescript");
    assert.equal(language.file_extension, ".ts");
    assert.ok(Array.isArray(content.help_links));
  });

test("supported_features: what is there is announced", async () => {
  const {content} = await client.request("control", "kernel_info_request", {});
  assert.ok((content.supported_features as string[]).includes("kernel subshells"));
});

test("HMAC check: what is not a signed, whole message is dropped with a reason, and nothing else happens", async () => {
  const good = client.signer.encode({
    ...{identities: [], parent_header: {}, metadata: {}, buffers: []},
    ...{header: client.signer.header("kernel_info_request"), content: {}},
  }) as Buffer[];
  const changed = (index: number, text: string) =>
    good.map((frame, each) => (each === index ? Buffer.from(text) : frame));
  for (const channel of ["shell", "control", "stdin"] as const) {
    const replies = () => client.received.filter(({channel}) => channel !== "iopub").length;
    const before = replies();
    for (const [frames, reason] of [
      [changed(1, "0".repeat(64)), "bad signature"],
      [changed(1, ""), "bad signature"],
      [changed(5, '{"a":1}'), "bad signature"],
      [good.slice(0, 4), "truncated"],
      [[Buffer.from("noise"), Buffer.alloc(100_000)], "no <IDS|MSG> delimiter"],
    ] as const) {
      const logged = client.log.length;
      client.sendFrames(channel, [...frames]);
      const line = `message on ${channel} dropped: ${reason}`;
      await client.until(reason, () => client.log.slice(logged).includes(line));
    }
    assert.equal(replies(), before);
  }
  assert.equal((await client.run("5")).result, "5");
});

test("HMAC check: a client with another key is not answered, and others are", async () => {
  const stranger = client.stranger({key: "not the key"});
  guests.push(stranger);
  const logged = client.log.length;
  for (const channel of ["shell", "control"] as const) {
    stranger.send(channel, "execute_request", {code: "globalThis.hacked = 1"});
    stranger.send(channel, "shutdown_request", {restart: false});
  }
  await client.until(
    "four are dropped",
    () => client.log.slice(logged).split("bad signature").length > 4,
  );
  assert.equal((await client.run("'hacked' in globalThis")).result, "false");
  assert.deepEqual(stranger.received, []);
  assert.ok(stranger.unreadable.every((channel) => channel === "iopub"));
});

test("own session id: in all headers, and not the client's", () => {
  const sessions = new Set(client.received.map(({header}) => header.session));
  assert.equal(sessions.size, 1);
  assert.ok(!sessions.has(client.signer.session));
});

test("headers: every message has its own id, a date in ISO 8601 with its zone, and a parent or {}", () => {
  const ids = client.received.map(({header}) => header.msg_id);
  assert.equal(new Set(ids).size, ids.length);
  for (const {header, parent_header, metadata} of client.received) {
    assert.match(header.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    assert.equal(typeof header.username, "string");
    assert.ok("msg_id" in parent_header || Object.keys(parent_header).length === 0);
    assert.equal(typeof metadata, "object");
  }
});

test("headers: a client's without date, or with any, are taken, and come back whole as the parent", async () => {
  for (const date of [undefined, null, "yesterday", 5, "2026-01-02T03:04:05+01:00"]) {
    const fields = {date, anything: {of: "theirs"}} as never;
    const id = client.send("shell", "kernel_info_request", {}, {}, fields);
    const reply = await client.until("the reply", () => client.replyTo(id));
    const parent = reply.parent_header as unknown as Record<string, unknown>;
    assert.equal(parent.date, date);
    assert.deepEqual(parent.anything, {of: "theirs"});
  }
});

test("iopub_welcome: every subscription gets its own, with its topic and an empty parent", async () => {
  const first = client.received.find(({type}) => type === "iopub_welcome")!;
  assert.deepEqual(first.content, {subscription: ""});
  assert.deepEqual(first.parent_header, {});
  const other = await guest();
  other.subscribe("kernel.");
  const second = await other.until("the second welcome", () =>
    other.received.find(({type, content}) => type === "iopub_welcome" && content.subscription),
  );
  assert.deepEqual(second.content, {subscription: "kernel."});
});

test("iopub topics: name the kernel and the kind of message", async () => {
  const ran = await client.run("console.log(1)");
  for (const {identities, type, header} of ran.iopub)
    assert.equal(identities.join(), `kernel.${header.session}.${type}`);
});

test("status starting: once, before any other, with an empty parent, and for no later client", async () => {
  const states = (of: JupyterClient) =>
    of.received.filter(({type}) => type === "status").map(({content}) => content.execution_state);
  assert.equal(states(client)[0], "starting");
  assert.equal(states(client).filter((state) => state === "starting").length, 1);
  const starting = client.received.find(({content}) => content.execution_state === "starting")!;
  assert.deepEqual(starting.parent_header, {});
  assert.ok(!states(await guest()).includes("starting"));
});

/** What a reply to a well-formed request says; `is_complete_reply` says more with it. */
const good = /^(ok|complete)$/;
const requests: [channel: "shell" | "control", type: string, content: Record<string, unknown>][] = [
  ["shell", "kernel_info_request", {}],
  ["control", "kernel_info_request", {}],
  ["shell", "execute_request", {code: "1"}],
  ["shell", "complete_request", {code: "Math.", cursor_pos: 5}],
  ["shell", "inspect_request", {code: "Math", cursor_pos: 4, detail_level: 0}],
  ["shell", "is_complete_request", {code: "1"}],
  ["shell", "history_request", {hist_access_type: "tail", n: 1, output: false, raw: true}],
  ["shell", "comm_info_request", {}],
  ["control", "usage_request", {}],
  ["shell", "interrupt_request", {}],
  ["control", "interrupt_request", {}],
  ["control", "list_subshell_request", {}],
];
for (const [channel, type, content] of requests)
  test(`busy/idle round every request: ${type} on ${channel}, and its reply is ok`, async () => {
    const reply = await client.request(channel, type, content);
    const {msg_id: id} = reply.parent_header as {msg_id: string};
    await idle(id);
    assert.deepEqual(client.statusesOf(id), ["busy", "idle"]);
    assert.equal(reply.channel, channel);
    assert.match(reply.content.status as string, good);
  });

for (const type of ["comm_open", "comm_msg", "comm_close", "nonsense_request", "nonsense"])
  test(`busy/idle round every request: ${type}, which has no reply`, async () => {
    const id = client.send("shell", type, {comm_id: "x", target_name: "nobody", data: {}});
    await idle(id);
    assert.deepEqual(client.statusesOf(id), ["busy", "idle"]);
    assert.equal(client.replyTo(id), undefined);
  });

test("busy/idle: a request answered while a cell runs is closed by busy with the cell as parent", async () => {
  await client.run("let open = () => {}; const gate = new Promise<void>((go) => (open = go)); 0");
  const cell = client.execute("console.log('now'); await gate");
  await client.until("its output", () => client.about(cell).some(({type}) => type === "stream"));
  const info = await client.request("shell", "kernel_info_request", {});
  const asked = (info.parent_header as {msg_id: string}).msg_id;
  await idle(asked);
  await client.until("busy again", () => client.statusesOf(cell).length === 2);
  assert.deepEqual(client.statusesOf(asked), ["busy", "idle"]);
  assert.deepEqual(client.statusesOf(cell), ["busy", "busy"]);
  client.send("shell", "execute_request", {code: "0"});
  await client.request("control", "interrupt_request", {});
  await client.finished(cell);
});

test("contents of the wrong types: each request is answered all the same", async () => {
  const wrong = [5, null, "text", [], {a: []}, true, 1e400];
  const fields = [
    "code",
    "cursor_pos",
    "detail_level",
    "hist_access_type",
    "n",
    "session",
    "start",
  ];
  const more = ["stop", "pattern", "unique", "output", "target_name", "silent", "user_expressions"];
  for (const value of wrong) {
    const content = Object.fromEntries([...fields, ...more].map((field) => [field, value]));
    for (const [channel, type] of requests) {
      const {content: answer} = await client.request(channel, type, content);
      assert.match(
        String(answer.status),
        /^(ok|complete|error)$/,
        `${type} ${JSON.stringify(value)}`,
      );
    }
  }
  assert.equal((await client.run("6")).result, "6");
});

test("duplicate msg_ids: a cell that has come twice runs once", async () => {
  await client.run("let count = 0");
  const header = client.signer.header("execute_request");
  const content = {code: "await new Promise((go) => setTimeout(go, 50)); ++count", silent: false};
  const send = (metadata: Record<string, unknown>) => {
    const message = {identities: [], parent_header: {}, metadata, buffers: [], header, content};
    client.sendFrames("shell", client.signer.encode(message) as Buffer[]);
  };
  send({});
  // The same bytes, and the same message in other bytes.
  send({});
  send({other: 1});
  await client.until("they are dropped", () =>
    ["played back", "it has come twice"].every((reason) => client.log.includes(reason)),
  );
  await client.finished(header.msg_id);
  assert.equal((await client.run("count")).result, "1");
});

test("a client that has gone: its cell runs to its end, and others are answered", async () => {
  const other = await client.beside();
  const id = other.execute("await new Promise((go) => setTimeout(go, 50)); let afterwards = 7");
  await other.until("its busy", () => other.about(id).length > 0);
  await other.close();
  await idle(id);
  assert.equal((await client.run("afterwards")).result, "7");
});

test("two clients: each gets its own replies, and both hear iopub", async () => {
  const other = await guest();
  const [mine, theirs] = [client.execute("'mine'"), other.execute("'theirs'")];
  assert.equal((await client.finished(mine)).result, "'mine'");
  assert.equal((await other.finished(theirs)).result, "'theirs'");
  assert.equal(client.replyTo(theirs), undefined);
  assert.equal(other.replyTo(mine), undefined);
  await client.until("the other's result", () => client.about(theirs).some(isIdle));
});

test("usage_request: what jupyter-resource-usage draws, and shares that are true", async () => {
  const usage = async () => (await client.request("control", "usage_request", {})).content;
  const startedMs = performance.now();
  await usage();
  await client.run(
    "{ const start = process.cpuUsage(); while (process.cpuUsage(start).user < 300_000); }",
  );
  const {hostname, pid, ...numbers} = await usage();
  const tookMs = performance.now() - startedMs;
  assert.equal(typeof hostname, "string");
  assert.equal(pid, client.process.pid);
  assert.ok((numbers.kernel_memory as number) > 30e6);
  const least = (300 / tookMs) * 100 - 1;
  assert.ok((numbers.kernel_cpu as number) > least, `kernel ${numbers.kernel_cpu} of ${least} %`);
  const host = numbers.host_cpu_percent as number;
  assert.ok(host > 0 && host <= 100, `host ${host} %`);
  assert.ok((numbers.cpu_count as number) >= 1);
  const memory = numbers.host_virtual_memory as Record<string, number>;
  assert.ok(memory.total! > memory.available! && memory.percent! > 0 && memory.percent! < 100);
});

test("heartbeat: comes back in less than 50 ms while a cell is in a synchronous loop", async () => {
  const cell = client.execute("console.log('now'); while (true) {}");
  await client.until("its output", () => client.about(cell).some(({type}) => type === "stream"));
  const beats: number[] = [];
  for (let round = 0; round < 21; round++) beats.push(await client.beat());
  beats.sort((a, b) => a - b);
  await client.request("control", "interrupt_request", {});
  await client.finished(cell);
  assert.ok(beats[10]! < 50, `median ${beats[10]} ms of ${beats.join(", ")}`);
});
