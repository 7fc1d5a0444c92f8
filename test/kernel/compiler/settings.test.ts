// TypeScript's options for cells: our defaults, tsconfig.json, and what `%tsconfig` changes.

import {after, before, beforeEach, test} from "node:test";
import assert from "node:assert/strict";
import {mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, relative} from "node:path";
import "../../../cluster/index.js";
import {Compiler} from "../../../kernel/compiler/compile.js";
import {
  createNotebookConverter,
  type NotebookConverter,
} from "../../../kernel/compiler/check/converter.js";
import {completeSetting, Settings} from "../../../kernel/compiler/check/settings.js";
import {reportText, settingsOf} from "../../../kernel/magics/tsconfig.js";

let folder = "";
let notebook: NotebookConverter;
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "settings-")));
  mkdirSync(join(folder, "notebook"));
  process.chdir(join(folder, "notebook"));
  notebook = createNotebookConverter(new Settings());
});
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), {recursive: true});
  mkdirSync(join(folder, "notebook"));
  process.chdir(join(folder, "notebook"));
});
after(() => {
  notebook.close();
  process.chdir("/");
  rmSync(folder, {recursive: true});
});

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(folder, path)), {recursive: true});
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(join(folder, path), text);
}

function session(...words: string[]): Compiler {
  const compiler = new Compiler(notebook);
  if (words.length > 0) compiler.assign(words);
  return compiler;
}

/** The numbers of what TypeScript has to say about the cell. */
function said(compiler: Compiler, cell: string): number[] {
  const result = compiler.compile(cell, 1, {});
  return result.ok ? [] : result.diagnostics.map(({code}) => code);
}

const h =
  "declare global { namespace JSX { interface IntrinsicElements { [name: string]: object } } }";

// Options, the cell, what is said of it without them, and with them.
const rows: [object, string, number[], number[]][] = [
  [{strict: false}, "let o: {a?: string} = {}; o.a.length", [18048], []],
  [{strict: true}, "function f(a) { return a }", [], [7006]],
  [{strict: true, noImplicitAny: false}, "function f(a) { return a }", [], []],
  [{noImplicitAny: true}, "const rows = []; rows.push(1); rows.length", [], []],
  [{strictNullChecks: false}, "let o: {a?: string} = {}; o.a.length", [18048], []],
  [{noUncheckedIndexedAccess: true}, "[1][0].toFixed()", [], [2532]],
  [{exactOptionalPropertyTypes: true}, "const o: {a?: 1} = {a: undefined}", [], [2375]],
  [{noImplicitReturns: true}, "function f(a: 1 | 2) { if (a === 1) return 1 }", [], [7030]],
  [{noImplicitOverride: true}, "class A { f() {} } class B extends A { f() {} }", [], [4114]],
  [{allowUnreachableCode: false}, "function f() { return 1; f() }", [], [7027]],
  [{erasableSyntaxOnly: true}, "enum E { a }", [], [1294]],
  [{lib: ["es2022"]}, "[1].toSorted()", [], [2550]],
  [{lib: ["es2023", "dom"]}, "document.title", [2584], []],
  [{target: "esnext"}, "Array.fromAsync([1])", [2550], []],
  [{target: "es2017"}, "await 1; class A { #a = 1; has(o: object) { return #a in o } }", [], []],
  [
    {experimentalDecorators: true},
    "function d(t: object, k: string) {} class A { @d a = 1 }",
    [1240],
    [],
  ],
  [{jsx: "react", jsxFactory: "h"}, `${h}; const h = (tag: string) => tag; <b/>`, [17004], []],
  [{types: ["nowhere"]}, "process.pid", [], []],
  // What cells can't heed.
  [{module: "commonjs", moduleResolution: "node10"}, "await 1; import.meta.url", [], []],
  [{noUnusedLocals: true, isolatedModules: true, outDir: "out"}, "const unused = 1", [], []],
];

test("options of tsconfig.json and of %tsconfig hold for cells, where they make sense", () => {
  for (const [compilerOptions, cell, without, withThem] of rows) {
    const name = `${JSON.stringify(compilerOptions)} ${cell}`;
    assert.deepEqual(said(session(), cell).slice(0, 2), without, `without ${name}`);
    write("notebook/tsconfig.json", {compilerOptions});
    assert.deepEqual(said(session(), cell), withThem, name);
    rmSync(join(folder, "notebook/tsconfig.json"));
  }
  for (const [compilerOptions, cell, , withThem] of rows.filter(
    (_, row) => row < 17 && row % 4 === 0,
  )) {
    const words = Object.entries(compilerOptions).map(([key, value]) => `${key}=${String(value)}`);
    assert.deepEqual(said(session(...words), cell), withThem, words.join(" "));
  }
});

test("tsconfig.json is looked for upwards, and brings what it extends", () => {
  write("tsconfig.json", {extends: "./base.json", compilerOptions: {noImplicitAny: false}});
  write("base.json", {compilerOptions: {strict: true, noUncheckedIndexedAccess: true}});
  assert.deepEqual(said(session(), "[1][0].toFixed(); function f(a) {}"), [2532]);
});

test("a change to tsconfig.json, or to what it extends, is noticed by the next cell", () => {
  const compiler = session();
  const cell = "[1][0].toFixed()";
  assert.deepEqual(said(compiler, cell), []);
  write("notebook/tsconfig.json", {extends: "../base.json"});
  write("base.json", {compilerOptions: {noUncheckedIndexedAccess: true}});
  assert.deepEqual(said(compiler, cell), [2532]);
  write("base.json", {compilerOptions: {}});
  assert.deepEqual(said(compiler, cell), []);
  rmSync(join(folder, "notebook/tsconfig.json"));
  assert.deepEqual(said(compiler, "enum E { a }"), []);
});

// The file, what is told of it before the first cell.
const broken: [string, RegExp[]][] = [
  ["{", [/tsconfig\.json:1:2 - '}' expected\.; cells are checked with the defaults$/]],
  ['{"compilerOptions": {"strict": false,}}', []],
  [
    '{"compilerOptions": {\n"strct": true, "strict": false, "jsx": "no"}}',
    [
      /tsconfig\.json:2:1 - Unknown compiler option 'strct'\. .* \(and 1 more\); what is wrong in it is left out$/,
    ],
  ],
  ['{"extends": "./nowhere.json"}', [/nowhere\.json.*; cells are checked with the defaults$/]],
  ['{"compilerOptions": {"types": ["jest"]}}', [/^tsconfig\.json: .*'jest'/]],
  ['{"include": ["no-such-folder"]}', []],
  // Of a web project, and of a library.
  [
    `{"compilerOptions": {"target": "ES2017", "lib": ["dom", "esnext"], "module": "esnext",
      "moduleResolution": "node", "isolatedModules": true, "jsx": "preserve", "incremental": true,
      "baseUrl": ".", "paths": {"@/*": ["./*"]}, "plugins": [{"name": "next"}]}, "references": []}`,
    [],
  ],
  [
    `{"compilerOptions": {"module": "nodenext", "composite": true, "outDir": "out", "rootDir": "src",
      "verbatimModuleSyntax": true, "declarationMap": true, "importHelpers": true, "checkJs": true}}`,
    [],
  ],
];

test("what is wrong in tsconfig.json is told once, and the rest holds", () => {
  for (const [text, expected] of broken) {
    write("notebook/tsconfig.json", text);
    const compiler = session();
    const first = compiler.compile("1", 1, {});
    assert.ok(first.ok, text);
    assert.equal(first.notices.length, expected.length, `${text}: ${first.notices.join("\n")}`);
    for (const [index, pattern] of expected.entries()) assert.match(first.notices[index]!, pattern);
    assert.deepEqual(compiler.compile("2", 2, {}).notices, []);
    rmSync(join(folder, "notebook/tsconfig.json"));
  }
});

// What stands behind %tsconfig, why it is refused.
const refusals: [string, RegExp][] = [
  ["strct=true", /no option strct; did you mean strict\?$/],
  ["jsx=reactjsx", /jsx can't be reactjsx; did you mean react-jsx\? \(preserve, /],
  ["lib=es2023,domm", /lib can't be es2023,domm; did you mean dom\?$/],
  ["strict=perhaps", /strict can't be perhaps \(true, false\)$/],
  ["outDir=x", /^outDir: cells write no files$/],
  ["module=commonjs", /^module: cells import ES modules and CommonJS alike/],
  ["paths={x", /is no JSON$/],
  ["--rest", /no option --rest/],
];

test("%tsconfig refuses what TypeScript does not know, and then changes nothing", () => {
  for (const [word, pattern] of refusals) {
    const compiler = session();
    assert.throws(() => compiler.assign(["noImplicitAny=true", word]), {message: pattern});
    assert.deepEqual(said(compiler, "function f(a) {}"), [], word);
  }
});

test("%tsconfig tells what holds and where it comes from, and can go back", () => {
  write("tsconfig.json", {compilerOptions: {strict: false, outDir: "out", lib: ["es2022", "dom"]}});
  const compiler = session("noImplicitReturns", "STRICT=true");
  assert.equal(
    reportText(compiler.assign([])).replace(relative(process.cwd(), folder), "<folder>"),
    `<folder>/tsconfig.json
  strict                  true        %tsconfig
  target                  esnext      default
  lib                     es2022,dom  tsconfig.json
  experimentalDecorators  false       default
  types                   node        default
  noImplicitReturns       true        %tsconfig
not heeded in cells:
  outDir  cells write no files`,
  );
  const rows = compiler.assign(["--reset"]).rows.filter(({from}) => from === "session");
  assert.deepEqual(rows, []);
});

test("a name of %tsconfig and its value may have a space between them", () => {
  const rows: [string, Record<string, string>][] = [
    ["target es2024", {target: "es2024"}],
    ["strict true noImplicitAny", {strict: "true", noImplicitAny: "true"}],
    ["strict noImplicitAny false", {strict: "true", noImplicitAny: "false"}],
    ["jsx react-jsx lib es2023, dom", {jsx: "react-jsx", lib: "es2023,dom"}],
    ["target = es2022", {target: "es2022"}],
  ];
  for (const [line, wanted] of rows) {
    const {rows} = session().assign(settingsOf(line));
    const set = rows.filter(({from}) => from === "session").map(({name, value}) => [name, value]);
    assert.deepEqual(Object.fromEntries(set), wanted, line);
  }
  assert.throws(() => session().assign(settingsOf("target es20")), /target can't be es20/);
  assert.throws(() => session().assign(settingsOf("target")), /target can't be true/);
});

test("a value of %tsconfig may hold spaces", () => {
  for (const [line, words] of [
    ["", []],
    ["strict", ["strict"]],
    ["strict=false  lib=es2022,dom jsx", ["strict=false", "lib=es2022,dom", "jsx"]],
    ["strict = false target es2024", ["strict=false", "target", "es2024"]],
    ['paths={"@/*": ["./src/*"]} --reset', ['paths={"@/*": ["./src/*"]}', "--reset"]],
  ] as const)
    assert.deepEqual(settingsOf(line), words);
  write("notebook/src/size.ts", "export const size = 1;");
  write("tsconfig.json", {compilerOptions: {paths: {"@/*": ["./elsewhere/*"]}}});
  const compiler = session(...settingsOf('paths={"@/*": ["./src/*"]}'));
  assert.deepEqual(said(compiler, 'import {size} from "@/size"; size.toFixed()'), []);
});

test("names and values of options are completed", () => {
  assert.deepEqual(completeSetting("noImplicitR"), ["noImplicitReturns="]);
  assert.deepEqual(completeSetting("jsx=react-j"), ["jsx=react-jsx", "jsx=react-jsxdev"]);
  assert.deepEqual(completeSetting("strict="), ["strict=true", "strict=false"]);
  assert.deepEqual(completeSetting("nowhere=x"), []);
});

test("a cell is TSX where JSX is asked for, and positions stay right", () => {
  const compiler = session();
  const react = "declare function h(tag: string): string;\n";
  assert.equal(compiler.compile("const f = <T>(a: T) => a; <number>f(1)", 1, {}).ok, true);
  const result = compiler.compile(`/** @jsx h */\n${h}\n${react}<b>{missing}</b>`, 1, {});
  assert.ok(!result.ok);
  assert.deepEqual(
    result.diagnostics.map(({line, column, code}) => [line, column, code]),
    [[4, 5, 2304]],
  );
});

test("`paths` and `baseUrl` lead to local files, at run time too", () => {
  write("tsconfig.json", {compilerOptions: {paths: {"@lib/*": ["./lib/*"]}}});
  write("lib/size.ts", "export const size = 1;");
  const compiler = session();
  const result = compiler.compile(
    "import {size} from '@lib/size'; import('@lib/size.js'); size",
    1,
    {},
  );
  assert.ok(result.ok);
  assert.equal(result.code.split('"./../lib/size.ts"').length, 3);
  write("tsconfig.json", {compilerOptions: {baseUrl: "./lib"}});
  const based = compiler.compile("import {size} from 'size'; size", 2, {});
  assert.ok(based.ok);
  assert.match(based.code, /import\("\.\/\.\.\/lib\/size\.ts"\)/);
});
