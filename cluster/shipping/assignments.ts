// Which names does a script assign to after their declaration? A captured variable that is none of them
// has the value that it had before, and V8 need not be asked again.

import {parse, type AnyNode} from "acorn";
import {childrenOf} from "./scopes.js";

const known = new Map<string, ReadonlySet<string> | null>();
const knownLimit = 200;

/** By name, whatever the scope; null when the text can't be read. */
export function assignedNames(script: string): ReadonlySet<string> | null {
  let names = known.get(script);
  if (names === undefined) {
    names = read(script);
    known.set(script, names);
    if (known.size > knownLimit) known.delete(known.keys().next().value!);
  }
  return names;
}

function read(script: string): Set<string> | null {
  const names = new Set<string>();
  try {
    const options = {
      ecmaVersion: "latest",
      allowHashBang: true,
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
    } as const;
    visit(parse(script, {...options, sourceType: "module"}), names);
  } catch {
    return null;
  }
  return names;
}

function visit(node: AnyNode, names: Set<string>): void {
  for (const name of assignedBy(node)) names.add(name);
  for (const child of childrenOf(node)) visit(child, names);
}

/** What the node itself assigns to, without what stands in it. */
export function assignedBy(node: AnyNode): string[] {
  switch (node.type) {
    case "AssignmentExpression":
      return boundNames(node.left);
    case "UpdateExpression":
      return boundNames(node.argument);
    case "ForInStatement":
    case "ForOfStatement":
      return node.left.type === "VariableDeclaration" ? [] : boundNames(node.left);
    default:
      return [];
  }
}

/** The names in a pattern, of a declaration or an assignment. */
export function boundNames(pattern: AnyNode): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "AssignmentPattern":
      return boundNames(pattern.left as AnyNode);
    case "RestElement":
      return boundNames(pattern.argument as AnyNode);
    case "Property":
      return boundNames(pattern.value as AnyNode);
    case "ObjectPattern":
      return pattern.properties.flatMap((property) => boundNames(property as AnyNode));
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element ? boundNames(element as AnyNode) : []));
    default:
      return [];
  }
}
