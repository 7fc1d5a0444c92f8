// Stock TypeScript in the place of tslab's fork: what the fork exports beyond TypeScript, and a way
// to set what tslab has fixed. `configure` must be called before tslab makes its converter.

"use strict";

const ts = require("typescript");

/**
 * @typedef {object} Settings
 * @property {(diagnostic: object) => boolean} isWanted  shall the user see this diagnostic?
 * @property {(host: object) => object} watch  in the place of TypeScript's watching program
 * @property {(file: object, printer: object) => string} print  text of a file of declarations
 */
/** @type {Settings} */
let settings = {
  isWanted: () => true,
  watch: (host) => ts.createWatchProgram(host),
  print: (file, printer) => printer.printFile(file),
};

module.exports = {
  ...ts,
  configure(wanted) {
    settings = {...settings, ...wanted};
  },

  getNullTransformationContext: () => ts.nullTransformationContext,

  getDefaultTypeRoots: (directory) =>
    ts.getEffectiveTypeRoots({}, {getCurrentDirectory: () => directory}),

  // The cell alone: files that it imports are checked by their own editor, and must not stop it.
  getPreEmitDiagnosticsOfFiles(program, [cell]) {
    const syntactic = program.getSyntacticDiagnostics(cell);
    const found = syntactic.length > 0 ? syntactic : program.getSemanticDiagnostics(cell);
    return ts.sortAndDeduplicateDiagnostics(
      found.filter(settings.isWanted).map((diagnostic) => ({
        ...diagnostic,
        // tslab would make one diagnostic of each line of a chain.
        messageText: ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"),
      })),
    );
  },

  createPrinter(options) {
    const printer = ts.createPrinter(options);
    return {...printer, printFile: (file) => settings.print(file, printer)};
  },

  // tslab has JavaScript made for Node's CommonJS; ours is not made by it, and it gives it nothing.
  transpileModule: (text, options) =>
    text === "" ? {outputText: ""} : ts.transpileModule(text, options),

  createWatchCompilerHost: (rootFiles, _options, system) => ({rootFiles, system}),
  createWatchProgram: (host) => settings.watch(host),

  getQuickInfoAtPosition(file, checker, _cancellation, position) {
    const node = ts.getTouchingPropertyName(file, position);
    if (node === file) return undefined;
    const symbol = checker.getSymbolAtLocation(node);
    const textSpan = {start: node.getStart(file), length: node.end - node.getStart(file)};
    if (!symbol || checker.isUnknownSymbol(symbol)) {
      if (!ts.isIdentifier(node) && node.kind !== ts.SyntaxKind.ThisKeyword) return undefined;
      const type = checker.getTypeAtLocation(node);
      return {textSpan, displayParts: [{text: checker.typeToString(type), kind: "text"}]};
    }
    const display = ts.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker,
      symbol,
      file,
      ts.findAncestor(node.parent, ts.isFunctionLike) ?? file,
      node,
    );
    return {
      textSpan,
      kind: display.symbolKind,
      displayParts: display.displayParts,
      documentation: display.documentation,
      tags: display.tags,
    };
  },

  Completions: {
    ...ts.Completions,
    getCompletionsAtPositionForTslab: (_host, program, ...rest) =>
      ts.Completions.getCompletionsAtPosition(
        {...fileHost, getCompilationSettings: () => program.getCompilerOptions()},
        program,
        ...rest,
      ),
  },
};

/** What completion of paths and packages asks of its host. */
const fileHost = {
  getCurrentDirectory: () => ts.sys.getCurrentDirectory(),
  getDirectories: (path) => ts.sys.getDirectories(path),
  directoryExists: (path) => ts.sys.directoryExists(path),
  fileExists: (path) => ts.sys.fileExists(path),
  readFile: (path) => ts.sys.readFile(path),
  readDirectory: (...args) => ts.sys.readDirectory(...args),
  useCaseSensitiveFileNames: () => true,
};
