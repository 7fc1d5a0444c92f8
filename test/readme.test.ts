// Starts processes: README.md says nothing that the code does not do. Its code gives the output
// below it, and its tables are made from the code (`UPDATE=1` writes them anew).
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {mkdtemp, readFile, rm, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {test} from "node:test";
import {inspect} from "node:util";
import ts from "typescript";
import {cluster} from "../cluster/index.js";
import {enterNotebook} from "../cluster/notebook.js";
import {createNotebookConverter} from "../kernel/compiler/check/converter.js";
import {Settings} from "../kernel/compiler/check/settings.js";
import {Compiler} from "../kernel/compiler/compile.js";
import {allMagics} from "../kernel/magics/all.js";
import {Evaluator} from "../kernel/session/evaluate.js";
import {armStops} from "../kernel/session/stops.js";
import {PROJECT} from "./support/sources.js";

const path = join(PROJECT, "README.md");
const page = await readFile(path, "utf8");

test("the ten lines of README.md give the output below them", async (t) => {
  const {code, output} = example("ts");
  const notebook = createNotebookConverter(new Settings());
  t.after(() => notebook.close());
  t.after(() => cluster.stop());
  const runtime = enterNotebook(PROJECT);
  armStops();
  const result = new Compiler(notebook).compile(code, 1, {});
  assert.deepEqual(result.ok ? [] : result.diagnostics, []);
  if (result.ok) await new Evaluator().run(result.code, new AbortController().signal);
  assert.equal(inspect(await runtime.last), output);
});

test("the plain program of README.md prints the output below it", async (t) => {
  const {code, output} = example("js");
  const folder = await mkdtemp(join(PROJECT, "dist/test/readme-"));
  t.after(() => rm(folder, {recursive: true, force: true}));
  await writeFile(join(folder, "program.mjs"), code);
  const {stdout, stderr} = spawnSync(process.execPath, [join(folder, "program.mjs")], {
    encoding: "utf8",
    timeout: 30_000,
  });
  assert.deepEqual([stdout.trimEnd(), stderr], [output, ""]);
});

test("README.md has every option and every magic", async () => {
  const made = withTable(withTable(page, "Options", optionsTable()), "Magics", magicsTable());
  if (process.env["UPDATE"]) await writeFile(path, made);
  assert.equal(
    await readFile(path, "utf8"),
    made,
    "README.md is older than the code: read the difference; UPDATE=1 takes it over",
  );
});

/** The first code block in that language, and the output below it. */
function example(language: string): {code: string; output: string} {
  const block = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\`\n\n\`\`\`text\n([^]*?)\n\`\`\``);
  const [, code, output] = block.exec(page) ?? [];
  assert.ok(code !== undefined && output !== undefined, `no \`${language}\` block with its output`);
  return {code, output};
}

function withTable(text: string, name: string, table: string): string {
  return text.replace(
    new RegExp(`(<!-- ${name}: .* -->\n)[^]*?(?=<!-- end -->)`),
    (_, mark: string) => `${mark}\n${table}\n`,
  );
}

/** A row for each option of the library, with the first sentences of its comment. */
function optionsTable(): string {
  const entry = join(PROJECT, "dist/cluster/index.d.ts");
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.NodeNext,
    types: [],
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
  const exported = checker.getExportsOfModule(module);
  const rows = new Map<string, {name: string; of: string[]; says: string}>();
  for (const [type, of] of [
    ["RemoteOptions", "function"],
    ["ActorClassOptions", "actor"],
    ["CallOptions", "call"],
    ["ClusterOptions", "cluster"],
  ] as const) {
    const symbol = exported.find(({name}) => name === type)!;
    const properties = checker
      .getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol))
      .getProperties();
    for (const property of properties) {
      const comment = ts.displayPartsToString(property.getDocumentationComment(checker));
      const says = comment.replace(/\s+/g, " ");
      const row = rows.get(`${property.name}: ${says}`);
      if (row) row.of.push(of);
      else rows.set(`${property.name}: ${says}`, {name: property.name, of: [of], says});
    }
  }
  const lines = [...rows.values()].map(
    ({name, of, says}) => `| \`${name}\` | ${of.join(", ")} | ${says} |\n`,
  );
  return `| option | of | meaning |\n| --- | --- | --- |\n${lines.join("")}`;
}

function magicsTable(): string {
  const lines = allMagics()
    .all()
    .map(({name, kind, summary}) => {
      const sign = name === "!" ? "!" : `${kind === "line" ? "%" : "%%"}${name}`;
      return `| \`${sign}\` | ${summary} |\n`;
    });
  return `| magic | does |\n| --- | --- |\n${lines.join("")}`;
}
