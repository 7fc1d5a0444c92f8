// Which names does a script assign to after their declaration? A captured variable that is none of them
// has the value that it had before, and V8 need not be asked again.

import {parse, type AnyNode, type Pattern} from "acorn";
import {childrenOf} from "./scopes.js";

const known = new Map<string, ReadonlySet<string> | null>();

/** By name, whatever the scope; null when the text can't be read. */
export function assignedNames(script: string): ReadonlySet<string> | null {
  let names = known.get(script);
  if (names === undefined) {
    names = read(script);
    known.set(script, names);
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
  if (node.type === "AssignmentExpression") bind(node.left, names);
  else if (node.type === "UpdateExpression") bind(node.argument as Pattern, names);
  else if (node.type === "ForInStatement" || node.type === "ForOfStatement") {
    if (node.left.type !== "VariableDeclaration") bind(node.left, names);
  }
  for (const child of childrenOf(node)) visit(child, names);
}

function bind(target: Pattern, names: Set<string>): void {
  switch (target.type) {
    case "Identifier":
      names.add(target.name);
      return;
    case "ObjectPattern":
      for (const property of target.properties)
        bind(property.type === "Property" ? property.value : property.argument, names);
      return;
    case "ArrayPattern":
      for (const element of target.elements) if (element) bind(element, names);
      return;
    case "AssignmentPattern":
      return bind(target.left, names);
    case "RestElement":
      return bind(target.argument, names);
    case "MemberExpression":
      return;
  }
}
