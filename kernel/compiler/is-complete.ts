// Would this cell run, does it go on, or is it wrong already? Asked by consoles at each Enter.

import type * as TypeScript from "typescript";
import {typescript} from "../../cluster/shipping/modules/typescript.js";
import {parseCell} from "./rewrite/rewrite.js";

export interface Completeness {
  status: "complete" | "incomplete" | "invalid";
  indent: string;
}

/** What ends at its line: more text can't make it right. */
const unterminatedString = 1002;
const unterminatedRegex = 1161;
const otherClosingTag = 17002;
/** Told at the opening tag: of an element, and of a fragment. */
const unclosedJsx = new Set([17008, 17014]);

export function isComplete(code: string, isJsx = false): Completeness {
  const file = parseCell(code, isJsx);
  const errors = [...file.parseDiagnostics].sort((a, b) => a.start - b.start);
  const first = errors[0];
  if (!first) return {status: "complete", indent: ""};
  if (errors.some(({code}) => code === otherClosingTag)) return {status: "invalid", indent: ""};
  if (unclosedJsx.has(first.code)) return {status: "incomplete", indent: indentAfter(code)};
  const lineIsOver = first.code === unterminatedString || first.code === unterminatedRegex;
  const goesOn = first.code === unterminatedString && code.endsWith("\\");
  if ((lineIsOver && !goesOn) || first.start < lastTokenEnd(code)) {
    return {status: "invalid", indent: ""};
  }
  return {status: "incomplete", indent: indentAfter(code)};
}

/** An error before this is in what was written; after it, something is missing. */
function lastTokenEnd(code: string): number {
  const tokens = tokensOf(code);
  const last = tokens.at(-1);
  if (!last) return 0;
  return last.isUnterminated ? last.start : last.end;
}

interface Token {
  kind: TypeScript.SyntaxKind;
  start: number;
  end: number;
  isUnterminated: boolean;
}

function indentAfter(code: string): string {
  const ts = typescript();
  const {SyntaxKind} = ts;
  const lineStart = code.trimEnd().lastIndexOf("\n") + 1;
  const indent = /^[^\S\n]*/.exec(code.slice(lineStart))![0];
  let depth = 0;
  const tokens = tokensOf(code);
  for (const {kind, start} of tokens) {
    if (start < lineStart) continue;
    const opens =
      kind === SyntaxKind.OpenBraceToken ||
      kind === SyntaxKind.OpenParenToken ||
      kind === SyntaxKind.OpenBracketToken ||
      kind === SyntaxKind.TemplateHead;
    const closes =
      kind === SyntaxKind.CloseBraceToken ||
      kind === SyntaxKind.CloseParenToken ||
      kind === SyntaxKind.CloseBracketToken ||
      kind === SyntaxKind.TemplateTail;
    if (opens) depth += 1;
    else if (closes && depth > 0) depth -= 1;
  }
  const last = tokens.at(-1);
  // Inside a template or a comment spaces are the user's.
  if (last?.isUnterminated) return "";
  return depth > 0 || last?.kind === SyntaxKind.EqualsGreaterThanToken ? `${indent}  ` : indent;
}

/**
 * Tokens as the parser sees them: it knows where a `/` or a `}` continues a regex or a template.
 */
function tokensOf(code: string): Token[] {
  const ts = typescript();
  const {SyntaxKind} = ts;
  const tokens: Token[] = [];
  const scanner = ts.createScanner(ts.ScriptTarget.ES2023, true, ts.LanguageVariant.Standard, code);
  const templates: number[] = [];
  let depth = 0;
  let kind = scanner.scan();
  while (kind !== SyntaxKind.EndOfFileToken) {
    const last = tokens.at(-1)?.kind;
    const isSlash = kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken;
    if (isSlash && (last === undefined || !endsExpression(last))) kind = scanner.reScanSlashToken();
    if (kind === SyntaxKind.OpenBraceToken) depth += 1;
    if (kind === SyntaxKind.CloseBraceToken) {
      if (templates.at(-1) === depth) {
        kind = scanner.reScanTemplateToken(false);
        if (kind === SyntaxKind.TemplateTail) templates.pop();
      } else depth -= 1;
    }
    if (kind === SyntaxKind.TemplateHead) templates.push(depth);
    tokens.push({
      kind,
      start: scanner.getTokenStart(),
      end: scanner.getTokenEnd(),
      isUnterminated: scanner.isUnterminated(),
    });
    kind = scanner.scan();
  }
  return tokens;
}

function endsExpression(kind: TypeScript.SyntaxKind): boolean {
  const {SyntaxKind} = typescript();
  switch (kind) {
    case SyntaxKind.Identifier:
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.BigIntLiteral:
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TemplateTail:
    case SyntaxKind.RegularExpressionLiteral:
    case SyntaxKind.CloseParenToken:
    case SyntaxKind.CloseBracketToken:
    case SyntaxKind.CloseBraceToken:
    case SyntaxKind.ThisKeyword:
    case SyntaxKind.SuperKeyword:
    case SyntaxKind.TrueKeyword:
    case SyntaxKind.FalseKeyword:
    case SyntaxKind.NullKeyword:
      return true;
    default:
      return false;
  }
}
