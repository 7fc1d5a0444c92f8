import assert from "node:assert/strict";
import {test} from "node:test";
import {importsOf} from "./sources.js";

test("imports are found in every form they take, and not in comments", () => {
  const text = `
import {a} from "../io/link.js";
import type {B} from "./b.js";
import {
  c,
  type D,
} from "d3-axis";
import "./effect.js";
export * from "@jupyterlab/services/lib/kernel";
const later = await import("zeromq");
const old = require("acorn");
// import {never} from "never";
import {readFile} from "node:fs/promises";
`;
  const found = importsOf({path: "cluster/core/x.ts", text}).map(({target, isType}) =>
    isType ? `${target} as a type` : target,
  );
  assert.deepEqual(found, [
    "cluster/io/link.ts",
    "cluster/core/b.ts as a type",
    "d3-axis",
    "cluster/core/effect.ts",
    "@jupyterlab/services",
    "zeromq",
    "acorn",
    "node:fs/promises",
  ]);
});
