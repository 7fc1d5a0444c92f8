// Whole scripts as text, read once: their syntax and their scopes.

import type {Program} from "acorn";
import {Recent} from "../../recent.js";
import {analyze, parseScript, type Scopes} from "./scopes.js";

export interface ReadScript {
  program: Program;
  scopes: Scopes;
}

/** Reads a script; null when the text can't be read. */
export function readScript(script: string, isModule: boolean): ReadScript | null {
  let known = scripts.get(script);
  if (known === undefined) {
    const program = parseScript(script);
    known = program && {program, scopes: analyze(program, !isModule)};
    scripts.set(script, known);
  }
  return known;
}
const scriptsKept = 100;
const scripts = new Recent<string, ReadScript | null>(scriptsKept);
