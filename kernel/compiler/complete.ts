// Completion by TypeScript, with the names of earlier cells.

import type * as TypeScript from "typescript";
import type {Completion} from "../threads.js";
import type {Compiler} from "./compile.js";
import {withoutFunctionMembers} from "./check/remote-misuse.js";

export function complete(
  compiler: Compiler,
  code: string,
  cursor: number,
): {matches: Completion[]; start: number; end: number} {
  const {text, positions} = compiler.rewrite(code);
  const info = compiler.notebook.complete(compiler.declarations, text, positions.toTarget(cursor));
  const original = info.original as TypeScript.CompletionInfo | undefined;
  const kinds = new Map(original?.entries.map(({name, kind}) => [name, kind as string]));
  const matches = withoutFunctionMembers(info.candidates)
    .filter((name) => !name.startsWith("__tasklab"))
    .map((name) => ({text: name, type: kinds.get(name) ?? ""}));
  const length = info.end - info.start;
  // In a decorator or a call of it, what is before the cursor stands right before it in the cell
  // too.
  const start = cursor - (positions.toTarget(cursor) - info.start);
  return {matches, start, end: start + length};
}
