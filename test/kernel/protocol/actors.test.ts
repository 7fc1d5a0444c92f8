// Remote classes in a notebook, as a user types them.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {traceMimeType, type TraceBundle} from "../../../cluster/trace.js";
import {JupyterClient, type Ran} from "../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
  await ok("%cluster start --workers 1 --cpus 2");
  await ok(
    'import {get, getActor, kill, type ActorHandle} from "tasklab";\n' +
      "@remote class Counter {\n  static made = 0;\n  n = 0;\n" +
      "  constructor(start = 0) { this.n = start; Counter.made++; }\n" +
      "  add(k: number) { return (this.n += k); }\n" +
      "  fail() {\n    throw new RangeError(`at ${this.n}`);\n  }\n" +
      "}",
  );
});
after(() => client?.close());

/** What the cell has drawn, and its sentence. */
function drawn({iopub}: Ran): {bundle: TraceBundle; sentence: string} {
  const [data] = iopub
    .map(({content}) => (content.data ?? {}) as Record<string, unknown>)
    .filter((each) => traceMimeType in each);
  assert.ok(data, "nothing was drawn");
  return {bundle: data[traceMimeType] as TraceBundle, sentence: String(data["text/plain"])};
}

async function ok(cell: string): Promise<Ran> {
  const ran = await client.run(cell);
  assert.equal(ran.reply.content.status, "ok", String(ran.reply.content.traceback));
  return ran;
}

test("in a %%sequential cell actors keep their state, and are drawn", async () => {
  const ran = await ok(
    "%%sequential\nconst c = Counter.remote(10);\n" +
      "const refs = [1, 2, 3].map((k) => c.add.remote(k));\nawait get(refs)",
  );
  assert.equal(ran.result, "[ 11, 13, 16 ]");
  const {bundle, sentence} = drawn(ran);
  const submitted = bundle.events.flatMap((event) =>
    event.kind === "task-submitted" ? [event.fn] : [],
  );
  assert.deepEqual(submitted, ["Counter", ...Array<string>(3).fill("Counter.add")]);
  assert.match(sentence, /4 runs in one process, one after another, took/);
});

test("a handle of one cell is called from later ones, and typed there", async () => {
  const {result} = await ok(
    "const same: ActorHandle<Counter> = c;\nconst n: number = await get(same.add.remote(4));\nn",
  );
  assert.equal(result, "20");
});

test("plain instances are drawn under the names of remote calls", async () => {
  const ran = await ok(
    "%%sequential\nconst here: Counter = Counter.local(1);\nhere.add(1) + here.add(1)",
  );
  assert.equal(ran.result, "5");
  const {runs, events} = drawn(ran).bundle;
  const called = events.flatMap((event) =>
    event.kind === "call-started" && runs.includes(event.run) ? [event.fn] : [],
  );
  assert.deepEqual(called, ["Counter", "Counter.add", "Counter.add"]);
});

test("they are drawn so where `remote` was imported under another name", async () => {
  await ok('import {remote as far} from "tasklab"');
  const ran = await ok(
    "%%sequential\nconst Far = far(class { add(k: number) { return k + 1; } });\nFar.local().add(1)",
  );
  assert.equal(ran.result, "2");
  const called = drawn(ran).bundle.events.flatMap((event) =>
    event.kind === "call-started" ? [event.fn] : [],
  );
  assert.deepEqual(called, ["Far", "Far.add"]);
});

test("an error of a method has the line of its cell, and the actor lives on", async () => {
  const {reply} = await client.run("await get(c.fail.remote())");
  const traceback = (reply.content.traceback as string[]).join("\n");
  assert.match(traceback, /RangeError: at 20/);
  assert.match(traceback, /Counter\.fail \(Cell In\[2\]:8:11\)/);
  assert.equal((await ok("await get(c.add.remote(0))")).result, "20");
});

test("%who says what making an actor would send", async () => {
  const {stdout} = await ok("%who");
  assert.match(
    stdout,
    /Counter +\[ActorClass: Counter\]; sends \d.* bytes|Counter +\[ActorClass: Counter\]; sends [\d.]+ kB: its code/,
  );
  assert.match(stdout, /\nc +Actor\(Counter [0-9a-f]{8}\)\n/);
});

const refused: [cell: string, said: RegExp][] = [
  ["new Counter(1)", /write Counter\.remote\(…\) to make an actor, or Counter\.local\(…\)/],
  ["Counter(1)", /an actor class is not called/],
  ["c.add(1)", /an actor's method is not called directly/],
  ["(c as any).add(1)", /`Counter\.add` is an actor's method and is not called directly/],
  ["c.add.remote('1')", /Argument of type 'string' is not assignable/],
  ["await c.add.remote(0)", /write `await get\(c\.add\.remote\(0\)\)` for its value/],
  ["await getActor('nobody')", /no actor is named "nobody"/],
];
for (const [cell, said] of refused)
  test(`${cell} is refused in words`, async () => {
    const {reply} = await client.run(cell);
    assert.equal(reply.content.status, "error");
    assert.match(String(reply.content.evalue), said);
  });

test("a class that is defined again makes other actors; older handles keep theirs", async () => {
  await ok("@remote class Counter {\n  total() { return 'new'; }\n}");
  const {result} = await ok(
    "%%sequential\nawait get([c.add.remote(1), Counter.remote().total.remote()])",
  );
  assert.equal(result, "[ 21, 'new' ]");
});

test("%%remote makes the cell's classes remote as well", async () => {
  await ok(
    "%%remote --max-restarts 2\nclass Box { open() { return 'b'; } }\nfunction f() { return 'f'; }",
  );
  const {result} = await ok("%%sequential\nawait get([f.remote(), Box.remote().open.remote()])");
  assert.equal(result, "[ 'f', 'b' ]");
});

test("a call that spins is interrupted with its cell, and the actor lives on", async () => {
  await ok(
    "%%sequential\n@remote class Spinner { n = 1; spin() { this.n = 2; console.log('spins'); for (;;); } get() { return this.n; } }\nconst s = Spinner.remote();\nawait get(s.get.remote())",
  );
  const ran = client.run("const lost = s.spin.remote(); await get(lost)");
  await client.until("it spins", () =>
    client.received.find(
      ({type, content}) => type === "stream" && /spins/.test(String(content.text)),
    ),
  );
  await client.request("control", "interrupt_request", {});
  assert.equal((await ran).reply.content.ename, "InterruptedError");
  assert.equal((await ok("await get(s.get.remote())")).result, "2");
});

test("a cell that waits for a call is interrupted, and the actor answers afterwards", async () => {
  await ok(
    "@remote class Gate {\n  #open = () => {};\n" +
      "  async wait() { console.log('waits'); await new Promise<void>((open) => (this.#open = open)); return 1; }\n" +
      "  async open() { this.#open(); return 2; }\n}\nconst gate = Gate.remote();",
  );
  const ran = client.run("await get(gate.wait.remote())");
  await client.until("it waits", () =>
    client.received.find(
      ({type, content}) => type === "stream" && /waits/.test(String(content.text)),
    ),
  );
  await client.request("control", "interrupt_request", {});
  assert.equal((await ran).reply.content.ename, "InterruptedError");
  assert.equal((await ok("await get(gate.open.remote())")).result, "2");
  await ok("await kill(gate)");
});

test("on the cluster actors give what they give here, and are drawn in lanes of their own", async () => {
  const ran = await ok(
    "%%compare same\n@remote class Sum { n = 0; add(k: number) { return (this.n += k); } }\n" +
      "const sum = Sum.remote();\nawait get([1, 2, 3].map((k) => sum.add.remote(k)))",
  );
  assert.match(ran.stdout, /Both runs gave the same results\.$/m);
  assert.equal(ran.result, "[ 1, 3, 6 ]");
  const {bundle, sentence} = drawn(ran);
  assert.match(sentence, /^4 runs on 1 actor took .* instead of /);
  const placed = bundle.events.filter(
    (event) => event.kind === "actor-placed" && event.className === "Sum",
  );
  assert.equal(placed.length, 2, "here, and in a process");
});

test("%cluster says whose process it is, and %follow how a call goes its way", async () => {
  const {iopub} = await ok("await get(sum.add.remote(1));\n%cluster");
  const shown = iopub.map(({content}) => (content.data as Record<string, string>)?.["text/plain"]);
  assert.match(shown.join("\n"), / workers?, 1 actor\n[^]*^  w\d+ +pid \d+ +actor Sum$/m);
  await ok("await get(sum.add.remote(1))");
  const {sentence, bundle} = drawn(await ok("%follow Sum.add"));
  assert.match(sentence, /^Sum\.add 1 began .* after its call, ran .*, was fetched /);
  const {cell} = bundle.events.find(({kind}) => kind === "run-started") as {cell: number};
  const {reply} = await ok("1");
  assert.equal(cell, Number(reply.content.execution_count) - 2, "the cell right before it");
});

test("an actor on the cluster that spins is killed, and a task finds another by its name", async () => {
  await ok(
    "@remote class Endless { spin() { for (;;); } }\nconst endless = Endless.remote(); const lost = endless.spin.remote();\n" +
      "await kill(endless);",
  );
  const {result} = await ok("await get(lost).catch((error) => error.name)");
  assert.equal(result, "'ActorDiedError'");
  await ok(
    "const named = Counter.options({name: 'n'}).remote();\n" +
      "@remote async function ask() { return get((await getActor<Counter>('n')).total.remote()); }",
  );
  assert.equal((await ok("await get(ask.remote())")).result, "'new'");
});

test("a killed actor says so to those who call it", async () => {
  await ok("await kill(s)");
  const {reply} = await client.run("await get(s.get.remote())");
  assert.match(String(reply.content.evalue), /`Spinner` is dead: it was killed/);
});
