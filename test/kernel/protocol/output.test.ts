// Whatever a cell prints, now or later, is booked to it, while another cell runs.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tasklab-output-"));
  writeFileSync(
    join(folder, "library.mjs"),
    `import {stat} from "node:fs/promises";
     export async function each(list, work) {
       for (const item of list) { await stat("."); await work(item); }
     }`,
  );
  client = await JupyterClient.start({folder});
  await client.run(
    `import {stat} from "node:fs/promises";
     import {promisify} from "node:util";
     import * as timers from "node:timers";
     import {setTimeout as pause} from "node:timers/promises";
     import {once, EventEmitter} from "node:events";
     // @ts-ignore: has no types
     import {each} from "./library.mjs";
     let open: () => void;
     let gate = new Promise<void>((go) => (open = go));
     const say = (...words: unknown[]) => console.log("late", ...words);`,
  );
});
after(async () => {
  await client?.close();
  rmSync(folder, {recursive: true, force: true});
});

/** Begun by a cell that ends before; each prints two lines once \`gate\` is open. */
const late: [name: string, code: string][] = [
  ["an async function", "void (async () => { await gate; say(1); await stat('.'); say(2) })()"],
  ["reactions of a promise", "void gate.then(() => say(1)).finally(() => say(2))"],
  [
    "a failed promise's reactions",
    "void gate.then(() => { throw 1 }).catch(say).then(() => say(2))",
  ],
  ["timers", "void gate.then(() => setTimeout(() => { say(1); setImmediate(say, 2) }, 5))"],
  [
    "an interval",
    "let n = 0; const beat = setInterval(() => { say(++n); if (n === 2) clearInterval(beat) }, 20)",
  ],
  [
    "timers of node:timers",
    "void gate.then(() => timers.setTimeout(() => { say(1); timers.setImmediate(say, 2) }, 5))",
  ],
  [
    "promised timers",
    "void (async () => { await gate; await pause(5); say(1); await promisify(setTimeout)(5); say(2) })()",
  ],
  [
    "ticks and microtasks",
    "void gate.then(() => process.nextTick(() => { say(1); queueMicrotask(() => say(2)) }))",
  ],
  ["a library's awaits", "void gate.then(() => each([1, 2], say))"],
  [
    "an async generator",
    "void (async () => { await gate; for await (const x of (async function* () { yield 1; await stat('.'); yield 2 })()) say(x) })()",
  ],
  [
    "Promise.all of functions",
    "void Promise.all([1, 2].map(async (x) => { await gate; await stat('.'); say(x) }))",
  ],
  [
    "a promise of an event",
    "const bus = new EventEmitter(); void (async () => { await once(bus, 'x'); say(1); await null; say(2) })(); void gate.then(() => bus.emit('x'))",
  ],
  [
    "a thenable",
    "void (async () => { await gate; await {then(go: (value: number) => void) { say(1); go(1) }}; say(2) })()",
  ],
];
test("whatever is printed late goes to the cell that caused it, not to the one that runs", async () => {
  await client.run("gate = new Promise<void>((go) => (open = go)); 0");
  const ids: string[] = [];
  for (const [, code] of late) ids.push((await client.run(code)).id);
  const running = await client.run("open(); await pause(150); say('own')");
  assert.equal(running.stdout, "late own\n");
  for (const [index, [name]] of late.entries()) {
    const lines = () =>
      client
        .about(ids[index]!)
        .filter(({type}) => type === "stream")
        .flatMap(({content}) => String(content.text).trim().split("\n"));
    await client.until(`${name}: two lines`, () => lines().length >= 2);
    assert.deepEqual(lines(), ["late 1", "late 2"], name);
  }
});

const failures: [name: string, code: string][] = [
  ["a timer", "void gate.then(() => setTimeout(() => { throw new Error('boom') }, 5))"],
  ["a tick", "void gate.then(() => process.nextTick(() => { throw new Error('boom') }))"],
  ["a promise", "void gate.then(() => { throw new Error('boom') })"],
  [
    "an async function",
    "void (async () => { await gate; await stat('.'); throw new Error('boom') })()",
  ],
];
test("an error that nobody caught is told in the cell that caused it, and the kernel lives", async () => {
  await client.run("gate = new Promise<void>((go) => (open = go)); 0");
  const ids: string[] = [];
  for (const [, code] of failures) ids.push((await client.run(code)).id);
  const running = await client.run("open(); await pause(150); 1");
  assert.deepEqual([running.stdout, running.stderr, running.result], ["", "", "1"]);
  for (const [index, [name]] of failures.entries()) {
    const told = await client.until(`${name}: its error`, () =>
      client.about(ids[index]!).find(({content}) => /boom/.test(String(content.text))),
    );
    assert.match(String(told.content.text), /^Uncaught Error: boom\n.*Cell In\[\d+\]/s, name);
  }
});

test("what is printed before a cell ends comes before its idle, in order", async () => {
  const ran = await client.run(
    `console.log(1); console.error(2); await pause(1); setTimeout(() => console.log(4), 0);
     console.log(3); await pause(20); await Promise.resolve().then(() => console.log(5)); console.log(6)`,
  );
  const printed = ran.iopub.flatMap(({type, content}) => (type === "stream" ? content.text : []));
  assert.equal(printed.join(""), "1\n2\n3\n4\n5\n6\n");
});

test("a cell that prints a million lines neither blocks the kernel nor loses the end", async () => {
  const id = client.execute(
    "for (let i = 0; i < 1_000_000; i++) console.log(`line ${i}`); console.log('the end')",
  );
  await client.until("its first output", () =>
    client.about(id).some(({type}) => type === "stream"),
  );
  const beats: number[] = [];
  let isRunning = true;
  const finished = client.finished(id).finally(() => (isRunning = false));
  while (isRunning) beats.push(await client.beat());
  const {stdout, stderr, iopub} = await finished;
  beats.sort((a, b) => a - b);
  assert.ok(beats[Math.floor(beats.length / 2)]! < 50, `median beat ${beats}`);
  assert.match(stdout, /^line 0\nline 1\n/);
  assert.match(stdout, /line 999998\nline 999999\nthe end\n$/);
  const folded = Number(/^… ([\d,]+) lines not shown/.exec(stderr)?.[1]?.replaceAll(",", ""));
  const shown = stdout.split("\n").length - 1;
  assert.equal(folded + shown, 1_000_001);
  assert.ok(iopub.length < 400, `${iopub.length} messages`);
  assert.equal((await client.run("1 + 1")).result, "2");
});
