// The scripts that V8 knows of: which are cells or local modules, and what they were made from.

import type {Debugger, Runtime} from "node:inspector";
import {basename} from "node:path";
import {fileURLToPath} from "node:url";
import type {Source} from "../../cluster/shipping/source/thunk.js";
import {cellPath} from "./cell-paths.js";
import {debuggeeExpression} from "./debuggee-name.js";
import type {Inspector} from "./inspector.js";
import {Script} from "./script.js";

/** The cell that runs or ran under this number, as the client sent it. */
export type CellText = (executionCount: number) => string | undefined;

/** Scripts that are kept with their maps; V8 keeps no more of what can't run again. */
const maxScripts = 2000;

const ownFolder = new URL("../../", import.meta.url).href;
/** The kernel's own code and Node's, for V8: steps pass through it, and nothing stops in it. */
export const foreignPatterns = ["^node:", `^${escaped(ownFolder)}`];
const foreign = new RegExp(foreignPatterns.join("|"));

export class Scripts {
  readonly #inspector: Inspector;
  readonly #cellText: CellText;
  readonly #parsed = new Map<string, {url: string; text: string | undefined}>();
  readonly #loaded = new Map<string, Promise<Script | undefined>>();

  constructor(inspector: Inspector, cellText: CellText) {
    this.#inspector = inspector;
    this.#cellText = cellText;
  }

  parsed({scriptId, url}: Debugger.ScriptParsedEventDataType): void {
    this.#parsed.set(scriptId, {url, text: this.#textOf(url)});
    if (this.#parsed.size <= maxScripts) return;
    const [oldest] = this.#parsed.keys();
    this.#parsed.delete(oldest!);
    this.#loaded.delete(oldest!);
  }

  /** Neither the kernel's nor Node's. */
  isUsers(scriptId: string): boolean {
    const script = this.#parsed.get(scriptId);
    return script !== undefined && !foreign.test(script.url);
  }

  isModule(scriptId: string): boolean {
    return isTypeScriptFile(this.#parsed.get(scriptId)?.url ?? "");
  }

  /** The script with its map, when it is a cell or a local module of TypeScript. */
  load(scriptId: string): Promise<Script | undefined> {
    let loading = this.#loaded.get(scriptId);
    if (!loading) {
      loading = this.#load(scriptId);
      this.#loaded.set(scriptId, loading);
    }
    return loading;
  }

  /** The scripts made from what a client knows by this path: a cell may have run several times. */
  async at(path: string): Promise<Script[]> {
    const ids = [...this.#parsed.keys()].filter((id) => this.#pathOf(id) === path);
    const loaded = await Promise.all(ids.map((id) => this.load(id)));
    return loaded.filter((script) => script !== undefined);
  }

  /** The text of a cell that has run under this path. */
  cellText(path: string): string | undefined {
    for (const [id, {text}] of this.#parsed) if (this.#pathOf(id) === path) return text;
    return undefined;
  }

  /** Local modules of TypeScript. */
  modules(): {id: number; path: string}[] {
    return [...this.#parsed].flatMap(([id, {url}]) =>
      isTypeScriptFile(url) ? [{id: Number(id), path: fileURLToPath(url)}] : [],
    );
  }

  async #load(scriptId: string): Promise<Script | undefined> {
    const path = this.#pathOf(scriptId);
    const name = sourceName(this.#parsed.get(scriptId)?.url ?? "");
    if (path === undefined || name === undefined) return undefined;
    const {result} = await this.#inspector.post<Runtime.EvaluateReturnType>("Runtime.evaluate", {
      expression: `${debuggeeExpression}.source(${JSON.stringify(name)})`,
      returnByValue: true,
    });
    const source = result.value as Source | null | undefined;
    if (!source) return undefined;
    const {scriptSource} = await this.#inspector.post<Debugger.GetScriptSourceReturnType>(
      "Debugger.getScriptSource",
      {scriptId},
    );
    // Another cell may have had the name since.
    if (!scriptSource.includes(source.code)) return undefined;
    return new Script({id: scriptId, path, name: basename(name), ...source});
  }

  #pathOf(scriptId: string): string | undefined {
    const script = this.#parsed.get(scriptId);
    if (!script) return undefined;
    if (script.text !== undefined) return cellPath(script.text);
    return isTypeScriptFile(script.url) ? fileURLToPath(script.url) : undefined;
  }

  #textOf(url: string): string | undefined {
    const number = cellNumber(url);
    return number === undefined ? undefined : this.#cellText(number);
  }
}

function cellNumber(url: string): number | undefined {
  const number = /^Cell%20In\[(\d+)\]$/.exec(url)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** What the main thread keeps the script's source by. */
function sourceName(url: string): string | undefined {
  if (cellNumber(url) !== undefined) return url.replaceAll("%20", " ");
  return isTypeScriptFile(url) ? fileURLToPath(url) : undefined;
}

function isTypeScriptFile(url: string): boolean {
  return url.startsWith("file:") && /\.([cm]?ts|tsx|jsx)$/.test(url);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
