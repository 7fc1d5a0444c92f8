// What VS Code does, which speaks to the kernel's sockets itself: it asks for kernel_info on both
// channels at once, waits for any word on iopub, and interrupts on the shell channel while a cell
// runs.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {isChild, isIdle, JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
});
after(() => client?.close());

test("kernel_info asked on control and shell at once is answered on each, with busy and idle", async () => {
  const ids = (["control", "shell"] as const).map((channel) => ({
    channel,
    id: client.send(channel, "kernel_info_request", {}),
  }));
  for (const {channel, id} of ids) {
    const reply = await client.until(`kernel_info on ${channel}`, () =>
      client.received.find(
        ({type, ...m}) => type === "kernel_info_reply" && isChild({type, ...m}, id),
      ),
    );
    assert.equal(reply.channel, channel);
    await client.until("idle", () => client.about(id).some(isIdle));
  }
});

test("an interrupt on shell during a loop is answered there, and what waits behind the loop is aborted", async () => {
  const looping = client.execute("console.log('now'); while (true) {}");
  const waiting = client.execute("'never'");
  await client.until("now", () => client.about(looping).find(({type}) => type === "stream"));
  const {channel, content} = await client.request("shell", "interrupt_request", {});
  assert.deepEqual([channel, content.status], ["shell", "ok"]);
  assert.equal((await client.finished(looping)).reply.content.ename, "InterruptedError");
  const {reply} = await client.finished(waiting);
  assert.equal(reply.content.status, "aborted");
  assert.equal((await client.run("'after'")).result, "'after'");
});

test("completion and inspection are answered while a cell runs", async () => {
  await client.run("const known = {first: 1};");
  const looping = client.execute("console.log('now'); while (true) {}");
  await client.until("now", () => client.about(looping).find(({type}) => type === "stream"));
  const code = "known.fi";
  const completed = await client.request("shell", "complete_request", {code, cursor_pos: 8});
  assert.deepEqual(completed.content.matches, ["first"]);
  const inspected = await client.request("shell", "inspect_request", {
    ...{code: "known", cursor_pos: 2, detail_level: 0},
  });
  assert.equal(inspected.content.found, true);
  await client.request("shell", "interrupt_request", {});
  await client.finished(looping);
});
