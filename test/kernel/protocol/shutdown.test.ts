// How kernel processes end.

import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {once} from "node:events";
import {afterEach, test} from "node:test";
import {JupyterClient, type StartOptions} from "../../support/jupyter-client.js";

const clients: JupyterClient[] = [];
async function start(options?: StartOptions): Promise<JupyterClient> {
  const client = await JupyterClient.start(options);
  clients.push(client);
  return client;
}
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

for (const channel of ["control", "shell"] as const)
  test(`shutdown on ${channel} is replied there and on iopub, and the process ends with 0`, async () => {
    const client = await start();
    const {content} = await client.request(channel, "shutdown_request", {restart: true});
    assert.deepEqual(content, {status: "ok", restart: true});
    assert.equal(await client.exited(), 0);
    assert.ok(
      client.received.some(({type, channel}) => type === "shutdown_reply" && channel === "iopub"),
    );
    assert.equal(client.log, "");
  });

test("shutdown ends a kernel that is in a loop", async () => {
  const client = await start();
  const id = client.execute("console.log('now'); while (true) {}");
  await client.until("its output", () => client.about(id).some(({type}) => type === "stream"));
  assert.equal(await client.shutdown(), 0);
});

test("process.exit in a cell ends the process with its code", async () => {
  const client = await start();
  client.execute("process.exit(7)");
  assert.equal(await client.exited(), 7);
  assert.equal(client.log, "");
});

test("the kernel ends when the process that started it is gone", async () => {
  const parent = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const client = await start({env: {JPY_PARENT_PID: String(parent.pid)}});
  parent.kill("SIGKILL");
  await once(parent, "exit");
  assert.equal(await client.exited(), 0);
});

test("the kernel speaks over ipc as well", async () => {
  const client = await start({transport: "ipc"});
  assert.equal((await client.run("1 + 1")).result, "2");
  assert.equal(await client.shutdown(), 0);
});
