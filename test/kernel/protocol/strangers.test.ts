// Clients that are none: without the key, without ZeroMQ, or gone in the midst of a message. The
// kernel answers none of them, and goes on for those that are.

import assert from "node:assert/strict";
import {randomBytes} from "node:crypto";
import {once} from "node:events";
import {connect} from "node:net";
import {after, afterEach, before, test} from "node:test";
import {Dealer, Subscriber} from "zeromq";
import {Signer} from "../../../kernel/protocol/message.js";
import {isIdle, JupyterClient} from "../../support/jupyter-client.js";
import {nested, signedFrames} from "../../support/raw-messages.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
});
after(() => client?.close());
afterEach(async () => {
  assert.equal((await client.run("40 + 2")).result, "42");
  assert.ok((await client.beat()) < 1000);
});

test("an unsigned, a wrongly signed and a played back message are never answered", async () => {
  const {signer} = client;
  const content = {code: "globalThis.intruded = true"};
  const message = () => ({
    ...{identities: [], parent_header: {}, metadata: {}, content, buffers: []},
    header: signer.header("execute_request"),
  });
  const [unsigned, wrong, once] = [message(), message(), message()];
  const frames = signer.encode(once) as Buffer[];
  client.sendFrames("shell", frames);
  await client.finished(once.header.msg_id);
  const heard = client.about(once.header.msg_id).length;
  await client.run("globalThis.intruded = false");
  client.sendFrames("shell", new Signer("", "hmac-sha256").encode(unsigned) as Buffer[]);
  client.sendFrames("shell", new Signer("other", "hmac-sha256").encode(wrong) as Buffer[]);
  client.sendFrames("shell", frames);
  client.sendFrames("control", frames);
  await client.request("control", "kernel_info_request", {});
  assert.equal((await client.run("globalThis.intruded")).result, "false");
  assert.equal(client.about(unsigned.header.msg_id).length, 0);
  assert.equal(client.about(wrong.header.msg_id).length, 0);
  assert.equal(client.about(once.header.msg_id).length, heard);
  await client.until("the log", () => /dropped: played back/.test(client.log));
});

test("a header that is huge or deep is dropped, for it would come back with each answer", async () => {
  const header = client.signer.header("kernel_info_request");
  const text = JSON.stringify(header).replace("{", `{"deep": ${nested(100_000)}, `);
  const key = String(client.connection.key);
  client.sendFrames("shell", signedFrames(key, [text, "{}", "{}", "{}"]));
  await client.until("the log", () => /broken header: it has \d+ bytes/.test(client.log));
  assert.equal(client.about(header.msg_id).length, 0);
});

test("a signed request whose content is endless lists is answered with what is wrong", async () => {
  const header = client.signer.header("execute_request");
  const parts = [JSON.stringify(header), "{}", "{}", "[".repeat(100_000_000)] as const;
  client.sendFrames("shell", signedFrames(String(client.connection.key), parts));
  await client.until("the reply", () => client.replyTo(header.msg_id) !== undefined);
  const {status, ename, evalue} = client.replyTo(header.msg_id)!.content;
  assert.deepEqual({status, ename}, {status: "error", ename: "RequestError"});
  assert.match(String(evalue), /^broken content: it has more than 1000 levels/);
});

const sockets = {shell: "DEALER", control: "DEALER", stdin: "DEALER", iopub: "SUB", hb: "REQ"};

/** ZMTP 3.1 without encryption, up to where messages begin. */
function handshake(type: string): Buffer {
  const greeting = Buffer.alloc(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1]);
  greeting.write("NULL", 12);
  const name = Buffer.from("\x05READY\x0bSocket-Type");
  const body = Buffer.concat([name, Buffer.from([0, 0, 0, type.length]), Buffer.from(type)]);
  return Buffer.concat([greeting, Buffer.from([4, body.length]), body]);
}
const frameOf = (size: bigint, bytes: Buffer) => {
  const head = Buffer.alloc(9, 2);
  head.writeBigUInt64BE(size, 1);
  return Buffer.concat([head, bytes]);
};

const openings: [name: string, bytes: (type: string) => Buffer][] = [
  ["any bytes", () => randomBytes(2000)],
  ["any bytes after a greeting", (type) => Buffer.concat([handshake(type), randomBytes(500)])],
  ["half a greeting", (type) => handshake(type).subarray(0, 20)],
  [
    "a frame of exabytes",
    (type) => Buffer.concat([handshake(type), frameOf(2n ** 60n, Buffer.alloc(0))]),
  ],
  [
    "the beginning of a frame of 300 MB",
    (type) => Buffer.concat([handshake(type), frameOf(300_000_000n, randomBytes(100_000))]),
  ],
  ["frames of no bytes", (type) => Buffer.concat([handshake(type), Buffer.alloc(400)])],
  ["nothing", () => Buffer.alloc(0)],
];
for (const [name, bytes] of openings)
  test(`who connects, sends ${name} and goes, disturbs nobody`, async () => {
    for (const channel of ["shell", "control", "stdin", "iopub", "hb"] as const)
      for (let again = 0; again < 5; again++) {
        const socket = connect(Number(client.connection[`${channel}_port`]), "127.0.0.1");
        // The kernel may hang up first.
        socket.on("error", () => {});
        await once(socket, "connect");
        await new Promise((sent) => socket.write(bytes(sockets[channel]), sent));
        socket.destroy();
      }
  });

test("what a comm can't hold is an error of the cell that sends it", async () => {
  for (const data of ["{a: 1n}", "(() => { const o: any = {}; o.o = o; return o; })()"]) {
    const {reply} = await client.run(`jupyter.comms.open("nobody", ${data})`);
    assert.match(
      String(reply.content.evalue),
      /^cannot send this to the comm "nobody": JSON can't/,
    );
  }
});

test("answers to questions that nobody asked change nothing", async () => {
  const parent_header = client.signer.header("input_request");
  for (let n = 0; n < 1000; n++)
    client.send("stdin", "input_reply", {value: "wrong"}, {parent_header});
  const id = client.execute("prompt('name?')", {allow_stdin: true});
  client.answer("right", await client.question(id));
  assert.equal((await client.finished(id)).result, "'right'");
});

test("heartbeats of any shape come back or not, and others go on", async () => {
  const stranger = new Dealer({linger: 0});
  stranger.connect(client.endpoint("hb"));
  for (let n = 0; n < 300; n++) {
    await stranger.send([randomBytes(5), Buffer.alloc(0), randomBytes(10)]);
    await stranger.send([Buffer.alloc(0)]);
    if (n === 150) await stranger.send([Buffer.alloc(0), Buffer.alloc(1_000_000)]);
  }
  stranger.close();
});

test("thousands of subscriptions are welcomed, and forgotten with their client", async () => {
  const subscriber = new Subscriber({linger: 0});
  subscriber.connect(client.endpoint("iopub"));
  for (let n = 0; n < 3000; n++) subscriber.subscribe(`topic ${n}`);
  await subscriber.receive();
  subscriber.close();
  const id = client.send("shell", "kernel_info_request", {});
  await client.until("its idle", () => client.about(id).some(isIdle));
});
