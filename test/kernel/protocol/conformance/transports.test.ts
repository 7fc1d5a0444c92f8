// The protocol's rows on the connection file: transports, CURVE keys, signature schemes. A kernel
// for each.

import assert from "node:assert/strict";
import {after, test} from "node:test";
import {curveKeyPair} from "zeromq";
import {JupyterClient, type StartOptions} from "../../../support/jupyter-client.js";

const clients: JupyterClient[] = [];
async function start(options: StartOptions): Promise<JupyterClient> {
  const client = await JupyterClient.start(options);
  clients.push(client);
  return client;
}
after(async () => {
  for (const client of clients.reverse()) await client.close();
});

const files: [name: string, options: StartOptions][] = [
  ["ipc transport", {transport: "ipc"}],
  ["signature_scheme: hmac-sha512", {scheme: "hmac-sha512"}],
  ["signature_scheme: an empty key, nothing is signed", {key: "", scheme: ""}],
];
for (const [name, options] of files)
  test(`${name}: cells run, stdin and heartbeat work, the process ends with 0`, async () => {
    const client = await start(options);
    const id = client.execute("prompt('?') + 1", {allow_stdin: true});
    client.answer("a", await client.question(id));
    assert.equal((await client.finished(id)).result, "'a1'");
    assert.ok((await client.beat()) < 1000);
    assert.equal(await client.shutdown(), 0);
    assert.doesNotMatch(client.log, /dropped/);
  });

test("CURVE keys: who has them is served; others get nothing, on no channel", async () => {
  const keys = curveKeyPair();
  const client = await start({curve: keys});
  assert.equal((await client.run("1 + 1")).result, "2");
  const strangers = [
    client.stranger({}),
    client.stranger({curve: {...keys, publicKey: curveKeyPair().publicKey}}),
  ];
  clients.push(...strangers);
  let beats = 0;
  for (const stranger of strangers) {
    void stranger.beat().then(
      () => beats++,
      () => {},
    );
    for (const channel of ["shell", "control"] as const)
      stranger.send(channel, "execute_request", {code: "globalThis.hacked = 1"});
  }
  // As long as a new client that has the keys takes, several times over.
  for (let round = 0; round < 3; round++) clients.push(await client.beside());
  assert.deepEqual(
    strangers.flatMap(({received, unreadable}) => [...received, ...unreadable]),
    [],
  );
  assert.equal(beats, 0);
  assert.equal((await client.run("'hacked' in globalThis")).result, "false");
});
