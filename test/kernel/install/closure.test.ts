import assert from "node:assert/strict";
import {mkdir, mkdtemp, realpath, rm, symlink, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {dirname, join, relative} from "node:path";
import {afterEach, beforeEach, test} from "node:test";
import {closureOf} from "../../../kernel/install/closure.js";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "tasklab closure-")));
});
afterEach(() => rm(folder, {recursive: true}));

async function makePackage(path: string, manifest: object): Promise<void> {
  await mkdir(join(folder, path), {recursive: true});
  await writeFile(join(folder, path, "package.json"), JSON.stringify(manifest));
}

async function closure(project: string): Promise<Record<string, string>> {
  const placed = await closureOf(join(folder, project));
  return Object.fromEntries(
    placed.map(({source, target}) => [target, relative(folder, source)] as const),
  );
}

const needs = (...names: string[]) => ({
  dependencies: Object.fromEntries(names.map((name) => [name, "1"])),
});

test("packages beside and above are found, each once, in one flat folder", async () => {
  await makePackage("node_modules/tasklab", needs("a", "@s/b"));
  await makePackage("node_modules/a", needs("c"));
  await makePackage("node_modules/@s/b", needs("c", "a"));
  await makePackage("node_modules/c", needs("a"));
  await makePackage("node_modules/other", {});
  assert.deepEqual(await closure("node_modules/tasklab"), {
    "node_modules/a": "node_modules/a",
    "node_modules/@s/b": "node_modules/@s/b",
    "node_modules/c": "node_modules/c",
  });
});

test("two versions of a package each stay with those that need them", async () => {
  await makePackage("tasklab", needs("a", "c"));
  await makePackage("tasklab/node_modules/a", needs("c"));
  await makePackage("tasklab/node_modules/a/node_modules/c", {});
  await makePackage("node_modules/c", {});
  assert.deepEqual(await closure("tasklab"), {
    "node_modules/a": "tasklab/node_modules/a",
    "node_modules/c": "node_modules/c",
    "node_modules/a/node_modules/c": "tasklab/node_modules/a/node_modules/c",
  });
});

test("packages that are links to a store, as pnpm makes them, are found behind them", async () => {
  await makePackage("store/tasklab/node_modules/tasklab", needs("a"));
  await makePackage("store/a/node_modules/a", needs("b"));
  await makePackage("store/b/node_modules/b", {});
  for (const [link, target] of [
    ["node_modules/tasklab", "store/tasklab/node_modules/tasklab"],
    ["store/tasklab/node_modules/a", "store/a/node_modules/a"],
    ["store/a/node_modules/b", "store/b/node_modules/b"],
  ] as const) {
    await mkdir(dirname(join(folder, link)), {recursive: true});
    await symlink(join(folder, target), join(folder, link));
  }
  assert.deepEqual(await closure("node_modules/tasklab"), {
    "node_modules/a": "store/a/node_modules/a",
    "node_modules/b": "store/b/node_modules/b",
  });
});

test("what is optional may be missing, what is needed is missed by name", async () => {
  await makePackage("tasklab", {
    ...needs("a", "here"),
    optionalDependencies: {a: "1", gone: "1"},
    peerDependencies: {peer: "1"},
  });
  await makePackage("node_modules/here", {});
  assert.deepEqual(Object.keys(await closure("tasklab")), ["node_modules/here"]);
  await rm(join(folder, "node_modules/here"), {recursive: true});
  await assert.rejects(closure("tasklab"), /here is missing, which tasklab needs.*npm install/);
});

test("tslab's fork of TypeScript, which is never loaded, stays behind", async () => {
  await makePackage("tasklab", needs("tslab"));
  await makePackage("node_modules/tslab", needs("@tslab/typescript-for-tslab"));
  await makePackage("node_modules/@tslab/typescript-for-tslab", {});
  assert.deepEqual(Object.keys(await closure("tasklab")), ["node_modules/tslab"]);
});
