import assert from "node:assert/strict";
import {join} from "node:path";
import {test} from "node:test";
import {fileURLToPath} from "node:url";
import ts from "typescript";

const project = fileURLToPath(new URL("../../../../", import.meta.url));

function errorsOf(files: Record<string, string> | string[]): string[] {
  const names = Array.isArray(files) ? files : Object.keys(files);
  const texts = Array.isArray(files) ? {} : files;
  const paths = names.map((name) => join(project, "test/types", name));
  const {options} = ts.convertCompilerOptionsFromJson(
    {
      strict: true,
      noEmit: true,
      target: "es2023",
      module: "nodenext",
      lib: ["es2023", "esnext.disposable"],
      types: ["node"],
      skipLibCheck: true,
      paths: {tasklab: [join(project, "cluster/index.ts")]},
    },
    project,
  );
  const host = ts.createCompilerHost(options);
  const {readFile, fileExists} = host;
  const inMemory = new Map(
    Object.entries(texts).map(([name, text]) => [join(project, "test/types", name), text]),
  );
  host.readFile = (path) => inMemory.get(path) ?? readFile(path);
  host.fileExists = (path) => inMemory.has(path) || fileExists(path);
  const program = ts.createProgram(paths, options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({file}) => file && paths.includes(file.fileName))
    .map(({file, start, messageText}) => {
      const line = file!.getLineAndCharacterOfPosition(start!).line + 1;
      return `${file!.fileName.slice(project.length)}:${line} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}

test("the library's types accept what is right and refuse what is wrong", () => {
  assert.deepEqual(errorsOf(["remote.ts", "actors.ts", "display.ts", "refs.ts"]), []);
});

test("the compiler's words for a direct call name .remote and .local", () => {
  const text =
    'import {remote} from "tasklab";\nexport const f = remote((n: number) => n);\nf(1);\n';
  const [error, ...others] = errorsOf({"direct.ts": text});
  assert.match(error!, /direct\.ts:3 .*f\.remote\(…\).*f\.local\(…\)/);
  assert.deepEqual(others, []);
});

test("the compiler's words for a direct call of a method name .remote", () => {
  const text =
    'import {remote} from "tasklab";\nclass Counter {\n  add() {}\n}\nremote(Counter).remote().add();\n';
  const [error, ...others] = errorsOf({"actor.ts": text});
  assert.match(error!, /actor\.ts:5 .*actor\.method\.remote\(…\)/);
  assert.deepEqual(others, []);
});
