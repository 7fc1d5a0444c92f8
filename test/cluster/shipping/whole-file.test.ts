// Reading a file ends whatever its path names, a device or a pipe too. The reader gets the bytes,
// or an error that says what is wrong.

import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync, truncateSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {createServer} from "node:net";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {image} from "../../../cluster/index.js";
import {maxCodeBytes} from "../../../cluster/limits.js";
import {tsConfigFor} from "../../../cluster/shipping/modules/tsconfig.js";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import {prepareTypeScript} from "../../../cluster/shipping/modules/typescript-files.js";
import {readText, readWhole} from "../../../cluster/shipping/modules/whole-file.js";
import {load} from "../../../kernel/magics/load.js";
import {parseArguments, type MagicContext} from "../../../kernel/magics/magic.js";

const onLinux = process.platform === "linux" ? false : "there are no such files here";
const limit = {timeout: 20_000, skip: onLinux};

/** Sparse: they take no room on the disk. */
const sizes: [name: string, bytes: number][] = [
  ["large", 1024 ** 3],
  ["large.ts", 2 * maxCodeBytes],
  ["exact", 1000],
];

let folder = "";
const at = (name: string) => join(folder, name);
const server = createServer();
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tasklab-files-"));
  if (onLinux) return;
  execFileSync("mkfifo", [at("pipe"), at("pipe.ts")]);
  for (const [name, bytes] of sizes) {
    writeFileSync(at(name), "");
    truncateSync(at(name), bytes);
  }
  writeFileSync(at("empty"), "");
  writeFileSync(at("text.ts"), "const a = 1;\n");
  await new Promise<void>((resolve) => server.listen(at("socket"), resolve));
});
after(() => {
  server.close();
  rmSync(folder, {recursive: true, force: true});
});

const refused: [path: string, why: RegExp][] = [
  ["/dev/zero", /^\/dev\/zero is a device, and no file$/],
  ["/dev/null", /is a device, and no file$/],
  ["pipe", /pipe is a pipe, and no file$/],
  ["socket", /socket is a socket, and no file$/],
  [".", /is a folder$/],
  ["large", /large has 1 GiB; at most 1000 bytes are read$/],
  // The system says that this file has 0 bytes.
  ["/proc/self/smaps", /smaps goes on and on; at most 1000 bytes are read$/],
  ["none", /^ENOENT: no such file/],
];

for (const [name, why] of refused)
  test(`${name} is refused, and said why`, limit, () => {
    const path = name.startsWith("/") ? name : at(name);
    assert.throws(() => readWhole(path, 1000), {message: why});
  });

test("what is a file is read: empty, of the largest size, of none", limit, () => {
  assert.equal(readWhole(at("empty"), 0).length, 0);
  assert.equal(readWhole(at("exact"), 1000).length, 1000);
  assert.equal(readText(at("text.ts"), 1000), "const a = 1;\n");
  assert.match(readText("/proc/self/status", 100_000), /^Name:/);
});

test("%load says so in its own words", limit, async () => {
  const loaded: string[] = [];
  const context = {replaceInput: (text: string) => loaded.push(text)} as unknown as MagicContext;
  const run = async (path: string) => load.run(context, parseArguments(load, path), "");
  const cases: [path: string, message: string][] = [
    ["/dev/zero", "%load /dev/zero: is a device, and no file"],
    [at("pipe"), `%load ${at("pipe")}: is a pipe, and no file`],
    [at("large"), `%load ${at("large")}: has 1 GiB; at most 1 MiB are read`],
  ];
  for (const [path, message] of cases) await assert.rejects(run(path), {message});
  await run("/proc/self/status");
  assert.match(loaded[0]!, /^\/\/ %load \/proc\/self\/status\nName:/);
});

test("image says so as well", limit, () => {
  assert.throws(() => image("/dev/zero"), {
    name: "UsageError",
    message: "image: /dev/zero is a device, and no file",
  });
  assert.throws(() => image(at("large")), {message: /has 1 GiB; at most 64 MiB are read$/});
});

test("a local module that is none, or too large, is not loaded", limit, () => {
  prepareTypeScript();
  const require = createRequire(at("program.js"));
  assert.throws(() => require("./pipe.ts") as unknown, {message: /is a pipe, and no file$/});
  assert.throws(() => require("./large.ts") as unknown, {
    message: /has 64 MiB; at most 32 MiB are read$/,
  });
});

test("to TypeScript it is not there", limit, () => {
  const {sys} = typescript();
  for (const path of ["/dev/zero", at("pipe"), at("large")])
    assert.equal(sys.readFile(path), undefined);
  assert.equal(sys.readFile(at("text.ts")), "const a = 1;\n");
  writeFileSync(at("tsconfig.json"), JSON.stringify({extends: "/dev/zero"}));
  assert.match(tsConfigFor(folder)!.problems.join(), /\/dev\/zero/);
});
