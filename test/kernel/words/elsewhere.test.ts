// Words of Deno, tslab, IJavascript, iTypeScript, Python, IPython, Ray and pages: each names what
// to write here.

import {after, before, test} from "node:test";
import assert from "node:assert/strict";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import * as library from "../../../cluster/index.js";
import {failureOf} from "../../../kernel/display/traceback.js";
import {allMagics} from "../../../kernel/magics/all.js";
import {Compiler} from "../../../kernel/compiler/compile.js";
import {magicsElsewhere, wordsElsewhere} from "../../../kernel/words/elsewhere.js";

const folder = mkdtempSync(join(tmpdir(), "tasklab-elsewhere-"));
let compiler: Compiler;
before(() => {
  process.chdir(folder);
  compiler = new Compiler();
});
after(() => {
  process.chdir(tmpdir());
  rmSync(folder, {recursive: true});
});

function said(cell: string): string[] {
  const result = compiler.compile(cell, 1, {});
  return result.ok ? [] : result.diagnostics.map(({message}) => message);
}

// What is written, and what is named for it, in one message.
const cells: [string, RegExp][] = [
  ['import "tslab"', /"tasklab"/],
  ['import * as tslab from "tslab"', /"tasklab"/],
  ['import {display} from "tslab"', /"tasklab"/],
  ['import {assertEquals} from "jsr:@std/assert@1"', /%npm exec jsr add @std\/assert@1`/],
  ['import chalk from "npm:chalk@5"', /`%npm install chalk@5`/],
  ['import x from "npm:@scope/x@^1.2/deep/part.js"', /`%npm install @scope\/x@\^1\.2`/],
  ['const {x} = await import("npm:x")', /`%npm install x`/],
  ['import _ from "https://esm.sh/lodash@4.17.21"', /`%npm install lodash@4\.17\.21`/],
  ['import d3 from "https://cdn.jsdelivr.net/npm/d3@7/+esm"', /`%npm install d3@7`/],
  ['import x from "https://deno.land/x/y/mod.ts"', /import it as `\.\/file\.ts`/],
  ['import sqlite from "bun:sqlite"', /Node's own modules/],
  ['import "./look.css"', /<style>/],
  ["Deno.version", /process\.versions/],
  ["await Deno.jupyter.display({})", /import \{display\} from "tasklab"/],
  ["Deno.jupyter.html`<b>x</b>`", /import \{html\} from "tasklab"/],
  ['Deno.readTextFileSync("x")', /fs\.readFileSync/],
  ["Deno.anything()", /Node's own modules/],
  ["Bun.version", /^Cannot find name 'Bun'\.\nNode's own modules/],
  ['tslab.display.html("x")', /import \{html\} from "tasklab"/],
  ['import {display} from "tasklab"; display.html("x")', /`html\(text\)`/],
  ["$$.async()", /`await` stands at a cell's top level/],
  ['$$.html("x")', /import \{html\} from "tasklab"/],
  ["$TS.async()", /`await`/],
  ["ray.init()", /%cluster start/],
  ["ray.get(1)", /await get\(ref\)/],
  ["ray.anything", /"tasklab"/],
  ['import * as ray from "ray"', /"tasklab"/],
  ['print("x")', /console\.log/],
  ["len([1])", /list\.length/],
  ["for (const i of range(3)) i", /Array\.from/],
  ["const nothing = None", /`null`/],
  ["import numpy as np", /this is Python/],
  ["import ray", /this is Python/],
  ["from math import sqrt", /this is Python/],
  ["const a = 1\ndef f(x):\n  return x", /this is Python/],
  ["for x in range(3):\n  f(x)", /this is Python/],
  ["document.title", /^Cannot find name 'document'\.\n.*createDocument/],
  ["window.title", /createDocument/],
  ["const element = <b>x</b>;", /%tsconfig jsx=react-jsx/],
  ['function App() { return <div className="a">{1}</div> }', /%tsconfig jsx=react-jsx/],
  ["const fragment = <><A/></>", /%tsconfig jsx=react-jsx/],
];

test("each is answered in one message that names what to write", () => {
  for (const [cell, pattern] of cells) {
    const messages = said(cell);
    assert.match(messages[0] ?? "", pattern, cell);
    if (!cell.includes("range")) assert.equal(messages.length, 1, messages.join("\n"));
  }
});

test("what only looks like one of them is left to TypeScript", () => {
  for (const cell of [
    "const print = (x: string) => x; print('x')",
    "const ray = {init() {}}; ray.init()",
    "namespace Deno { export const version = 1 } Deno.version",
    "const n = <number>(1 as unknown); n",
    "label: for (;;) { break label }",
  ])
    assert.deepEqual(said(cell), [], cell);
  assert.doesNotMatch(said("const el = <b>x;").join(), /JSX/);
  assert.doesNotMatch(said("if (1 {").join(), /Python/);
});

test("each name that is said to be of tasklab is", () => {
  for (const word of wordsElsewhere())
    for (const [, names = ""] of word.matchAll(/import \{([^}]+)\} from "tasklab"/g))
      for (const name of names.split(", ")) assert.ok(name in library, `${name}: ${word}`);
});

test("a magic of IPython that is not here names what to do, and hides none that is here", () => {
  const magics = allMagics();
  assert.throws(() => magics.find("line", "pip"), /^MagicError: no magic %pip here: `%npm install/);
  assert.throws(() => magics.find("cell", "bash"), /no magic %%bash here: `!command`/);
  const ours = new Set(magics.all().map(({name}) => name));
  for (const [name, word] of Object.entries(magicsElsewhere)) {
    assert.ok(!ours.has(name), name);
    for (const [, named = ""] of word.matchAll(/`%+(\w+)/g))
      assert.ok(ours.has(named), `${named}: ${word}`);
  }
});

test("an error at run time does so too", () => {
  const shown = (thrown: Error) => failureOf(thrown).traceback.join("\n");
  assert.match(shown(new ReferenceError("document is not defined")), /createDocument/);
  assert.match(shown(new ReferenceError("module is not defined")), /later cells/);
  const ofPackage = new TypeError(
    "Cannot read properties of undefined (reading 'documentElement')",
  );
  assert.doesNotMatch(shown(ofPackage), /createDocument/);
  ofPackage.stack = `TypeError: ${ofPackage.message}\n    at plot (file:///a/node_modules/plot/plot.js:1:1)`;
  assert.match(shown(ofPackage), /createDocument/);
});
