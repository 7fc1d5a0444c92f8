// Starts processes. What is printed below `process.stdout` reaches the cell that caused it.

import assert from "node:assert/strict";
import {once} from "node:events";
import {existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
let folder: string;

const files: Record<string, string> = {
  "forked.cjs": `console.log("of a fork"); process.send("ready"); process.disconnect();`,
  "package.json": `{"scripts": {"greet": "echo by npm"}}`,
  // A WebAssembly program that writes natively to descriptor 1.
  "wasm.mjs": `import {WASI} from "node:wasi";
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 12, 2, 96, 4, 127, 127, 127, 127, 1, 127, 96, 0, 0,
      2, 35, 1, 22, ...Buffer.from("wasi_snapshot_preview1"), 8, ...Buffer.from("fd_write"), 0, 0,
      3, 2, 1, 1, 5, 3, 1, 0, 1, 7, 19, 2, 6, ...Buffer.from("memory"), 2, 0, 6,
      ...Buffer.from("_start"), 0, 1, 10, 15, 1, 13, 0, 65, 1, 65, 0, 65, 1, 65, 20, 16, 0, 26, 11,
      11, 29, 2, 0, 65, 0, 11, 8, 8, 0, 0, 0, 10, 0, 0, 0, 0, 65, 8, 11, 10,
      ...Buffer.from("from wasm\\n")];
    export async function start() {
      const wasi = new WASI({version: "preview1", returnOnExit: true});
      const {instance} = await WebAssembly.instantiate(Uint8Array.from(bytes), wasi.getImportObject());
      wasi.start(instance);
    }`,
};

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tasklab-descriptors-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  client = await JupyterClient.start({folder});
  await client.run(
    `import fs from "node:fs";
     import {promisify} from "node:util";
     import {exec, execFile, execFileSync, execSync, fork, spawn, spawnSync} from "node:child_process";
     import {once} from "node:events";
     import {Worker} from "node:worker_threads";
     import * as wasm from "./wasm.mjs";`,
  );
});
after(async () => {
  await client?.close();
  rmSync(folder, {recursive: true, force: true});
});

const inherit = `{stdio: "inherit"}`;
interface Row {
  what: string;
  code: string;
  stdout?: string | RegExp;
  stderr?: string | RegExp;
}
/** Each prints between two lines of the cell; `1` and `3` stand around what it prints. */
const rows: Row[] = [
  {what: "spawnSync", code: `spawnSync("echo", ["2"], ${inherit})`, stdout: "1\n2\n3\n"},
  {what: "execSync", code: `execSync("echo 2", ${inherit})`, stdout: "1\n2\n3\n"},
  {
    what: "execFileSync with numbers",
    code: `execFileSync("echo", ["2"], {stdio: ["ignore", 1, 2]})`,
    stdout: "1\n2\n3\n",
  },
  {
    what: "spawn",
    code: `await once(spawn("echo", ["2"], ${inherit}), "exit")`,
    stdout: "1\n2\n3\n",
  },
  {
    what: "spawn with this process's streams",
    code: `await once(spawn("sh", ["-c", "echo 2; echo e >&2"], {stdio: ["ignore", process.stdout, process.stderr]}), "exit")`,
    stdout: "1\n2\n3\n",
    stderr: "e\n",
  },
  {
    what: "the errors of a child alone",
    code: `const {stdout} = spawnSync("sh", ["-c", "echo o; echo e >&2"], {stdio: ["ignore", "pipe", "inherit"], encoding: "utf8"}); console.log("got", stdout)`,
    stdout: "1\ngot o\n\n3\n",
    stderr: "e\n",
  },
  {
    what: "both streams as one",
    code: `spawnSync("sh", ["-c", "echo a; echo b >&2; echo c"], {stdio: ["ignore", 1, 1]})`,
    stdout: "1\na\nb\nc\n3\n",
  },
  {
    what: "a shell that opens its streams by name",
    code: `execSync("echo 2 > /dev/stdout; echo e > /dev/stderr", ${inherit})`,
    stdout: "1\n2\n3\n",
    stderr: "e\n",
  },
  {what: "a pager", code: `execSync("echo 2 | cat", ${inherit})`, stdout: "1\n2\n3\n"},
  {
    what: "npm run",
    code: `execSync("npm run --silent greet", ${inherit})`,
    stdout: "1\nby npm\n3\n",
  },
  {
    what: "fork, and what it sends after it has printed",
    code: `const child = fork("./forked.cjs"); const [word] = await once(child, "message"); console.log(word); await once(child, "exit")`,
    stdout: "1\nof a fork\nready\n3\n",
  },
  {
    what: "a child of a child",
    code: `spawnSync(process.execPath, ["-e", "require('child_process').execSync('echo 2', {stdio: 'inherit'})"], ${inherit})`,
    stdout: "1\n2\n3\n",
  },
  {
    what: "many children in turn",
    code: `for (const i of [1, 2, 3, 4, 5, 6, 7, 8, 9]) { console.log("a" + i); spawnSync("echo", ["b" + i], ${inherit}) }`,
    stdout: `1\n${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `a${i}\nb${i}\n`).join("")}3\n`,
  },
  {
    what: "promised exec, which inherits nothing",
    code: `const {stdout: o} = await promisify(exec)("echo 2"); console.log(o.trim())`,
    stdout: "1\n2\n3\n",
  },
  {
    what: "a command that is not there",
    code: `console.log((await once(spawn("no-such-command", ${inherit}), "error").catch((e) => [e]))[0].code)`,
    stdout: "1\nENOENT\n3\n",
  },
  {
    what: "writes of text to descriptors",
    code: `fs.writeSync(1, "2\\n"); fs.writeFileSync(1, "a\\n"); fs.appendFileSync(1, "b\\n"); fs.writeSync(2, "e\\n")`,
    stdout: "1\n2\na\nb\n3\n",
    stderr: "e\n",
  },
  {
    what: "writes with callbacks and promises",
    code: `const {bytesWritten} = await promisify(fs.write)(1, "2é\\n"); await new Promise((done) => fs.writev(1, [Buffer.from("x"), Buffer.from("\\n")], done)); console.log(bytesWritten)`,
    stdout: "1\n2é\nx\n4\n3\n",
  },
  {
    what: "parts of buffers",
    code: `fs.writeSync(1, Buffer.from("ab2\\nc"), 2, 2); fs.writeSync(1, Buffer.from("ab2\\nc"), {offset: 2, length: 2} as any); fs.writeSync(1, "320a", null, "hex")`,
    stdout: "1\n2\n2\n2\n3\n",
  },
  {
    what: "a stream on a descriptor",
    code: `await new Promise<void>((done) => fs.createWriteStream("", {fd: 1, autoClose: false} as any).end("2\\n", done))`,
    stdout: "1\n2\n3\n",
  },
  {
    what: "a character in two pieces",
    code: `for (const part of [[0xe2, 0x82], [0xac, 10]]) { fs.writeSync(1, Buffer.from(part)); process.stderr.write(Buffer.from(part)) }`,
    stdout: "1\n€\n3\n",
    stderr: "€\n",
  },
  {
    what: "a child's bytes that are no text",
    code: `execSync("printf '\\\\342\\\\202'; sleep 0.02; printf '\\\\254 \\\\377\\\\n'", ${inherit})`,
    stdout: "1\n€ \ufffd\n3\n",
  },
  {
    what: "a wrong argument, which Node refuses",
    code: `try { fs.writeSync(1, Buffer.from("x"), 5) } catch (e: any) { console.log(e.code ?? e.name) }`,
    stdout: "1\nERR_OUT_OF_RANGE\n3\n",
  },
  {
    what: "native code",
    code: `(process as any)._rawDebug("e")`,
    stdout: "1\n3\n",
    stderr: "e\n",
  },
  {what: "WebAssembly", code: `await wasm.start()`, stdout: /from wasm\n/},
  {
    what: "a thread",
    code: `await once(new Worker("require('fs').writeSync(1, 'd\\\\n'); console.log('l'); require('child_process').execSync('echo c', {stdio: 'inherit'})", {eval: true}), "exit")`,
    stdout: /^(?=[^]*\bd\n)(?=[^]*\bl\n)(?=[^]*\bc\n)/,
  },
];

for (const {what, code, stdout = "1\n3\n", stderr = ""} of rows) {
  test(`below process.stdout: ${what}`, async () => {
    const ran = await client.run(`console.log(1); { ${code} }; console.log(3)`);
    const {status, evalue} = ran.reply.content;
    assert.equal(status, "ok", String(evalue));
    if (typeof stdout === "string") assert.equal(ran.stdout, stdout);
    else assert.match(ran.stdout, stdout);
    const words = ran.stderr.replace(
      /\(node:\d+\) ExperimentalWarning[^]*?warning was created\)\n/,
      "",
    );
    if (typeof stderr === "string") assert.equal(words, stderr);
    else assert.match(words, stderr);
  });
}

test("a child's output streams while its cell waits for it", async () => {
  const gate = join(folder, "gate-1");
  const wait = `while [ ! -e '${gate}' ]; do sleep 0.01; done`;
  const id = client.execute(`execSync("echo first; ${wait}; echo last", ${inherit})`);
  await client.until("the first line", () =>
    client.about(id).some(({type, content}) => type === "stream" && content.text === "first\n"),
  );
  writeFileSync(gate, "");
  assert.equal((await client.finished(id)).stdout, "first\nlast\n");
});

test("what a child prints later is its own cell's, also while another runs", async () => {
  const gate = join(folder, "gate-2");
  const wait = `while [ ! -e '${gate}' ]; do sleep 0.01; done`;
  const begun = await client.run(
    `spawn("sh", ["-c", "${wait}; echo late"], {stdio: "inherit", detached: true}).unref();`,
  );
  const other = client.execute(
    `fs.writeFileSync(${JSON.stringify(gate)}, ""); execSync("echo other", ${inherit}); await new Promise((go) => setTimeout(go, 100));`,
  );
  await client.until("the late line", () =>
    client.about(begun.id).some(({content}) => content.text === "late\n"),
  );
  assert.equal((await client.finished(other)).stdout, "other\n");
});

test("what a cell hears later of a child it prints as its own", async () => {
  const gate = join(folder, "gate-3");
  const wait = `while [ ! -e '${gate}' ]; do sleep 0.01; done`;
  const begun = await client.run(
    `const piped = spawn("sh", ["-c", "${wait}; echo out; echo err >&2"]);
     piped.stdout.pipe(process.stdout); piped.stderr.on("data", (data) => process.stderr.write(data));
     piped.on("close", () => console.log("closed"));
     exec("${wait}", () => console.log("called back"));`,
  );
  const other = client.execute(
    `fs.writeFileSync(${JSON.stringify(gate)}, ""); await new Promise((go) => setTimeout(go, 200));`,
  );
  const text = () =>
    client.about(begun.id).flatMap(({type, content}) => (type === "stream" ? [content.text] : []));
  await client.until("what it prints", () =>
    ["out", "err", "closed", "called back"].every((word) => text().join("").includes(`${word}\n`)),
  );
  const {stdout, stderr} = await client.finished(other);
  assert.equal(stdout + stderr, "");
});

test("a child's flood is cut like a cell's, its end is kept, and the kernel answers meanwhile", async () => {
  const id = client.execute(
    `execSync("head -c 50000000 /dev/zero | tr '\\\\0' x | fold -w 99; echo END", ${inherit}); console.log("after")`,
  );
  await client.beat();
  const {stdout, stderr} = await client.finished(id);
  assert.ok(stdout.length < 5_000_000, `${stdout.length}`);
  assert.match(stdout.slice(-200), /x\nx+END\nafter\n$/);
  assert.match(stderr, /lines not shown/);
});

test("writes wait for nobody who reads slowly, and none is lost", async () => {
  const {stdout} = await client.run(
    `execSync("head -c 300000 /dev/zero | tr '\\\\0' y", ${inherit}); fs.writeSync(1, "z".repeat(300000)); console.log()`,
  );
  assert.equal(stdout, `${"y".repeat(300_000)}${"z".repeat(300_000)}\n`);
});

test(
  "no descriptor is left open by children that have ended",
  {
    skip: !existsSync("/proc/self/fd"),
  },
  async () => {
    const count = () => readdirSync(`/proc/${client.process.pid}/fd`).length;
    await client.run(`for (let i = 0; i < 20; i++) spawnSync("true", ${inherit})`);
    const one = count();
    await client.run(`for (let i = 0; i < 160; i++) spawnSync("true", ${inherit})`);
    await client.until("the pipes' ends", () => count() <= one + 32);
  },
);

test("what is written natively in a process's last moment is in the terminal", async () => {
  const dying = await JupyterClient.start({folder});
  const closed = once(dying.process, "close");
  dying.execute(`(process as any)._rawDebug("last words"); process.abort()`);
  // The relay has ended as well: it holds the same stderr.
  await closed;
  assert.match(dying.log, /last words/);
  await dying.close();
});

test("a killed kernel leaves no relay and no pipes behind", async () => {
  const temp = mkdtempSync(join(tmpdir(), "tasklab-relay-"));
  const killed = await JupyterClient.start({folder, env: {TMPDIR: temp}});
  await killed.run(`require("child_process").execSync("echo x", ${inherit})`);
  const closed = once(killed.process, "close");
  killed.process.kill("SIGKILL");
  await closed;
  assert.deepEqual(readdirSync(temp), []);
  await killed.close();
  rmSync(temp, {recursive: true, force: true});
});

test("a terminal that nobody reads stops neither cells nor the kernel", async () => {
  const unread = await JupyterClient.start({folder});
  unread.process.stderr!.pause();
  const {reply} = await unread.run(
    `for (let i = 0; i < 3000; i++) (process as any)._rawDebug("e".repeat(100))`,
  );
  assert.equal(reply.content.status, "ok");
  assert.ok((await unread.beat()) >= 0);
  unread.process.stderr!.resume();
  await unread.close();
});

test("where no pipes can be made, children print where the kernel does", async () => {
  const bare = await JupyterClient.start({folder, env: {TMPDIR: join(folder, "none")}});
  const {reply, stdout} = await bare.run(
    `console.log(1); require("child_process").execSync("echo to-the-terminal >&2", ${inherit}); console.log(3)`,
  );
  assert.equal(reply.content.status, "ok");
  assert.equal(stdout, "1\n3\n");
  await bare.until("the child's line", () => bare.log.includes("to-the-terminal"));
  await bare.close();
});
