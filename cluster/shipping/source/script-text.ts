// Whole scripts as text, read once: their syntax, their scopes, and where a function stands in one.

import type {AnyNode, Program} from "acorn";
import {offsetOf, scriptOf} from "../functions/closure-inspector.js";
import {remember} from "../../remember.js";
import {analyze, childrenOf, isClosure, parseScript, type Scopes} from "./scopes.js";

export interface ReadScript {
  program: Program;
  scopes: Scopes;
}

/** Null when the text can't be read. */
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

/** The nodes around a function, from the program to its own; none when it is not found. */
export function pathTo(fn: object, text: string): AnyNode[] {
  const script = scriptOf(fn);
  const read = readScript(script.text, script.isModule);
  if (!read) return [];
  const offset = offsetOf(fn);
  let path: AnyNode[] = [];
  let found: AnyNode[] = [];
  for (let node: AnyNode | undefined = read.program; node;) {
    path = [...path, node];
    // A method's node begins behind its name.
    if (isClosure(node) && script.text.startsWith(text, node.end - text.length)) found = path;
    node = childrenOf(node).find(({start, end}) => start <= offset && offset < end);
  }
  return found;
}
