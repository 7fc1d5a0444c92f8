import assert from "node:assert/strict";
import {test} from "node:test";
import {createKeys} from "../../../cluster/io/link/link.js";
import {encodeBatch} from "../../../cluster/io/link/wire.js";
import {protocolVersion, type Hello} from "../../../cluster/messages.js";
import {helloOf, until, withServer, type Blob, type Note} from "./links.js";

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

test("a second peer of one id takes over: the first is lost, and told so", async () => {
  await withServer(async ({client, server}) => {
    const first = client();
    await first.welcomed;
    const second = client();
    await second.welcomed;
    assert.match(await first.lost, /another connection has said hello as one/);
    assert.equal(server.lost[0], server.joined[0]);
    assert.equal(server.link.peers.get("one"), server.joined[1]);
    server.joined[0]!.send({kind: "note", value: "to nobody"});
    server.joined[1]!.send({kind: "note", value: "to the second"});
    second.link.send({kind: "note", value: 2});
    await until(() => server.heard.length === 1 && second.heard.length === 1);
    assert.deepEqual(second.heard, [{kind: "note", value: "to the second"}]);
    assert.equal(server.lost.length, 1);
  });
});

test("a connection that another has replaced is not heard, even when it says hello again", async () => {
  await withServer(async ({client, server, raw}) => {
    const one = await raw(helloOf({id: "raw"}));
    await one.receive();
    const other = client({hello: {id: "raw"}});
    await other.welcomed;
    const [answer] = await one.receive();
    const reason = "another connection has said hello as raw";
    assert.deepEqual(JSON.parse(String(answer)), {kind: "refused", reason});
    await one.send(encodeBatch([{kind: "note", value: "still here"}])[0]!);
    await one.send(JSON.stringify(helloOf({id: "raw"})));
    await one.send(encodeBatch([{kind: "note", value: "still here"}])[0]!);
    other.link.send({kind: "note", value: "after it"});
    await until(() => server.heard.length > 0);
    assert.deepEqual(server.heard, [{kind: "note", value: "after it"}]);
    assert.deepEqual(server.lost, [server.joined[0]]);
  });
});

test("an id that the server forbids is refused with the server's words", async () => {
  const forbids = ({id}: Hello): string | null => (id === "one" ? "one was given up" : null);
  await withServer(
    async ({client, server}) => {
      assert.equal(await client().lost, "one was given up");
      await client({hello: {id: "two"}}).welcomed;
      assert.deepEqual(
        server.joined.map(({id}) => id),
        ["two"],
      );
    },
    {forbids},
  );
});

test("corrupt frames are dropped and logged with the peer; what comes after them is heard", async () => {
  await withServer(async ({server, raw}) => {
    const one = await raw(helloOf({id: "raw"}));
    await one.receive();
    for (const bytes of [[0xc1, 0xff], [], [0x93], [0x2a], [0x91, 0x2a], [0x91, 0x80]]) {
      await one.send(Buffer.from(bytes));
    }
    await one.send([Buffer.from([0x91, 0x80]), "surplus"]);
    await one.send(encodeBatch([{kind: "note", value: "fine"}])[0]!);
    await until(() => server.heard.length > 0);
    assert.deepEqual(server.heard, [{kind: "note", value: "fine"}]);
    assert.ok(server.log.length > 0);
    for (const line of server.log) {
      assert.match(line, /dropped a frame from driver raw \(pid \d+\): /);
    }
  });
});

test("who does not say hello first is not heard", async () => {
  await withServer(async ({server, raw}) => {
    const one = await raw(encodeBatch([{kind: "note", value: "hm"}])[0]!);
    const [answer] = await one.receive();
    assert.match(String(answer), /did not say hello/);
    await one.send(JSON.stringify(helloOf({id: "raw"})));
    await one.send(encodeBatch([{kind: "note", value: "hm"}])[0]!);
    await until(() => server.log.length > 0);
    assert.deepEqual(server.heard, []);
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
