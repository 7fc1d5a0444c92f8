// tslab's converter on stock TypeScript, with our compiler options: types, the declarations that
// earlier cells leave, completion and quick info. Its JavaScript is not used (`emit.ts` makes
// ours).

import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {compileFunction} from "node:vm";
import type * as TypeScript from "typescript";
import type {Converter, ConvertResult} from "tslab/dist/converter.js";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import {Builds, type WatchHost} from "./builds.js";
import {printDeclarations} from "./print-declarations.js";

const require = createRequire(import.meta.url);

/**
 * What each notebook has before its first cell. tslab carries declarations from cell to cell, so
 * these stay for good.
 */
export const ambientDeclarations = `\
declare const __tasklab: {
  readonly remote: typeof import("tasklab").remote;
  readonly setup: typeof import("tasklab").cluster.setup;
};
declare const prompt: {
  /** Asks for a line of text. */
  (question?: string, otherwise?: string): string;
  /** Asks for a secret: nobody sees what is typed, and it is kept nowhere. */
  password(question?: string): string;
};
declare function confirm(question?: string): boolean;
declare function alert(message?: unknown): void;
interface JupyterComm {
  readonly id: string;
  readonly target: string;
  onMessage: (data: any, buffers: Uint8Array[]) => unknown;
  onClose: (data: any, buffers: Uint8Array[]) => unknown;
  send(data: object, buffers?: Uint8Array[]): void;
  close(data?: object): void;
}
declare const jupyter: {
  readonly comms: {
    /** Opens a comm to the frontend's target. */
    open(target: string, data?: object): JupyterComm;
    /** Answers comms that a frontend opens to the target. */
    register(target: string, opened: (comm: JupyterComm, data: any) => unknown): void;
  };
};
`;

export interface Checked {
  /** The program of the last conversion, inspection or completion. */
  program: TypeScript.Program;
  file: TypeScript.SourceFile;
}

export interface CheckerSettings {
  options: TypeScript.CompilerOptions;
  /** Shall the user hear of what is `any` for want of a type? */
  wantsImplicitAny: boolean;
}

export interface NotebookConverter {
  /**
   * Checks a cell and makes its declarations; `declared` are the names that it binds at its top
   * level.
   */
  convert(before: string, cell: string, declared: readonly string[]): ConvertResult;
  complete: Converter["complete"];
  inspect: Converter["inspect"];
  /** What the converter looked at last. */
  checked(): Checked;
  /** Imports of packages without types, in the cell that was converted last. */
  untyped(): readonly TypeScript.Diagnostic[];
  /** In force from now on. */
  configure(settings: CheckerSettings): void;
  /** Is what comes next TSX? */
  isJsx: boolean;
  /** Packages may have come, gone or changed. */
  forgetPackages(): void;
  close(): void;
}

/** A converter for cells that live in the process's current folder. Takes half a second. */
export function createNotebookConverter(settings: CheckerSettings): NotebookConverter {
  const ts = typescript();
  const builds = new Builds(ts, {options: settings.options, isJsx: false});
  let {wantsImplicitAny} = settings;
  let untyped: TypeScript.Diagnostic[] = [];
  const {shim, createConverter} = loadTslab();
  shim.configure({
    isWanted: (diagnostic: TypeScript.Diagnostic) => {
      const {code} = diagnostic;
      if (code === untypedModule) untyped.push(diagnostic);
      return code !== untypedModule && (wantsImplicitAny || !implicitAny.has(code));
    },
    watch: (host: WatchHost) => builds.watch(host),
    print: printDeclarations,
  });
  const converter = createConverter();
  return {
    convert(before, cell, declared) {
      builds.hideLocals = true;
      untyped = [];
      // Exported names are those that get declarations.
      const suffix = declared.length > 0 ? `\nexport {${declared.join(", ")}}` : "";
      const result = converter.convert(before, cell + suffix);
      // tslab has taken out of its tree what the cell replaces.
      if (declared.length > 0) builds.spoilDeclarations();
      return result;
    },
    complete: converter.complete,
    inspect: converter.inspect,
    untyped: () => untyped,
    checked() {
      const program = builds.current!;
      const file = program.getSourceFile(join(program.getCurrentDirectory(), "__tslab__.ts"))!;
      return {program, file};
    },
    configure(wanted) {
      builds.settings = {...builds.settings, options: wanted.options};
      ({wantsImplicitAny} = wanted);
    },
    get isJsx() {
      return builds.settings.isJsx;
    },
    set isJsx(isJsx) {
      builds.settings = {...builds.settings, isJsx};
    },
    forgetPackages: () => builds.forgetPackages(),
    close: () => converter.close(),
  };
}

/** Nothing compiles it: it stands where its source does. */
const shimUrl = new URL(
  "../../../../kernel/compiler/check/typescript-for-tslab.cjs",
  import.meta.url,
);

/**
 * tslab's converter, which gets our shim where it asks for its fork of TypeScript. npm's ways to
 * replace a package hold for the project at the top alone, and Tasklab is also installed below
 * others: so a fork may be there, and is never loaded.
 */
function loadTslab() {
  const shim = require(fileURLToPath(shimUrl)) as {configure(settings: object): void};
  const path = require.resolve("tslab/dist/converter.js");
  const ofTslab = createRequire(path);
  const ask = (name: string): unknown =>
    name === "@tslab/typescript-for-tslab" ? shim : ofTslab(name);
  const exports = {} as typeof import("tslab/dist/converter.js");
  const code = readFileSync(path, "utf8");
  compileFunction(code, ["exports", "require", "__dirname"], {filename: path})(
    ...[exports, ask, dirname(path)],
  );
  return {shim, createConverter: exports.createConverter};
}

/** A package without types: told as a warning (`packages.ts`), for the cell runs all the same. */
const untypedModule = 7016;

/** "… implicitly has an 'any' type" in all its forms: cells need not annotate everything. */
const implicitAny = new Set([
  7005, 7006, 7008, 7009, 7010, 7011, 7012, 7013, 7014, 7015, 7017, 7018, 7019, 7020, 7022, 7023,
  7024, 7025, 7026, 7031, 7032, 7033, 7034, 7036, 7039, 7041, 7050, 7051, 7052, 7053, 7055, 7057,
]);
