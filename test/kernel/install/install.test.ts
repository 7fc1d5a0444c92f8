import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {once} from "node:events";
import {mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {afterEach, beforeEach, test} from "node:test";
import {foldersIn} from "../../../kernel/install/folders.js";
import {install, uninstall} from "../../../kernel/install/install.js";
import {explain} from "../../../kernel/install/problem.js";
import {missingFrom} from "../../../kernel/install/runtime.js";

let folder: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tasklab install-"));
  data = join(folder, "share", "jupyter");
});
afterEach(() => rm(folder, {recursive: true}));

/** A package as small as can be; its program waits. */
async function packageOf(version: string) {
  const project = join(folder, "packages", version);
  const files = ["dist/kernel", "extensions/execution/labextension"];
  await write(join(project, "package.json"), {name: "tasklab", version, files});
  await write(join(project, "dist/kernel/main.js"), "setInterval(() => {}, 1000)");
  await write(join(project, "dist/test/other.js"), "");
  await write(join(project, "extensions/execution/labextension/package.json"), {version});
  return {project, version, nodePath: process.execPath};
}

async function write(path: string, content: string | object): Promise<void> {
  await mkdir(dirname(path), {recursive: true});
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
}

async function kernelspec(): Promise<{argv: string[]; metadata: {tasklab: {version: string}}}> {
  const text = await readFile(join(foldersIn(data).kernelspec, "kernel.json"), "utf8");
  return JSON.parse(text) as Awaited<ReturnType<typeof kernelspec>>;
}

async function versionsThere(): Promise<string[]> {
  return (await readdir(foldersIn(data).runtimes)).sort();
}

test("the kernelspec starts a copy, which stands when the package is gone", async () => {
  const parts = await packageOf("1.0.0");
  const {runtime} = await install(data, parts);
  await rm(parts.project, {recursive: true});
  const {argv} = await kernelspec();
  assert.deepEqual(
    [argv[0], argv.at(-2)],
    [process.execPath, join(runtime, "dist/kernel/main.js")],
  );
  assert.deepEqual(await readdir(join(runtime, "dist")), ["kernel"]);
  assert.deepEqual((await missingFrom(runtime)).missing, []);
});

test("installing again mends whatever has been damaged", async () => {
  const parts = await packageOf("1.0.0");
  const {runtime} = await install(data, parts);
  const {kernelspec: spec, extension} = foldersIn(data);
  await truncate(join(runtime, "dist/kernel/main.js"));
  assert.deepEqual((await missingFrom(runtime)).missing, ["dist/kernel/main.js"]);
  await rm(extension, {recursive: true});
  await truncate(join(spec, "kernel.json"));
  await install(data, parts);
  assert.deepEqual((await missingFrom(runtime)).missing, []);
  assert.deepEqual(await readdir(extension), ["package.json"]);
  assert.equal((await kernelspec()).metadata.tasklab.version, "1.0.0");
});

test("an upgrade removes the old version, and the remains of an install that was cut off", async () => {
  await install(data, await packageOf("1.0.0"));
  await write(join(foldersIn(data).runtimes, ".999999999", "runtime", "x"), "");
  const {kept} = await install(data, await packageOf("1.1.0"));
  assert.deepEqual(kept, []);
  assert.deepEqual(await versionsThere(), ["1.1.0"]);
  assert.equal((await kernelspec()).metadata.tasklab.version, "1.1.0");
});

test("a version that a kernel still runs from is kept until the next install", async () => {
  await install(data, await packageOf("1.0.0"));
  const [node, ...words] = (await kernelspec()).argv;
  const running = spawn(node!, words, {stdio: "ignore"});
  try {
    await once(running, "spawn");
    const {kept} = await install(data, await packageOf("1.1.0"));
    assert.deepEqual(kept, [join(foldersIn(data).runtimes, "1.0.0")]);
    assert.deepEqual(await versionsThere(), ["1.0.0", "1.1.0"]);
  } finally {
    running.kill("SIGKILL");
    await once(running, "exit");
  }
  await install(data, await packageOf("1.1.0"));
  assert.deepEqual(await versionsThere(), ["1.1.0"]);
});

test("another's kernel of our name is neither replaced nor removed", async () => {
  const theirs = join(foldersIn(data).kernelspec, "kernel.json");
  await write(theirs, {display_name: "Theirs", argv: ["x"]});
  await assert.rejects(install(data, await packageOf("1.0.0")), /another kernel, "Theirs"/);
  await assert.rejects(uninstall(data), /another kernel, "Theirs"/);
  assert.match(await readFile(theirs, "utf8"), /Theirs/);
  assert.deepEqual(await readdir(data), ["kernels"]);
});

test("an install that fails changes nothing and leaves nothing", async () => {
  await install(data, await packageOf("1.0.0"));
  const parts = await packageOf("1.1.0");
  await rm(join(parts.project, "extensions"), {recursive: true});
  await assert.rejects(install(data, parts), /ENOENT/);
  assert.deepEqual(await versionsThere(), ["1.0.0"]);
  assert.equal((await kernelspec()).metadata.tasklab.version, "1.0.0");
});

test("uninstalling leaves nothing behind, others' kernels aside", async () => {
  const other = join(data, "kernels", "python3", "kernel.json");
  await write(other, {});
  await install(data, await packageOf("1.0.0"));
  assert.equal((await uninstall(data)).removed.length, 3);
  assert.deepEqual((await readdir(data, {recursive: true})).sort(), [
    "kernels",
    "kernels/python3",
    "kernels/python3/kernel.json",
  ]);
  await rm(other);
  await rm(dirname(other), {recursive: true});
  await install(data, await packageOf("1.0.0"));
  await uninstall(data);
  await assert.rejects(readdir(data), /ENOENT/);
  assert.deepEqual(await uninstall(data), {removed: [], running: 0});
});

test("what the disk refuses is said in one line that names the mend", async () => {
  for (const [code, words] of [
    ["EACCES", /^\/p\/q may not be written by you.*--prefix/],
    ["EPERM", /--user/],
    ["EROFS", /^\/p\/q may not be written/],
    ["ENOSPC", /disk is full.*again/],
    ["EDQUOT", /disk is full/],
    ["ENOTDIR", /^A part of \/p\/q is a file/],
    ["EMFILE", /EMFILE.*again/],
  ] as const) {
    const error = Object.assign(new Error(`${code}: no, write`), {
      ...{code, path: "/p/q", syscall: "write"},
    });
    assert.match(explain(error), words);
    assert.ok(!explain(error).includes("\n"));
  }
  await write(join(folder, "share"), "a file");
  await assert.rejects(install(data, await packageOf("1.0.0")), (error) =>
    /^A part of .*share.* is a file/.test(explain(error)),
  );
});
