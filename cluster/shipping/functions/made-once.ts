// May two closures of one text, from one place in a script, share a variable? They may not when the
// function is made once for each such variable, as the function that a counter returns is. The
// function may be made more often when a loop or another function stands between it and the scope
// of the variable.

import type {AnyNode} from "acorn";
import {scriptOf} from "./closure-inspector.js";
import {type Closure, isClosure, type Scope} from "../source/scopes.js";
import {readScript} from "../source/script-text.js";
import {pathTo} from "./place-in-script.js";

export function isMadeOnce(fn: object, text: string, name: string): boolean {
  const path = pathTo(fn, text);
  const script = scriptOf(fn);
  const closure = path.at(-1) as Closure | undefined;
  const read = readScript(script.text, script.isModule);
  const scope = closure && read?.scopes.closures.get(closure)?.names.get(name);
  if (!scope) return false;
  for (let i = path.length - 2; i >= 0; i--) {
    const node = path[i]!;
    if (isOf(scope, node)) return true;
    if (isClosure(node) || /^(For|ForIn|ForOf|While|DoWhile)Statement$/.test(node.type))
      return false;
  }
  return false;
}

/** Tells whether the scope begins at the node, its head included. */
function isOf({host}: Scope, node: AnyNode): boolean {
  return host !== null && (node === host || ("body" in node && (node.body as AnyNode) === host));
}
