import type {Statement} from "acorn";
import type MagicString from "magic-string";

/** Puts code at the beginning of what a loop repeats, which becomes a block where it is none. */
export function putFirst(body: Statement, code: string, text: MagicString): void {
  if (body.type === "BlockStatement") return void text.appendLeft(body.start + 1, code);
  text.prependRight(body.start, `{${code} `);
  text.appendLeft(body.end, "}");
}
