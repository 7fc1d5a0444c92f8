// What a module has and V8's evaluate has not: `import(…)`, `import.meta`, and of CommonJS
// `__dirname` and `__filename`. As globals those would deceive packages that look for them.

import type {AnyNode} from "acorn";
import type MagicString from "magic-string";
import {childrenOf} from "../../../cluster/shipping/source/scopes.js";
import {runtimeName} from "../../../cluster/shipping/source/thunk.js";

const paths: Record<string, string | undefined> = {
  __dirname: `${runtimeName}.meta.dirname`,
  __filename: `${runtimeName}.meta.filename`,
};

/** `isFree`: nobody has declared the name. */
export function editModuleWords(
  node: AnyNode,
  text: MagicString,
  isFree: (name: string) => boolean,
): void {
  const visit = (node: AnyNode): void => {
    switch (node.type) {
      case "ImportExpression":
        text.update(node.start, node.start + "import".length, `${runtimeName}.import`);
        break;
      case "MetaProperty":
        if (node.meta.name === "import") text.update(node.start, node.end, `${runtimeName}.meta`);
        return;
      case "Identifier": {
        const path = Object.hasOwn(paths, node.name) && isFree(node.name) ? paths[node.name] : null;
        if (path) text.update(node.start, node.end, path);
        return;
      }
      case "Property":
        if (node.shorthand && node.value.type === "Identifier" && paths[node.value.name]) {
          if (isFree(node.value.name)) text.appendLeft(node.end, `: ${paths[node.value.name]}`);
          return;
        }
        if (node.computed) visit(node.key);
        return visit(node.value);
      case "MemberExpression":
        visit(node.object);
        if (node.computed) visit(node.property);
        return;
      case "MethodDefinition":
      case "PropertyDefinition":
        if (node.computed) visit(node.key);
        if (node.value) visit(node.value);
        return;
      default:
    }
    childrenOf(node).forEach(visit);
  };
  visit(node);
}

export function replaceSpecifiers(
  node: AnyNode,
  text: MagicString,
  fileByPaths: (specifier: string) => string | undefined,
): void {
  if (node.type === "ImportDeclaration" || node.type === "ImportExpression") {
    const {source} = node;
    const isText = source.type === "Literal" && typeof source.value === "string";
    const file = isText ? fileByPaths(source.value as string) : undefined;
    if (file !== undefined && source.type === "Literal") {
      source.value = file;
      if (node.type === "ImportExpression")
        text.update(source.start, source.end, JSON.stringify(file));
    }
  }
  for (const child of childrenOf(node)) replaceSpecifiers(child, text, fileByPaths);
}
