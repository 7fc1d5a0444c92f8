// `await ref` is no error to TypeScript, and gives the ref: whoever writes it wants `await
// get(ref)`. So cells with one are refused. To make refs thenable would be worse: an async function
// that returns one would give the value, so that no task could pass a ref on, and each `await` on
// the way of a ref would fetch. A type with a `then` that can't be called is no way either:
// TypeScript refuses the `await` then, but also each async function that returns a ref, and
// `Awaited` of a ref is `never`.

import type * as TypeScript from "typescript";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import type {Checked} from "./converter.js";

export interface AwaitedRef {
  /** It is told, and the cell runs: what stands there may be a promise as well. */
  isDoubtful: boolean;
  /** Of the `await` in the checked file. */
  start: number;
  length: number;
  messageText: string;
  code: number;
}

/** TypeScript's number of "'await' has no effect", which it says to editors only. */
const noEffect = 80007;

/**
 * Each `await` in the cell that stands before an ObjectRef. Without an `await`, no type is looked
 * at.
 */
export function awaitedRefs({program, file}: Checked): AwaitedRef[] {
  if (!file.text.includes("await")) return [];
  const ts = typescript();
  const checker = program.getTypeChecker();
  const found: AwaitedRef[] = [];
  const report = (node: TypeScript.Node, end: number, isDoubtful: boolean, text: string): void => {
    const start = node.getStart(file);
    const length = end - start;
    found.push({isDoubtful, start, length, messageText: text, code: noEffect});
  };
  const visit = (node: TypeScript.Node): void => {
    const operand = ts.isAwaitExpression(node) ? node.expression : undefined;
    const awaited = operand && checker.getTypeAtLocation(operand);
    const elements = ts.isForOfStatement(node) && elementsAwaited(checker, node);
    if (awaited && mayBeRef(awaited)) {
      const argument = operand.getText(file);
      const isSure = isRef(checker.getNonNullableType(awaited));
      // What does not fit in a sentence is called by what it is.
      const ref = argument.length <= 40 && !argument.includes("\n") ? argument : "ref";
      report(
        node,
        node.end,
        !isSure,
        `\`await\` of an ObjectRef gives the ref itself; write \`await get(${ref})\` for its value`,
      );
    } else if (elements && mayBeRef(elements)) {
      report(
        node,
        (node as TypeScript.ForOfStatement).expression.end,
        !isRef(elements),
        "`for await` over ObjectRefs gives the refs themselves; write `await get(ref)` for the value of each",
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/**
 * The type of the elements that `for await` awaits one by one: not those of an asynchronous
 * iterator.
 */
function elementsAwaited(
  checker: TypeScript.TypeChecker,
  loop: TypeScript.ForOfStatement,
): TypeScript.Type | undefined {
  if (!loop.awaitModifier) return undefined;
  const list = checker.getTypeAtLocation(loop.expression);
  const isAsync = list
    .getApparentProperties()
    .some(({name}) => name.startsWith("__@asyncIterator"));
  return isAsync ? undefined : checker.getIndexTypeOfType(list, typescript().IndexKind.Number);
}

function mayBeRef(type: TypeScript.Type): boolean {
  return type.isUnion() ? type.types.some(isRef) : isRef(type);
}

/** `ObjectRef<…>` of "tasklab", or a union of nothing else. */
function isRef(type: TypeScript.Type): boolean {
  if (type.isUnion()) return type.types.every(isRef);
  const symbol = type.getSymbol();
  return (
    symbol?.name === "ObjectRef" &&
    (symbol.declarations ?? []).some((declaration) =>
      declaration.getSourceFile().fileName.endsWith("/cluster/api/object-ref.d.ts"),
    )
  );
}
