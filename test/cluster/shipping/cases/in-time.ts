// What is no single call: cases 28, 30, 31, 69 and 70.

import assert from "node:assert/strict";
import {setFlagsFromString} from "node:v8";
import {runInNewContext} from "node:vm";
import {capture} from "../../../../cluster/shipping/capture.js";
import type {Case} from "../cases.js";
import {runCell} from "../cells.js";
import type {AnyClass, AnyFunction, Elsewhere} from "../elsewhere.js";

setFlagsFromString("--expose-gc");

const twice = async (elsewhere: Elsewhere, subject: AnyFunction) => [
  await elsewhere.run(subject),
  await elsewhere.run(subject),
];

export const inTime: Case[] = [
  {
    name: "28 a variable that a cell changes after the task was submitted",
    cells: `let when28 = 1; const subject = () => when28`,
    steps: async (elsewhere, subject) => {
      const {code} = capture(subject);
      await runCell(`when28 = 2`);
      return [await elsewhere.runShipped(code), await elsewhere.run(subject)];
    },
    gives: [1, 2],
  },
  {
    name: "30 what one task changes is not seen by the next",
    cells: `let count30 = 0; const list30 = []; class K30 { static n = 0; static level = {x: 1} } function helper30() { return ++helper30.calls } helper30.calls = 0;
      const subject = () => [++count30, list30.push(1), ++K30.n, ++K30.level.x, helper30()]`,
    steps: twice,
    gives: [
      [1, 1, 1, 2, 1],
      [1, 1, 1, 2, 1],
    ],
  },
  {
    name: "31 what one call of an actor changes is seen by the next",
    cells: `let calls31 = 0; class subject { #n = 1; static made = 0; constructor(start) { this.start = start; subject.made++ } add(k) { calls31++; this.#n += k; return [this.start, this.#n, subject.made, calls31] } }`,
    steps: async (elsewhere, subject) => {
      await elsewhere.make(subject as unknown as AnyClass, 10);
      return [await elsewhere.call("add", 1), await elsewhere.call("add", 2)];
    },
    gives: [
      [10, 2, 1, 1],
      [10, 4, 1, 2],
    ],
  },
  {
    name: "69 an array of 64 MB goes there once, not with each task",
    cells: `const large69 = new Float64Array(8_000_000).fill(1); let round69 = 0; const subject = (i) => [large69[i]++, round69]`,
    steps: async (elsewhere, subject) => {
      const {bytes} = elsewhere.sent;
      const results: unknown[] = [];
      for (let round = 0; round < 4; round++) {
        // Other values of the function do travel again, without the array.
        await runCell(`round69 = ${round % 2}`);
        results.push(await elsewhere.run(subject, 5));
      }
      const sent = elsewhere.sent.bytes - bytes;
      assert.ok(sent > 64e6 && sent < 64e6 + 5000, `${sent} bytes were sent`);
      return results;
    },
    gives: [
      [1, 0],
      [1, 1],
      [1, 0],
      [1, 1],
    ],
  },
  {
    name: "70 a function that is submitted 100,000 times goes there once, and nothing grows",
    cells: `const step70 = 2; const add70 = (x) => x + step70; const subject = (x) => add70(x)`,
    steps: async (elsewhere, subject) => {
      await submit(elsewhere, subject, 5);
      const {pieces} = elsewhere.sent;
      const before = await heaps(elsewhere);
      const sum = await submit(elsewhere, subject, 100);
      const grown = (await heaps(elsewhere)).map((bytes, i) => bytes - before[i]!);
      // What asks for the heap there is a function too.
      assert.ok(elsewhere.sent.pieces - pieces <= 2, `${elsewhere.sent.pieces - pieces} pieces`);
      for (const bytes of grown) assert.ok(bytes < 1e6, `it grew by ${grown.join(" and ")} bytes`);
      return sum;
    },
    // The numbers up to 999, each with 2 more, a hundred times.
    gives: 100 * (499_500 + 2000),
  },
];

/** Thousands of calls at once; gives the sum of what they give. */
async function submit(
  elsewhere: Elsewhere,
  subject: AnyFunction,
  thousands: number,
): Promise<number> {
  let sum = 0;
  for (let round = 0; round < thousands; round++) {
    const calls = Array.from({length: 1000}, (_, i) => elsewhere.run(subject, i));
    for (const result of await Promise.all(calls)) sum += result as number;
  }
  return sum;
}

/** Bytes in use here and there. What has ended is free a turn later. */
async function heaps(elsewhere: Elsewhere): Promise<number[]> {
  const heapUsed = async () => {
    for (let i = 0; i < 2; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      runInNewContext("gc()");
    }
    return process.memoryUsage().heapUsed;
  };
  return [await heapUsed(), (await elsewhere.run(heapUsed)) as number];
}
