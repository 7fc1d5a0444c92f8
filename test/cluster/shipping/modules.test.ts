import {after, before, test} from "node:test";
import assert from "node:assert/strict";
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import * as fs from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {createImporter, type Importer} from "../../../cluster/shipping/modules/modules.js";

let folder = "";
let importer: Importer;
const own = {marker: {}, named: 5};
const ownUrl = "data:text/javascript,export const named = 5";

const files: Record<string, string> = {
  "plain.mjs": "export const a = 1; export default class B {}; export function f() {}",
  "classic.cjs": "exports.a = 1; for (const name of ['late']) exports[name] = () => 2;",
  "typed.ts":
    "import {twice} from './other.js'; import {named} from 'own'; enum E {A = 3}\nexport const six: number = twice(E.A) + named * 0;\nexport function fails(): never {\n  throw new Error('typed');\n}",
  "other.ts": "export function twice(x: number): number { return 2 * x }",
  "data.json": '{"answer": 42}',
  "uses-own.mjs": "export {named} from 'own';",
  "folder/index.ts": "export default 'in a folder'",
  "node_modules/both/package.json":
    '{"name": "both", "exports": {"import": "./esm.mjs", "require": "./cjs.cjs"}}',
  "node_modules/both/esm.mjs": "export const kind = 'esm'",
  "node_modules/both/cjs.cjs": "exports.kind = 'cjs'",
  "node_modules/transpiled/package.json": '{"name": "transpiled", "main": "index.js"}',
  "node_modules/transpiled/index.js":
    "Object.defineProperty(exports, '__esModule', {value: true}); exports.default = function main() {}; exports.other = 2;",
  "node_modules/callable/package.json": '{"name": "callable", "main": "index.js"}',
  "node_modules/callable/index.js":
    "module.exports = function _() {}; module.exports.map = () => 1;",
};

before(() => {
  folder = mkdtempSync(join(tmpdir(), "modules-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), {recursive: true});
    writeFileSync(join(folder, name), text);
  }
  importer = createImporter(folder, {own: {exports: own, url: ownUrl}});
});
after(() => rmSync(folder, {recursive: true}));

test("built-ins, ES modules, CommonJS, JSON and TypeScript are imported from the notebook's folder", async () => {
  assert.equal((await importer.import("node:fs")).readFile, fs.readFile);
  assert.equal((await importer.import("./plain.mjs")).a, 1);
  assert.equal((await importer.import("./plain")).a, 1);
  assert.equal((await importer.import("./classic.cjs")).a, 1);
  assert.deepEqual((await importer.import("./data.json")).default, {answer: 42});
  assert.deepEqual((await importer.import("./data.json", {with: {type: "json"}})).default, {
    answer: 42,
  });
  assert.equal((await importer.import("./typed.ts")).six, 6);
  assert.equal((await importer.import("./typed")).six, 6);
  assert.equal((await importer.import("./folder")).default, "in a folder");
});

test("a package's `import` condition is the one for import, `require` for require", async () => {
  assert.equal((await importer.import("both")).kind, "esm");
  assert.equal((importer.require("both") as {kind: string}).kind, "cjs");
});

test("CommonJS names that Node can't see are there, and a transpiled default is the real one", async () => {
  assert.equal(typeof (await importer.import("./classic.cjs")).late, "function");
  const {default: main, other} = await importer.import("transpiled");
  assert.deepEqual([(main as {name: string}).name, other], ["main", 2]);
});

test("own modules are this process's instance, in local files as well", async () => {
  assert.equal((await importer.import("own")).marker, own.marker);
  assert.equal(importer.require("own"), own);
  assert.equal((await importer.import("./uses-own.mjs")).named, 5);
});

test("a missing module is an error that names it", async () => {
  await assert.rejects(importer.import("no-such-package"), /no-such-package/);
  await assert.rejects(importer.import("./no-such-file.js"), /no-such-file/);
});

test("imported values know their name", async () => {
  const plain = await importer.import("./plain.mjs");
  const {default: _} = await importer.import("callable");
  await importer.import("node:fs");
  const describe = (value: unknown) => {
    const found = importer.describe(value);
    return found && `${found.specifier} ${found.export}`;
  };
  assert.equal(describe(plain), "./plain.mjs ");
  assert.equal(describe(plain.default), "./plain.mjs default");
  assert.equal(describe(plain.f), "./plain.mjs f");
  assert.equal(describe(fs.readFile), "node:fs readFile");
  assert.equal(describe((_ as {map: unknown}).map), "callable map");
  assert.equal(describe(_), "callable default");
  assert.equal(describe(1), undefined);
  assert.equal(describe({}), undefined);
});
