// Two closures of one text, of one place in a script: may they share a variable? Not when the function is
// made once for each such variable, as the counter of a call is. It may be made more often when a loop or
// another function stands between it and the scope that has the variable.

import type {AnyNode, Program} from "acorn";
import {remember} from "./remember.js";
import {
  analyze,
  childrenOf,
  type Closure,
  isClosure,
  parseScript,
  type Scope,
  type Scopes,
} from "./scopes.js";

/** `offset`: of a place inside of the function, in the script. */
export function isMadeOnce(script: string, offset: number, text: string, name: string): boolean {
  const read = readScript(script);
  const path = read ? pathTo(read.program, offset, text, script) : [];
  const closure = path.at(-1);
  if (!read || !closure) return false;
  const scope = read.scopes.closures.get(closure as Closure)?.names.get(name);
  if (!scope) return false;
  for (let i = path.length - 2; i >= 0; i--) {
    const node = path[i]!;
    if (isOf(scope, node)) return true;
    if (isClosure(node) || /^(For|ForIn|ForOf|While|DoWhile)Statement$/.test(node.type))
      return false;
  }
  return false;
}

/** Is the node where the scope begins, its head included? */
function isOf({host}: Scope, node: AnyNode): boolean {
  return host !== null && (node === host || ("body" in node && (node.body as AnyNode) === host));
}

/** From the program to the function: the innermost one around `offset` that has this text. */
function pathTo(program: Program, offset: number, text: string, script: string): AnyNode[] {
  let path: AnyNode[] = [];
  let found: AnyNode[] = [];
  for (let node: AnyNode | undefined = program; node;) {
    path = [...path, node];
    if (isClosure(node) && script.startsWith(text, node.start) && endsThere(node, text))
      found = path;
    node = childrenOf(node).find(({start, end}) => start <= offset && offset < end);
  }
  return found;
}
function endsThere({start, end}: AnyNode, text: string): boolean {
  return end - start === text.length;
}

const read = new Map<string, {program: Program; scopes: Scopes} | null>();
const readLimit = 100;

function readScript(script: string): {program: Program; scopes: Scopes} | null {
  let known = read.get(script);
  if (known === undefined) {
    const program = parseScript(script);
    known = program && {program, scopes: analyze(program)};
    remember(read, script, known, readLimit);
  }
  return known;
}
