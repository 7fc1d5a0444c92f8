// Imports of local modules: cases 49 to 53. Both processes are those of one notebook, whose folder
// has them.

import assert from "node:assert/strict";
import {capture} from "../../../../cluster/shipping/capture.js";
import type {Case} from "../cases.js";

export const localFiles: Record<string, string> = {
  "shapes.ts": `export enum Side {Left = 3, Right}
    export class Square { #side: number; constructor(side: number) { this.#side = side } area(): number { return this.#side ** 2 } }
    let calls = 0; export const called = (): number => ++calls; export default (x: number): number => x * Side.Left;`,
  "again.ts": `export {Square as Box, called} from "./shapes.js"; export * as shapes from "./shapes.js";`,
  "later.mjs": `export const answer = await Promise.resolve(42); export const half = () => answer / 2;`,
  "data.json": `{"level": 7}`,
};

export const imports: Case[] = [
  {
    name: "49 default, named, namespace, JSON and type-only imports",
    cells: `import triple, {Square, type Side} from "./shapes.ts"; import * as shapes from "./shapes.ts"; import data from "./data.json";
      const subject = (side: Side = 2) => [triple(2), new Square(side).area(), shapes.Side.Right, data.level]`,
    gives: [6, 4, 4, 7],
  },
  {
    name: "50 what a module exports from another one",
    cells: `import {Box, called as count, shapes as all} from "./again.ts"; const subject = () => [new Box(3).area(), count(), all.Side[3]]`,
    gives: [9, 1, "Left"],
  },
  {
    name: "52 a module that awaits at its top level",
    cells: `import {answer, half} from "./later.mjs"; const subject = () => [answer, half()]`,
    gives: [42, 21],
  },
  {
    name: "53 a local TypeScript module, also loaded by the function itself",
    cells: `const subject = async () => { const {Side, Square} = await import("./shapes.ts"); return [Side.Left, new Square(5).area()] }`,
    gives: [3, 25],
  },
  {
    name: "53 an imported function goes by its name, not by its text",
    cells: `import {called} from "./shapes.ts"; const subject = () => typeof called()`,
    steps: (elsewhere, subject) => {
      const sent = Buffer.concat(capture(subject).code.frames).toString("latin1");
      assert.match(sent, /\.\/shapes\.ts/);
      assert.doesNotMatch(sent, /\+\+calls/);
      return elsewhere.run(subject);
    },
    gives: "number",
  },
];
