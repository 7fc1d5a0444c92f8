// Local modules go where a function goes that uses them: as they were when they were loaded here.

import assert from "node:assert/strict";
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {after, afterEach, before, beforeEach, describe, test} from "node:test";
import type {ShippedCode} from "../../../cluster/backend.js";
import {encode} from "../../../cluster/codec/codec.js";
import "../../../cluster/index.js";
import {MissingModuleError, type TaskError} from "../../../cluster/errors.js";
import {capture, withParts} from "../../../cluster/shipping/capture.js";
import {host, setShippingHost} from "../../../cluster/shipping/names/host.js";
import {createImporter, type Importer} from "../../../cluster/shipping/modules/modules.js";
import {revive} from "../../../cluster/shipping/revive.js";
import {sources} from "../../../cluster/shipping/source/thunk.js";
import {Elsewhere} from "./elsewhere.js";

type AnyFunction = (...args: never[]) => unknown;

describe("a local module", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  let folder = "";
  let importer: Importer;
  const {describe: before_, import: importBefore, require: requireBefore} = host;

  before(() => (elsewhere = new Elsewhere()));
  after(() => elsewhere.end());
  after(() => setShippingHost({describe: before_, import: importBefore, require: requireBefore}));
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "travelling-")));
    importer = createImporter(folder, {own: {exports: {}, url: "data:text/javascript,"}});
    setShippingHost({
      describe: (value) => importer.describe(value),
      import: (specifier) => importer.import(specifier),
      require: importer.require,
    });
  });
  afterEach(() => rmSync(folder, {recursive: true, force: true}));

  function write(files: Record<string, string>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), {recursive: true});
      writeFileSync(join(folder, path), text);
    }
  }
  /** Nobody can load them from the disk any more. */
  const remove = () => rmSync(folder, {recursive: true});

  async function load(path: string, name = "subject"): Promise<AnyFunction> {
    return (await importer.import(path))[name] as AnyFunction;
  }

  // What a module can be: files, the first of which has `subject`, and what that gives.
  const kinds: [name: string, files: Record<string, string>, gives: unknown][] = [
    [
      "TypeScript with others behind it, one of them in JSX",
      {
        "main.ts": `import {twice} from "./lib/twice.js"; import {view} from "./view";
          enum E {A = 3} export const subject = (): unknown => [twice(E.A), view];`,
        "lib/twice.ts": `import {factor} from "../factor.ts"; export const twice = (x: number): number => x * factor;`,
        "factor.ts": "export const factor: number = 2;",
        "view.tsx": `const h = (tag: string) => tag; /** @jsx h */ export const view = <b/>;`,
        "tsconfig.json": `{"compilerOptions": {"jsx": "react", "jsxFactory": "h"}}`,
      },
      [6, "b"],
    ],
    [
      "TypeScript whose tsconfig.json has paths",
      {
        "main.ts": `import {deep} from "@inner/deep"; export const subject = (): string => deep;`,
        "src/deep.ts": `export const deep: string = "deep";`,
        "tsconfig.json": `{"compilerOptions": {"paths": {"@inner/*": ["./src/*"]}}}`,
      },
      "deep",
    ],
    [
      "an ES module that waits at its top level (case 52)",
      {
        "main.mjs": `import {late} from "./late.mjs"; const more = await Promise.resolve(1); export const subject = () => late + more;`,
        "late.mjs": `await new Promise((resolve) => setTimeout(resolve, 5)); export const late = 41;`,
      },
      42,
    ],
    [
      "re-exports, also of all (case 50)",
      {
        "main.mjs": `export {subject} from "./middle.mjs";`,
        "middle.mjs": `export * from "./end.mjs"; export {default} from "./end.mjs";`,
        "end.mjs": `export const subject = () => "end"; export default 1;`,
      },
      "end",
    ],
    [
      "re-exports in TypeScript",
      {
        "main.ts": `export * from "./middle"; export {subject as other} from "./middle";`,
        "middle.ts": `export const subject = (): string => "end";`,
      },
      "end",
    ],
    [
      "JSON in an ES module, and in TypeScript",
      {
        "main.mjs": `import data from "./data.json" with {type: "json"}; import {more} from "./more.cjs"; export const subject = () => [data.answer, more];`,
        "more.cjs": `exports.more = require("./data.json").answer + 1;`,
        "data.json": `{"answer": 42}`,
      },
      [42, 43],
    ],
    [
      "ES modules that import each other",
      {
        "main.mjs": `import {odd} from "./odd.mjs"; export const even = (n) => n === 0 || odd(n - 1); export const subject = () => [even(10), odd(10)];`,
        "odd.mjs": `import {even} from "./main.mjs"; export const odd = (n) => n !== 0 && even(n - 1);`,
      },
      [true, false],
    ],
    [
      "TypeScript files that import each other",
      {
        "main.ts": `import {odd} from "./odd"; export const even = (n: number): boolean => n === 0 || odd(n - 1); export const subject = (): boolean[] => [even(10), odd(10)];`,
        "odd.ts": `import {even} from "./main"; export const odd = (n: number): boolean => n !== 0 && even(n - 1);`,
      },
      [true, false],
    ],
    [
      "CommonJS with all that it has",
      {
        "main.cjs": `#!/usr/bin/env node
          const {basename} = require("node:path"); const other = require("./other");
          exports.subject = () => [other(), basename(__filename), basename(module.filename), typeof require.resolve, this === module.exports];`,
        "other.js": `module.exports = () => require("./lazy.cjs").lazy;`,
        "lazy.cjs": `exports.lazy = "lazy";`,
      },
      ["lazy", "main.cjs", "main.cjs", "function", true],
    ],
    [
      "an ES module that imports CommonJS, by names and as a whole",
      {
        "main.mjs": `import whole, {a} from "./classic.cjs"; import * as all from "./classic.cjs"; export const subject = () => [whole.a, a, typeof all.default];`,
        "classic.cjs": `exports.a = 1; for (const name of ["b"]) exports[name] = 2;`,
      },
      [1, 1, "object"],
    ],
    [
      "import() of another file, and import.meta",
      {
        "main.mjs": `export const subject = async () => [(await import("./later.mjs")).later, import.meta.filename.endsWith("main.mjs")];`,
        "later.mjs": `export const later = 1;`,
      },
      [1, true],
    ],
    [
      "import() in TypeScript and in CommonJS",
      {
        "main.ts": `export const subject = async (): Promise<unknown> => [(await import("./later")).later, await require("./classic.cjs").load()];`,
        "later.ts": `export const later: number = 1;`,
        "classic.cjs": `exports.load = async () => (await import("./module.mjs")).value;`,
        "module.mjs": `export const value = await 2;`,
      },
      [1, 2],
    ],
  ];

  for (const [name, files, gives] of kinds) {
    test(`runs elsewhere without its files: ${name}`, async () => {
      write(files);
      const subject = await load(`./${Object.keys(files)[0]!}`);
      const {code} = capture(subject);
      remove();
      assert.deepEqual(await elsewhere.runShipped(code), gives);
    });
  }

  test("runs in the version that the submitter had, each in its own", async () => {
    for (const ending of ["ts", "mjs", "cjs"]) {
      const text = (version: number) =>
        ending === "cjs"
          ? `const v = require("./inner.cjs").v; exports.subject = () => [v, ${version}]`
          : `import {v} from "./inner.${ending}"; export const subject = () => [v, ${version}];`;
      const inner = (version: number) =>
        ending === "cjs" ? `exports.v = ${version}` : `export const v = ${version};`;
      const codes: ShippedCode[] = [];
      for (const [i, [outerVersion, innerVersion]] of [
        [1, 1],
        [1, 22],
        [333, 22],
      ].entries()) {
        write({[`main.${ending}`]: text(outerVersion!), [`inner.${ending}`]: inner(innerVersion!)});
        codes.push(capture(await load(`./main.${ending}`)).code);
        // Edited, but not imported again.
        write({[`inner.${ending}`]: inner(4444 + i)});
      }
      const results = [];
      for (const code of [...codes, ...codes]) results.push(await elsewhere.runShipped(code));
      const each = [
        [1, 1],
        [22, 1],
        [22, 333],
      ];
      assert.deepEqual(results, [...each, ...each], ending);
    }
  });

  test("leaves the last of its versions behind, here and there, however often it is edited", async () => {
    const url = new URL("../../../cluster/shipping/source/thunk.js", import.meta.url).href;
    for (let version = 0; version < 120; version++) {
      write({"edited.ts": `export const subject = (): number => ${1000 + version};`});
      assert.equal(await elsewhere.run(await load("./edited.ts")), 1000 + version);
    }
    const count = async (url: string) => {
      const {__tasklab} = globalThis as unknown as {__tasklab: Pick<Importer, "import">};
      const sources = (await __tasklab.import(url)).sources as Map<string, unknown>;
      return [...sources.keys()].filter((name) => name.includes("/edited.ts")).length;
    };
    assert.equal([...sources.keys()].filter((name) => name.includes("/edited.ts")).length, 1);
    assert.equal(await elsewhere.run(count, url), 50);
  });

  test("is there once for each version: its state stays from task to task", async () => {
    write({
      "count.ts": "let count = 0; export const up = (): number => ++count;",
      "a.ts": `import {up} from "./count"; export const a = (): number => up();`,
      "b.ts": `export {up as b} from "./count";`,
      "count.mjs": "let count = 0; export const up = () => ++count;",
      "c.mjs": `import {up} from "./count.mjs"; export const c = () => up();`,
    });
    const [a, b, up] = [
      await load("./a.ts", "a"),
      await load("./b.ts", "b"),
      await load("./count.ts", "up"),
    ];
    for (const [i, fn] of [a, b, up, a].entries()) assert.equal(await elsewhere.run(fn), i + 1);
    const [c, native] = [await load("./c.mjs", "c"), await load("./count.mjs", "up")];
    for (const [i, fn] of [c, native, c].entries()) assert.equal(await elsewhere.run(fn), i + 1);
  });

  test("gives its classes to arguments and results, which are instances here and there", async () => {
    for (const ending of ["ts", "mjs"]) {
      write({
        [`model.${ending}`]: `export class Model { constructor(n) { this.n = n; } }
          export const next = (model) => { if (!(model instanceof Model)) throw new Error("a stranger"); return new Model(model.n + 1); };`,
        [`use.${ending}`]: "export const read = (model) => model.constructor.name + model.n;",
      });
      const Model = (await importer.import(`./model.${ending}`)).Model as new (n: number) => {
        n: number;
      };
      const next = await load(`./model.${ending}`, "next");
      const result = await elsewhere.run(next, new Model(1));
      assert.ok(result instanceof Model);
      assert.equal(result.n, 2);
      // A function that knows nothing of the class takes an instance as well.
      const read = capture(await load(`./use.${ending}`, "read")).code;
      const argument = new Model(7);
      write({[`model.${ending}`]: "throw new Error('not this one')"});
      const code = withParts(read, encode([argument], "it").parts);
      assert.equal(await elsewhere.runShipped(code, argument), "Model7");
    }
  });

  test("is refused in another version than the one that a value was made with", async () => {
    write({"model.mjs": "export class Model {}", "use.mjs": "export const read = () => 1;"});
    const {Model} = (await importer.import("./model.mjs")) as {Model: new () => object};
    const read = capture(await load("./use.mjs", "read")).code;
    write({"model.mjs": "export class Model { edited = true }"});
    await assert.rejects(
      elsewhere.runShipped(read, new Model()),
      /"\.\/model\.mjs" on \S+ is another version than the one that the value was made with; run again/,
    );
  });

  test("shows its own name and lines in stacks", async () => {
    write({
      "fails.ts":
        "interface Long {\n  x: number;\n}\n\nexport const subject = (): never => {\n  throw new RangeError('there');\n};",
      "fails.mjs": "\nexport const subject = () => {\n  throw new RangeError('there');\n};",
      "fails.cjs": "\nexports.subject = () => {\n  throw new RangeError('there');\n};",
    });
    const places = {ts: "6:9", mjs: "3:9", cjs: "3:9"};
    for (const [ending, place] of Object.entries(places)) {
      const error = await elsewhere.run(await load(`./fails.${ending}`)).then(
        () => assert.fail("nothing was thrown"),
        (thrown: unknown) => thrown as {remoteStack: string},
      );
      const line = error.remoteStack.split("\n").find((each) => each.includes("fails."))!;
      assert.match(
        line,
        new RegExp(`\\(?(file://)?${join(folder, `fails.${ending}`)}:${place}\\)?$`),
      );
    }
  });

  test("is shipped onward from where it arrived", async () => {
    write({
      "main.ts": `import {v} from "./inner"; export const subject = (): number => v;`,
      "inner.ts": "export const v: number = 5;",
    });
    await importer.import("./main.ts");
    const {code} = capture(Object.assign(await load("./main.ts")));
    remove();
    // As in a worker: this process has another importer.
    const arrived = await revive(code);
    assert.equal(arrived(), 5);
    assert.equal(await elsewhere.run(arrived as AnyFunction), 5);
  });

  test("that lacks a package there names it, and who needs it", async () => {
    write({
      "main.mjs": `import {there} from "only-here"; export const subject = () => there;`,
      "main.ts": `import {there} from "only-here"; export const subject = (): number => there;`,
      "node_modules/only-here/package.json": `{"name": "only-here", "main": "index.js"}`,
      "node_modules/only-here/index.js": "exports.there = 1;",
    });
    for (const ending of ["mjs", "ts"]) {
      const subject = await load(`./main.${ending}`);
      const {code} = capture(subject);
      rmSync(join(folder, "node_modules"), {recursive: true});
      await assert.rejects(elsewhere.runShipped(code), (error: Error) => {
        assert.match(
          String(error),
          /^MissingModuleError: task `subject` needs "\.\/main\.\w+", which can't be imported on \S+ \(Cannot find \w+ 'only-here'.*\); install it there$/,
        );
        return (
          error instanceof MissingModuleError &&
          (error as unknown as TaskError).place.node === "elsewhere"
        );
      });
      write({
        "node_modules/only-here/package.json": `{"name": "only-here", "main": "index.js"}`,
        "node_modules/only-here/index.js": "exports.there = 1;",
      });
    }
  });

  test("imports by a computed name what lies on the disk there, or says what is missing", async () => {
    write({
      "main.mjs": `export const subject = async (name) => (await import(name)).version;`,
      "main.ts": `export const subject = async (name: string): Promise<unknown> => (await import(name)).version;`,
      "main.cjs": `exports.subject = async (name) => require(name).version;`,
    });
    for (const ending of ["mjs", "ts", "cjs"]) {
      const {code} = capture(await load(`./main.${ending}`));
      const version = (name: string) => elsewhere.runShipped(code, name);
      const plugin = `./plugins/${ending}.cjs`;
      await assert.rejects(
        version(plugin),
        /task `subject` needs ".*\/plugins\/\w+\.cjs", which can't be imported on \S+ \(.*\); import it statically, so that it travels along$/,
      );
      write({[plugin]: "exports.version = 2;"});
      assert.equal(await version(plugin), 2);
    }
  });

  test("travels once: its text is a part of its own, which many functions share", async () => {
    write({"main.ts": "export const one = (): number => 1; export const two = (): number => 2;"});
    const [one, two] = [await load("./main.ts", "one"), await load("./main.ts", "two")];
    const [first, second] = [capture(one).code, capture(two).code];
    assert.notEqual(first.hash, second.hash);
    assert.deepEqual(
      first.parts.map(({hash}) => hash),
      second.parts.map(({hash}) => hash),
    );
  });
});
