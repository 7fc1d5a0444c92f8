// Cells that are too much for TypeScript. One that is too large would use up the thread's memory
// and end it, and with it all that is known of the session; one that is nested too deeply only
// fails.

import {typescript} from "../../cluster/shipping/modules/typescript.js";

/** Measured: so many take 0.9 GB and some seconds. Long strings are one each. */
export const maxTokens = 500_000;

export class CellSizeError extends Error {
  override name = "CellSizeError";
}

export function checkSize(code: string): void {
  // No token is shorter than a character.
  if (code.length <= maxTokens) return;
  const ts = typescript();
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, code);
  for (let tokens = 0; scanner.scan() !== ts.SyntaxKind.EndOfFileToken; tokens++)
    if (tokens === maxTokens)
      throw new CellSizeError(
        `it has more than ${maxTokens} words and signs, which TypeScript can't check; read data from a file`,
      );
}

/** What is told of a request that failed: with a stack where it is a defect of ours. */
export function reasonOf(error: unknown): string {
  if (error instanceof CellSizeError) return error.message;
  if (error instanceof RangeError && /call stack/.test(error.message))
    return "it is nested too deeply; split it into smaller expressions";
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
