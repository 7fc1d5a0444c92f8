// Starts processes. `readline` and `process.stdin` ask in the notebook.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {isChild, JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
  await client.run(
    `import readline from "node:readline";
     import * as promised from "node:readline/promises";
     import {promisify} from "node:util";
     import {once} from "node:events";`,
  );
});
after(() => client?.close());

const onStdin = "{input: process.stdin, output: process.stdout}";

/** Answers the questions of a cell in turn; gives their prompts and the cell's result. */
async function answered(code: string, answers: readonly string[]) {
  const id = client.execute(code, {allow_stdin: true});
  const prompts: unknown[] = [];
  for (const answer of answers) {
    const question = await client.until("the next question", () =>
      client.received
        .filter((message) => message.type === "input_request" && isChild(message, id))
        .at(prompts.length),
    );
    prompts.push(question.content.prompt);
    client.answer(answer, question);
  }
  const {reply, result, stdout} = await client.finished(id);
  assert.equal(reply.content.status, "ok", String(reply.content.evalue));
  return {prompts, result, stdout};
}

const rows: {what: string; code: string; answers: string[]; prompts: string[]; result: string}[] = [
  {
    what: "a promised question",
    code: `const rl1 = promised.createInterface(${onStdin}); const name1 = await rl1.question("Name? "); rl1.close(); name1`,
    answers: ["Ada"],
    prompts: ["Name? "],
    result: "'Ada'",
  },
  {
    what: "questions with callbacks",
    code: `const rl2 = readline.createInterface(${onStdin});
      const sum = await new Promise<number>((done) => rl2.question("a? ", (a) => rl2.question("b? ", (b) => { rl2.close(); done(Number(a) + Number(b)) }))); sum`,
    answers: ["1", "2"],
    prompts: ["a? ", "b? "],
    result: "3",
  },
  {
    what: "a question that is promisified",
    code: `const rl3 = readline.createInterface(process.stdin, process.stdout); const a3 = await promisify(rl3.question).bind(rl3)("q? "); rl3.close(); a3`,
    answers: ["x"],
    prompts: ["q? "],
    result: "'x'",
  },
  {
    what: "an interface's lines",
    code: `const rl4 = readline.createInterface(${onStdin}); const lines4: string[] = [];
      rl4.setPrompt("> "); rl4.on("line", (line) => { lines4.push(line); if (line === "end") rl4.close(); else rl4.prompt() }); rl4.prompt();
      await once(rl4, "close"); lines4`,
    answers: ["one", "end"],
    prompts: ["> ", "> "],
    result: "[ 'one', 'end' ]",
  },
  {
    what: "a loop over lines",
    code: `const rl5 = readline.createInterface({input: process.stdin}); const lines5: string[] = [];
      for await (const line of rl5) { if (line === "end") break; lines5.push(line) } lines5`,
    answers: ["one", "two", "end"],
    prompts: ["", "", ""],
    result: "[ 'one', 'two' ]",
  },
  {
    what: "chunks of stdin",
    code: `process.stdin.setEncoding("utf8"); let text6 = ""; for await (const chunk of process.stdin) { text6 = chunk; break } text6`,
    answers: ["é"],
    prompts: [""],
    result: "'é\\n'",
  },
  {
    what: "an event of stdin, in a later cell too",
    code: `const [chunk7] = await once(process.stdin, "data"); process.stdin.pause(); String(chunk7)`,
    answers: ["again"],
    prompts: [""],
    result: "'again\\n'",
  },
];

for (const {what, code, answers, prompts, result} of rows) {
  test(`asks in the notebook: ${what}`, async () => {
    const given = await answered(code, answers);
    // A stream reads ahead: what is asked beyond the answers stays open, and is void with its cell.
    assert.deepEqual(given.prompts, prompts);
    assert.equal(given.result, result);
  });
}

const refused: [string, string][] = [
  ["a promised question", `await promised.createInterface(${onStdin}).question("Name? ")`],
  ["a question", `readline.createInterface(${onStdin}).question("Name? ", () => {})`],
  ["lines", `readline.createInterface(${onStdin}).on("line", () => {})`],
  ["a loop over lines", `for await (const line of readline.createInterface(${onStdin})) line`],
  ["chunks of stdin", `for await (const chunk of process.stdin) chunk`],
  ["an event of stdin", `await once(process.stdin, "data")`],
];
for (const [what, code] of refused) {
  test(`a client that gives no input is told at once: ${what}`, async () => {
    const {reply} = await client.run(`{ ${code} }`);
    assert.equal(reply.content.status, "error");
    assert.match(
      String(reply.content.evalue),
      /this client gives no input \(allow_stdin is false\)/,
    );
  });
}

test("a question that is interrupted leaves the next one alone", async () => {
  const id = client.execute(
    `const rl8 = promised.createInterface(${onStdin}); await rl8.question("never answered")`,
    {allow_stdin: true},
  );
  await client.question(id);
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.finished(id)).reply.content.ename, "InterruptedError");
  const {result} = await answered(
    `const [a9, b9] = [await promised.createInterface(${onStdin}).question("first?"), prompt("second?")]; [a9, b9]`,
    ["1", "2"],
  );
  assert.equal(result, "[ '1', '2' ]");
});

test("an interface on another stream is Node's own", async () => {
  const {result} = await client.run(
    `const {Readable} = require("node:stream"); const lines10: string[] = [];
     for await (const line of readline.createInterface({input: Readable.from(["a\\nb"])})) lines10.push(line);
     lines10`,
  );
  assert.equal(result, "[ 'a', 'b' ]");
});
