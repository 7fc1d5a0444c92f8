// `await ref` is no error to TypeScript, and gives the ref: whoever writes it wants `await get(ref)`.

import type * as TypeScript from "typescript";
import {typescript, type Checked} from "./converter.js";

export interface AwaitedRef {
  /** Of the `await` in the checked file. */
  start: number;
  length: number;
  messageText: string;
  code: number;
}

/** TypeScript's number of "'await' has no effect", which it says to editors only. */
const noEffect = 80007;

/** Each `await` in the cell that stands before an ObjectRef. Without an `await`, no type is looked at. */
export function awaitedRefs({program, file}: Checked): AwaitedRef[] {
  if (!file.text.includes("await")) return [];
  const ts = typescript();
  const checker = program.getTypeChecker();
  const found: AwaitedRef[] = [];
  const report = (node: TypeScript.Node, end: number, messageText: string): void => {
    const start = node.getStart(file);
    found.push({start, length: end - start, messageText, code: noEffect});
  };
  const visit = (node: TypeScript.Node): void => {
    if (ts.isAwaitExpression(node) && isRef(checker.getTypeAtLocation(node.expression))) {
      const argument = node.expression.getText(file);
      // What does not fit in a sentence is called by what it is.
      const ref = argument.length <= 40 && !argument.includes("\n") ? argument : "ref";
      report(
        node,
        node.end,
        `\`await\` of an ObjectRef gives the ref itself; write \`await get(${ref})\` for its value`,
      );
    } else if (ts.isForOfStatement(node) && node.awaitModifier && isListOfRefs(checker, node)) {
      report(
        node,
        node.expression.end,
        "`for await` over ObjectRefs gives the refs themselves; write `await get(ref)` for the value of each",
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** An asynchronous iterator that yields refs is another matter: its `await` is needed. */
function isListOfRefs(checker: TypeScript.TypeChecker, loop: TypeScript.ForOfStatement): boolean {
  const list = checker.getTypeAtLocation(loop.expression);
  const isAsync = list
    .getApparentProperties()
    .some(({name}) => name.startsWith("__@asyncIterator"));
  const element = checker.getIndexTypeOfType(list, typescript().IndexKind.Number);
  return !isAsync && element !== undefined && isRef(element);
}

/** `ObjectRef<…>` of "tasklab", or a union that has it. */
function isRef(type: TypeScript.Type): boolean {
  if (type.isUnion()) return type.types.some(isRef);
  const symbol = type.getSymbol();
  return (
    symbol?.name === "ObjectRef" &&
    (symbol.declarations ?? []).some((declaration) =>
      declaration.getSourceFile().fileName.endsWith("/cluster/object-ref.d.ts"),
    )
  );
}
