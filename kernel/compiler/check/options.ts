// Which of TypeScript's options make sense in cells, and what holds where nobody has said anything.

import {createRequire} from "node:module";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import type * as TypeScript from "typescript";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";

type Options = TypeScript.CompilerOptions;

const require = createRequire(import.meta.url);

/** Options that cells heed, from tsconfig.json and from `%tsconfig`. */
export const honoured: ReadonlySet<string> = new Set([
  "strict",
  "noImplicitAny",
  "strictNullChecks",
  "strictFunctionTypes",
  "strictBindCallApply",
  "strictPropertyInitialization",
  "strictBuiltinIteratorReturn",
  "noImplicitThis",
  "useUnknownInCatchVariables",
  "exactOptionalPropertyTypes",
  "noUncheckedIndexedAccess",
  "noPropertyAccessFromIndexSignature",
  "noImplicitReturns",
  "noImplicitOverride",
  "noFallthroughCasesInSwitch",
  "noUncheckedSideEffectImports",
  "allowUnreachableCode",
  "allowUnusedLabels",
  "erasableSyntaxOnly",
  "noErrorTruncation",
  "target",
  "lib",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "reactNamespace",
  "experimentalDecorators",
  "emitDecoratorMetadata",
  "useDefineForClassFields",
  "paths",
  "baseUrl",
  "rootDirs",
  "types",
  "typeRoots",
  "customConditions",
  "moduleSuffixes",
  "allowArbitraryExtensions",
  "allowUmdGlobalAccess",
]);

export function whyIgnored(name: string): string {
  if (/^module(Resolution|Detection)?$/.test(name))
    return "cells import ES modules and CommonJS alike, as bundlers do";
  if (/^noUnused/.test(name)) return "a later cell may use it";
  if (/^(verbatimModuleSyntax|isolated|preserveValueImports)/.test(name))
    return "a later cell may use what a cell imports";
  if (
    /^(allowJs|esModuleInterop|resolveJsonModule|skipLibCheck|allowSynthetic|allowImp)/.test(name)
  )
    return "always on in cells";
  if (
    /(^out|Dir$|^declaration|[sS]ourceMap|^emit|^noEmit|incremental|composite|removeComm)/.test(
      name,
    )
  )
    return "cells write no files";
  return "it means nothing in cells";
}

/** Where neither tsconfig.json nor the session says otherwise. */
export function defaults(chosen: Options): Options {
  const {ScriptTarget} = typescript();
  const {target} = chosen;
  return {
    strict: true,
    // Cells need not annotate everything; who asks for `strict` in so many words gets all of it.
    ...(chosen.strict === undefined ? {noImplicitAny: false} : {}),
    // Any syntax: what this Node lacks is lowered, or is told where it stands (regexes.ts).
    target: target ?? ScriptTarget.ESNext,
    lib:
      target === undefined
        ? ownLib()
        : [libOf(Math.max(target, ScriptTarget.ES2022)), "lib.esnext.disposable.d.ts"],
    experimentalDecorators: false,
    types: ["node"],
  };
}

/** What the running Node has beyond ES2023, by one member of each part of TypeScript's library. */
const newer: readonly [object: object, member: string, lib: string][] = [
  [String.prototype, "isWellFormed", "es2024.string"],
  [RegExp.prototype, "unicodeSets", "es2024.regexp"],
  [ArrayBuffer.prototype, "resizable", "es2024.arraybuffer"],
  [SharedArrayBuffer.prototype, "growable", "es2024.sharedmemory"],
  [Object, "groupBy", "es2024.object"],
  [Map, "groupBy", "es2024.collection"],
  [Promise, "withResolvers", "es2024.promise"],
  [Set.prototype, "union", "es2025.collection"],
  [globalThis, "Iterator", "es2025.iterator"],
  [globalThis, "Float16Array", "es2025.float16"],
  [Promise, "try", "es2025.promise"],
  [Intl, "DurationFormat", "es2025.intl"],
  [RegExp, "escape", "es2025.regexp"],
  [Array, "fromAsync", "esnext.array"],
  [Error, "isError", "esnext.error"],
  [Atomics, "pause", "esnext.sharedmemory"],
  [Map.prototype, "getOrInsert", "esnext.collection"],
  [Uint8Array, "fromBase64", "esnext.typedarrays"],
  [globalThis, "Temporal", "esnext.temporal"],
  [Date.prototype, "toTemporalInstant", "esnext.date"],
];

function ownLib(): string[] {
  const found = newer.filter(([object, member]) => member in object).map(([, , lib]) => lib);
  return ["es2023", ...found, "esnext.disposable"].map((lib) => `lib.${lib}.d.ts`);
}

function libOf(target: TypeScript.ScriptTarget): string {
  const {ScriptTarget} = typescript();
  const [name] = Object.entries(ScriptTarget).find(([, value]) => value === target)!;
  return `lib.${name.toLowerCase()}.d.ts`;
}

/** The whole of what the checker is told. `folder`: the notebook's. */
export function checkerOptions(chosen: Options, folder: string): Options {
  const ts = typescript();
  const here = dirname(fileURLToPath(import.meta.url));
  const ownTypes = dirname(dirname(require.resolve("@types/node/package.json")));
  const theirTypes = ts.getEffectiveTypeRoots(chosen, {getCurrentDirectory: () => folder}) ?? [];
  return {
    ...chosen,
    // Of what is older, cells need `await` at their top level.
    target: Math.max(chosen.target!, ts.ScriptTarget.ES2022),
    // A cell is TSX only where that is asked for, but a local file may always be.
    jsx: chosen.jsx ?? ts.JsxEmit.Preserve,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ["node", ...(chosen.customConditions ?? [])],
    // One `tasklab` for all: the one that this kernel runs.
    paths: {...chosen.paths, tasklab: [join(here, "../../../cluster/index.d.ts")]},
    types: [...new Set(["node", ...(chosen.types ?? [])])],
    // Ours by absolute path: the notebook's folder need not be inside a project.
    typeRoots: [...theirTypes, ownTypes],
    // On, because it lets `const rows = []` grow into its type; who did not ask for it hears
    // nothing.
    noImplicitAny: true,
    resolveJsonModule: true,
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: false,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    newLine: ts.NewLineKind.LineFeed,
    ignoreDeprecations: "6.0",
  };
}
