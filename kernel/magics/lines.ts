// Finds the magics of a cell. What is left is TypeScript, with every character where it was.

export interface MagicLine {
  kind: "line" | "cell";
  name: string;
  /** The rest of the line. */
  args: string;
  /** `%name?`: help is wanted. */
  help: boolean;
  /** Where the magic begins and its line ends. */
  start: number;
  end: number;
}

export interface SplitCell {
  cellMagic: MagicLine | null;
  /**
   * The cell behind the cell magic's line, with an empty line in its place; else the whole cell.
   */
  body: string;
  lineMagics: MagicLine[];
  /** The cell with its magics blanked out. */
  typescript: string;
}

const cellMagicLine = /^\s*(%%([A-Za-z_]\w*)(\??)[^\S\n]*([^\n]*))/;
const lineMagicLine = /^(?:%([A-Za-z_]\w*)(\??)[^\S\n]*|!(?![=!(]))([^\n]*)/;

export function splitCell(code: string): SplitCell {
  const match = cellMagicLine.exec(code);
  if (match) {
    const [all, text, name, help, args] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    const start = all.length - text.length;
    const cellMagic: MagicLine = {
      kind: "cell",
      name,
      args,
      help: help !== "",
      start,
      end: all.length,
    };
    const blank = code.slice(0, start) + " ".repeat(text.length);
    const body = code.slice(0, start).replace(/[^\n]/g, "") + code.slice(all.length);
    const rest = splitCell(blank + code.slice(all.length));
    // A second cell magic belongs to the body: it is the first one's to run.
    const lineMagics = rest.cellMagic ? [rest.cellMagic, ...rest.lineMagics] : rest.lineMagics;
    return {cellMagic, body, lineMagics, typescript: rest.typescript};
  }
  if (!/^[^\S\n]*[%!]/m.test(code))
    return {cellMagic: null, body: code, lineMagics: [], typescript: code};
  const lineMagics: MagicLine[] = [];
  for (const start of statementLines(code)) {
    const line = lineMagicLine.exec(code.slice(start));
    if (!line) continue;
    const [text, name = "!", help = "", args = ""] = line;
    lineMagics.push({kind: "line", name, args, help: help !== "", start, end: start + text.length});
  }
  return {
    cellMagic: null,
    body: code,
    lineMagics,
    typescript: replaceMagics(code, lineMagics, blank),
  };
}

/** The cell's TypeScript with `replacement` in each magic's place. */
export function replaceMagics(
  code: string,
  magics: readonly MagicLine[],
  replacement: (magic: MagicLine, index: number) => string,
): string {
  let result = "";
  let end = 0;
  for (const [index, magic] of magics.entries()) {
    result += code.slice(end, magic.start) + replacement(magic, index);
    end = magic.end;
  }
  return result + code.slice(end);
}

export interface PlacedCode {
  code: string;
  /** The cell that it stands in. */
  written?: string;
}

/**
 * Code of a line magic with blanks before it, so that its errors are where it stands in the cell.
 */
export function inPlace(code: string, line: MagicLine, written: string): PlacedCode {
  const at = line.kind === "line" && code !== "" ? written.lastIndexOf(code, line.end) : -1;
  if (at < line.start || at + code.length > line.end) return {code};
  return {code: written.slice(0, at).replace(/[^\n]/g, " ") + code, written};
}

function blank(magic: MagicLine): string {
  return " ".repeat(magic.end - magic.start);
}

/** An operator at the end of a line: a `!` below it belongs to its expression. */
const goesOn = /(?:=>|[=&|?:,*^~<]|[^+]\+|[^-]-)$/;

/** Where lines begin (behind their indent) outside of brackets, strings, templates and comments. */
function* statementLines(code: string): Generator<number> {
  const open: string[] = [];
  let lineStart = true;
  let operand = false;
  /** Behind the last character that is neither a space's nor a comment's. */
  let end = 0;
  for (let at = 0; at < code.length; at++) {
    const char = code[at] as string;
    if (char === "\n") {
      lineStart = true;
      continue;
    }
    if (/\s/.test(char)) continue;
    const isNegation = char === "!" && goesOn.test(code.slice(Math.max(0, end - 2), end));
    if (lineStart && open.length === 0 && (char === "%" || char === "!") && !isNegation) {
      yield at;
      if (lineMagicLine.test(code.slice(at))) {
        at = lineEnd(code, at) - 1;
        continue;
      }
    }
    lineStart = false;
    const two = code.slice(at, at + 2);
    if (two === "//" || two === "/*") {
      at = (two === "//" ? lineEnd(code, at) : after(code, "*/", at + 2)) - 1;
      continue;
    }
    if (char === '"' || char === "'") at = stringEnd(code, at);
    else if (char === "`" || (char === "}" && open.at(-1) === "`")) {
      if (char === "}") open.pop();
      const stop = templatePartEnd(code, at + 1);
      // Stopped at `${`: what follows is code until its brace closes.
      if (code[stop] === "$") open.push("`");
      at = code[stop] === "$" ? stop + 1 : stop;
    } else if (char === "/" && !operand) at = regexEnd(code, at);
    else if ("([{".includes(char)) open.push(char);
    else if (")]}".includes(char)) open.pop();
    operand = /[\w$)\]}"'`]/.test(code[at] ?? "");
    end = at + 1;
  }
}

function lineEnd(code: string, from: number): number {
  const end = code.indexOf("\n", from);
  return end < 0 ? code.length : end;
}
function after(code: string, text: string, from: number): number {
  const found = code.indexOf(text, from);
  return found < 0 ? code.length : found + text.length;
}
/** Index of the closing quote, or of the last character of its line. */
function stringEnd(code: string, from: number): number {
  for (let at = from + 1; at < code.length; at++) {
    if (code[at] === "\\") at++;
    else if (code[at] === code[from]) return at;
    else if (code[at] === "\n") return at - 1;
  }
  return code.length;
}
/** Index of the closing backtick, or of the `$` of `${`. */
function templatePartEnd(code: string, from: number): number {
  for (let at = from; at < code.length; at++) {
    if (code[at] === "\\") at++;
    else if (code[at] === "`" || (code[at] === "$" && code[at + 1] === "{")) return at;
  }
  return code.length;
}
function regexEnd(code: string, from: number): number {
  let inClass = false;
  for (let at = from + 1; at < code.length; at++) {
    const char = code[at];
    if (char === "\\") at++;
    else if (char === "[") inClass = true;
    else if (char === "]") inClass = false;
    else if (char === "/" && !inClass) return at;
    else if (char === "\n") return from;
  }
  return from;
}
