// Local files that are edited while the process runs: the next import gives what is on the disk.

import {after, before, test} from "node:test";
import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
  symlinkSync,
} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {createImporter, type Importer} from "../../../cluster/shipping/modules/modules.js";

let folder = "";
let importer: Importer;

before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "local-reload-")));
  importer = createImporter(folder, {own: {exports: {named: 5}, url: "data:text/javascript,"}});
});
after(() => rmSync(folder, {recursive: true}));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), {recursive: true});
  writeFileSync(join(folder, path), text);
}
async function value(path: string): Promise<unknown> {
  return (await importer.import(path)).value;
}

// How files of a kind say `export const value = …` and `export value of another file`.
const esm = {
  export: (value: string) => `export const value = ${value};`,
  pass: (file: string) => `export {value} from "./${file}";`,
};
const commonJs = {
  export: (value: string) => `exports.value = ${value};`,
  pass: (file: string) => `exports.value = require("./${file}").value;`,
};
const kinds: [ending: string, kind: typeof esm, inner: string][] = [
  [".ts", esm, ".ts"],
  [".tsx", esm, ".ts"],
  [".mts", esm, ".mts"],
  [".cts", esm, ".cjs"],
  [".ts", esm, ".json"],
  [".mjs", esm, ".mjs"],
  [".mjs", esm, ".cjs"],
  [".cjs", commonJs, ".cjs"],
  [".js", commonJs, ".js"],
];

test("a changed file is loaded again, and so is a file that imports a changed one", async () => {
  for (const [ending, kind, innerEnding] of kinds) {
    const name = `kind-${ending.slice(1)}-${innerEnding.slice(1)}`;
    const [outer, inner] = [`${name}/outer${ending}`, `${name}/inner${innerEnding}`];
    const innerText = (number: number) =>
      innerEnding === ".json"
        ? `{"value": ${number}}`
        : (/(ts|mjs)$/.test(innerEnding) ? esm : commonJs).export(`{number: ${number}}`);
    write(outer, kind.pass(`inner${innerEnding}`));
    write(inner, innerText(1));
    const first = await importer.import(`./${outer}`);
    const again = await importer.import(`./${outer}`);
    assert.equal(first.value, again.value, `${name}: an unchanged file keeps its instance`);
    write(inner, innerText(22));
    const second = await value(`./${outer}`);
    assert.notEqual(second, first.value, name);
    assert.match(JSON.stringify(second), /22/, `${name}: the inner file has changed`);
    write(outer, kind.export("'changed'"));
    assert.equal(await value(`./${outer}`), "changed", `${name}: the outer file has changed`);
    assert.equal(first.value, again.value, `${name}: who imported before keeps what it had`);
  }
});

test("what has not changed keeps its instance, however it is reached", async () => {
  for (const ending of ["ts", "mjs"]) {
    const shared = `./${ending}/shared.${ending}`;
    write(`${ending}/shared.${ending}`, "export const value = {};");
    write(`${ending}/a.${ending}`, `export {value} from "./shared.${ending}"; export const a = 1;`);
    write(`${ending}/b.${ending}`, `export {value} from "./shared.${ending}";`);
    const before = await value(shared);
    assert.equal(await value(`./${ending}/a.${ending}`), before);
    write(
      `${ending}/a.${ending}`,
      `export {value} from "./shared.${ending}"; export const a = 22;`,
    );
    assert.equal((await importer.import(`./${ending}/a.${ending}`)).a, 22);
    assert.equal(await value(`./${ending}/a.${ending}`), before);
    assert.equal(await value(`./${ending}/b.${ending}`), before);
    // Saved anew with the same content.
    utimesSync(join(folder, `${ending}/shared.${ending}`), new Date(), new Date(0));
    assert.equal(await value(shared), before);
    // Changed: each importer sees one and the same new instance.
    write(`${ending}/shared.${ending}`, "export const value = {isNew: true};");
    const [a, b] = [await value(`./${ending}/a.${ending}`), await value(`./${ending}/b.${ending}`)];
    assert.deepEqual(a, {isNew: true});
    assert.equal(a, b);
    assert.equal(await value(shared), a);
  }
});

test("files that import each other are loaded again", async () => {
  for (const ending of ["ts", "mjs"]) {
    write(`circle-${ending}/a.${ending}`, `import "./b.${ending}"; export const value = 1;`);
    write(`circle-${ending}/b.${ending}`, `import "./a.${ending}"; globalThis.circle = 1;`);
    assert.equal(await value(`./circle-${ending}/a.${ending}`), 1);
    write(`circle-${ending}/b.${ending}`, `import "./a.${ending}"; globalThis.circle = "two";`);
    await importer.import(`./circle-${ending}/a.${ending}`);
    assert.equal((globalThis as {circle?: unknown}).circle, "two");
  }
});

test("a file that fails is tried again, and `require` sees changes as `import` does", async () => {
  write("fails.ts", "throw new Error('not yet')");
  await assert.rejects(importer.import("./fails.ts"), /not yet/);
  write("fails.ts", "export const value = 'now';");
  assert.equal(await value("./fails.ts"), "now");
  write("fails.ts", "export const value = 'later';");
  assert.equal((importer.require("./fails.ts") as {value: string}).value, "later");
  write("data.json", '{"a": 1}');
  assert.deepEqual((await importer.import("./data.json")).default, {a: 1});
  write("data.json", '{"a": 22}');
  assert.deepEqual((await importer.import("./data.json")).default, {a: 22});
  write("broken.mjs", "export const value = ;");
  await assert.rejects(importer.import("./broken.mjs"), SyntaxError);
  write("broken.mjs", "export const value = 'mended';");
  assert.equal(await value("./broken.mjs"), "mended");
});

test("a link to a file is looked at as the file is", async () => {
  for (const ending of ["ts", "mjs", "cjs"]) {
    const text = (ending === "cjs" ? commonJs : esm).export;
    write(`elsewhere/real.${ending}`, text("1"));
    symlinkSync(join(folder, `elsewhere/real.${ending}`), join(folder, `link.${ending}`));
    assert.equal(await value(`./link.${ending}`), 1);
    write(`elsewhere/real.${ending}`, text("'two'"));
    assert.equal(await value(`./link.${ending}`), "two");
  }
});

test("a changed file is known by its new values", async () => {
  write("known.ts", "export function f() { return 1 }");
  const {f: before} = await importer.import("./known.ts");
  write("known.ts", "export function f() { return 'two' }");
  const {f: after} = await importer.import("./known.ts");
  const [old, current] = [before, after].map((f) => importer.describe(f)!);
  for (const name of [old, current])
    assert.deepEqual([name!.specifier, name!.export], ["./known.ts", "f"]);
  assert.notEqual(old!.module!.key, current!.module!.key);
});

// A file, what it says of itself when it is loaded.
const wrong: [string, RegExp][] = [
  ["\n\nexport const x = ;", /wrong\.ts:3:18 - TS1109: Expression expected\.$/],
  ["await 1; export const x = 1", /wrong\.ts: a local TypeScript file can't `await` at its top/],
];

test("a TypeScript file that can't be loaded says where and why", async () => {
  for (const [text, pattern] of wrong) {
    write("wrong.ts", text);
    await assert.rejects(importer.import("./wrong.ts"), {name: "SyntaxError", message: pattern});
  }
});

test("TypeScript files heed their tsconfig.json, and have JSX and import.meta", async () => {
  write(
    "configured/tsconfig.json",
    JSON.stringify({
      compilerOptions: {
        ...{jsx: "react", jsxFactory: "h", experimentalDecorators: true},
        paths: {"@inner": ["./src/inner.ts"]},
        // Wrong, and of no matter to the file.
        ...{isolatedDeclarations: true, mapRoot: "nowhere"},
      },
    }),
  );
  write("configured/src/inner.ts", "export const inner = 'inner';");
  write(
    "configured/view.tsx",
    `import {inner} from "@inner";
     import {place} from "./place.js";
     const h = (tag: string, props: unknown, ...rest: unknown[]) => [tag, ...rest];
     const decorated = (target: object, key: string) => void Object.assign(target, {key});
     class A { @decorated a = 1 }
     export const value = [<b>{inner}</b>, (new A() as {key?: string}).key, place];`,
  );
  write("configured/place.ts", "export const place = import.meta.filename + import.meta.url;");
  const file = join(folder, "configured/place.ts");
  const expected = [["b", "inner"], "a", `${file}file://${file}`];
  assert.deepEqual(await value("./configured/view.tsx"), expected);
  assert.deepEqual(await value("./configured/view"), expected);
});
