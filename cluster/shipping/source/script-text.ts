// Whole scripts as text, read once: their syntax and their scopes.

import type {Program} from "acorn";
import {remember} from "../../remember.js";
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
    remember(scripts, script, known, scriptsKept);
  }
  return known;
}
const scripts = new Map<string, ReadScript | null>();
const scriptsKept = 100;
