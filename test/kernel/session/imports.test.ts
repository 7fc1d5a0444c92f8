// Packages of every shape: whatever the checker accepts runs, in cells, in tasks, by `import()` and
// from local files; and what does not run is refused by the checker, or in one clear line.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
let folder: string;

const files: Record<string, string | object> = {
  // The notebook's own package.
  "package.json": {
    ...{name: "notebook", private: true, type: "module"},
    exports: {"./own": "./src/own.ts"},
    imports: {"#lib/*": "./src/*.ts"},
  },
  "src/own.ts": "import {inner} from './inner'; export enum Kind {own = inner}",
  "src/inner.ts": "export const inner = 7;",
  // As packages were before there was `exports`.
  "node_modules/classic/package.json": {main: "lib/index", types: "types/index.d.ts"},
  "node_modules/classic/lib/index.js": "exports.name = 'classic'; exports.list = [];",
  "node_modules/classic/types/index.d.ts":
    "export const name: string; export const list: string[];",
  "node_modules/classic/plugin/utc.js": "module.exports = 'utc';",
  "node_modules/classic/plugin/utc.d.ts": "declare const utc: string; export = utc;",
  "node_modules/classic/fp.js": "exports.fp = 'beside a folder';",
  "node_modules/classic/fp.d.ts": "export const fp: string;",
  "node_modules/classic/fp/other.js": "",
  "node_modules/classic/sub/package.json": {main: "./here.js", types: "./here.d.ts"},
  "node_modules/classic/sub/here.js": "exports.sub = 'by its package.json';",
  "node_modules/classic/sub/here.d.ts": "export const sub: string;",
  "node_modules/classic/indexed/index.js": "exports.indexed = 'by its index';",
  "node_modules/classic/indexed/index.d.ts": "export const indexed: string;",
  "node_modules/classic/data.json": {answer: 42},
  "node_modules/classic/effect.js": "require('./lib/index').list.push('effect');",
  "node_modules/classic/style.css": "b {}",
  "node_modules/other-version/package.json": {type: "module", exports: "./index.js"},
  "node_modules/other-version/index.js": "export const load = () => 1;",
  "node_modules/in-default/package.json": {type: "module", exports: "./index.js"},
  "node_modules/in-default/index.js": "export default {render: () => 1};",
  "node_modules/@types/other-version/index.d.ts":
    "declare const it: {load(): number}; export default it; export interface Options {a: 1}",
  "node_modules/@types/in-default/index.d.ts": "export function render(): number;",
  // Types that come from elsewhere, from nowhere, or not at all.
  "node_modules/typed-beside/index.js": "module.exports = {beside: 1}; module.exports.sub = 2;",
  "node_modules/typed-beside/sub.js": "exports.of = 'beside, too';",
  "node_modules/@types/typed-beside/index.d.ts": "export const beside: number;",
  "node_modules/@types/typed-beside/sub.d.ts": "export const of: string;",
  "node_modules/@types/types-only/index.d.ts": "export interface Only {a: 1} export const b: 2;",
  "node_modules/untyped/package.json": {version: "1.0.0"},
  "node_modules/untyped/index.js": "exports.anything = 'goes';",
  "node_modules/untyped/deep/part.js": "exports.part = 'deep';",
  "node_modules/lost-types/package.json": {main: "index.js", types: "gone.d.ts"},
  "node_modules/lost-types/index.js": "exports.lost = 'types';",
  "node_modules/hidden/package.json": {
    ...{main: "index.js", types: "index.d.ts", typesVersions: {"*": {"*": ["ts/*"]}}},
  },
  "node_modules/hidden/index.js": "exports.words = ['en'];",
  "node_modules/hidden/ts/index.d.ts": "export const words: string[];",
  "node_modules/hidden/locale/de.js": "require('../index').words.push('de');",
  // `exports` of every kind.
  "node_modules/dual/package.json": {
    exports: {
      ".": {
        import: {types: "./index.d.mts", default: "./index.mjs"},
        require: {types: "./index.d.cts", default: "./index.cjs"},
      },
    },
  },
  "node_modules/dual/index.mjs": "export const by = 'import';",
  "node_modules/dual/index.cjs": "exports.by = 'require';",
  "node_modules/dual/index.d.mts": "export const by: 'import';",
  "node_modules/dual/index.d.cts": "export const by: 'require';",
  "node_modules/pattern/package.json": {
    ...{type: "module", exports: {"./*": {types: "./types/*.d.ts", default: "./dist/*.js"}}},
  },
  "node_modules/pattern/dist/a/b.js": "export default 'by a pattern';",
  "node_modules/pattern/types/a/b.d.ts": "declare const b: string; export default b;",
  "node_modules/import-only/package.json": {
    ...{type: "module", exports: {import: "./index.js"}, types: "./index.d.ts"},
  },
  "node_modules/import-only/index.js": "export const esm = 'only';",
  "node_modules/import-only/index.d.ts": "export const esm: string;",
  "node_modules/require-only/package.json": {exports: {require: "./index.js"}},
  "node_modules/require-only/index.js": "exports.cjs = 'only';",
  "node_modules/require-only/index.d.ts": "export const cjs: string;",
  "node_modules/browser/package.json": {
    exports: {".": {browser: "./no.js", node: "./node.js", default: "./no.js"}},
  },
  "node_modules/browser/node.js": "exports.on = 'node';",
  "node_modules/browser/no.js": "throw new Error('not for Node');",
  // TypeScript, which Node does not run there.
  "node_modules/source/package.json": {type: "module", exports: "./index.ts"},
  "node_modules/source/index.ts": "export const source: string = 'in node_modules';",
  "packages/shared/package.json": {
    ...{name: "@team/shared", type: "module", version: "0.0.0"},
    exports: {".": "./index.ts", "./deep/*": {types: "./src/*.ts", default: "./dist/*.js"}},
  },
  "packages/shared/index.ts":
    "import {more} from './src/more.js'; export interface Pt {x: number}\nexport enum E {A = 3}\nexport const mk = (x: number): Pt => ({x: x + more});",
  "packages/shared/src/more.ts": "export const more = 1;",
  "packages/cjs/package.json": {name: "linked-cjs", main: "index.js", types: "index.d.ts"},
  "packages/cjs/index.js": "exports.linked = 'built';",
  "packages/cjs/index.d.ts": "export const linked: string;",
};
const links: Record<string, string> = {
  "node_modules/@team/shared": "../../packages/shared",
  "node_modules/linked-cjs": "../packages/cjs",
};

/** What is imported, what of it is shown, and what that shows. */
type Row = [imported: string, shown: string, is: string];
const rows: Row[] = [
  ["{name} from 'classic'", "name", "'classic'"],
  ["utc from 'classic/plugin/utc'", "utc", "'utc'"],
  ["utc from 'classic/plugin/utc.js'", "utc", "'utc'"],
  ["{fp} from 'classic/fp'", "fp", "'beside a folder'"],
  ["{sub} from 'classic/sub'", "sub", "'by its package.json'"],
  ["{indexed} from 'classic/indexed'", "indexed", "'by its index'"],
  ["data from 'classic/data.json'", "data.answer", "42"],
  ["{answer} from 'classic/data.json'", "answer", "42"],
  ["{beside} from 'typed-beside'", "beside", "1"],
  ["{of} from 'typed-beside/sub'", "of", "'beside, too'"],
  ["{anything} from 'untyped'", "anything", "'goes'"],
  ["{part} from 'untyped/deep/part'", "part", "'deep'"],
  ["{lost} from 'lost-types'", "lost", "'types'"],
  ["{words} from 'hidden'", "words[0]", "'en'"],
  ["{by} from 'dual'", "by", "'import'"],
  ["b from 'pattern/a/b'", "b", "'by a pattern'"],
  ["{esm} from 'import-only'", "esm", "'only'"],
  ["{cjs} from 'require-only'", "cjs", "'only'"],
  ["{on} from 'browser'", "on", "'node'"],
  ["{source} from 'source'", "source", "'in node_modules'"],
  ["{mk} from '@team/shared'", "mk(4).x", "5"],
  ["{more} from '@team/shared/deep/more'", "more", "1"],
  ["{linked} from 'linked-cjs'", "linked", "'built'"],
  ["{Kind} from 'notebook/own'", "Kind.own", "7"],
  ["{inner} from '#lib/inner'", "inner", "7"],
  ["{name} from 'npm:classic@^1.2'", "name", "'classic'"],
  ["utc from 'npm:classic/plugin/utc'", "utc", "'utc'"],
  ["{mk} from 'jsr:@team/shared@1'", "mk(1).x", "2"],
];

before(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "tasklab-imports-")));
  for (const [path, content] of Object.entries(files))
    write(path, typeof content === "string" ? content : JSON.stringify(content));
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(folder, path)), {recursive: true});
    symlinkSync(target, join(folder, path));
  }
  client = await JupyterClient.start({folder});
  await client.run("import {get} from 'tasklab'");
});
after(async () => {
  await client?.close();
  rmSync(folder, {recursive: true, force: true});
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), {recursive: true});
  writeFileSync(join(folder, path), text);
}

async function shown(code: string): Promise<string> {
  const {reply, result} = await client.run(code);
  const {traceback} = reply.content as {traceback?: string[]};
  return traceback ? traceback.join("\n") : (result ?? "");
}

test("packages of every shape are imported by cells", async () => {
  for (const [imported, value, is] of rows)
    assert.equal(await shown(`import ${imported}; ${value}`), is, imported);
});

/** The same under other names: how each is imported, how loaded, and all that is shown. */
const specifiers = rows.map(([imported]) => /'(.*)'$/.exec(imported)![1]!);
const isDefault = rows.map(([imported]) => !imported.startsWith("{"));
const names = rows.map(([, value], n) =>
  isDefault[n] ? value.replace(/^\w+/, `m${n}`) : `m${n}.${value}`,
);
const imports = specifiers
  .map((name, n) => `import ${isDefault[n] ? "" : "* as "}m${n} from '${name}';`)
  .join("\n");
const loads = specifiers
  .map(
    (name, n) => `const ${isDefault[n] ? `{default: m${n}}` : `m${n}`} = await import('${name}');`,
  )
  .join("");
const all = `JSON.stringify([${names.join()}])`;
const expected = `[${rows.map(([, , is]) => is.replaceAll("'", '"')).join()}]`;

test("a function that uses them runs as a task", async () => {
  const code = `${imports}\n@remote function used() { return ${all} }`;
  assert.equal(await shown(`${code}\nawait get(used.remote())`), `'${expected}'`);
});

test("`import()` gives the same, in a cell and in a task", async () => {
  assert.equal(await shown(`${loads} ${all}`), `'${expected}'`);
  const task = `@remote async function load() { ${loads} return ${all} }`;
  assert.equal(await shown(`${task}\nawait get(load.remote())`), `'${expected}'`);
});

test("a local file imports them, in a cell and in a task", async () => {
  write("local.ts", `${imports}\nexport const local = () => ${all};`);
  const code = "import {local} from './local.ts'; @remote function there() { return local() }";
  // A local file is CommonJS, as it is run.
  const there = `'${expected.replace('"import"', '"require"')}'`;
  assert.equal(await shown(`${code} local()`), there);
  assert.equal(await shown("await get(there.remote())"), there);
});

test("a local ES module imports what Node finds under no such name", async () => {
  write("local.mjs", "import {fp} from 'classic/fp'; import {own} from './own'; export {fp, own};");
  write("own.mjs", "");
  write("own.js", "export const own = 'own';");
  assert.equal(
    await shown("import {fp, own} from './local.mjs'; [fp, own]"),
    "[ 'beside a folder', 'own' ]",
  );
});

test("an import for its effect needs no types, and is told of none", async () => {
  const {stderr, result} = await client.run(
    "import {words} from 'hidden'; import 'hidden/locale/de.js'; words",
  );
  assert.deepEqual([stderr, result], ["", "[ 'en', 'de' ]"]);
  assert.equal(
    await shown("import {list} from 'classic'; import 'classic/effect'; list"),
    "[ 'effect' ]",
  );
});

test("a name that only the types have is told of by the import", async () => {
  const [other, inDefault, fine] = [
    await client.run("import it, {type Options} from 'other-version'; typeof it"),
    await client.run("import {render} from 'in-default'; typeof render"),
    await client.run(
      "import all, {name as n} from 'classic'; import {E, type Pt} from '@team/shared'; all.name + n + E.A",
    ),
  ];
  assert.match(
    other.stderr,
    /"other-version" as installed has no export `default`.* `import \* as name/,
  );
  assert.match(
    inDefault.stderr,
    /"in-default" as installed has no export `render`.*its default export/,
  );
  assert.deepEqual([fine.stderr, fine.result], ["", "'classicclassic3'"]);
});

test("what `npm:` means here is told once", async () => {
  const cell = "import {name} from 'npm:classic@9'; name";
  const {stderr, result} = await client.run(cell);
  assert.match(
    stderr,
    /^Cell In\[\d+\]:1:20 - "npm:classic@9" is "classic" here, as it is installed\n$/,
  );
  assert.equal(result, "'classic'");
  assert.equal((await client.run(cell)).stderr, "");
});

test("`require` gives the same", async () => {
  assert.equal(await shown("require('@team/shared').mk(1).x"), "2");
  assert.equal(
    await shown("import {mk} from '@team/shared'; mk === require('@team/shared').mk"),
    "true",
  );
  assert.equal(await shown("import other = require('dual'); other.by"), "'require'");
});

test("what does not run is refused in one line", async () => {
  const refused: [string, RegExp][] = [
    ["import x from 'nowhere'", /TS2307[^]*`%npm install nowhere`/],
    ["import 'nowhere'", /TS2882[^]*`%npm install nowhere`/],
    ["import x from 'classic/plugin/nowhere'", /TS2307/],
    ["import 'classic/style.css'", /TS2882/],
    ["import 'hidden/locale/xx'", /TS2882/],
    [
      "import {b} from 'types-only'; b",
      /Cannot find package 'types-only'[^]*`%npm install types-only`/,
    ],
    ["await import('classic/nowhere' as string)", /Cannot find module/],
  ];
  for (const [code, pattern] of refused) {
    assert.match(await shown(code), pattern, code);
  }
  assert.equal(
    await shown("import {Only} from 'types-only'; const only: Only = {a: 1}; only.a"),
    "1",
  );
});

test("an edited file of a linked package is seen by the next import, in tasks too", async () => {
  assert.equal(await shown("import {mk} from '@team/shared'; mk(1).x"), "2");
  write(
    "packages/shared/src/more.ts",
    "export const more = 10; export const added: string = 'new';",
  );
  assert.equal(await shown("import {mk} from '@team/shared'; mk(1).x"), "11");
  assert.equal(
    await shown("@remote function again() { return mk(2).x }; await get(again.remote())"),
    "12",
  );
  assert.equal(await shown("import {added} from '@team/shared/deep/more'; added"), "'new'");
});

test("names are completed and explained in packages of every shape", async () => {
  const code = "import * as shared from '@team/shared'; shared.m";
  const completed = await client.request("shell", "complete_request", {
    code,
    cursor_pos: code.length,
  });
  assert.deepEqual(completed.content.matches, ["mk"]);
  const hover = "import utc from 'classic/plugin/utc'; utc";
  const inspected = await client.request("shell", "inspect_request", {
    ...{code: hover, cursor_pos: hover.length, detail_level: 0},
  });
  assert.match(JSON.stringify(inspected.content), /utc: string/);
});
