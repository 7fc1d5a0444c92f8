// What a user can write in a cell and ship. Each case: one or more cells, then `subject` is shipped to
// a separate process and called there; the answer must be what the same call gives here, or the named
// refusal must come before anything is sent. The numbers are those of the research's list.

import type {CompilerOptions} from "typescript";
import {changed} from "./cases/changed.js";
import {classes} from "./cases/classes.js";
import {closures} from "./cases/closures.js";
import {functions} from "./cases/functions.js";
import {values} from "./cases/values.js";

export interface Case {
  name: string;
  cells: string | string[];
  /** For its cells, as by tsconfig.json. */
  compilerOptions?: CompilerOptions;
  args?: unknown[];
  /** Instead of the local answer: what the call there gives. */
  gives?: unknown;
  refused?: RegExp;
}

export const cases: Case[] = [...functions, ...closures, ...classes, ...changed, ...values];
