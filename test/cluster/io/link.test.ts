import assert from "node:assert/strict";
import {test} from "node:test";
import * as zmq from "zeromq";
import {Client, createKeys, Server, type Peer} from "../../../cluster/io/link.js";
import {protocolVersion, type Hello} from "../../../cluster/messages.js";

interface Note {
  kind: "note";
  value: unknown;
}
interface Blob {
  kind: "object";
  request: number;
  frames: Uint8Array[];
}
type Message = Note | Blob;

const token = "right token";

test("a client with key and token is welcomed, and messages pass both ways", async () => {
  await withServer(async ({client, server}) => {
    const one = client();
    await one.welcomed;
    assert.equal(server.joined[0]?.id, "one");
    one.link.send({kind: "note", value: {deep: [1, "two", null]}});
    await until(() => server.heard.length === 1);
    assert.deepEqual(server.heard, [{kind: "note", value: {deep: [1, "two", null]}}]);
    server.joined[0]!.send({kind: "note", value: "back"});
    await until(() => one.heard.length === 1);
    assert.deepEqual(one.heard, [{kind: "note", value: "back"}]);
  });
});

const refused: {name: string; hello: Partial<Hello>; reason: RegExp}[] = [
  {name: "a wrong token", hello: {token: "wrong"}, reason: /wrong token/},
  {
    name: "another protocol version",
    hello: {protocol: protocolVersion + 1, version: "9.9.9"},
    reason: /speaks protocol 2 \(tasklab 9\.9\.9\), this cluster 1: install the same version/,
  },
];
for (const {name, hello, reason} of refused) {
  test(`${name} is refused with a line that says so, and nothing of it is heard`, async () => {
    await withServer(async ({client, server}) => {
      const other = client({hello});
      other.link.send({kind: "note", value: "let me in"});
      assert.match(await other.lost, reason);
      assert.match(server.log.join("\n"), reason);
      assert.deepEqual(server.heard, []);
      assert.equal(server.joined.length, 0);
    });
  });
}

test("a wrong server key gets nothing", async () => {
  await withServer(async ({client, server}) => {
    const other = client({serverKey: createKeys().publicKey});
    assert.match(await other.lost, /does not accept this cluster's key/);
    assert.equal(server.joined.length, 0);
  });
});

test("a second peer of one id is refused, the first goes on", async () => {
  await withServer(async ({client, server}) => {
    const first = client();
    await first.welcomed;
    const second = client();
    assert.match(await second.lost, /id one is taken/);
    first.link.send({kind: "note", value: 1});
    await until(() => server.heard.length === 1);
  });
});

test("corrupt frames are dropped and logged with the peer; what comes after them is heard", async () => {
  await withServer(async ({server, keys}) => {
    const own = createKeys();
    const raw = new zmq.Dealer({
      linger: 0,
      curveServerKey: keys.publicKey,
      curvePublicKey: own.publicKey,
      curveSecretKey: own.secretKey,
    });
    raw.connect(server.address);
    try {
      await raw.send(JSON.stringify(helloOf({id: "raw"})));
      await raw.receive();
      for (const bytes of [[0xc1, 0xff], [], [0x93], [0x2a], [0x91, 0x2a], [0x91, 0x80]]) {
        await raw.send(Buffer.from(bytes));
      }
      await raw.send([Buffer.from([0x91, 0x80]), "surplus"]);
      const {encodeBatch} = await import("../../../cluster/io/wire.js");
      await raw.send(encodeBatch([{kind: "note", value: "fine"}]));
      await until(() => server.heard.length > 0);
      assert.deepEqual(server.heard, [{kind: "note", value: "fine"}]);
      assert.equal(server.log.length, 7);
      for (const line of server.log)
        assert.match(line, /dropped a frame from driver raw \(pid \d+\): /);
    } finally {
      raw.close();
    }
  });
});

test("who does not say hello first is not heard", async () => {
  await withServer(async ({server, keys}) => {
    const own = createKeys();
    const raw = new zmq.Dealer({
      linger: 0,
      curveServerKey: keys.publicKey,
      curvePublicKey: own.publicKey,
      curveSecretKey: own.secretKey,
    });
    raw.connect(server.address);
    try {
      const {encodeBatch} = await import("../../../cluster/io/wire.js");
      await raw.send(encodeBatch([{kind: "note", value: "hm"}]));
      const [answer] = await raw.receive();
      assert.match(String(answer), /did not say hello/);
      await raw.send(JSON.stringify(helloOf({id: "raw"})));
      await raw.send(encodeBatch([{kind: "note", value: "hm"}]));
      await until(() => server.log.length > 0);
      assert.deepEqual(server.heard, []);
    } finally {
      raw.close();
    }
  });
});

test("big buffers arrive as they were sent, small ones beside them", async () => {
  await withServer(async ({client, server}) => {
    const one = client();
    const big = new Uint8Array(20_000_000).map((_, i) => i * 7);
    const frames = [
      new Uint8Array([1, 2, 3]),
      big,
      new Uint8Array(5000).fill(9),
      new Uint8Array(0),
    ];
    one.link.send({kind: "object", request: 7, frames});
    one.link.send({kind: "object", request: 8, frames: [big]});
    await until(() => server.heard.length === 2, 20_000);
    const [first, second] = server.heard as Blob[];
    assert.deepEqual(
      first!.frames.map((frame) =>
        Buffer.from(frame).equals(Buffer.from(frames[first!.frames.indexOf(frame)]!)),
      ),
      [true, true, true, true],
    );
    assert.ok(Buffer.from(second!.frames[0]!).equals(Buffer.from(big)));
  });
});

test("100,000 messages arrive, in order, in both directions", async () => {
  await withServer(async ({client, server}) => {
    const count = 100_000;
    const one = client();
    await one.welcomed;
    for (let i = 0; i < count; i++) {
      one.link.send({kind: "note", value: i});
      server.joined[0]!.send({kind: "note", value: i});
      if (i % 1000 === 0) await new Promise(setImmediate);
    }
    await until(() => server.heard.length === count && one.heard.length === count, 30_000);
    for (const side of [server.heard, one.heard] as Note[][]) {
      assert.equal(
        side.findIndex((note, i) => note.value !== i),
        -1,
      );
    }
  });
});

test("both ends see at once when the other is gone", async () => {
  await withServer(async ({client, server}) => {
    const one = client();
    await one.welcomed;
    await one.link.close();
    await until(() => server.lost.length === 1, 2_000);
    assert.equal(server.lost[0]!.id, "one");
    const two = client({hello: {id: "two"}});
    await two.welcomed;
    await server.link.close();
    assert.match(await two.lost, /connection ended/);
  });
});

// ---- a server and its clients, closed whatever happens ----

interface TestServer {
  link: Server<Message, Message>;
  address: string;
  heard: Message[];
  joined: Peer<Message>[];
  lost: Peer<Message>[];
  log: string[];
}
interface TestClient {
  link: Client<Message, Message>;
  heard: Message[];
  welcomed: Promise<void>;
  lost: Promise<string>;
}
interface Setting {
  server: TestServer;
  keys: {publicKey: string};
  client(options?: {hello?: Partial<Hello>; serverKey?: string}): TestClient;
}

async function withServer(body: (setting: Setting) => Promise<void>): Promise<void> {
  const keys = createKeys();
  const notes: Omit<TestServer, "link" | "address"> = {heard: [], joined: [], lost: [], log: []};
  const link = await Server.listen<Message, Message>(keys, token, {
    heard: (_, messages) => notes.heard.push(...messages),
    joined: (peer) => notes.joined.push(peer),
    lost: (peer) => notes.lost.push(peer),
    log: (line) => notes.log.push(line),
  });
  const server: TestServer = {...notes, link, address: link.address};
  const clients: Client<Message, Message>[] = [];
  const client: Setting["client"] = ({hello = {}, serverKey = keys.publicKey} = {}) => {
    const heard: Message[] = [];
    let welcome!: () => void;
    let lose!: (reason: string) => void;
    const welcomed = new Promise<void>((resolve) => (welcome = resolve));
    const lost = new Promise<string>((resolve) => (lose = resolve));
    const listener = {
      welcomed: welcome,
      heard: (messages: Message[]) => void heard.push(...messages),
      lost: lose,
      log: () => {},
    };
    const link = new Client<Message, Message>(server.address, serverKey, helloOf(hello), listener);
    clients.push(link);
    return {link, heard, welcomed, lost};
  };
  try {
    await body({server, keys, client});
  } finally {
    await Promise.all([link, ...clients].map((each) => each.close()));
  }
}

function helloOf(parts: Partial<Hello>): Hello {
  return {
    kind: "hello",
    protocol: protocolVersion,
    version: "0.1.0",
    token,
    role: "driver",
    id: "one",
    pid: process.pid,
    host: "here",
    ...parts,
  };
}

async function until(isTrue: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${String(isTrue)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
