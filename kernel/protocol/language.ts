// Completion, inspection and completeness: asked of the compiler thread, so that they are answered
// while a cell runs. Jupyter counts code points, TypeScript UTF-16 units; magics are no TypeScript.

import type {CompilerClient} from "../compiler/compiler-client.js";
import {helpWanted} from "../magics/help.js";
import {splitCell, type MagicLine} from "../magics/lines.js";

type Content = Record<string, unknown>;

export class Language {
  readonly #compiler: CompilerClient;

  constructor(compiler: CompilerClient) {
    this.#compiler = compiler;
  }

  async complete(request: Content): Promise<object> {
    const {code, cursor} = position(request);
    const {magic, typescript} = await read(code, cursor);
    const reply = magic
      ? await completeMagic(code, magic, cursor, this.#compiler)
      : await this.#compiler.request({kind: "complete", code: typescript, cursor});
    const start = pointsIn(code, reply.start);
    const end = pointsIn(code, reply.end);
    const types = reply.matches.map(({text, type, signature}) => ({
      ...{text, type, start, end},
      ...(signature === undefined ? {} : {signature}),
    }));
    return {
      status: "ok",
      matches: reply.matches.map((match) => match.text),
      cursor_start: start,
      cursor_end: end,
      metadata: {_jupyter_types_experimental: types},
    };
  }

  async inspect(request: Content): Promise<object> {
    const {code, cursor} = position(request);
    const detail = request.detail_level === 1 ? 1 : 0;
    const {magic, typescript} = await read(code, cursor);
    if (magic) {
      const help = await magicHelp(magic);
      return {
        status: "ok",
        found: help !== null,
        data: help ? {"text/plain": help} : {},
        metadata: {},
      };
    }
    const {text} = await this.#compiler.request({
      kind: "inspect",
      code: typescript,
      cursor,
      detail,
    });
    const data = text ? {"text/plain": text.plain, "text/markdown": text.markdown} : {};
    return {status: "ok", found: text !== null, data, metadata: {}};
  }

  async isComplete(request: Content): Promise<object> {
    const code = text(request.code);
    if (helpWanted(code)) return {status: "complete"};
    const {cellMagic, typescript} = splitCell(code);
    // A cell magic's body ends with an empty line, as in IPython: its first line alone is no cell
    // yet.
    if (cellMagic && !cellMagic.help && !/\n[^\S\n]*$/.test(code))
      return {status: "incomplete", indent: ""};
    const {status, indent} = await this.#compiler.request({kind: "is-complete", code: typescript});
    return status === "incomplete" ? {status, indent} : {status};
  }
}

function position(request: Content): {code: string; cursor: number} {
  const code = text(request.code);
  const points = typeof request.cursor_pos === "number" ? request.cursor_pos : Infinity;
  return {code, cursor: unitsIn(code, points)};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The UTF-16 offset of code point number `points`. */
export function unitsIn(text: string, points: number): number {
  let units = 0;
  for (let left = points; left > 0 && units < text.length; left--)
    units += (text.codePointAt(units) as number) > 0xffff ? 2 : 1;
  return units;
}

/** How many code points stand before the UTF-16 offset `units`. */
export function pointsIn(text: string, units: number): number {
  let points = 0;
  for (const _ of text.slice(0, units)) points++;
  return points;
}

/** The cell's TypeScript, or the magic in whose own words the cursor stands. */
async function read(
  code: string,
  cursor: number,
): Promise<{magic?: MagicLine | undefined; typescript: string}> {
  const {cellMagic, lineMagics, typescript} = splitCell(code);
  const all = cellMagic ? [cellMagic, ...lineMagics] : lineMagics;
  const magic = all.find(({start, end}) => start <= cursor && cursor <= end);
  const from = magic ? magic.end - magic.args.length : 0;
  if (!magic || cursor < from || !(await isCode(magic)) || isOption(code, cursor))
    return {magic, typescript};
  const words = code.slice(from, magic.end);
  return {typescript: typescript.slice(0, from) + words + typescript.slice(magic.end)};
}

async function isCode({kind, name}: MagicLine): Promise<boolean> {
  const {allMagics} = await import("../magics/all.js");
  return allMagics()
    .all()
    .some((each) => each.kind === kind && each.name === name && each.isCode);
}

function isOption(code: string, cursor: number): boolean {
  return /\s--[\w-]*$/.test(code.slice(0, cursor));
}

/** Names of magics and of their options. The magics themselves are loaded when first asked for. */
async function completeMagic(
  code: string,
  magic: MagicLine,
  cursor: number,
  compiler: CompilerClient,
) {
  const {allMagics} = await import("../magics/all.js");
  const typed = code.slice(magic.start, cursor);
  const word = /\S*$/.exec(typed)?.[0] ?? "";
  const sign = magic.kind === "line" ? "%" : "%%";
  const all = allMagics().all();
  const known = all.find((each) => each.kind === magic.kind && each.name === magic.name);
  const options = Object.keys(known?.options ?? {}).map((option) => `--${option}`);
  const candidates =
    word === typed
      ? all
          .filter((each) => each.name !== "!")
          .map((each) => (each.kind === "line" ? "%" : "%%") + each.name)
      : [...options, ...((await known?.complete?.(word, compiler)) ?? [])];
  const matches = candidates
    .filter((each) => each.startsWith(word) && (word !== typed || each.startsWith(sign)))
    .map((each) => ({text: each, type: "magic", signature: undefined}));
  return {matches, start: cursor - word.length, end: cursor};
}

async function magicHelp(magic: MagicLine): Promise<string | null> {
  const {allMagics} = await import("../magics/all.js");
  try {
    return allMagics().help(magic.name);
  } catch {
    return null;
  }
}
