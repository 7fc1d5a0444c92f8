// What a user can write in a cell and ship. Each case: one or more cells, then `subject` is shipped
// to a separate process and called there; the answer must be what the same call gives here, or the
// named refusal must come before anything is sent. The numbers are those of the research's list.

import type {CompilerOptions} from "typescript";
import {changed} from "./cases/changed.js";
import {classes} from "./cases/classes.js";
import {closures} from "./cases/closures.js";
import {imports} from "./cases/imports.js";
import {inTime} from "./cases/in-time.js";
import {modes} from "./cases/modes.js";
import {functions} from "./cases/functions.js";
import {values} from "./cases/values.js";
import type {AnyFunction, Elsewhere} from "./elsewhere.js";

export interface Case {
  name: string;
  cells: string | string[];
  /** For its cells, as by tsconfig.json. */
  compilerOptions?: CompilerOptions;
  args?: unknown[];
  /** Instead of the local answer: what the call there gives. */
  gives?: unknown;
  refused?: RegExp;
  /** What is done instead of one call; `gives` is what that gives. */
  steps?: (elsewhere: Elsewhere, subject: AnyFunction) => Promise<unknown>;
}

export const cases: Case[] = [
  ...functions,
  ...closures,
  ...classes,
  ...changed,
  ...modes,
  ...imports,
  ...values,
  ...inTime,
];
