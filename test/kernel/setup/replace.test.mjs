import assert from "node:assert/strict";
import {existsSync} from "node:fs";
import {mkdir, mkdtemp, readFile, rm, symlink, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {leaveStamp} from "../../../kernel/setup/fingerprint.mjs";
import {SetupProblem} from "../../../kernel/setup/problem.mjs";
import {makeAnew} from "../../../kernel/setup/replace.mjs";

async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), "tasklab-replace-"));
  try {
    await work(join(folder, ".venv"));
  } finally {
    await rm(folder, {recursive: true});
  }
}

const write = (venv, text) => writeFile(join(venv, "python"), text);
const read = (venv) => readFile(join(venv, "python"), "utf8");

test("a folder of the set-up is made anew; when that fails, the old one is back", () =>
  inFolder(async (venv) => {
    const make = async () => {
      await write(venv, "old");
      await leaveStamp(venv, "made");
    };
    await makeAnew(venv, make);
    const failing = async () => {
      await write(venv, "half");
      throw new Error("no network");
    };
    await assert.rejects(makeAnew(venv, failing), /no network/);
    assert.equal(await read(venv), "old");
    await makeAnew(venv, () => write(venv, "new"));
    assert.equal(await read(venv), "new");
    assert.ok(!existsSync(`${venv}.before`));
  }));

test("what a killed set-up has left aside is used again", () =>
  inFolder(async (venv) => {
    await leaveStamp(`${venv}.before`, "made");
    await write(`${venv}.before`, "old");
    await leaveStamp(venv, "under way");
    await assert.rejects(
      makeAnew(venv, () => Promise.reject(new Error("no network"))),
      /no network/,
    );
    assert.equal(await read(venv), "old");
  }));

test("an environment that the set-up has not made is never removed", () =>
  inFolder(async (venv) => {
    const never = () => assert.fail("it was made");
    await mkdir(venv);
    await write(venv, "mine");
    const isRefused = (error) =>
      error instanceof SetupProblem &&
      /not an environment that Tasklab has made/.test(error.message);
    await assert.rejects(makeAnew(venv, never), isRefused);
    assert.equal(await read(venv), "mine");
    const link = `${venv}-link`;
    await symlink(venv, link);
    await leaveStamp(venv, "of another project");
    await assert.rejects(makeAnew(link, never), isRefused);
    assert.equal(await read(venv), "mine");
  }));
