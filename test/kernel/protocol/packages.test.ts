// Packages and local files as a user of a notebook has them: installed by `%npm`, imported,
// completed, edited. No registry is asked: what is installed lies in folders beside the notebook.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync} from "node:fs";
import {writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
let parent: string;
let folder: string;
before(async () => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), "tasklab-packages-")));
  folder = join(parent, "notebook");
  write("package.json", '{"name": "above", "private": true}', parent);
  write("notebook/keep.txt", "", parent);
  pack(
    "shapes-1",
    {name: "shapes", version: "1.0.0", type: "module"},
    {
      "index.js": "export const area = (side) => side * side; export const version = 1;",
      "index.d.ts": "export function area(side: number): number; export const version: number;",
    },
  );
  pack(
    "shapes-2",
    {name: "shapes", version: "2.0.0", type: "module"},
    {
      "index.js": "export const area = (side) => side * side; export const perimeter = 4;",
      "index.d.ts": "export function area(side: number): number; export const perimeter: number;",
    },
  );
  pack("plain", {name: "@scope/plain", version: "1.0.0"}, {"index.js": "exports.plain = 'plain';"});
  client = await JupyterClient.start({
    folder,
    env: {
      npm_config_offline: "true",
      npm_config_audit: "false",
      npm_config_cache: join(parent, "cache"),
    },
  });
});
after(async () => {
  await client?.close();
  rmSync(parent, {recursive: true, force: true});
});

function write(path: string, text: string, where = folder): void {
  mkdirSync(dirname(join(where, path)), {recursive: true});
  writeFileSync(join(where, path), text);
}
function pack(name: string, description: object, files: Record<string, string>): void {
  const exports = {".": {types: "./index.d.ts", default: "./index.js"}};
  write(`${name}/package.json`, JSON.stringify({...description, exports}), parent);
  for (const [file, text] of Object.entries(files)) write(`${name}/${file}`, text, parent);
}
const failure = ({content}: {content: Record<string, unknown>}) =>
  (content.traceback as string[] | undefined)?.join("\n") ?? "";

test("a cell that imports a package that is not there says how to install it", async () => {
  const {reply} = await client.run("import {area} from 'shapes'");
  assert.match(failure(reply), /Cell In\[\d+\]:1:20 - TS2307[^]*`%npm install shapes` adds it/);
  const dynamic = await client.run("await import('shapes' as string)");
  assert.match(failure(dynamic.reply), /Cannot find package 'shapes'[^]*`%npm install shapes`/);
});

test("%npm install makes a package importable and completed at once, beside the notebook", async () => {
  const install = await client.run("%npm install ../shapes-1 --install-links");
  assert.equal(install.reply.content.status, "ok", failure(install.reply));
  assert.match(install.stdout, /made .*notebook\/package\.json\n[^]*added 1 package/);
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))), [
    "private",
    "dependencies",
  ]);
  assert.ok(!existsSync(join(parent, "node_modules")), "the folder above is left alone");
  assert.equal((await client.run("import {area, version} from 'shapes'; area(3)")).result, "9");
  const code = "import * as shapes from 'shapes'; shapes.a";
  const {content} = await client.request("shell", "complete_request", {
    ...{code, cursor_pos: code.length},
  });
  assert.deepEqual(content.matches, ["area"]);
  const {reply} = await client.run("area('3')");
  assert.match(failure(reply), /TS2345/);
});

test("after an upgrade of a package in use the user is told to restart", async () => {
  const {stdout, reply} = await client.run("%npm install ../shapes-2 --install-links");
  assert.equal(reply.content.status, "ok", failure(reply));
  assert.match(stdout, /shapes 1\.0\.0 is in use; restart the kernel to use 2\.0\.0\n$/);
  const now = await client.run("import {perimeter} from 'shapes'; typeof perimeter");
  assert.equal(now.result, "'undefined'", "the types are new, the code is the old one");
});

test("a package without types is imported, with one word about it; in the cell that installs it", async () => {
  const first = await client.run(
    "// First of all:\n%npm install ../plain --install-links\n\nimport {plain} from '@scope/plain'; plain",
  );
  assert.equal(first.result, "'plain'");
  assert.match(
    first.stderr,
    /^Cell In\[\d+\]:4:21 - "@scope\/plain" comes without types, .* `%npm install @types\/scope__plain` may/,
  );
  assert.equal((await client.run("import {plain} from '@scope/plain'; plain")).stderr, "");
});

test("%npm runs any of npm's commands, and fails as npm does", async () => {
  assert.match((await client.run("%npm list")).stdout, /shapes@2\.0\.0/);
  const {reply} = await client.run("%npm no-such-command");
  assert.match(failure(reply), /^MagicError: %npm no-such-command exited with code 1$/);
  await client.run("%npm uninstall @scope/plain");
  assert.match(failure((await client.run("import {plain} from '@scope/plain'")).reply), /TS2307/);
});

test("a package that is installed by other means is noticed too", async () => {
  for (const [version, type, name] of [
    [1, "number", "first"],
    [2, "string", "second"],
  ] as const) {
    write(
      "node_modules/by-hand/package.json",
      JSON.stringify({name: "by-hand", version: `${version}.0.0`, types: "index.d.ts"}),
    );
    write("node_modules/by-hand/index.js", "exports.value = 1;");
    write("node_modules/by-hand/index.d.ts", `export const value: ${type};`);
    await client.run("!true npm");
    const {reply} = await client.run(`const ${name}: ${type} = (await import('by-hand')).value`);
    assert.equal(reply.content.status, "ok", failure(reply));
  }
});

test("an interrupt ends npm", async () => {
  write(
    "package.json",
    JSON.stringify({private: true, scripts: {wait: "echo waiting && sleep 60"}}),
  );
  const id = client.execute("%npm run wait");
  await client.until("output", () =>
    client.about(id).some(({content}) => /waiting\n/.test(String(content.text))),
  );
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.finished(id)).reply.content.ename, "InterruptedError");
});

test("a cell sees an edited local file, its code and its types; names imported before stay", async () => {
  write("helper.ts", "import {inner} from './inner.ts'; export const size = inner;");
  write("inner.ts", "export const inner = 1;");
  assert.equal((await client.run("import {size} from './helper.ts'; size")).result, "1");
  write("inner.ts", "export const inner = 'two';");
  assert.equal((await client.run("size")).result, "1");
  const again = await client.run("import {size as now} from './helper.ts'; now.padStart(5)");
  assert.equal(again.result, "'  two'");
  write("helper.ts", "\nexport function fail(): never {\n  throw new Error('of a file');\n}");
  const {reply} = await client.run("import {fail} from './helper.ts'\nfail()");
  assert.match(failure(reply), /helper\.ts:3:9\)\n +at Cell In\[\d+\]:2:1\n/);
  assert.match(
    failure(reply),
    /helper\.ts\n {2}2 \| export function[^]*\n> 3 \| {3}throw new Error/,
  );
});

test("a task has the local file that its cell imported, whatever is on the disk when it runs", async () => {
  write(
    "model.ts",
    "import {rate} from './rate.ts'; export const scaled = (x: number) => x * rate;",
  );
  write("rate.ts", "export const rate = 2;");
  await client.run("%cluster start --workers 1");
  const cell = (n: number) =>
    `import {scaled as scaled${n}} from './model.ts';
     @remote function task${n}(x: number) { return scaled${n}(x) }
     await get(task${n}.remote(10))`;
  const first = await client.run(`import {get} from 'tasklab';\n${cell(1)}`);
  assert.equal(first.result, "20", failure(first.reply));
  write("rate.ts", "export const rate = 3;");
  assert.equal((await client.run("await get(task1.remote(10))")).result, "20");
  assert.equal((await client.run(cell(2))).result, "30");
  rmSync(join(folder, "model.ts"));
  rmSync(join(folder, "rate.ts"));
  const both = await client.run("await get([task1.remote(1), task2.remote(1)])");
  assert.equal(both.result, "[ 2, 3 ]", failure(both.reply));
});

test("%tsconfig shows and changes TypeScript's options; tsconfig.json is heeded", async () => {
  assert.equal((await client.run("[1][0].toFixed()")).result, "'1'");
  const {stdout} = await client.run("%tsconfig noUncheckedIndexedAccess");
  assert.match(
    stdout,
    /^no tsconfig\.json .*\n[^]* {2}noUncheckedIndexedAccess +true +%tsconfig\n/,
  );
  assert.match(failure((await client.run("[1][0].toFixed()")).reply), /TS2532/);
  assert.equal((await client.run("%tsconfig --reset\n[1][0].toFixed()")).result, "'1'");
  assert.equal((await client.run("[1][0].toFixed()")).result, "'1'");
  const decorated = await client.run(
    "%tsconfig experimentalDecorators\nconst keys: string[] = [];\n" +
      "function key(_: object, name: string) { keys.push(name) }\nclass A { @key a = 1 }\nkeys[0]",
  );
  assert.equal(decorated.result, "'a'", failure(decorated.reply));
  write("tsconfig.json", '{"compilerOptions": {"noUncheckedIndexedAccess": true');
  const broken = await client.run("[1][0].toFixed()");
  assert.match(
    broken.stderr,
    /^\S+tsconfig\.json:1:54 - .*; cells are checked with the defaults\n$/,
  );
  assert.equal(broken.result, "'1'");
  write("tsconfig.json", '{"compilerOptions": {"noUncheckedIndexedAccess": true}}');
  assert.match(failure((await client.run("[1][0].toFixed()")).reply), /TS2532/);
  const wrong = await client.run("%tsconfig strct=true");
  assert.match(failure(wrong.reply), /^MagicError: .* no option strct; did you mean strict\?$/);
  const complete = {code: "%tsconfig noImplicitR", cursor_pos: 21};
  const {content} = await client.request("shell", "complete_request", complete);
  assert.deepEqual(content.matches, ["noImplicitReturns="]);
});
