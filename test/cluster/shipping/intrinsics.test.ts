// What Node's own modules export goes by name, so that a plain program's imports of them travel.

import assert from "node:assert/strict";
import {builtinModules} from "node:module";
import {test} from "node:test";
import {decode, encode} from "../../../cluster/codec.js";
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

/** Lists, and records of what is no code: copied, as others are. */
function isData(exported: object): boolean {
  const isRecord = [null, Object.prototype].includes(Object.getPrototypeOf(exported) as null);
  const isFree = Object.values(exported).every((part) => typeof part !== "function");
  return Array.isArray(exported) || (isRecord && isFree);
}
