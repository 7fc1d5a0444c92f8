// Globals and modules of the running Node that the checker would not know: Tasklab comes with the
// types of the oldest Node that it runs on, and those leave out what browsers' types declare.

import {builtinModules} from "node:module";
import {dirname, join} from "node:path";
import type * as TypeScript from "typescript";

/** Names of `lib.dom.d.ts` that Node has as well; the text of each is taken from there. */
const fromBrowsers: Record<string, readonly string[]> = {
  CloseEvent: ["CloseEvent", "CloseEventInit"],
  Storage: ["Storage"],
  URLPattern: [
    ...["URLPattern", "URLPatternInit", "URLPatternOptions", "URLPatternInput"],
    ...["URLPatternResult", "URLPatternComponentResult"],
  ],
  WebAssembly: ["WebAssembly", "BufferSource"],
};

/** Names that Node's modules declare, and as globals only newer types of Node. */
const fromModules: Record<string, string> = {
  Crypto: 'import("node:crypto").webcrypto.Crypto',
  CryptoKey: 'import("node:crypto").webcrypto.CryptoKey',
  Performance: 'import("node:perf_hooks").Performance',
  SubtleCrypto: 'import("node:crypto").webcrypto.SubtleCrypto',
};

/** Names with too many others behind them in browsers. */
const written: Record<string, string> = {
  Navigator: `interface Navigator {
  readonly hardwareConcurrency: number;
  readonly language: string;
  readonly languages: readonly string[];
  readonly platform: string;
  readonly userAgent: string;
}
declare var Navigator: {prototype: Navigator; new (): Navigator};`,
  navigator: "declare var navigator: Navigator;",
  localStorage: "declare var localStorage: Storage;",
  sessionStorage: "declare var sessionStorage: Storage;",
};

/**
 * Makes the declarations for this Node. They come after Node's types, which hold where both say
 * something.
 */
export function nodeGlobals(ts: typeof TypeScript): string {
  const has = (name: string) => name in globalThis;
  const dom = ts.sys.readFile(join(dirname(ts.getDefaultLibFilePath({})), "lib.dom.d.ts")) ?? "";
  const ofModules = Object.entries(fromModules).map(
    ([name, type]) =>
      `type ${name} = ${type};\ndeclare var ${name}: {prototype: ${name}; new (): ${name}};`,
  );
  return [
    '/// <reference types="node" />',
    'declare module "node:sys" { export * from "node:util"; }',
    ...ofModules,
    ...Object.entries(fromBrowsers)
      .flatMap(([name, all]) => (has(name) ? all : []))
      .map((name) => declarationOf(name, dom)),
    ...Object.entries(written).flatMap(([name, text]) => (has(name) ? [text] : [])),
  ].join("\n");
}

/** All that `dom` declares under the name: type, value and namespace. */
function declarationOf(name: string, dom: string): string {
  const head = `(?:interface|declare var|declare namespace) ${name}\\b`;
  const found = dom.match(new RegExp(`^${head}[^]*?^}|^type ${name} = .*;$`, "gm"));
  return (found ?? []).join("\n");
}

/**
 * Declares what the checker still does not know, of a Node that is newer than Tasklab: as `any`.
 */
export function unknownGlobals(program: TypeScript.Program, ts: typeof TypeScript): string {
  const checker = program.getTypeChecker() as TypeScript.TypeChecker & {
    resolveName(
      name: string,
      at: undefined,
      meaning: number,
      excludeGlobals: boolean,
    ): object | undefined;
  };
  const isKnown = (name: string) =>
    checker.resolveName(name, undefined, ts.SymbolFlags.Value, false) !== undefined;
  const modules = new Set(checker.getAmbientModules().map(({name}) => name.slice(1, -1)));
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Za-z]\w*$/.test(name));
  const builtins = builtinModules.map((name) => `node:${name.replace(/^node:/, "")}`);
  return [
    ...names.filter((name) => !isKnown(name)).map((name) => `declare var ${name}: any;`),
    ...builtins
      .filter((name) => !modules.has(name) && !name.startsWith("node:_"))
      .map((name) => `declare module "${name}";`),
  ].join("\n");
}
