// Starts processes. A notebook whose folder is deleted while its kernel runs.

import assert from "node:assert/strict";
import {mkdirSync, mkdtempSync, rmdirSync, rmSync} from "node:fs";
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

test("after %cd to another one all is well", async () => {
  assert.equal((await client.run(`%cd ${parent}`)).reply.content.status, "ok");
  assert.equal((await client.run("await get(one.remote())")).result, "1");
});
