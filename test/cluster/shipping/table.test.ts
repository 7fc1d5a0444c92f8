// All 73 cases of the research's list, each shipped to another process: one table.

import assert from "node:assert/strict";
import {mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {fileURLToPath} from "node:url";
import {CannotShipError} from "../../../cluster/errors.js";
import {enterNotebook} from "../../../cluster/notebook.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {cases} from "./cases.js";
import {localFiles} from "./cases/imports.js";
import {runCell} from "./cells.js";
import {type AnyFunction, Elsewhere} from "./elsewhere.js";

describe("a function of a cell, shipped to another process", {timeout: 120_000}, () => {
  let elsewhere: Elsewhere;
  let folder = "";
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "table-")));
    for (const [name, text] of Object.entries(localFiles)) writeFileSync(join(folder, name), text);
    symlinkSync(packages(), join(folder, "node_modules"));
    enterNotebook(folder);
    elsewhere = new Elsewhere(folder);
  });
  after(() => {
    elsewhere.end();
    rmSync(folder, {recursive: true});
  });

  for (const {name, cells, args = [], gives, refused, steps, compilerOptions} of cases) {
    test(name, async () => {
      let value: unknown;
      for (const cell of [cells].flat()) value = await runCell(cell, "subject", compilerOptions);
      const subject = value as AnyFunction;
      if (refused) return checkRefused(subject, refused);
      const result = await (steps ? steps(elsewhere, subject) : elsewhere.run(subject, ...args));
      assert.deepEqual(result, gives ?? (await subject(...(args as never[]))));
    });
  }
});

function checkRefused(subject: AnyFunction, refused: RegExp): void {
  assert.throws(
    () => capture(subject),
    (error) =>
      (error instanceof CannotShipError && refused.test(error.message)) ||
      assert.fail(String(error)),
  );
}

/** The folder of packages that this project has. */
function packages(): string {
  const [found] = /.*\/node_modules(?=\/acorn\/)/.exec(
    fileURLToPath(import.meta.resolve("acorn")),
  )!;
  return found;
}

test("each of the 73 cases of the list has a test", () => {
  const numbers = new Set(cases.map(({name}) => Number.parseInt(name)));
  const missing = Array.from({length: 73}, (_, i) => i + 1).filter((n) => !numbers.has(n));
  assert.deepEqual(missing, []);
});
