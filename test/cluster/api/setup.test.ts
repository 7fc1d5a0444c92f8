// Starts processes: what a plain program sets up holds in its tasks.

import assert from "node:assert/strict";
import {tmpdir} from "node:os";
import {realpathSync} from "node:fs";
import {after, before, test} from "node:test";
import {cluster, get, remote, SetupError, UsageError} from "../../../cluster/index.js";

const limit = {timeout: 60_000};
const variable = remote((name: string) => process.env[name] ?? "none");
const where = remote(() => process.cwd());
const times = remote(() => (globalThis as {times?: string[]}).times?.join("") ?? "");

before(() => cluster.start({workers: 2, cpus: 2}));
after(() => cluster.stop());

test("each task has the environment and the folder of its submission", limit, async () => {
  const refs = ["a", "b", "c"].map((value) => {
    process.env["TASKLAB_SETUP"] = value;
    return variable.remote("TASKLAB_SETUP");
  });
  assert.deepEqual(await get(refs), ["a", "b", "c"]);
  delete process.env["TASKLAB_SETUP"];
  assert.equal(await get(variable.remote("TASKLAB_SETUP")), "none");
  const here = process.cwd();
  process.chdir(tmpdir());
  const there = where.remote();
  process.chdir(here);
  assert.deepEqual(await get([there, where.remote()]), [realpathSync(tmpdir()), here]);
});

test(
  "a setup runs once in each worker, in order, and fails the tasks that need it",
  limit,
  async () => {
    const note = (text: string) => () => {
      const own = globalThis as {times?: string[]};
      (own.times ??= []).push(text);
    };
    cluster.setup(note("a"));
    cluster.setup(note("b"));
    assert.deepEqual(await get([1, 2, 3, 4].map(() => times.remote())), ["ab", "ab", "ab", "ab"]);
    cluster.setup(() => Promise.reject(new RangeError("no device")), {name: "device"});
    await assert.rejects(get(times.remote()), (error: Error) => {
      assert.ok(error instanceof SetupError);
      assert.match(
        error.message,
        /^`anonymous` needs the setup "device", which failed on .*: RangeError: no device$/,
      );
      assert.ok(error.cause instanceof RangeError);
      return true;
    });
    cluster.setup(note("c"), {name: "device"});
    assert.equal(await get(times.remote()), "abc");
  },
);

test("what sets up nothing is refused where it is written", () => {
  assert.throws(() => cluster.setup("x" as never), UsageError);
});
