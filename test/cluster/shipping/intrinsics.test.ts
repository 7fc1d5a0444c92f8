// What Node's own modules export goes by name, so that a plain program's imports of them travel.

import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {builtinModules} from "node:module";
import {test} from "node:test";
import {decode, encode} from "../../../cluster/codec/codec.js";
import {carryContext} from "../../../cluster/context/carry.js";
import "../../../cluster/index.js";

/** Of this process alone, or of the runner of tests. */
const left =
  /^(_|module$|process$|cluster$|inspector|repl$|test|sys$|punycode$|wasi$|domain$|trace|sea$)/;

test("what Node's modules export is the same thing where it arrives", async () => {
  let count = 0;
  for (const module of builtinModules) {
    if (left.test(module.replace("node:", ""))) continue;
    const namespace = (await import(module)) as Record<string, unknown>;
    for (const [name, exported] of Object.entries(namespace)) {
      const isCode = typeof exported === "function";
      if (!isCode && !(exported instanceof Object && !isData(exported))) continue;
      const value = decode(encode(exported, `${module}.${name}`).frames);
      assert.equal(value, exported, `${module}.${name}`);
      count++;
    }
  }
  assert.ok(count > 700, `only ${count} of them`);
});

test("every global of this Node is the same thing where it arrives, accessors and replaced timers too", () => {
  // As in the kernel and in workers, whose timers are their own.
  carryContext();
  const {globals, members} = globalsOfNode();
  for (const name of globals) {
    const value = (globalThis as Record<string, unknown>)[name] as object;
    assert.equal(decode(encode(value, name).frames), value, name);
  }
  for (const [name, member] of members)
    assert.equal(decode(encode(member, name).frames), member, name);
  assert.ok(globals.length > 120 && members.length > 600, `${globals.length}, ${members.length}`);
});

test("a member of a global that nobody has asked for yet goes by name", () => {
  // The runner of tests may have asked for most of them: a process that has not.
  const program = `
    import {decode, encode} from ${JSON.stringify(import.meta.resolve("../../../cluster/codec/codec.js"))};
    import ${JSON.stringify(import.meta.resolve("../../../cluster/index.js"))};
    const {append} = FormData.prototype;
    const {subtle} = crypto;
    for (const value of [append, subtle, Headers, AbortSignal.prototype])
      if (decode(encode(value, "it").frames) !== value) throw new Error(String(value));`;
  const args = ["--input-type=module", "--eval", program];
  const {status, stderr} = spawnSync(process.execPath, args, {encoding: "utf8"});
  assert.equal(status, 0, stderr);
});

/** Names of its objects and functions, and the methods and accessors that their prototypes have. */
function globalsOfNode(): {globals: string[]; members: [string, object][]} {
  const members: [string, object][] = [];
  const globals = Object.getOwnPropertyNames(globalThis).filter((name) => {
    // Made by a getter that warns, or by this library.
    if (/Storage$|^__tasklab/.test(name)) return false;
    const value = (globalThis as Record<string, unknown>)[name];
    if (typeof value !== "function") return typeof value === "object" && value !== null;
    const prototype: unknown = Object.getOwnPropertyDescriptor(value, "prototype")?.value;
    for (const [key, own] of Object.entries(Object.getOwnPropertyDescriptors(prototype ?? {})))
      for (const part of [own.get, own.set, own.value] as unknown[])
        if (typeof part === "function" && key !== "constructor")
          members.push([`${name}.prototype.${key}`, part]);
    return true;
  });
  return {globals, members};
}

/** Lists, and records of what is no code: copied, as others are. */
function isData(exported: object): boolean {
  const isRecord = [null, Object.prototype].includes(Object.getPrototypeOf(exported) as null);
  const isFree = Object.values(exported).every((part) => typeof part !== "function");
  return Array.isArray(exported) || (isRecord && isFree);
}
