// Interrupts over real sockets: at any moment, at once, and nothing is lost.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
  await client.run(
    "let kept = 41; const sleep = (ms: number) => new Promise((go) => setTimeout(go, ms))",
  );
});
after(() => client?.close());

/** Runs `code` until it has printed "now", interrupts it and waits for its end. */
async function interruptAt(code: string, interrupt = () => void interruptRequest()) {
  const id = client.execute(code, {allow_stdin: true});
  await client.until("its output", () => {
    const failed = client.about(id).find(({type}) => type === "error");
    assert.equal(failed, undefined, JSON.stringify(failed?.content));
    return client.about(id).some(({content}) => String(content.text).includes("now"));
  });
  const sentAtMs = performance.now();
  interrupt();
  const ran = await client.finished(id);
  return {...ran, tookMs: ran.reply.atMs - sentAtMs};
}
const interruptRequest = (channel: "shell" | "control" = "control") =>
  client.request(channel, "interrupt_request", {});

const cells: [name: string, code: string][] = [
  ["a loop", "console.log('now'); while (true) {}"],
  [
    "a loop that catches everything",
    "console.log('now'); while (true) { try { throw 1 } catch {} }",
  ],
  ["a loop after an await", "await sleep(5); console.log('now'); while (true) {}"],
  ["an await that never settles", "console.log('now'); await new Promise(() => {})"],
  [
    "a loop in a timer",
    "setTimeout(() => { console.log('now'); while (true) {} }, 5); await new Promise(() => {})",
  ],
  [
    "a loop in an immediate",
    "setImmediate(() => { console.log('now'); while (true) {} }); await new Promise(() => {})",
  ],
  [
    "a loop in a microtask",
    "queueMicrotask(() => { console.log('now'); while (true) {} }); await new Promise(() => {})",
  ],
  [
    "a flood of microtasks",
    "console.log('now'); await (async () => { while (true) await null })()",
  ],
  [
    "a flood of ticks",
    "const tick = () => { process.nextTick(tick) }; console.log('now'); tick(); await new Promise(() => {})",
  ],
  [
    "a loop in a file's callback",
    "(await import('node:fs')).readFile('.', () => { console.log('now'); while (true) {} }); await new Promise(() => {})",
  ],
  [
    "a loop in a message's callback",
    "const {port1, port2} = new MessageChannel(); port1.on('message', () => { console.log('now'); while (true) {} }); port2.postMessage(1); await new Promise(() => {})",
  ],
  [
    "a regular expression that never ends",
    "console.log('now'); /^(a+)+$/.test('a'.repeat(40) + 'b')",
  ],
  [
    "a sleep of the whole thread",
    "console.log('now'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  ],
  [
    "a child process",
    "console.log('now'); require('node:child_process').execSync('sleep 60; echo x')",
  ],
  [
    "a child process that is awaited",
    "console.log('now'); await new Promise((end) => require('node:child_process').exec('sleep 60', end))",
  ],
  ["a question", "console.log('now'); prompt('name?')"],
  [
    "the showing of a result",
    "({[Symbol.for('Jupyter.display')]() { console.log('now'); while (true) {} }})",
  ],
  ["a line magic", "console.log('now')\n!sleep 60"],
];
for (const [name, code] of cells)
  test(`an interrupt ends ${name}, and variables are kept`, async () => {
    const {reply, iopub, tookMs} = await interruptAt(code);
    assert.equal(reply.content.status, "error");
    assert.equal(reply.content.ename, "InterruptedError");
    assert.equal(reply.content.evalue, "the cell was interrupted; its variables are kept");
    assert.ok(iopub.some(({type}) => type === "error"));
    assert.ok(tookMs < 500, `took ${tookMs} ms`);
    assert.equal((await client.run("await sleep(1); kept + 1")).result, "42");
  });

test("an interrupt spares a kernel whose code uses AsyncLocalStorage, and what is stored", async () => {
  await client.run(
    `import {AsyncLocalStorage} from "node:async_hooks";
     let store = new AsyncLocalStorage<number>();
     async function seen() { await sleep(1); await 0; return store.getStore(); }`,
  );
  for (const code of [
    "await 0; console.log('now'); while (true) {}",
    "await store.run(1, async () => { await sleep(1); console.log('now'); while (true) {} })",
    "store.run(2, () => setTimeout(() => { console.log('now'); while (true) {} }, 1)); await new Promise(() => {})",
    "await store.run(3, () => Promise.resolve().then(() => { console.log('now'); while (true) {} }))",
  ]) {
    const {reply} = await interruptAt(code);
    assert.equal(reply.content.ename, "InterruptedError", code);
    const after = await client.run("[await store.run(7, seen), await seen(), kept]");
    assert.equal(after.result, "[ 7, undefined, 41 ]", code);
  }
});

test("an interrupt of an immediate loses none of those before and behind it", async () => {
  await client.run("let ran: string[] = []");
  for (const order of [
    ["loop", "b", "c"],
    ["a", "loop", "c"],
    ["a", "b", "loop"],
  ]) {
    await interruptAt(
      `ran = [];
       for (const name of ${JSON.stringify(order)})
         setImmediate(() => {
           ran.push(name);
           if (name === "loop") { console.log("now"); while (true) {} }
         });
       await new Promise(() => {})`,
    );
    const {result} = await client.run("await new Promise(setImmediate); ran.join()");
    assert.equal(result, `'${order.join()}'`);
  }
});

test("a cell that waits for ever lives through garbage collection, and so does its interrupt", async () => {
  await client.run(
    `require("node:v8").setFlagsFromString("--expose-gc");
     const gc: () => void = require("node:vm").runInNewContext("gc");`,
  );
  await interruptAt(
    "setTimeout(() => { gc(); gc(); console.log('now') }, 5); await new Promise(() => {})",
  );
  await client.run("gc(); await sleep(5); gc();");
  assert.equal((await client.run("kept + 1")).result, "42");
});

test("half of the interrupts of a loop take less than 50 ms, and the heart beats on", async () => {
  const times: number[] = [];
  for (let round = 0; round < 9; round++) {
    const beat = client.beat();
    times.push((await interruptAt("console.log('now'); while (true) {}")).tookMs);
    assert.ok((await beat) < 200);
  }
  times.sort((a, b) => a - b);
  assert.ok(times[4]! < 50, `median ${times[4]} ms`);
});

test("an interrupt ends the cell's child processes, stubborn ones too, and leaves earlier ones", async () => {
  await client.run(
    `import {execSync, spawn} from "node:child_process";
     let server = spawn("sleep", ["61"], {stdio: "ignore"});
     // Clearly before the next cell: ages are rounded.
     await sleep(100);`,
  );
  const stubborn = `trap "" INT; sleep 62 & wait; sleep 62`;
  const ran = await interruptAt(`console.log("now"); execSync(${JSON.stringify(stubborn)})`);
  assert.equal(ran.reply.content.ename, "InterruptedError");
  assert.equal((await client.run("kept + 1")).result, "42");
  assert.equal((await client.run("[server.exitCode, server.signalCode]")).result, "[ null, null ]");
  await client.run("server.kill(); await new Promise((end) => server.once('exit', end))");
});

test("an interrupt on the shell channel acts at once, too", async () => {
  const ran = await interruptAt("console.log('now'); while (true) {}", () => {
    void interruptRequest("shell");
  });
  assert.equal(ran.reply.content.ename, "InterruptedError");
});

test("SIGINT interrupts as a message does, even in a loop", async () => {
  const ran = await interruptAt("console.log('now'); while (true) {}", () => {
    client.process.kill("SIGINT");
  });
  assert.equal(ran.reply.content.ename, "InterruptedError");
  assert.equal((await client.run("kept + 1")).result, "42");
});

test("an interrupt of an idle kernel harms nothing", async () => {
  for (let round = 0; round < 5; round++) {
    assert.equal((await interruptRequest()).content.status, "ok");
    assert.equal((await client.run("kept + 1")).result, "42");
  }
});

test("a cell that is sent beside an interrupt runs or is interrupted, and is never lost", async () => {
  for (let round = 0; round < 20; round++) {
    const interrupting = interruptRequest();
    const {result, reply} = await client.run("kept + 1");
    if (result !== "42") assert.equal(reply.content.ename, "InterruptedError");
    await interrupting;
  }
});

test("an interrupt aborts the cells that wait", async () => {
  const first = client.execute("console.log('now'); while (true) {}");
  const second = client.execute("kept = 0");
  await client.until("its output", () => client.about(first).some(({type}) => type === "stream"));
  await interruptRequest();
  assert.equal((await client.finished(second)).reply.content.status, "aborted");
  assert.equal((await client.run("kept")).result, "41");
});

test("everything printed before the interrupt is there", async () => {
  const {stdout} = await interruptAt(
    "for (let i = 0; i < 3000; i++) console.log(`line ${i}`); console.log('now'); while (true) {}",
  );
  assert.equal(stdout.split("\n").length, 3002);
});

test("an interrupted cell that ends later changes neither the next cell's outcome nor its output", async () => {
  await interruptAt(
    "console.log('now'); await sleep(200); console.log('still'); throw new Error('old')",
  );
  const ran = await client.run("await sleep(400); kept");
  assert.equal(ran.result, "41");
  assert.equal(ran.stderr, "");
});

test("a cell that is interrupted while it compiles never runs", async () => {
  for (let round = 0; round < 10; round++) {
    const id = client.execute(`kept = -1; ${"let a = 1;".repeat(100)}`);
    await interruptRequest();
    await client.finished(id);
    if ((await client.run("kept")).result !== "41") await client.run("kept = 41");
  }
  assert.equal((await client.run("kept")).result, "41");
});

test("an interrupt cancels the cell's tasks, whoever is first to tell that it was stopped", async () => {
  // The tasks keep every processor busy: then main sometimes tells before the I/O thread does.
  await client.run(
    `import {get, remote} from "tasklab";
     @remote function busy(ms: number) {
       const end = Date.now() + ms;
       while (Date.now() < end);
       return ms;
     }
     let many: ReturnType<typeof busy.remote>[] = [];
     const namesOf = (refs: typeof many) =>
       Promise.all(refs.map((ref) => get(ref).then(() => "ok", (error) => error.name)));
     await get(busy.remote(1));`,
  );
  for (let round = 0; round < 16; round++) {
    await interruptAt(
      `many = Array.from({length: 8}, () => busy.remote(60_000)); console.log("now"); while (true) {}`,
    );
    const {result, reply} = await client.run("new Set(await namesOf(many))");
    assert.equal(result, "Set(1) { 'TaskCancelledError' }", JSON.stringify(reply.content));
    const sentAtMs = performance.now();
    const next = await client.run("await get(busy.remote(1))");
    assert.equal(next.result, "1");
    assert.ok(next.reply.atMs - sentAtMs < 5_000);
  }
});

test("a task that was cut off in a %%sequential cell holds up no later one", async () => {
  await client.run(
    `@remote function spins() { console.log("now"); for (;;); }
     @remote function five() { return 5; }
     const {get: value} = await import("tasklab");`,
  );
  await interruptAt("%%sequential\nawait value(spins.remote())");
  const {result} = await client.run("%%sequential\nawait value(five.remote())");
  assert.equal(result, "5");
});

for (const [name, loop] of [
  ["", "for (;;) { rounds++; if (rounds % 2) continue; even++ }"],
  [" after an await", "await sleep(1); while (true) { rounds++; if (rounds % 2 === 0) even += 1 }"],
] as const)
  test(`variables that a loop has changed are kept to the last round${name}`, async () => {
    await client.run("let rounds = 0, even = 0;");
    for (let again = 0; again < 3; again++) {
      const before = (await client.run("rounds")).result;
      await interruptAt(`console.log("now"); ${loop}`);
      const {result} = await client.run(
        "[rounds > BEFORE, rounds - 2 * even]".replace("BEFORE", before!),
      );
      assert.match(result!, /^\[ true, [01] \]$/);
    }
  });
