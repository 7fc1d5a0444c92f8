// Where a function stands in the text of its script.

import type {AnyNode} from "acorn";
import {childrenOf, isClosure} from "../source/scopes.js";
import {readScript} from "../source/script-text.js";
import {offsetOf, scriptOf} from "./closure-inspector.js";

/**
 * Finds the nodes around a function, from the program to the function's own; none when the function
 * is not found.
 */
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
