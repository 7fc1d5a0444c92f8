// Finds the fields of a class's instances that are functions: `add = (k: number) => …`. To
// TypeScript such fields are methods like others, but no prototype has them, so the text of the
// class is read.

import type {ClassBody, Expression, Program, Property} from "acorn";
import {textOf} from "../source/texts.js";
import {parseClosure} from "../source/scopes.js";

export interface FunctionField {
  name: string;
  isAsync: boolean;
}

export function functionFields(cls: object): FunctionField[] {
  const body = bodyOf(textOf(cls));
  const fields: FunctionField[] = [];
  for (const member of body?.body ?? []) {
    if (member.type !== "PropertyDefinition" || member.static || member.computed) continue;
    const {key, value} = member;
    const fn = key.type === "Identifier" && value ? withoutWrapper(value) : undefined;
    if (fn?.type === "ArrowFunctionExpression" || fn?.type === "FunctionExpression")
      fields.push({name: (key as {name: string}).name, isAsync: fn.async});
  }
  return fields;
}

function bodyOf(text: string): ClassBody | undefined {
  try {
    const [statement] = (parseClosure(text).program as Program).body;
    const expression = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
    return expression?.type === "ClassExpression" ? expression.body : undefined;
  } catch {
    // A text that can't be read is refused with words when it is shipped.
    return undefined;
  }
}

/**
 * Takes off what the emitter puts around an initializer of a cell's class (`reviving ? … : fn({add:
 * …}.add, …)`).
 */
function withoutWrapper(value: Expression): Expression {
  if (value.type === "ConditionalExpression") return withoutWrapper(value.alternate);
  if (value.type === "ParenthesizedExpression") return withoutWrapper(value.expression);
  const [first] = value.type === "CallExpression" ? value.arguments : [];
  if (first?.type !== "MemberExpression" || first.object.type !== "ObjectExpression") return value;
  return (first.object.properties[0] as Property | undefined)?.value ?? value;
}
