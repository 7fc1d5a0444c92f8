// What clients and others' suites of tests expect of a kernel, by their own names: the tiers of
// kernel-testbed, the tests of Deno's kernel, the sessions of VS Code. What they expect and the
// rows of the protocol hold already is checked here once more in one line, so that the list is
// whole.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {isIdle, JupyterClient, type Received} from "../../../support/jupyter-client.js";

let client: JupyterClient;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tasklab-clients-"));
  writeFileSync(join(folder, "beside.ts"), "export const beside: number = 5;\n");
  client = await JupyterClient.start({folder});
});
after(async () => {
  await client?.close();
  rmSync(folder, {recursive: true, force: true});
});

const info = () => client.request("shell", "kernel_info_request", {});
const ask = async (type: string, content: Record<string, unknown>) =>
  (await client.request("shell", type, content)).content;
const types = (messages: readonly Received[]) => messages.map(({type}) => type);
const waitFor = (what: string, id: string, found: (message: Received) => unknown) =>
  client.until(what, () => client.about(id).find((message) => found(message)));
/** Sends a cell and waits until it has printed "now". */
async function printing(code: string): Promise<string> {
  const id = client.execute(code);
  await waitFor("its output", id, ({content}) => String(content.text).includes("now"));
  return id;
}

const testbed: [name: string, check: () => Promise<void>][] = [
  ["tier 1: heartbeat_responds", async () => assert.ok((await client.beat()) < 1000)],
  [
    "tier 1: iopub_welcome",
    async () => assert.ok(types(client.received).includes("iopub_welcome")),
  ],
  [
    "tier 1: kernel_info_reply_valid",
    async () => assert.equal((await info()).content.status, "ok"),
  ],
  [
    "tier 1: kernel_info_has_language_info",
    async () => assert.ok((await info()).content.language_info),
  ],
  [
    "tier 1: kernel_info_has_protocol_version",
    async () => assert.equal((await info()).content.protocol_version, "5.5"),
  ],
  [
    "tier 1: execute_stdout",
    async () => assert.equal((await client.run('console.log("hello")')).stdout, "hello\n"),
  ],
  [
    "tier 1: execute_stderr",
    async () => assert.equal((await client.run('console.error("error")')).stderr, "error\n"),
  ],
  [
    "tier 1: execute_reply_ok",
    async () => assert.equal((await client.run("1 + 1")).reply.content.status, "ok"),
  ],
  [
    "tier 1: status_busy_idle_lifecycle",
    async () => {
      const {id} = await client.run("1");
      assert.deepEqual(client.statusesOf(id), ["busy", "idle"]);
    },
  ],
  [
    "tier 1: execute_input_broadcast",
    async () => assert.ok(types((await client.run("1")).iopub).includes("execute_input")),
  ],
  [
    "tier 2: complete_request",
    async () => {
      const reply = await ask("complete_request", {code: "conso", cursor_pos: 5});
      assert.ok((reply.matches as string[]).includes("console"));
    },
  ],
  [
    "tier 2: inspect_request",
    async () => {
      const reply = await ask("inspect_request", {code: "console", cursor_pos: 7});
      assert.equal(reply.found, true);
    },
  ],
  [
    "tier 2: is_complete_complete",
    async () => assert.equal((await ask("is_complete_request", {code: "1"})).status, "complete"),
  ],
  [
    "tier 2: is_complete_incomplete",
    async () => {
      const reply = await ask("is_complete_request", {code: "function f() {"});
      assert.equal(reply.status, "incomplete");
    },
  ],
  [
    "tier 2: history_request",
    async () => {
      const reply = await ask("history_request", {hist_access_type: "tail", n: 5});
      assert.ok(Array.isArray(reply.history) && reply.history.length > 0);
    },
  ],
  [
    "tier 2: comm_info_request",
    async () => assert.deepEqual((await ask("comm_info_request", {})).comms, {}),
  ],
  [
    "tier 2: error_handling",
    async () => {
      const {reply, iopub} = await client.run('throw new Error("test error")');
      assert.equal(reply.content.status, "error");
      assert.ok(types(iopub).includes("error"));
    },
  ],
  [
    "tier 3: display_data, update_display_data",
    async () => {
      const {iopub} = await client.run('import {display} from "tasklab"; display("a").update("b")');
      assert.ok(types(iopub).includes("display_data"));
      assert.ok(types(iopub).includes("update_display_data"));
    },
  ],
  ["tier 3: execute_result", async () => assert.equal((await client.run("42")).result, "42")],
  [
    "tier 3: rich_execute_result",
    async () => {
      const {iopub} = await client.run('import {html} from "tasklab"; html("<b>1</b>")');
      const result = iopub.find(({type}) => type === "execute_result")!;
      assert.deepEqual(Object.keys(result.content.data as object).sort(), [
        "text/html",
        "text/plain",
      ]);
    },
  ],
  [
    "tier 4: stdin_input_request",
    async () => {
      const id = client.execute('prompt("name?")', {allow_stdin: true});
      client.answer("Ada", await client.question(id));
      assert.equal((await client.finished(id)).result, "'Ada'");
    },
  ],
  [
    "tier 4: comms_lifecycle",
    async () => {
      await client.run('jupyter.comms.register("life", (comm) => comm.send({open: true}))');
      const id = client.send("shell", "comm_open", {
        ...{comm_id: "life-1", target_name: "life", data: {}},
      });
      await waitFor("its message", id, ({type}) => type === "comm_msg");
      const closed = client.send("shell", "comm_close", {comm_id: "life-1", data: {}});
      await waitFor("its idle", closed, (message) => isIdle(message as Received));
    },
  ],
  [
    "tier 4: interrupt_request",
    async () => {
      const id = await printing("console.log('now'); while (true) {}");
      await client.request("control", "interrupt_request", {});
      assert.equal((await client.finished(id)).reply.content.status, "error");
    },
  ],
  [
    "tier 4: execution_count_increments",
    async () => {
      const [one, two] = [await client.run("1"), await client.run("2")];
      const count = ({reply}: typeof one) => reply.content.execution_count as number;
      assert.equal(count(two), count(one) + 1);
    },
  ],
  [
    "tier 4: parent_header_correlation",
    async () => {
      const {id, reply, iopub} = await client.run("console.log(1); 2");
      for (const {parent_header} of [reply, ...iopub])
        assert.equal((parent_header as {msg_id: string}).msg_id, id);
    },
  ],
];
for (const [name, check] of testbed) test(`kernel-testbed, ${name}`, check);

test("Deno's kernel: a question does not block the heartbeat", async () => {
  const id = client.execute("prompt('?')", {allow_stdin: true});
  const question = await client.question(id);
  const beats = [];
  for (let round = 0; round < 11; round++) beats.push(await client.beat());
  beats.sort((a, b) => a - b);
  assert.ok(beats[5]! < 50, `median ${beats[5]} ms`);
  client.answer("", question);
  await client.finished(id);
});

test("Deno's kernel: imports are relative to the notebook's folder", async () => {
  assert.equal((await client.run('import {beside} from "./beside.ts"; beside')).result, "5");
});

test("Deno's kernel: a cell starts a server, and later cells are answered by it", async () => {
  await client.run(
    `import {createServer} from "node:http";
     const server = createServer((_, response) => response.end("served"));
     await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
     const {port} = server.address() as {port: number};`,
  );
  const ran = await client.run("await (await fetch(`http://127.0.0.1:${port}`)).text()");
  assert.equal(ran.result, "'served'", JSON.stringify(ran.reply.content));
  await client.run("server.closeAllConnections(); server.close()");
});

test("VS Code: kernel_info is answered on control and shell, and iopub says something of it", async () => {
  for (const channel of ["control", "shell"] as const) {
    const {content, parent_header} = await client.request(channel, "kernel_info_request", {});
    assert.equal(content.status, "ok");
    await waitFor("iopub", (parent_header as {msg_id: string}).msg_id, isIdle);
  }
});

test("VS Code: interrupt_request on shell acts at once while a cell loops", async () => {
  const id = await printing("console.log('now'); while (true) {}");
  const {content} = await client.request("shell", "interrupt_request", {});
  assert.equal(content.status, "ok");
  assert.equal((await client.finished(id)).reply.content.ename, "InterruptedError");
});

test("nbclient: with stop_on_error false the cells behind an error run, and each says when it began", async () => {
  const failed = client.execute("throw 1", {stop_on_error: false});
  const next = await client.finished(client.execute("2", {stop_on_error: false}));
  assert.equal(next.result, "2");
  assert.ok(Date.parse(next.reply.metadata.started as string) > 0);
  assert.equal((await client.finished(failed)).reply.content.status, "error");
});

// Last: it ends the kernel.
test("kernel-testbed, tier 1: shutdown_reply; Deno's kernel: it tells whether it restarts", async () => {
  const {content} = await client.request("control", "shutdown_request", {restart: true});
  assert.deepEqual(content, {status: "ok", restart: true});
  assert.equal(await client.exited(), 0);
});
