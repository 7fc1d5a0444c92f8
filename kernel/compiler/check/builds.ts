// The programs in which cells are checked: a new one for each text, which takes over from the one
// before whatever has not changed. tslab would have TypeScript watch the disk, which hears of a
// change a moment too late for the cell that imports the file; here each build looks for itself.
//
// tslab builds each cell twice, the first time to learn which names it declares, and emits
// JavaScript of the cell and of every local file that it imports. We know the names beforehand and
// need the cell's declarations only: what it is given as its builder does no more.

import {statSync} from "node:fs";
import {basename, join} from "node:path";
import {fileURLToPath} from "node:url";
import type * as TypeScript from "typescript";
import {plainSpecifier} from "../../../cluster/shipping/modules/packages.js";
import {codeFile} from "../../../cluster/shipping/modules/resolution.js";
import {isForOthers} from "../../words/elsewhere.js";
import {nodeGlobals, unknownGlobals} from "./globals.js";

/** What tslab makes a watching program of. */
export interface WatchHost {
  rootFiles: string[];
  system: TypeScript.System;
  afterProgramCreate?: (builder: object) => void;
}

export interface BuildSettings {
  options: TypeScript.CompilerOptions;
  /** Is the cell's text TSX? */
  isJsx: boolean;
}

const ownFolder = fileURLToPath(new URL("../../../", import.meta.url));
const cellName = "/__tslab__.ts";
const declarationsName = "/__prev__.d.ts";
const globalsPath = join(ownFolder, "__node__.d.ts");

interface Kept {
  file: TypeScript.SourceFile;
  isJsx: boolean;
  /** Of a local file: when it was changed last, and its size. */
  stamp: string;
}

export class Builds {
  current: TypeScript.Program | undefined;
  /** In force from the next build on. */
  settings: BuildSettings;
  /** The next look at the cell's names finds none: they are exported already. */
  hideLocals = false;

  readonly #ts: typeof TypeScript;
  readonly #files = new Map<string, Kept>();
  #isAllStale = false;
  /** What this Node has and its types have not. */
  #globals: string;
  #areGlobalsWhole = false;
  /** Local files that import what there is not: it may be there next time. */
  #incomplete = new Set<string>();

  constructor(ts: typeof TypeScript, settings: BuildSettings) {
    this.#ts = ts;
    this.settings = settings;
    this.#globals = nodeGlobals(ts);
  }

  /**
   * In the place of TypeScript's `createWatchProgram`: builds when tslab says that a text has
   * changed.
   */
  watch(host: WatchHost): {close(): void} {
    const {system, rootFiles} = host;
    let timer: unknown;
    const build = () => {
      timer = undefined;
      this.#build(system, rootFiles);
      host.afterProgramCreate?.(this.#builder());
    };
    const schedule = () => {
      if (timer !== undefined) system.clearTimeout!(timer);
      timer = system.setTimeout!(build, 0);
    };
    for (const path of rootFiles) system.watchFile!(path, schedule);
    build();
    return {close() {}};
  }

  /** tslab has taken statements out of the tree of earlier declarations: it is parsed anew. */
  spoilDeclarations(): void {
    for (const path of this.#files.keys())
      if (path.endsWith(declarationsName)) this.#files.delete(path);
  }

  /** Packages may have come, gone or changed. */
  forgetPackages(): void {
    // Read again, but not parsed again where the text is the same.
    for (const kept of this.#files.values()) kept.stamp = "stale";
    this.#isAllStale = true;
  }

  #build(system: TypeScript.System, rootFiles: string[]): void {
    const {current, settings} = this;
    const ts = this.#ts;
    const isAllStale = this.#isAllStale;
    this.#isAllStale = false;
    const host: TypeScript.CompilerHost = {
      ...ts.createCompilerHost(settings.options),
      getCurrentDirectory: () => system.getCurrentDirectory(),
      getSourceFile: (path, language, _onError, isRenewed) =>
        this.#sourceFile(path, language, isRenewed ?? false, system),
      hasInvalidatedResolutions: (path) => isAllStale || this.#incomplete.has(path),
    };
    host.resolveModuleNameLiterals = this.#resolver(host);
    const create = (before: TypeScript.Program | undefined) =>
      ts.createProgram([...rootFiles, globalsPath], settings.options, host, before);
    this.current = create(current);
    if (!this.#areGlobalsWhole) {
      this.#areGlobalsWhole = true;
      const unknown = unknownGlobals(this.current, ts);
      if (unknown !== "") {
        this.#globals += `\n${unknown}`;
        this.#files.delete(globalsPath);
        this.current = create(this.current);
      }
    }
    this.#incomplete = new Set(incompleteFiles(this.current));
  }

  /**
   * Resolves as TypeScript does. What it does not find and a cell can import all the same is a
   * module without types: a file that `typesVersions` hides, or an export for `require` alone.
   */
  #resolver(
    host: TypeScript.CompilerHost,
  ): NonNullable<TypeScript.CompilerHost["resolveModuleNameLiterals"]> {
    const ts = this.#ts;
    const canonical = (name: string) => host.getCanonicalFileName(name);
    const cache = ts.createModuleResolutionCache(
      ...([host.getCurrentDirectory(), canonical, this.settings.options] as const),
    );
    return (literals, importer, redirected, options, file) =>
      literals.map((literal) => {
        const mode = ts.getModeForUsageLocation(file, literal, options);
        const specifier = plainSpecifier(literal.text);
        const resolve = (by: TypeScript.ResolutionMode) =>
          ts.resolveModuleName(specifier, importer, options, host, cache, redirected, by);
        if (isForOthers(specifier)) return {resolvedModule: undefined};
        const found = resolve(mode);
        if (found.resolvedModule || !isLocal(importer)) return found;
        const required = resolve(ts.ModuleKind.CommonJS);
        if (required.resolvedModule) return required;
        const code = codeFile(specifier, importer);
        const extension = /\.[cm]?js$/.exec(code ?? "")?.[0];
        if (code === undefined || extension === undefined) return found;
        const resolvedModule = {resolvedFileName: code, extension, isExternalLibraryImport: true};
        return {...found, resolvedModule};
      });
  }

  #sourceFile(
    path: string,
    language: TypeScript.ScriptTarget | TypeScript.CreateSourceFileOptions,
    isRenewed: boolean,
    system: TypeScript.System,
  ): TypeScript.SourceFile | undefined {
    const ts = this.#ts;
    const isVirtual = path.endsWith(cellName) || path.endsWith(declarationsName);
    const isJsx = path.endsWith(cellName) && this.settings.isJsx;
    const stamp = isVirtual || !isLocal(path) ? "" : stampOf(path);
    const kept = isRenewed ? undefined : this.#files.get(path);
    if (kept && !isVirtual && kept.stamp === stamp) return kept.file;
    const text = path === globalsPath ? this.#globals : system.readFile(path);
    if (text === undefined) {
      this.#files.delete(path);
      return undefined;
    }
    if (kept && kept.file.text === text && kept.isJsx === isJsx) {
      kept.stamp = stamp;
      return kept.file;
    }
    const kind = isJsx ? ts.ScriptKind.TSX : undefined;
    const file = ts.createSourceFile(path, text, language, false, kind);
    this.#files.set(path, {file, isJsx, stamp});
    return file;
  }

  #builder(): object {
    const program = this.current!;
    return {
      getProgram: () => program,
      getSourceFile: (name: string) => {
        const file = program.getSourceFile(name);
        if (this.hideLocals && file?.fileName.endsWith(cellName)) {
          this.hideLocals = false;
          hideOnce(file as {locals?: unknown});
        }
        return file;
      },
      getAllDependencies: (file: TypeScript.SourceFile) => [file.fileName],
      emit: (
        file: TypeScript.SourceFile | undefined,
        write: TypeScript.WriteFileCallback | undefined,
        cancellation: TypeScript.CancellationToken | undefined,
        _declarationsOnly: boolean | undefined,
        transformers: TypeScript.CustomTransformers | undefined,
      ) => {
        // tslab looks for what it has made in a folder of this name.
        write?.("outDir/__tslab__.js", "", false);
        const writeInto: TypeScript.WriteFileCallback = (path, ...rest) =>
          write?.(`outDir/${basename(path)}`, ...rest);
        return program.emit(file, writeInto, cancellation, true, transformers);
      },
    };
  }
}

/** May it change while the kernel runs? Of packages, `%npm` tells. */
function isLocal(path: string): boolean {
  return !path.includes("/node_modules/") && !path.startsWith(ownFolder);
}

/** Local files that import a file that there is not. */
function* incompleteFiles(program: TypeScript.Program): Generator<string> {
  // Not in TypeScript's public types.
  const {resolvedModules} = program as {resolvedModules?: Map<string, Resolutions>};
  for (const [path, modules] of resolvedModules ?? []) {
    if (!isLocal(path)) continue;
    let isIncomplete = false;
    modules.forEach(({resolvedModule}, name) => {
      isIncomplete ||= !resolvedModule && name.startsWith(".");
    });
    if (isIncomplete) yield path;
  }
}

interface Resolutions {
  forEach(see: (found: {resolvedModule?: object}, name: string) => void): void;
}

function stampOf(path: string): string {
  const stat = statSync(path, {throwIfNoEntry: false});
  return stat ? `${stat.mtimeMs} ${stat.size}` : "gone";
}

function hideOnce(file: {locals?: unknown}): void {
  const value = file.locals;
  const shown = {value, writable: true, configurable: true, enumerable: true};
  Object.defineProperty(file, "locals", {
    configurable: true,
    get() {
      Object.defineProperty(file, "locals", shown);
      return undefined;
    },
  });
}
