// What is at the cursor: its type, and what its author wrote about it.

import type * as TypeScript from "typescript";
import type {Compiler} from "./compile.js";
import {typescript} from "./check/converter.js";
import {withoutNamespaces} from "./rewrite/remote-classes.js";
import {parseCell} from "./rewrite/rewrite.js";

type Parts = readonly {text: string}[] | undefined;

/**
 * Detail 0: the type and the first paragraph of its documentation; 1: all there is, and for what a cell
 * has declared its text.
 */
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
    const method = actorMethod(compiler, text, at);
    const signature = method?.signature ?? withoutNamespaces(join(info?.displayParts));
    if (!info || isNothing(signature)) continue;
    const documentation = join(method?.documentation ?? info.documentation);
    const docs = detail === 1 ? documentation : documentation.split(/\n\s*\n/)[0]!;
    const tags = detail === 1 ? (info.tags ?? []) : [];
    const lines = tags.map(({name, text: parts}) => ({name, text: join(parts)}));
    const plainTags = lines.map(({name, text: tag}) => `@${name} ${tag}`.trimEnd());
    const markdownTags = lines.map(({name, text: tag}) => `*@${name}* ${tag}`.trimEnd());
    const written = detail === 1 ? compiler.written.find(nameAt(code, candidate)) : null;
    const heading = written && `In[${written.executionCount}]:`;
    const plain = [signature, docs, plainTags.join("\n"), heading && `${heading}\n${written.text}`];
    const markdown = [
      ...[fenced(signature), docs, markdownTags.join("\n\n")],
      heading && `${heading}\n\n${fenced(written.text)}`,
    ];
    return {
      plain: plain.filter(Boolean).join("\n\n"),
      markdown: markdown.filter(Boolean).join("\n\n"),
    };
  }
  return null;
}

/** Of `actor.add` TypeScript tells only how it refuses to be called. */
function actorMethod(
  {notebook}: Compiler,
  cell: string,
  at: number,
): {signature: string; documentation: Parts} | undefined {
  const ts = typescript();
  const {program, file} = notebook.checked();
  const checker = program.getTypeChecker();
  const node = tokenAt(file, file.text.indexOf(cell) + at);
  if (!node || !ts.isPropertyAccessExpression(node.parent) || node.parent.name !== node)
    return undefined;
  const type = checker.getTypeAtLocation(node);
  if (type.getSymbol()?.name !== "ActorMethod") return undefined;
  const actor = checker.getTypeAtLocation(node.parent.expression);
  const text = `(method) ${checker.typeToString(actor)}.${node.getText(file)}: ${checker.typeToString(type)}`;
  const documentation = checker.getSymbolAtLocation(node)?.getDocumentationComment(checker);
  return {signature: text, documentation};
}

function tokenAt(file: TypeScript.SourceFile, at: number): TypeScript.Node | undefined {
  const find = (node: TypeScript.Node): TypeScript.Node | undefined =>
    node.getStart(file) <= at && at < node.end
      ? (typescript().forEachChild(node, find) ?? node)
      : undefined;
  return find(file);
}

/** What TypeScript says of names that nothing declares. */
function isNothing(signature: string): boolean {
  return signature === "" || signature === "any" || signature.includes("/*unresolved*/");
}

function fenced(code: string): string {
  return `\`\`\`typescript\n${code}\n\`\`\``;
}

/** The name that stands there by itself; none when it is a member of something. */
function nameAt(code: string, at: number): string {
  const start = /[\p{ID_Continue}$.]*$/u.exec(code.slice(0, at))![0];
  const end = /^[\p{ID_Continue}$]*/u.exec(code.slice(at))![0];
  return start.includes(".") ? "" : start + end;
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
