// TypeScript's options for cells, in three layers: our defaults, the tsconfig.json that holds for
// the notebook's folder, and what `%tsconfig` has changed in this session.

import type * as TypeScript from "typescript";
import {tsConfigFor, type TsConfig} from "../../../cluster/shipping/modules/tsconfig.js";
import {nearest} from "../../../cluster/nearest.js";
import type {SettingsReport} from "../../threads.js";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import {checkerOptions, defaults, honoured, whyIgnored} from "./options.js";

type Options = TypeScript.CompilerOptions;

/** `%tsconfig` was told what can't be: shown without a stack. */
export class SettingsError extends Error {}

export class Settings {
  readonly folder: string;
  #config: TsConfig | undefined;
  #session: Options = {};
  #notices: string[] = [];
  #isRead = false;
  #merged: Options = {};

  constructor(folder = process.cwd()) {
    this.folder = folder;
    this.refresh();
  }

  /** Looks at the disk. True when other options are in force than the last time. */
  refresh(): boolean {
    const config = tsConfigFor(this.folder);
    if (this.#isRead && config === this.#config) return false;
    this.#isRead = true;
    this.#config = config;
    const [first, ...others] = config?.problems ?? [];
    if (first !== undefined) {
      const more = others.length > 0 ? ` (and ${others.length} more)` : "";
      const isUsed = Object.keys(config!.options).length > 0;
      const then = isUsed
        ? "what is wrong in it is left out"
        : "cells are checked with the defaults";
      this.#notices.push(`${first}${more}; ${then}`);
    }
    this.#merge();
    return true;
  }

  /** `name=value`, `name` (true), or `--reset`. Throws SettingsError and then changes nothing. */
  assign(words: readonly string[]): void {
    let session = this.#session;
    for (const word of joined(words)) {
      if (word === "--reset") session = {};
      else session = {...session, ...parsed(word, this.folder)};
    }
    this.#session = session;
    this.#merge();
  }

  /** For the checker. */
  get options(): Options {
    return checkerOptions(this.#merged, this.folder);
  }
  /** For making JavaScript. */
  get chosen(): Options {
    return this.#merged;
  }
  /** Are cells TSX? */
  get isJsx(): boolean {
    return this.#merged.jsx !== undefined;
  }
  get wantsImplicitAny(): boolean {
    return this.#merged.noImplicitAny ?? this.#merged.strict ?? false;
  }

  /** What is wrong with tsconfig.json: told once. */
  takeNotices(): string[] {
    return this.#notices.splice(0);
  }
  /** What TypeScript has against the options as a whole. */
  note(problems: readonly string[]): void {
    this.#notices.push(...problems);
  }

  report(): SettingsReport {
    const shown = written(this.#merged);
    const ignored = written(this.#config?.options ?? {})
      .filter(([name]) => !honoured.has(name))
      .map(([name]) => ({name, why: whyIgnored(name)}));
    return {
      file: this.#config?.path ?? null,
      rows: shown.map(([name, value]) => ({name, value, from: this.#origin(name)})),
      ignored,
      problems: this.#config?.problems ?? [],
    };
  }

  #origin(name: string): "default" | "file" | "session" {
    if (name in this.#session) return "session";
    return this.#config && name in this.#config.options ? "file" : "default";
  }

  #merge(): void {
    const file = Object.entries(this.#config?.options ?? {}).filter(
      ([name]) => honoured.has(name) || name === "pathsBasePath",
    );
    const chosen: Options = {...Object.fromEntries(file), ...this.#session};
    this.#merged = {...defaults(chosen), ...chosen};
  }
}

/** Names and values, for completion of the word behind `%tsconfig`. */
export function completeSetting(word: string): string[] {
  const [name = "", value] = word.split("=", 2);
  if (value === undefined) {
    return [...honoured].filter((each) => each.startsWith(name)).map((each) => `${each}=`);
  }
  return valuesOf(declarationOf(name))
    .filter((each) => each.startsWith(value))
    .map((each) => `${name}=${each}`);
}

/** One option as TypeScript declares it; not in its public types. */
interface Declaration {
  name: string;
  type: string | Map<string, unknown>;
  element?: {type: string | Map<string, unknown>};
}

function declarations(): Declaration[] {
  return (typescript() as unknown as {optionDeclarations: Declaration[]}).optionDeclarations;
}
function declarationOf(name: string): Declaration | undefined {
  return declarations().find((each) => each.name.toLowerCase() === name.toLowerCase());
}
function valuesOf(declaration: Declaration | undefined): string[] {
  const type = declaration?.type === "list" ? declaration.element?.type : declaration?.type;
  if (type === "boolean") return ["true", "false"];
  return type instanceof Map ? [...type.keys()] : [];
}

/**
 * `target es2024`, `strict true`: a name and its value with a space between them become one word.
 */
function joined(words: readonly string[]): string[] {
  const all: string[] = [];
  for (const word of words.flatMap((each) => each.split(/(?<=^\w+)\s+/))) {
    const before = all.at(-1);
    if (before !== undefined && takes(before, word)) all[all.length - 1] = `${before}=${word}`;
    else if (before?.includes("=") && before.endsWith(",")) all[all.length - 1] += word;
    else all.push(word);
  }
  return all;
}

/** Is `word` the value of the option `name`, and not another option? */
function takes(name: string, word: string): boolean {
  const declaration = /^\w+$/.test(name) ? declarationOf(name) : undefined;
  if (!declaration || word.startsWith("--")) return false;
  return declaration.type === "boolean" ? /^(true|false)$/.test(word) : !/^\w+=/.test(word);
}

function parsed(word: string, folder: string): Options {
  const equals = word.indexOf("=");
  const given = equals < 0 ? word : word.slice(0, equals);
  const text = equals < 0 ? "true" : word.slice(equals + 1);
  const declaration = declarationOf(given);
  if (!declaration) {
    const near = nearest(given, honoured);
    const meant = near ? `; did you mean ${near}?` : "";
    throw new SettingsError(`TypeScript has no option ${given}${meant}`);
  }
  const {name} = declaration;
  if (!honoured.has(name)) throw new SettingsError(`${name}: ${whyIgnored(name)}`);
  const ts = typescript();
  const value = valueOf(text, declaration);
  const {options, errors} = ts.convertCompilerOptionsFromJson({[name]: value}, folder);
  // What stands in `paths` is relative to the notebook, whatever tsconfig.json holds elsewhere.
  if (errors.length === 0) return name === "paths" ? {...options, pathsBasePath: folder} : options;
  const known = valuesOf(declaration);
  const near = nearest(text.split(",").at(-1)!, known);
  const meant = near ? `; did you mean ${near}?` : "";
  const list = known.length > 0 && known.length <= 20 ? ` (${known.join(", ")})` : "";
  if (known.length > 0) throw new SettingsError(`${name} can't be ${text}${meant}${list}`);
  throw new SettingsError(
    errors.map(({messageText}) => ts.flattenDiagnosticMessageText(messageText, "\n")).join("\n"),
  );
}

function valueOf(text: string, {type}: Declaration): unknown {
  if (/^[[{"]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      throw new SettingsError(`${text} is no JSON`);
    }
  }
  if (type === "list") return text.split(",").map((part) => part.trim());
  if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return type === "number" ? Number(text) : text;
}

/** Options as one would write them into tsconfig.json. */
function written(options: Options): [string, string][] {
  const {serializeCompilerOptions} = typescript() as unknown as {
    serializeCompilerOptions(options: Options): Map<string, unknown>;
  };
  return [...serializeCompilerOptions(options)]
    .filter(([name]) => name !== "pathsBasePath")
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : textOf(value)]);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
