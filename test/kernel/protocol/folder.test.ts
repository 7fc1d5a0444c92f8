// Starts processes. A notebook whose folder is deleted while its kernel runs.

import assert from "node:assert/strict";
import {mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {JupyterClient} from "../../support/jupyter-client.js";

const parent = mkdtempSync(join(tmpdir(), "tasklab-folder-"));
const folder = join(parent, "work");
let client: JupyterClient;
before(async () => {
  mkdirSync(folder);
  client = await JupyterClient.start({folder});
  await client.run('import {get} from "tasklab";\n@remote function one() { return 1; }');
  rmdirSync(folder);
});
after(async () => {
  await client?.close();
  rmSync(parent, {recursive: true});
});

test("cells run on, and what needs the folder says that it is gone and what to do", async () => {
  assert.equal((await client.run("const two: number = 1 + 1;\ntwo")).result, "2");
  for (const cell of ["%cluster start", "one.remote()"]) {
    const {content} = (await client.run(cell)).reply;
    assert.equal(content.status, "error", cell);
    assert.match(String(content.evalue), /the folder .*work is gone.*another one.*%cd/, cell);
  }
  assert.equal((await client.run("!echo here")).stdout, "here\n");
  const {content} = (await client.run("%npm ls")).reply;
  assert.match(String(content.evalue), /the folder .*work is gone; make it again$/);
});

for (const cell of [
  'import {x} from "./local"; x',
  'require("./data.json")',
  'require("fs").readFileSync("data.txt")',
])
  test(`a cell that fails in a folder that is gone says so: ${cell}`, async () => {
    const {reply, stderr} = await client.run(cell);
    assert.equal(reply.content.status, "error");
    assert.match(stderr, /^the folder .*work is gone, and imports.*: make it again, or restart/);
  });

test("after %cd to another one all is well", async () => {
  assert.equal((await client.run(`%cd ${parent}`)).reply.content.status, "ok");
  assert.equal((await client.run("await get(one.remote())")).result, "1");
});

test("a folder that was moved is named with its new place, where the system can tell", async () => {
  const before = join(parent, "before");
  mkdirSync(before);
  const moved = await JupyterClient.start({folder: before});
  try {
    renameSync(before, join(parent, "now"));
    const {stderr} = await moved.run('import {x} from "./local"; x');
    const told = process.platform === "linux" ? / \(it was moved to .*now\)/ : /is gone/;
    assert.match(stderr, told);
    assert.match(stderr, /restart the kernel where the notebook is now/);
    assert.equal((await moved.run("1 + 1")).stderr, "");
    const {content} = (await moved.run("%cluster start")).reply;
    assert.match(String(content.evalue), /before is gone.*no process can start in it/);
  } finally {
    await moved.close();
  }
});

test("a folder that was made anew is entered by the next cell", async () => {
  const again = join(parent, "again");
  mkdirSync(again);
  const remade = await JupyterClient.start({folder: again});
  try {
    rmSync(again, {recursive: true});
    mkdirSync(again);
    writeFileSync(join(again, "data.txt"), "here");
    const {result} = await remade.run('require("fs").readFileSync("data.txt", "utf8")');
    assert.equal(result, "'here'");
  } finally {
    await remade.close();
  }
});
