// Imported names in shipped functions: both processes are those of one notebook, and import for themselves.

import assert from "node:assert/strict";
import {mkdtempSync, realpathSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {enterNotebook} from "../../../cluster/notebook.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {runCell} from "./cells.js";
import {Elsewhere} from "./elsewhere.js";

type AnyFunction = (...args: unknown[]) => unknown;

const files: Record<string, string> = {
  "shapes.ts": `export enum Side {Left = 3, Right}
    export class Square { #side: number; constructor(side: number) { this.#side = side } area(): number { return this.#side ** 2 } }
    let calls = 0; export const called = (): number => ++calls; export default (x: number): number => x * Side.Left;`,
  "again.ts": `export {Square as Box, called} from "./shapes.js"; export * as shapes from "./shapes.js";`,
  "later.mjs": `export const answer = await Promise.resolve(42); export const half = () => answer / 2;`,
  "data.json": `{"level": 7}`,
};

/** `gives` is asked of the other process. */
const cases: {name: string; cell: string; gives: unknown}[] = [
  {
    name: "49 default, named, namespace, JSON and type-only imports",
    cell: `import triple, {Square, type Side} from "./shapes.ts"; import * as shapes from "./shapes.ts"; import data from "./data.json";
      const subject = (side: Side = 2) => [triple(2), new Square(side).area(), shapes.Side.Right, data.level]`,
    gives: [6, 4, 4, 7],
  },
  {
    name: "50 what a module exports from another one",
    cell: `import {Box, called as count, shapes as all} from "./again.ts"; const subject = () => [new Box(3).area(), count(), all.Side[3]]`,
    gives: [9, 1, "Left"],
  },
  {
    name: "52 a module that awaits at its top level",
    cell: `import {answer, half} from "./later.mjs"; const subject = () => [answer, half()]`,
    gives: [42, 21],
  },
  {
    name: "53 a local TypeScript module, also loaded by the function itself",
    cell: `const subject = async () => { const {Side, Square} = await import("./shapes.ts"); return [Side.Left, new Square(5).area()] }`,
    gives: [3, 25],
  },
];

describe("a shipped function that uses imports", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  let folder = "";
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "imports-")));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    enterNotebook(folder);
    elsewhere = new Elsewhere(folder);
  });
  after(() => {
    elsewhere.end();
    rmSync(folder, {recursive: true});
  });

  for (const {name, cell, gives} of cases)
    test(name, async () => {
      const subject = (await runCell(cell)) as AnyFunction;
      assert.deepEqual(await elsewhere.run(subject), gives);
    });

  test("53 an imported function goes by its name, not by its text", async () => {
    const subject = (await runCell(
      `import {called} from "./shapes.ts"; const subject = () => called()`,
    )) as AnyFunction;
    const sent = Buffer.concat(capture(subject).code.frames).toString("latin1");
    assert.match(sent, /\.\/shapes\.ts/);
    assert.doesNotMatch(sent, /\+\+calls/);
  });
});
