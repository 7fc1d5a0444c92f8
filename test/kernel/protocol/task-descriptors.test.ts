// Starts processes. What a task prints below `process.stdout` reaches the cell that has submitted
// it, with the task's name.

import assert from "node:assert/strict";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tasklab-descriptors-"));
  client = await JupyterClient.start({folder});
  await client.run(
    `import {cluster, get} from "tasklab";
     import fs from "node:fs";
     import {execSync, spawn, spawnSync} from "node:child_process";
     import {once} from "node:events";
     await cluster.start({cpus: 2, workers: 1});`,
  );
});
after(async () => {
  await client?.shutdown();
  await client?.close();
  rmSync(folder, {recursive: true, force: true});
});

const inherit = `{stdio: "inherit"}`;
const rows: {what: string; code: string; stdout?: RegExp; stderr?: RegExp}[] = [
  {
    what: "a child that its task waits for",
    code: `@remote function f() { console.log(1); spawnSync("sh", ["-c", "echo 2; echo e >&2"], ${inherit}); console.log(3); }
      await get(f.remote()); console.log(4)`,
    stdout: /^\(f pid=\d+\) 1\n\(f pid=\d+\) 2\n\(f pid=\d+\) 3\n4\n$/,
    stderr: /^\(f pid=\d+\) e\n$/,
  },
  {
    what: "a child that its task awaits, without an end of line",
    code: `@remote async function f() { await once(spawn("printf", ["2"], ${inherit}), "exit"); console.log(3); }
      await get(f.remote()); console.log(4)`,
    stdout: /^\(f pid=\d+\) 2\n\(f pid=\d+\) 3\n4\n$/,
  },
  {
    what: "writes to descriptors",
    code: `@remote function f() { fs.writeSync(1, "2\\n"); console.log(3); fs.writeSync(2, "e\\n"); }
      await get(f.remote()); console.log(4)`,
    stdout: /^\(f pid=\d+\) 2\n\(f pid=\d+\) 3\n4\n$/,
    stderr: /^\(f pid=\d+\) e\n$/,
  },
  {
    what: "a child of an actor",
    code: `@remote class A { go() { execSync("echo 2", ${inherit}); } }
      const a = A.remote(); await get(a.go.remote())`,
    stdout: /^\(A.* pid=\d+\) 2\n$/,
  },
  {
    what: "a flood of a child, whose end comes before the task's",
    code: `@remote function f() { execSync("head -c 50000000 /dev/zero | tr '\\\\0' x | fold -w 99 | cat -n; echo; echo END", ${inherit}); }
      await get(f.remote()); console.log("after")`,
    stdout: /\(f pid=\d+\) END\nafter\n$/,
    stderr: /lines not shown/,
  },
];

for (const {what, code, stdout = /^$/, stderr = /^$/} of rows) {
  test(`below a task's process.stdout: ${what}`, async () => {
    const ran = await client.run(`{ ${code} }`);
    const {status, evalue} = ran.reply.content;
    assert.equal(status, "ok", String(evalue));
    assert.match(ran.stdout.slice(-1000), stdout);
    assert.match(ran.stderr.slice(-1000), stderr);
  });
}

test("what native code writes in a worker is the running task's", async () => {
  const {id} = await client.run(
    `@remote function native() { (process as any)._rawDebug("natively"); }
     await get(native.remote());`,
  );
  await client.until("the line", () =>
    client.about(id).some(({content}) => /^\(native pid=\d+\) natively\n$/.test(`${content.text}`)),
  );
});

test("what a task's child prints later is shown below the task's cell", async () => {
  const gate = join(folder, "gate");
  const wait = `while [ ! -e '${gate}' ]; do sleep 0.01; done`;
  const {id} = await client.run(
    `@remote function leave() { spawn("sh", ["-c", "${wait}; echo late"], ${inherit}).unref(); }
     await get(leave.remote());`,
  );
  writeFileSync(gate, "");
  await client.until("the late line", () =>
    client.about(id).some(({content}) => /^\(leave pid=\d+\) late\n$/.test(`${content.text}`)),
  );
});

test("the last words of a worker that crashes are in its log", async () => {
  const {reply} = await client.run(
    `@remote({maxRetries: 0}) function crash() { (process as any)._rawDebug("last words"); process.abort(); }
     await get(crash.remote())`,
  );
  assert.equal(reply.content.ename, "WorkerCrashedError");
  assert.match((await client.run("%cluster logs")).stdout, /last words/);
});
