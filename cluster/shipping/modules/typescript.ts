import {createRequire} from "node:module";
import type * as TypeScript from "typescript";

import {maxCodeBytes} from "../../limits.js";
import {isReadable} from "./whole-file.js";

const require = createRequire(import.meta.url);
let isBounded = false;

/** TypeScript, loaded once, on first use: it takes 150 ms. */
export function typescript(): typeof TypeScript {
  const ts = require("typescript") as typeof TypeScript;
  if (!isBounded) boundReading(ts.sys);
  return ts;
}

/**
 * Bounds the reading of files. A name in a program (`/// <reference path="/dev/zero" />`) may be
 * that of no file: TypeScript is told that there is none.
 */
function boundReading(sys: TypeScript.System): void {
  isBounded = true;
  const {readFile} = sys;
  sys.readFile = (path, encoding) =>
    isReadable(path, maxCodeBytes) ? readFile(path, encoding) : undefined;
}
