// Whatever the running Node has is known to the checker: its globals, modules, and regular
// expressions.

import {before, test} from "node:test";
import assert from "node:assert/strict";
import {builtinModules} from "node:module";
import "../../../cluster/index.js";
import {Compiler} from "../../../kernel/compiler/compile.js";

let compiler: Compiler;
before(() => {
  process.chdir("/");
  compiler = new Compiler();
});

function said(cell: string): string[] {
  const result = compiler.compile(cell, 1, {});
  return result.ok ? [] : result.diagnostics.map(({line, message}) => `${line}: ${message}`);
}

const globals = Object.getOwnPropertyNames(globalThis).filter((name) => /^\w+$/.test(name));
const modules = builtinModules.filter((name) => !name.startsWith("_"));

test("every global of this Node", () => {
  assert.deepEqual(said(globals.map((name) => `void ${name};`).join("\n")), []);
});

test("every module of this Node", () => {
  const imports = modules.map(
    (name, n) => `import * as m${n} from "node:${name.replace("node:", "")}";`,
  );
  assert.deepEqual(said(imports.join("\n")), []);
});

test("members of what the language has built in", () => {
  // What the language keeps for old pages' sake, and what there are no types for.
  const untyped = new Set([
    ...["getYear", "setYear", "toGMTString", "rawJSON", "isRawJSON"],
    ...["hasRef", "onmessage", "onmessageerror"],
  ]);
  const values = globalThis as Record<string, unknown>;
  const functions = globals.filter((name) => typeof values[name] === "function");
  const builtIn = functions.filter((name) => /\{ \[native code\] \}$/.test(String(values[name])));
  const lines: string[] = [];
  for (const name of [...builtIn, "Math", "JSON", "Atomics", "Reflect", "Intl"]) {
    const value = values[name] as {prototype?: object};
    for (const [path, object] of Object.entries({
      [name]: value,
      [`${name}.prototype`]: value.prototype,
    }))
      for (const key of Object.getOwnPropertyNames(object ?? {}))
        if (/^[a-z]\w*$/.test(key) && !untyped.has(key)) lines.push(`void ${path}.${key};`);
  }
  assert.ok(lines.length > 300, String(lines.length));
  assert.deepEqual(said(lines.join("\n")), []);
});

// What is written, and the type that it has.
const typed: [string, string][] = [
  ["await WebAssembly.compile(new Uint8Array())", "WebAssembly.Module"],
  ["new WebAssembly.Memory({initial: 1}).buffer", "ArrayBuffer"],
  ["await crypto.subtle.generateKey('Ed25519', true, ['sign'])", "CryptoKey | CryptoKeyPair"],
  ["performance", "Performance"],
  ['"".isWellFormed()', "boolean"],
];

test("what Node's types leave out has types, and no `any`", () => {
  for (const [code, type] of typed) {
    assert.deepEqual(said(`const it: ${type} = ${code}`.replace("CryptoKeyPair", "any")), [], code);
    assert.notDeepEqual(said(`const it: 'of another type' = ${code}`), [], code);
  }
});

test("every flag of regular expressions that this Node has", () => {
  const isFlag = (flag: string) => {
    try {
      return Boolean(new RegExp("a", flag));
    } catch {
      return false;
    }
  };
  const flags = [..."abcdefghijklmnopqrstuvwxyz"].filter(isFlag);
  assert.ok(flags.includes("v"));
  for (const flag of flags) assert.deepEqual(said(`/a/${flag}.test("a")`), [], flag);
  assert.deepEqual(
    said(String.raw`/[\p{L}--[a-z]]/v; /(?<year>\d{4})/du; new RegExp("", "v").unicodeSets`),
    [],
  );
});

test("a regular expression that only a later Node has is refused where it stands", () => {
  const modifiers = "/(?i:a)b/";
  let isKnown = true;
  try {
    new RegExp(modifiers.slice(1, -1));
  } catch {
    isKnown = false;
  }
  const words = isKnown ? [] : [/^2: Invalid regular expression: .* \(in Node \d+/];
  const found = said(`const fine = /a/;\n${modifiers}.test("Ab")`);
  assert.equal(found.length, words.length);
  for (const [n, pattern] of words.entries()) assert.match(found[n]!, pattern);
});

test("a page's types beside Node's bring no errors of their own", () => {
  compiler.assign(["lib=es2023,dom"]);
  const cell =
    "const key: CryptoKey | undefined = undefined; WebAssembly.validate(new Uint8Array(1)); document.title";
  assert.deepEqual(said(cell), []);
  compiler.assign(["--reset"]);
});
