// The protocol's rows on what editors ask: completion, inspection, completeness, history. Each test
// is named by its row of the table of kernels. The tables of TypeScript itself are in
// test/kernel/session.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {JupyterClient} from "../../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
  await client.run(
    '/** The answer.\n *\n * To everything. */\nconst answer = 42;\nlet clef = "𝄞";',
  );
});
after(() => client?.close());

/** The cursor stands at the |; counted in code points, as clients count. */
function at(marked: string) {
  const [before, after] = marked.split("|") as [string, string];
  return {code: before + after, cursor_pos: [...before].length};
}
const asked = async (type: string, content: Record<string, unknown>) =>
  (await client.request("shell", type, content)).content;
const complete = (marked: string) => asked("complete_request", at(marked));
const inspect = (marked: string, detail_level: unknown) =>
  asked("inspect_request", {...at(marked), detail_level});

// Where the cursor is, what is offered, what it replaces.
const completions: [marked: string, offered: string, replaced: string][] = [
  ["answ|", "answer", "answ"],
  ["1 + answer.toF| + 2", "toFixed", "toF"],
  ["answer.|", "toString", ""],
  ["const s = '𝄞😀'; s.len|", "length", "len"],
  ["'😀'; '𝄞'; answer.toFi| // 😀", "toFixed", "toFi"],
  ["clef.len|", "length", "len"],
  ["// 😀\nansw|", "answer", "answ"],
  ["'👩‍👩‍👧'.len|", "length", "len"],
  ["%%distr|", "%%distributed", "%%distr"],
  ["const a = 1\n%ti|", "%time", "%ti"],
  ["%cluster start --work|", "--workers", "--work"],
  ["%cluster sto|", "stop", "sto"],
  ["%time answer.toF|", "toFixed", "toF"],
  ["let one = 1\n%timeit --loops 2 answer.toF|", "toFixed", "toF"],
  ["%timeit --lo|", "--loops", "--lo"],
  ["%env PAT|", "PATH", "PAT"],
  ["%cd /us|", "/usr/", "/us"],
  ["%load /etc/host|", "/etc/hosts", "/etc/host"],
  ["'😀'\n%ti|", "%time", "%ti"],
];
for (const [marked, offered, replaced] of completions)
  test(`complete, cursor_pos in code points: ${JSON.stringify(marked)}`, async () => {
    const reply = await complete(marked);
    assert.equal(reply.status, "ok");
    assert.ok((reply.matches as string[]).includes(offered), `${reply.matches}`);
    const points = [...at(marked).code];
    const [start, end] = [reply.cursor_start as number, reply.cursor_end as number];
    assert.equal(points.slice(start, end).join(""), replaced);
  });

test("complete: _jupyter_types_experimental says for each match what it is and what it replaces", async () => {
  const reply = await complete("answ|");
  const types = (reply.metadata as Record<string, Record<string, unknown>[]>)
    ._jupyter_types_experimental!;
  assert.deepEqual(
    types.map(({text}) => text),
    reply.matches,
  );
  const {type, start, end} = types.find(({text}) => text === "answer")!;
  assert.deepEqual([type, start, end], ["const", 0, 4]);
});

test("complete: of nothing, at a cursor out of range, or without one", async () => {
  for (const content of [
    {code: "", cursor_pos: 0},
    {code: "answ", cursor_pos: 4000},
    {code: "answ", cursor_pos: -1},
    {code: "answ", cursor_pos: 1.5},
    {code: "answ"},
  ])
    assert.equal((await asked("complete_request", content)).status, "ok", JSON.stringify(content));
  const unmatched = await complete("answer.nothingLikeThis|");
  assert.equal(unmatched.status, "ok");
});

test("complete, inspect, is_complete: answered while a cell is in a synchronous loop", async () => {
  const cell = client.execute("console.log('now'); while (true) {}");
  await client.until("its output", () => client.about(cell).some(({type}) => type === "stream"));
  assert.ok(((await complete("answ|")).matches as string[]).includes("answer"));
  assert.equal((await inspect("answer|", 0)).found, true);
  assert.equal((await asked("is_complete_request", {code: "f("})).status, "incomplete");
  assert.equal(client.replyTo(cell), undefined);
  await client.request("control", "interrupt_request", {});
  await client.finished(cell);
});

const inspections: [marked: string, detail: unknown, plain: RegExp | null][] = [
  ["answ|er", 0, /^const answer: 42\n\nThe answer\.$/],
  ["answer|", undefined, /^const answer: 42\n\nThe answer\.$/],
  [
    "answ|er",
    1,
    /^const answer: 42\n\nThe answer\.\n\nTo everything\.\n\nIn\[1\]:\n[^]*answer = 42;$/,
  ],
  ["'😀'; answ|er", 0, /^const answer: 42/],
  ["Math.max(1, |2)", 0, /max\(.*\n\nReturns the larger[^\n]*$/],
  ["Math.max|", 1, /@param values/],
  ["%ti|me f(3)", 0, /^%time: time a line/],
  ["%%seque|ntial x\nf()", 0, /^%%sequential: run the cell/],
  ["%nothing|", 0, null],
  ["nowhere|", 1, null],
  ["|   ", 0, null],
  ["// answ|er", 0, null],
];
for (const [marked, detail, expected] of inspections)
  test(`inspect, detail_level ${detail}: ${JSON.stringify(marked)}`, async () => {
    const {status, found, data, metadata} = await inspect(marked, detail);
    assert.deepEqual([status, metadata], ["ok", {}]);
    if (!expected) return assert.deepEqual([found, data], [false, {}]);
    assert.equal(found, true);
    assert.match((data as Record<string, string>)["text/plain"]!, expected);
  });

const states: [code: string, status: string, indent?: string][] = [
  ["1 + 1", "complete"],
  ["", "complete"],
  ["const s = `a\n${1}`", "complete"],
  ["/[/]/.test('/')", "complete"],
  ["// open {", "complete"],
  ["@remote\nfunction f() {}", "complete"],
  ["function f() {", "incomplete", "  "],
  ["if (a) {\n  b(", "incomplete", "    "],
  ["`open", "incomplete", ""],
  ["`open ${", "incomplete", "  "],
  ["/* open", "incomplete", ""],
  ["@remote", "incomplete", ""],
  ["f(1,", "incomplete", "  "],
  ["1 +* 2", "invalid"],
  ["'open", "invalid"],
  ["/open", "invalid"],
  [")", "invalid"],
  ["%who", "complete"],
  ["!ls (", "complete"],
  ["%time f(", "complete"],
  ["f(\n%who", "invalid"],
  ["Math?", "complete"],
  ["?Math.max", "complete"],
  ["%time?", "complete"],
  ["%%time", "incomplete", ""],
  ["%%time\nf()", "incomplete", ""],
  ["%%time\nf()\n", "complete"],
  ["%%time\nf(\n", "incomplete", "  "],
  ["%%time?", "complete"],
];
for (const [code, status, indent] of states)
  test(`is_complete: ${JSON.stringify(code)} is ${status}`, async () => {
    const reply = await asked("is_complete_request", {code});
    assert.deepEqual(reply, indent === undefined ? {status} : {status, indent});
  });

test("history: tail, range and search over the session, with outputs", async () => {
  await client.run("111 + 222");
  await client.run("111 + 333");
  await client.run("111 + 222");
  const history = async (request: object) =>
    (await asked("history_request", {output: false, raw: true, ...request})).history as [
      number,
      number,
      string | [string, string],
    ][];
  const tail = await history({hist_access_type: "tail", n: 2, output: true});
  assert.deepEqual(
    tail.map(([, , both]) => both),
    [
      ["111 + 333", "444"],
      ["111 + 222", "333"],
    ],
  );
  const [session, line] = tail[0]!;
  const range = {hist_access_type: "range", session: 0, start: line, stop: line + 1};
  assert.deepEqual(await history(range), [[session, line, "111 + 333"]]);
  const search = {hist_access_type: "search", pattern: "111*"};
  assert.equal((await history(search)).length, 3);
  assert.equal((await history({...search, n: 1})).length, 1);
  const unique = await history({...search, unique: true});
  assert.deepEqual(
    unique.map(([, , input]) => input),
    ["111 + 333", "111 + 222"],
  );
});
