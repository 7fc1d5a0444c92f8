// Quick info: the type of the name at the cursor, and its doc comment.

import type * as TypeScript from "typescript";
import type {Compiler} from "./compile.js";
import {typescript} from "../../cluster/shipping/modules/typescript.js";
import {withoutNamespaces} from "./rewrite/remote-classes.js";
import {parseCell} from "./rewrite/rewrite.js";

type Parts = readonly {text: string}[] | undefined;

/**
 * Describes the name at the cursor; null when nothing is known of it. Detail 0 gives the type, and
 * the first paragraph and the examples of the doc comment. Detail 1 gives the whole comment, and
 * for a name that a cell has declared the text of its declaration.
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
    const tags = (info.tags ?? [])
      .filter(({name}) => detail === 1 || name === "example")
      .map(({name, text: parts}) => shownTag(name, join(parts)));
    const written = detail === 1 ? compiler.written.find(nameAt(code, candidate)) : null;
    const heading = written && `In[${written.executionCount}]:`;
    const plain = [
      ...[signature, docs, tags.map((tag) => tag.plain).join("\n")],
      heading && `${heading}\n${written.text}`,
    ];
    const markdown = [
      ...[fenced(signature), docs, tags.map((tag) => tag.markdown).join("\n\n")],
      heading && `${heading}\n\n${fenced(written.text)}`,
    ];
    return {
      plain: plain.filter(Boolean).join("\n\n"),
      markdown: markdown.filter(Boolean).join("\n\n"),
    };
  }
  return null;
}

/** A tag of a doc comment in both forms. Code of an example stands below its tag, fenced or not. */
function shownTag(name: string, text: string): {plain: string; markdown: string} {
  if (name !== "example") {
    return {plain: `@${name} ${text}`.trimEnd(), markdown: `*@${name}* ${text}`.trimEnd()};
  }
  const code = text.replace(/^```\w*\n|\n```$/g, "");
  const markdown = text.includes("```") ? text : fenced(code);
  return {plain: `@example\n${code}`, markdown: `*@example*\n\n${markdown}`};
}

/**
 * Describes a method of an actor's handle, such as `actor.add`. TypeScript would show only the
 * signature that refuses a direct call.
 */
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

/** True for the signature that TypeScript gives to names that nothing declares. */
function isNothing(signature: string): boolean {
  return signature === "" || signature === "any" || signature.includes("/*unresolved*/");
}

function fenced(code: string): string {
  return `\`\`\`typescript\n${code}\n\`\`\``;
}

/** The name at `at`; "" when it is a member, as in `a.name`. */
function nameAt(code: string, at: number): string {
  const start = /[\p{ID_Continue}$.]*$/u.exec(code.slice(0, at))![0];
  const end = /^[\p{ID_Continue}$]*/u.exec(code.slice(at))![0];
  return start.includes(".") ? "" : start + end;
}

function join(parts: Parts): string {
  return (parts ?? []).map(({text}) => text).join("");
}

/**
 * The places to ask about, best first: the cursor, a name that ends at the cursor, the function
 * whose arguments the cursor stands in.
 */
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

/** Counts the places at the cursor itself: calls go behind them, inner calls before outer ones. */
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
