// Strict or sloppy: a function runs in the mode in which it was written. CommonJS modules, `new
// Function` and compiled templates are sloppy unless they say "use strict"; cells, ES modules and
// classes are strict.

import {scriptOf} from "./closure-inspector.js";
import {isClass, isClosure, isDirective} from "../source/scopes.js";
import {pathTo} from "./place-in-script.js";
import {isCell} from "../source/stacks.js";
import {thunkOf} from "./stamps.js";
import {textOf} from "../source/texts.js";

/**
 * Tells whether a function is sloppy. Undefined when nothing tells: the script is too long to be
 * read, or is gone.
 */
export function isSloppy(fn: object): boolean | undefined {
  if (received.has(fn)) return true;
  if (thunkOf(fn)) return false;
  if (hasSloppyProperties(fn)) return true;
  const text = textOf(fn);
  // Functions with any other text are strict. Generators and async functions lack the properties in
  // both modes.
  if (/^(class\b|function\s*[\w$(])/.test(text)) return false;
  const script = scriptOf(fn);
  if (script.isModule || isCell(script.url) || script.url.startsWith("node:")) return false;
  if (!/use strict|\bclass\b/.test(script.text)) return script.text === "" ? undefined : true;
  const path = pathTo(fn, text);
  return path.length === 0 ? undefined : !path.some(isStrictNode);
}

/** Notes that a received function was evaluated as sloppy code. */
export function noteSloppy(fn: object): void {
  received.add(fn);
}
const received = new WeakSet<object>();

function hasSloppyProperties(fn: object): boolean {
  for (const key of ["arguments", "caller"]) {
    const own = Object.getOwnPropertyDescriptor(fn, key);
    if (own?.value !== null || own.writable || own.configurable) return false;
  }
  return true;
}

function isStrictNode(node: Parameters<typeof isClosure>[0]): boolean {
  if (node.type === "Program") return isDirective(node.body);
  if (!isClosure(node)) return false;
  return isClass(node) || (node.body.type === "BlockStatement" && isDirective(node.body.body));
}
