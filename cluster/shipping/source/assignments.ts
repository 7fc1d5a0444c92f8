// The names that a script assigns to after their declaration. A captured variable with any other
// name has the value that it had before, and V8 need not be asked again.

import type {AnyNode} from "acorn";
import {Recent} from "../../recent.js";
import {childrenOf, keyName} from "./scopes.js";
import {readScript} from "./script-text.js";

const knownLimit = 200;
const known = new Recent<string, ReadonlySet<string> | null>(knownLimit);

/** Finds the assigned names, in whatever scope; null when the text can't be read. */
export function assignedNames({
  text,
  isModule,
}: {
  text: string;
  isModule: boolean;
}): ReadonlySet<string> | null {
  let names = known.get(text);
  if (names === undefined) {
    const read = readScript(text, isModule);
    names = read && new Set(assignedIn(read.program).flatMap(nameOf));
    known.set(text, names);
  }
  return names;
}

/** Finds the names of private members, `#n`, that something in the class assigns to. */
export function assignedPrivates(node: AnyNode): ReadonlySet<string> {
  return new Set(
    assignedIn(node).flatMap((target) => {
      if (target.type !== "MemberExpression") return [];
      const property = target.property as AnyNode;
      return property.type === "PrivateIdentifier" ? [keyName(property)] : [];
    }),
  );
}

/**
 * Finds the names that the node itself assigns to, without those that nodes inside of it assign to.
 */
export function assignedBy(node: AnyNode): string[] {
  return targetsOf(node).flatMap(nameOf);
}

/** Gives the names in a pattern, of a declaration or an assignment. */
export function boundNames(pattern: AnyNode): string[] {
  return leavesOf(pattern).flatMap(nameOf);
}

function assignedIn(node: AnyNode): AnyNode[] {
  return [...targetsOf(node), ...childrenOf(node).flatMap(assignedIn)];
}

function nameOf(target: AnyNode): string[] {
  return target.type === "Identifier" ? [target.name] : [];
}

/** The targets of an assignment: variables and members. */
function targetsOf(node: AnyNode): AnyNode[] {
  switch (node.type) {
    case "AssignmentExpression":
      return leavesOf(node.left);
    case "UpdateExpression":
      return leavesOf(node.argument);
    case "ForInStatement":
    case "ForOfStatement":
      return node.left.type === "VariableDeclaration" ? [] : leavesOf(node.left);
    default:
      return [];
  }
}

/** Gives the variables and members in a pattern. */
export function leavesOf(pattern: AnyNode): AnyNode[] {
  switch (pattern.type) {
    case "AssignmentPattern":
      return leavesOf(pattern.left as AnyNode);
    case "RestElement":
      return leavesOf(pattern.argument as AnyNode);
    case "Property":
      return leavesOf(pattern.value as AnyNode);
    case "ObjectPattern":
      return pattern.properties.flatMap((property) => leavesOf(property as AnyNode));
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element ? leavesOf(element as AnyNode) : []));
    default:
      return [pattern];
  }
}
