// What is at the cursor: its type, and what its author wrote about it.

import type * as TypeScript from "typescript";
import type {Compiler} from "./compile.js";
import {typescript} from "./converter.js";
import {parseCell} from "./rewrite.js";

type Parts = readonly {text: string}[] | undefined;

/** Detail 0: the type and the first paragraph of its documentation; 1: all there is. */
export function inspect(
  compiler: Compiler,
  code: string,
  cursor: number,
  detail: 0 | 1,
): {plain: string; markdown: string} | null {
  const {text, positions} = compiler.rewrite(code);
  for (const candidate of candidates(parseCell(code, compiler.isJsx(code)), cursor)) {
    const at = positions.toTarget(candidate);
    const info: TypeScript.QuickInfo | undefined = compiler.notebook.inspect(
      compiler.declarations,
      text,
      at,
    );
    const signature = join(info?.displayParts);
    if (!info || signature === "") continue;
    const documentation = join(info.documentation);
    const docs = detail === 1 ? documentation : documentation.split(/\n\s*\n/)[0]!;
    const tags = detail === 1 ? (info.tags ?? []) : [];
    const lines = tags.map(({name, text: parts}) => ({name, text: join(parts)}));
    const plainTags = lines.map(({name, text: tag}) => `@${name} ${tag}`.trimEnd());
    const markdownTags = lines.map(({name, text: tag}) => `*@${name}* ${tag}`.trimEnd());
    return {
      plain: [signature, docs, plainTags.join("\n")].filter(Boolean).join("\n\n"),
      markdown: [`\`\`\`typescript\n${signature}\n\`\`\``, docs, markdownTags.join("\n\n")]
        .filter(Boolean)
        .join("\n\n"),
    };
  }
  return null;
}

function join(parts: Parts): string {
  return (parts ?? []).map(({text}) => text).join("");
}

/** The cursor's place; the name that ends there; the function whose arguments it stands in. */
function candidates(file: TypeScript.SourceFile, cursor: number): number[] {
  const ts = typescript();
  const code = file.text;
  const found: number[] = [];
  if (/[\w$]/.test(code[cursor] ?? "")) found.push(cursor);
  if (cursor > 0 && /[\w$]/.test(code[cursor - 1]!)) found.push(cursor - 1);
  const call = (node: TypeScript.Node): void => {
    const isAround = node.pos <= cursor && cursor <= node.end;
    if (!isAround) return;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && cursor >= node.expression.end) {
      found.splice(countAtCursor(found, code, cursor), 0, node.expression.end - 1);
    }
    ts.forEachChild(node, call);
  };
  call(file);
  return found;
}

/** Inner calls come before outer ones, behind what is at the cursor itself. */
function countAtCursor(found: readonly number[], code: string, cursor: number): number {
  let count = 0;
  while (
    count < found.length &&
    Math.abs(found[count]! - cursor) <= 1 &&
    /[\w$]/.test(code[found[count]!]!)
  )
    count += 1;
  return count;
}
