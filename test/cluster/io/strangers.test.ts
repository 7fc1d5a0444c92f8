// Strangers that connect to a server of the cluster: without its key, or with the key and a bad
// hello.

import assert from "node:assert/strict";
import {connect, type Socket} from "node:net";
import {test} from "node:test";
import {
  maxFrameBytes,
  maxHelloBytes,
  maxRefusedPeers,
  strangerLimitMs,
} from "../../../cluster/limits.js";
import {createKeys} from "../../../cluster/io/link/link.js";
import {protocolVersion} from "../../../cluster/messages.js";
import {helloOf, until, withServer, type Setting} from "./links.js";

/** ZeroMQ's first words, with CURVE's name in them. */
const greeting = Buffer.concat([
  Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1]),
  Buffer.from("CURVE".padEnd(20, "\0")),
  Buffer.alloc(32),
]);
function claim(bytes: bigint): Buffer {
  const frame = Buffer.alloc(9);
  frame[0] = 6;
  frame.writeBigUInt64BE(bytes, 1);
  return frame;
}
const tooMuch = Buffer.alloc(16 * 1024 * 1024, 122);

const strangers: {name: string; says: Buffer; log: RegExp}[] = [
  {name: "says nothing", says: Buffer.alloc(0), log: /^refused a connection/},
  {name: "says half of a greeting", says: greeting.subarray(0, 20), log: /^refused a connection/},
  {name: "greets and falls silent", says: greeting, log: /^refused a connection/},
  {
    name: "asks for a page",
    says: Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    log: /^(refused a connection|a connection ended without a hello)/,
  },
  {
    name: "sends 16 MiB of garbage",
    says: tooMuch,
    log: /^(refused a connection|a connection ended without a hello)/,
  },
  {
    name: "claims a frame of 8 GiB and begins to send it",
    says: Buffer.concat([greeting, claim(1n << 33n), tooMuch]),
    log: /^a connection ended without a hello: it closed, or sent more than \d+ bytes/,
  },
  {
    name: "claims a frame of 2^64 - 1 bytes",
    says: Buffer.concat([greeting, claim(0xffff_ffff_ffff_ffffn), tooMuch]),
    log: /^a connection ended without a hello/,
  },
  {
    name: "claims the longest frame, sends all but its end, and waits",
    says: Buffer.concat([greeting, claim(BigInt(maxFrameBytes)), Buffer.alloc(maxFrameBytes - 1)]),
    log: /^refused a connection/,
  },
];

// Side by side: most of the time goes into waiting for the limit that ends a silent connection.
test(
  "a stranger is cut off, the log says so, and members go on",
  {concurrency: true},
  async (t) => {
    await Promise.all(
      strangers.map(({name, says, log}) =>
        t.test(`when it ${name}`, () =>
          withServer(async (setting) => {
            const member = setting.client();
            await member.welcomed;
            const stranger = await knock(setting, says);
            try {
              await until(() => stranger.hasEnded, strangerLimitMs + 5_000);
              await until(() => setting.server.log.some((line) => log.test(line)));
            } finally {
              stranger.socket.destroy();
            }
            member.link.send({kind: "note", value: "still here"});
            await until(() => setting.server.heard.length === 1);
            assert.deepEqual(setting.server.lost, []);
          }),
        ),
      ),
    );
  },
);

test("two hundred strangers at once cost little memory and a few lines, and end by themselves", async () => {
  await withServer(async (setting) => {
    const before = process.memoryUsage().rss;
    const says = Buffer.concat([greeting, claim(1n << 33n)]);
    const crowd = await Promise.all(
      Array.from({length: 200}, (_, index) => knock(setting, index % 2 ? greeting : says)),
    );
    for (const {socket} of crowd) socket.write(tooMuch.subarray(0, 1 << 20));
    try {
      await until(() => crowd.every(({hasEnded}) => hasEnded), strangerLimitMs + 5_000);
      // The crowd's own buffers are in this process as well.
      assert.ok(process.memoryUsage().rss - before < 300 * 1024 * 1024);
      const endings = /^(refused a connection|a connection ended without a hello)/;
      await until(() => setting.server.log.some((line) => endings.test(line)));
      assert.ok(setting.server.log.length < 10, setting.server.log.join("\n"));
      await setting.client().welcomed;
    } finally {
      for (const {socket} of crowd) socket.destroy();
    }
  });
});

const refused: {name: string; first: Uint8Array[]; reason: RegExp}[] = [
  {name: "garbage", first: [Buffer.from([0xc1, 0, 0xff])], reason: /did not say hello/},
  {name: "nothing", first: [Buffer.alloc(0)], reason: /did not say hello/},
  {name: "null", first: [Buffer.from("null")], reason: /did not say hello/},
  {name: "half of a hello", first: [Buffer.from(`{"kind":"hello"}`)], reason: /is incomplete/},
  {
    name: "lists in lists",
    first: [Buffer.alloc(maxFrameBytes, "[")],
    reason: /its hello is too long/,
  },
  {
    name: "a hello with an endless name",
    first: [json(helloOf({host: "h".repeat(maxHelloBytes)}))],
    reason: /its hello is too long/,
  },
  {
    name: "a hello as an unknown kind of process",
    first: [json(helloOf({role: "king" as "driver"}))],
    reason: /is incomplete/,
  },
  {name: "a wrong token", first: [json(helloOf({token: "wrong"}))], reason: /wrong token/},
  {
    name: "a hello of another version",
    first: [json(helloOf({protocol: protocolVersion + 1}))],
    reason: /install the same version/,
  },
];
for (const {name, first, reason} of refused) {
  test(`who has the key and says ${name} is told why it is refused, and so is the log`, async () => {
    await withServer(async ({server, raw}) => {
      const one = await raw(first);
      const [answer] = await one.receive();
      assert.match(String(answer), reason);
      assert.match(server.log.join("\n"), reason);
      assert.equal(server.joined.length, 0);
    });
  });
}

test("a flood of refused hellos is one line and a number, and members join in its midst", async () => {
  await withServer(async ({server, client, raw}) => {
    for (let round = 0; round < 5; round++) {
      const crowd = await Promise.all(
        Array.from({length: 20}, () => raw(helloOf({token: "wrong"}))),
      );
      await Promise.all(crowd.map((each) => each.receive()));
      for (const each of crowd) each.close();
    }
    await client().welcomed;
    assert.deepEqual(
      server.log.filter((line) => line.includes("wrong token")).map((line) => line.slice(0, 28)),
      ["refused a peer: wrong token:"],
    );
  });
});

test("who was refused and talks on is answered once", async () => {
  await withServer(async ({server, raw, client}) => {
    const one = await raw(helloOf({token: "wrong"}));
    await one.receive();
    for (let i = 0; i < 2 * maxRefusedPeers; i++) await one.send(json(helloOf({token: "wrong"})));
    const member = client();
    member.link.send({kind: "note", value: 1});
    await until(() => server.heard.length === 1);
    assert.equal(server.log.length, 1);
    assert.equal(one.readable, false);
  });
});

test("a stranger with a key of its own making gets no further than one who has none", async () => {
  await withServer(async ({server, client}) => {
    const other = client({serverKey: createKeys().publicKey});
    await other.lost;
    await until(() => server.log.length > 0);
    assert.match(server.log[0]!, /^refused a connection: wrong key/);
  });
});

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

interface Stranger {
  socket: Socket;
  hasEnded: boolean;
}
async function knock({server}: Setting, says: Buffer): Promise<Stranger> {
  const socket = connect(Number(server.address.split(":").at(-1)), "127.0.0.1");
  const stranger = {socket, hasEnded: false};
  socket.on("error", () => {});
  socket.on("close", () => (stranger.hasEnded = true));
  socket.resume();
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(says);
  return stranger;
}
