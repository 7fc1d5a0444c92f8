// Starts processes. The folder that a program, a notebook or its cluster works in may be deleted.

import assert from "node:assert/strict";
import {mkdirSync, mkdtempSync, realpathSync, rmdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, test} from "node:test";
import {cluster, ClusterError, get, remote} from "../../../cluster/index.js";

const limit = {timeout: 30_000};
const home = process.cwd();
const pid = remote(() => process.pid);
const where = remote(() => process.cwd());

let parent = "";
let folder = "";
beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), "tasklab-folder-")));
  folder = join(parent, "work");
  mkdirSync(folder);
  process.chdir(folder);
  assert.equal(process.cwd(), folder);
});
afterEach(async () => {
  await cluster.stop();
  process.chdir(home);
  rmSync(parent, {recursive: true});
});

test("no cluster starts in a folder that is gone: the error says what to do", limit, async () => {
  rmdirSync(folder);
  const isTold = (error: Error) => {
    assert.ok(error instanceof ClusterError);
    assert.match(error.message, /^the folder .*work is gone.*make it again, or enter another/);
    return true;
  };
  assert.throws(() => where.remote(), isTold);
  await assert.rejects(cluster.start({workers: 1}), isTold);
  process.chdir(parent);
  assert.equal(await get(where.remote()), parent);
});

test("a folder that was made anew is entered", limit, async () => {
  rmdirSync(folder);
  mkdirSync(folder);
  await cluster.start({workers: 1});
  assert.equal(await get(where.remote()), folder);
});

for (const [what, isMadeAnew] of [
  ["is gone: new workers work in the folder for temporary files, and say so", false],
  ["was made anew: new workers work in it", true],
] as const)
  test(`a cluster lives on when its folder ${what}`, limit, async () => {
    await cluster.start({workers: 1});
    const first = await get(pid.remote());
    rmdirSync(folder);
    if (isMadeAnew) mkdirSync(folder);
    process.kill(first, "SIGKILL");
    assert.notEqual(await get(pid.remote()), first);
    assert.equal(await get(where.remote()), isMadeAnew ? folder : realpathSync(tmpdir()));
    assert.equal(/the folder .*work is gone/.test(await cluster.logs()), !isMadeAnew);
  });
