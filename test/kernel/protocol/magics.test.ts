// The magics that are not the cluster's, as a user types them.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {mkdirSync, mkdtempSync, realpathSync, rmSync} from "node:fs";
import {homedir, tmpdir} from "node:os";
import {join} from "node:path";
import {JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
let folder: string;
before(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "tasklab-magics-")));
  mkdirSync(join(folder, "with space"));
  client = await JupyterClient.start({folder, env: {TASKLAB_TEST: "set before"}});
  await client.run(
    "const twice = (n: number) => 2 * n;\nlet calls = 0;\n" +
      "const later = (ms: number) => new Promise((go) => setTimeout(go, ms));",
  );
});
after(async () => {
  await client?.close();
  rmSync(folder, {recursive: true, force: true});
});

const time = String.raw`\d+(\.\d+)? (ns|µs|ms|s)`;
const told: [name: string, cell: string, stdout: RegExp, result?: string][] = [
  [
    "%time times a line and shows its value",
    "%time twice(4)",
    new RegExp(`^Wall time: ${time}, CPU time: ${time}\n$`),
    "8",
  ],
  [
    "%%time times a cell and shows its value",
    "%%time\nawait later(20);\ntwice(5)",
    /^Wall time: [2-9]\d(\.\d)? ms, /,
    "10",
  ],
  [
    "%time leaves out the time that compiling takes",
    "%time later(0)",
    /^Wall time: .* µs|^Wall time: \d\.\d* ms/,
  ],
  [
    "%timeit runs a line as often as it takes to measure it",
    "%timeit twice(4)",
    new RegExp(
      `^${time} ± ${time} per loop \\(mean ± std. dev. of 7 runs, [125]0*(,000)+ loops each\\)\n$`,
    ),
  ],
  [
    "%timeit waits for what is awaited",
    "%timeit --runs 2 --loops=3 await later(5)",
    /^([5-9]|\d\d)(\.\d+)? ms ± .* per loop \(mean ± std. dev. of 2 runs, 3 loops each\)\n$/,
  ],
  [
    "%%timeit runs the cell as often as it is told, and its names are its own",
    "%%timeit --loops 4 --runs 3\nconst twice = 1;\ncalls += twice",
    /of 3 runs, 4 loops each/,
  ],
  ["%timeit knows IPython's letters", "%timeit -n 2 -r 1 twice(1)", /\(1 run, 2 loops each\)/],
  ["what %%timeit changed is changed", "console.log(calls, twice(1))", /^12 2\n$/],
  [
    "--name behind %timeit may be the user's code",
    "%timeit --runs 1 --calls",
    /per loop \(1 run, /,
  ],
  ["%who lists names and values", "%who", /^twice\s+\[Function: twice\]\ncalls\s+-?\d+\nlater\s+/],
  [
    "%who says what a remote function would send, or why it can't",
    "const grid = new Float64Array(5000);\n@remote function area(n: number) { return twice(n) + grid.length }\n" +
      "const port = new MessageChannel().port1;\n@remote function held() { return port }\n%who",
    /area\s+\[RemoteFunction: area\]; sends 4\d(\.\d)? kB: its code, (twice, grid|grid, twice)\n[^]*held\s+\[RemoteFunction: held\]; cannot ship `held`: captured variable `port` is a .*MessagePort/,
  ],
  ["%env shows one variable", "%env TASKLAB_TEST", /^$/, "'set before'"],
  ["%env sets one", "%env TASKLAB_TEST=a = b", /^env: TASKLAB_TEST=a = b\n$/],
  ["what %env has set is set", "process.env.TASKLAB_TEST", /^$/, "'a = b'"],
  [
    "%env sets one to nothing",
    "%env TASKLAB_TEST=\n%env TASKLAB_TEST",
    /^env: TASKLAB_TEST=\n$/,
    "''",
  ],
  ["a line magic without braces is what an if decides about", "if (calls > 1e9)\n%time 1", /^$/],
  [
    "a negation that goes on from the line above is no command",
    "const isNone =\n  !calls;\nisNone",
    /^$/,
    "false",
  ],
  ["%cd goes to a folder, quoted or not", '%cd "with space"', /with space\n$/],
  ["the folder has changed", "process.cwd().endsWith('with space')", /^$/, "true"],
  ["%cd - goes back", "%cd -", /tasklab-magics-\w+\n$/],
  ["%cd goes home, where ~ is", "%cd ~/\n%cd", new RegExp(`^(${homedir()}\n){2}$`)],
  ["! runs a command and shows what it prints", "!echo one; echo two", /^one\ntwo\n$/],
  ["%lsmagic lists magics with what they do", "%lsmagic", /%timeit +measure a line/],
];
for (const [name, cell, stdout, result] of told)
  test(name, async () => {
    const ran = await client.run(cell);
    assert.equal(ran.reply.content.status, "ok", String(ran.reply.content.traceback));
    assert.match(ran.stdout, stdout);
    assert.equal(ran.result, result);
  });

for (const cell of ["%timeit?", "%%timeit?", "?%timeit", "const one = 1\n%timeit?"])
  test(`${JSON.stringify(cell)} shows help as a page`, async () => {
    const {content} = (await client.run(cell)).reply;
    const [page] = content.payload as [{data: Record<string, string>}];
    assert.match(page.data["text/plain"]!, /--loops NUMBER/);
  });

const refused: [cell: string, evalue: RegExp][] = [
  ["%timit f()", /^unknown magic: %timit; did you mean %timeit\? \(%lsmagic lists all\)$/],
  ["%timeti f()", /did you mean %timeit\?/],
  ["%%tiem\n1", /did you mean %%time\?/],
  ["%timeit", /there is nothing to measure/],
  ["%timeit --loops 0 f()", /--loops 0: must be a whole number ≥ 1/],
  ["%timeit --runs many f()", /--runs many: not a number/],
  ["%cd nowhere", /^%cd nowhere: no such folder$/],
  ["!exit 3", /exited with code 3$/],
  ["!calls && 1", /; to negate calls, write \(!calls && 1\)$/],
  ["%env TASKLAB_NONE", /^%env TASKLAB_NONE: not set; TASKLAB_NONE=VALUE sets it$/],
  ["%timeit return 5", /leaves its loop by `return`/],
];
for (const [cell, evalue] of refused)
  test(`${JSON.stringify(cell)} is refused in words that help`, async () => {
    const {reply} = await client.run(cell);
    assert.equal(reply.content.status, "error");
    assert.match(reply.content.evalue as string, evalue);
  });

const placed: [cell: string, traceback: RegExp][] = [
  [
    "%%timeit\nconst x = 1;\nnowhere(x)",
    /:3:1 - TS2304: Cannot find name 'nowhere'[^]*> 3 \| nowhere\(x\)\n {4}\| \^{7}$/,
  ],
  [
    "const one = 1\n%time nowhere(one)",
    /:2:7 - TS2304: Cannot find name 'nowhere'[^]*> 2 \| %time nowhere\(one\)/,
  ],
  [
    'const one = 1\n%time throw new TypeError("no")',
    /^TypeError: no\n +at Cell In\[\d+\]:2:13\n[^]*> 2 \| %time throw/,
  ],
];
for (const [cell, traceback] of placed)
  test(`an error of ${JSON.stringify(cell)} stands where it was written`, async () => {
    const {reply} = await client.run(cell);
    assert.match((reply.content.traceback as string[]).join("\n"), traceback);
  });

test("names and options of magics are completed, and %timeit is interrupted", async () => {
  const complete = async (code: string) =>
    (await client.request("shell", "complete_request", {code, cursor_pos: code.length})).content
      .matches as string[];
  assert.deepEqual((await complete("%ti")).sort(), ["%time", "%timeit", "%timeline"]);
  assert.deepEqual(await complete("%timeit --l"), ["--loops"]);
  const ran = client.run("%timeit await later(1e6)");
  await client.until("the cell runs", () =>
    client.received.find(({content}) => /1e6/.test(String(content.code))),
  );
  await client.request("control", "interrupt_request", {});
  assert.equal((await ran).reply.content.ename, "InterruptedError");
});
