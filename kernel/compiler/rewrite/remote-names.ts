// Under which names cells know `remote` of "tasklab": what it is called with, it names.

import type {AnyNode, Program} from "acorn";
import {keyName} from "../../../cluster/shipping/source/scopes.js";
import {runtimeName} from "../../../cluster/shipping/source/thunk.js";

/** What this cell imports it as. */
export function remoteNames(program: Program): Set<string> {
  const names = new Set<string>();
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration" || statement.source.value !== "tasklab") continue;
    for (const specifier of statement.specifiers) {
      if (specifier.type !== "ImportSpecifier") continue;
      const {imported, local} = specifier;
      if (keyName(imported) === "remote") names.add(local.name);
    }
  }
  return names;
}

/** One of these names, or `__tasklab.remote`. */
export function isRemote(callee: AnyNode, names: ReadonlySet<string>): boolean {
  if (callee.type === "Identifier") return names.has(callee.name);
  return (
    callee.type === "MemberExpression" &&
    callee.object.type === "Identifier" &&
    callee.object.name === runtimeName
  );
}
