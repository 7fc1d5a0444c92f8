// Starts processes. A notebook whose cluster loses its head goes on with another.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {traceCommTarget, type TraceEvent, type TraceFeedMessage} from "../../../cluster/trace.js";
import {descendants} from "../../cluster/io/processes.js";
import {JupyterClient, type Ran} from "../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
  const content = {comm_id: "panel", target_name: traceCommTarget, data: {}};
  client.send("shell", "comm_open", content);
  await ok("%cluster start --workers 1 --cpus 3");
  await ok(
    'import {get} from "tasklab";\n' +
      "@remote function one() { return 1; }\n" +
      "@remote function endless(): never { for (;;); }",
  );
});
after(() => client?.close());

test("a cell that waits is told at once, and the panel that its tasks have ended", async () => {
  const id = client.execute("await get(endless.remote())");
  await client.until("the task runs", () => trace().some(({kind}) => kind === "task-started"));
  killHead();
  const {reply} = await client.finished(id);
  assert.equal(reply.content.ename, "ClusterStoppedError");
  assert.match(String(reply.content.evalue), /the cluster's head ended \(SIGKILL/);
  await client.until("the panel knows", () => trace().some(({kind}) => kind === "node-left"));
  assert.ok(trace().some((event) => event.kind === "task-ended" && event.state === "lost"));
});

test("%cluster says that it is gone and why, and its logs are the head's", async () => {
  assert.match(
    (await ok("%cluster")).stdout,
    /^no cluster runs: the cluster's head ended \(SIGKILL.*starts another\n$/,
  );
  assert.match((await ok("%cluster logs")).stdout, /^== head \(pid \d+\)\n/);
});

test("the next cell starts a new one with the same options, and says so in one line", async () => {
  const ran = await ok("await get(one.remote())");
  assert.equal(ran.result, "1");
  assert.match(ran.stderr, /^the cluster's head ended .*; a new cluster starts now.*\n$/);
  const [shown] = (await ok("%cluster")).iopub.filter(({type}) => type === "display_data");
  assert.match((shown!.content.data as {"text/plain": string})["text/plain"], /of 3 CPU/);
  await client.until("the panel goes on with it", () => {
    const finished = trace().filter((event) => event.kind === "task-ended");
    return finished.some(({state}) => state === "finished");
  });
});

test("an interrupt reaches the tasks of the new cluster", async () => {
  const id = client.execute("await get(endless.remote())");
  const begun = () => trace().filter(({kind}) => kind === "task-started").length;
  await client.until("the task runs", () => begun() >= 3);
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.finished(id)).reply.content.status, "error");
  // There is one worker: the task has stopped.
  assert.equal((await ok("await get(one.remote())")).result, "1");
});

test("%%distributed and %cluster start begin anew as well", async () => {
  await deathSeen();
  const ran = await ok("%%distributed\nawait get(one.remote())");
  assert.match(ran.stderr, /a new cluster starts now/);
  await deathSeen();
  await ok("%cluster start --workers 1 --cpus 5");
  assert.equal((await ok("await get(one.remote())")).stderr, "");
});

async function ok(cell: string): Promise<Ran> {
  const ran = await client.run(cell);
  assert.equal(ran.reply.content.status, "ok", String(ran.reply.content.traceback));
  return ran;
}

function killHead(): void {
  const head = descendants(client.process.pid!).find(({script}) => script === "head-main.js");
  assert.ok(head);
  process.kill(head.pid, "SIGKILL");
}

async function deathSeen(): Promise<void> {
  const left = () => trace().filter(({kind}) => kind === "node-left").length;
  const before = left();
  killHead();
  await client.until("the death is seen", () => left() > before);
}

/** Events that the panel has been told. */
function trace(): readonly TraceEvent[] {
  return client.received.flatMap(({type, channel, content}) => {
    if (channel !== "iopub" || type !== "comm_msg") return [];
    return (content.data as TraceFeedMessage).events;
  });
}
