// Starts processes: runs every `@example` of the public API as a plain program, beside one cluster.
//
// The examples are those that a user sees: they are read from the built declarations. Each is
// type-checked, and each line `console.log(…); // → text` must print that text.
import assert from "node:assert/strict";
import {mkdtemp, rm, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {after, test} from "node:test";
import {pathToFileURL} from "node:url";
import {format} from "node:util";
import ts from "typescript";
import {cluster} from "../../../cluster/index.js";
import {PROJECT} from "../../support/sources.js";

/** Every example starts the cluster with these options, or leaves them out. */
const workers = 2;
const limitMs = 20_000;

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ["node"],
  typeRoots: [join(PROJECT, "node_modules/@types")],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

interface Example {
  /** The export, with a number when it has several examples. */
  name: string;
  code: string;
  file: string;
}

const folder = await mkdtemp(join(PROJECT, "dist/test/cluster/api/examples-"));
after(() => rm(folder, {recursive: true, force: true}));

const files = new Map<string, ts.SourceFile | undefined>();
const exported = readExports();
const examples = exported.flatMap(({examples}) => examples);

test("every public export has a comment and an example", () => {
  const bare = exported.filter(({comment, examples}) => comment === "" || examples.length === 0);
  assert.deepEqual(
    bare.map(({name}) => name),
    [],
    "write a doc comment with an @example above these exports of cluster/index.ts",
  );
});

test("every example type-checks", () => {
  const texts = new Map(examples.map(({file, code}) => [`${file}.ts`, code]));
  const program = compile([...texts.keys()], texts);
  const offences = ts.getPreEmitDiagnostics(program).map(({file, start, messageText}) => {
    const example = examples.find((one) => `${one.file}.ts` === file?.fileName);
    const line = file?.text.slice(start).split("\n", 1)[0];
    return `${example?.name}: ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  assert.deepEqual(offences, []);
});

test("every example does what it says", async (t) => {
  t.after(() => cluster.stop());
  for (const example of examples) {
    await t.test(`the example of ${example.name} runs`, {timeout: limitMs}, () => run(example));
  }
});

async function run({code, file}: Example): Promise<void> {
  // The example before may have stopped the cluster, and not all need one.
  if (/\.remote\(|\bput\(|\bcluster\./.test(code)) await cluster.start({workers});
  const {outputText} = ts.transpileModule(code, {compilerOptions: options, fileName: "a.mts"});
  await writeFile(`${file}.mjs`, outputText);
  const printed: string[] = [];
  const {log} = console;
  console.log = (...values: unknown[]) => void printed.push(format(...values));
  try {
    await import(pathToFileURL(`${file}.mjs`).href);
  } finally {
    console.log = log;
  }
  const expected = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text);
  assert.deepEqual(printed, expected);
}

function readExports(): {name: string; comment: string; examples: Example[]}[] {
  const entry = join(PROJECT, "dist/cluster/index.d.ts");
  const program = compile([entry]);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
  // Names as `Display` and `display` would be one file on some disks.
  let count = 0;
  return checker.getExportsOfModule(module).map((symbol) => {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const own = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
    const examples = examplesOf(own, checker).map((code, index) => {
      const name = `${symbol.name}${index === 0 ? "" : ` (${index + 1})`}`;
      return {name, code, file: join(folder, `example-${++count}`)};
    });
    const comment = ts.displayPartsToString(own.getDocumentationComment(checker));
    return {name: symbol.name, comment, examples};
  });
}

/** The examples of an export, and of the members of an object such as `cluster`. */
function examplesOf(symbol: ts.Symbol, checker: ts.TypeChecker): string[] {
  const isObject = symbol.valueDeclaration && ts.isVariableDeclaration(symbol.valueDeclaration);
  const members = isObject ? checker.getTypeOfSymbol(symbol).getProperties() : [];
  return [symbol, ...members].flatMap((one) =>
    one
      .getJsDocTags(checker)
      .filter(({name}) => name === "example")
      .map(({text}) => ts.displayPartsToString(text).replace(/^```ts\n|\n```$/g, "")),
  );
}

function compile(roots: string[], texts = new Map<string, string>()): ts.Program {
  const host = ts.createCompilerHost(options);
  const {getSourceFile, fileExists} = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.getSourceFile = (path, target) => {
    const text = texts.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, target, true);
    if (!files.has(path)) files.set(path, getSourceFile(path, target));
    return files.get(path);
  };
  return ts.createProgram(roots, options, host);
}
