// How kernel processes end.

import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {once} from "node:events";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, test} from "node:test";
import {allGone, isAlive} from "../../cluster/io/processes.js";
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

const exits: {code: string; status: "ok" | "error"; exitCode: number; words: RegExp}[] = [
  {code: "process.exit(7)", status: "error", exitCode: 7, words: /process\.exit\(7\) has ended/},
  {code: "process.exit()", status: "ok", exitCode: 0, words: /process\.exit\(\) has ended/},
  {code: "process.exit(0)", status: "ok", exitCode: 0, words: /process\.exit\(0\) has ended/},
  {
    code: "process.exitCode = 3; process.exit()",
    status: "error",
    exitCode: 3,
    words: /process\.exit\(\) has ended/,
  },
  {
    code: "await new Promise(() => setTimeout(() => process.exit(2), 10))",
    status: "error",
    exitCode: 2,
    words: /process\.exit\(2\) has ended/,
  },
];
for (const {code, status, exitCode, words} of exits) {
  test(`a cell that ends the process has its reply, and those behind it: ${code}`, async () => {
    const client = await start();
    await client.run("1");
    const id = client.execute(`console.log("before"); ${code}`);
    const behind = client.execute("2");
    const exited = client.exited();
    const ran = await client.finished(id);
    assert.equal(ran.reply.content.status, status);
    assert.equal(ran.stdout, "before\n");
    assert.match(status === "ok" ? ran.stderr : String(ran.reply.content.evalue), words);
    assert.equal((await client.finished(behind)).reply.content.status, "aborted");
    assert.equal(await exited, exitCode);
    assert.equal(client.log, "");
  });
}

test("process.exit in a cell keeps its code while large values and output are on their way", async () => {
  const client = await start();
  await client.run(`import {put} from "tasklab"; const bytes = new Uint8Array(200 * 1024 * 1024);`);
  client.execute(`put(bytes); console.log("x".repeat(20_000_000)); process.exit(7)`);
  assert.equal(await client.exited(), 7);
  assert.doesNotMatch(client.log, /terminate called/);
});

test("the kernel ends when the process that started it is gone", async () => {
  const parent = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const client = await start({env: {JPY_PARENT_PID: String(parent.pid)}});
  parent.kill("SIGKILL");
  await once(parent, "exit");
  assert.equal(await client.exited(), 0);
});

test("a kernel that cannot have its sockets ends at once, with a line that says why", async () => {
  const {connection} = await start();
  const second = new JupyterClient(connection, {});
  clients.push(second);
  assert.equal(await second.exited(), 1);
  assert.match(second.log, /cannot bind the sockets of the connection file: .*in use/i);
});

test("history is kept across restarts, and kernels that run at once have sessions of their own", async () => {
  const runtimeFolder = mkdtempSync(join(tmpdir(), "tasklab-history-"));
  try {
    const first = await start({runtimeFolder});
    await first.run("20 + 1");
    await first.shutdown();
    const [second, beside] = [await start({runtimeFolder}), await start({runtimeFolder})];
    const {content} = await second.request("shell", "history_request", {
      ...{hist_access_type: "range", session: -1, start: 1, stop: 2, output: true, raw: true},
    });
    assert.deepEqual(content.history, [[1, 1, ["20 + 1", "21"]]]);
    await Promise.all([second.run("'second'"), beside.run("'beside'")]);
    const search = {hist_access_type: "search", pattern: "'*'", output: false, raw: true};
    // The other's is on its way to the disk.
    const deadlineMs = performance.now() + 10_000;
    let sessions: number[] = [];
    while (sessions.length < 2 && performance.now() < deadlineMs) {
      const {content} = await second.request("shell", "history_request", search);
      sessions = (content.history as [number][]).map(([session]) => session).sort();
    }
    assert.deepEqual(sessions, [2, 3]);
    await second.shutdown();
  } finally {
    rmSync(runtimeFolder, {recursive: true, force: true});
  }
});

test("`exit` asks a console to leave, unless it is a name of the user's own", async () => {
  const client = await start();
  const asked = [{source: "ask_exit", keepkernel: false}];
  for (const code of ["exit", "quit()", " exit;\n"])
    assert.deepEqual((await client.run(code)).reply.content.payload, asked);
  const own = await client.run("let quit = 3");
  assert.equal(own.reply.content.status, "ok");
  assert.equal((await client.run("quit")).result, "3");
});

for (const [how, end] of [
  ["shutdown", (client: JupyterClient) => client.shutdown()],
  ["process.exit in a cell", (client: JupyterClient) => void client.execute("process.exit()")],
] as const)
  test(`what cells have started ends by ${how}, unless it was detached`, async () => {
    const client = await start();
    const {result} = await client.run(
      'import {spawn} from "node:child_process";\n' +
        'const child = spawn("sleep", ["300"]);\n' +
        'const deaf = spawn("sh", ["-c", "trap \'\' TERM; sleep 300; sleep 300"]);\n' +
        'const detached = spawn("sleep", ["300"], {detached: true});\n' +
        "[child, deaf, detached].map(({pid}) => pid).join()",
    );
    const [child, deaf, detached] = JSON.parse(`[${result!.replaceAll("'", "")}]`) as number[];
    try {
      void end(client);
      await client.exited();
      await allGone([child!, deaf!]);
      assert.ok(isAlive(detached!));
    } finally {
      process.kill(detached!, "SIGKILL");
    }
  });

test("what a magic has started ends with the kernel", async () => {
  const client = await start();
  const id = client.execute("!sleep 300 & echo $! && wait");
  const said = () => client.about(id).find(({type}) => type === "stream");
  const {content} = await client.until("its pid", said);
  await client.shutdown();
  await allGone([Number(content.text)]);
});
