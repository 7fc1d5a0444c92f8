// Large values that a function captures: they travel apart from it, once, and belong to each task
// alone.

import assert from "node:assert/strict";
import {after, before, beforeEach, describe, test} from "node:test";
import {SequentialBackend} from "../../../cluster/backends/sequential.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {get, remote} from "../../../cluster/index.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {host, setShippingHost} from "../../../cluster/shipping/names/host.js";
import {runCell} from "./cells.js";
import {Elsewhere} from "./elsewhere.js";

type AnyFunction = (...args: unknown[]) => unknown;

describe("a large captured value", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  const notes: string[] = [];
  const {note} = host;
  before(() => {
    elsewhere = new Elsewhere();
    setShippingHost({note: (text) => void notes.push(text)});
  });
  after(() => {
    elsewhere.end();
    setShippingHost({note});
  });
  beforeEach(() => void (notes.length = 0));

  const subject = async (cell: string) => (await runCell(cell)) as AnyFunction;

  // Cells whose `subject` gives something of a large value; how many parts there are beside the
  // text.
  const kinds: [name: string, cell: string, gives: unknown, parts: number][] = [
    [
      "a typed array",
      "const big = new Float64Array(50_000).fill(2); const subject = () => big.length + big[7]",
      50_002,
      1,
    ],
    [
      "a part of a buffer",
      "const whole = Buffer.alloc(500_000, 'ab'); const part = whole.subarray(1, 400_001); const subject = () => [part.length, part.toString('utf8', 0, 2), Buffer.isBuffer(part)]",
      [400_000, "ba", true],
      1,
    ],
    [
      "two arrays on one memory, which they still share",
      "const one = new Float64Array(50_000); const two = new Uint8Array(one.buffer); const subject = () => { one[0] = 1; return [two[7], one.buffer === two.buffer] }",
      [63, true],
      1,
    ],
    [
      "a DataView and an ArrayBuffer",
      "const memory = new ArrayBuffer(200_000); const view = new DataView(memory, 8); const subject = () => { view.setInt8(0, 5); return new Int8Array(memory)[8] }",
      5,
      1,
    ],
    [
      "a list of numbers",
      "const list = Array.from({length: 50_000}, (_, i) => -i); const subject = () => [list.length, Object.is(list[0], -0), list[2]]",
      [50_000, true, -2],
      1,
    ],
    [
      "a list of lists of numbers",
      "const rows = Array.from({length: 300}, (_, i) => Array.from({length: 300}, (_, j) => i * j)); const subject = () => rows[20][30] + rows.length",
      900,
      1,
    ],
    [
      "a string",
      "const text = 'ä€😀'.repeat(60_000); const subject = () => [text.length, text.slice(-4)]",
      [240_000, "ä€😀"],
      1,
    ],
    [
      "the same string twice",
      "const once = 'x'.repeat(200_000); const twice = {once, again: once}; const subject = () => twice.again.length",
      200_000,
      1,
    ],
    [
      "records",
      "const records = Array.from({length: 10_000}, (_, id) => ({id, name: `n${id}`})); const subject = () => records[9_999].name",
      "n9999",
      1,
    ],
    [
      "a Map of instances with dates, whose class is not in the piece",
      "class Visit { constructor(at) { this.at = at } get year() { return this.at.getUTCFullYear() } } const visits = new Map(Array.from({length: 10_000}, (_, i) => [`v${i}`, new Visit(new Date(0))])); const subject = () => [visits.get('v5').year, visits.get('v6') instanceof Visit, visits.size]",
      [1970, true, 10_000],
      1,
    ],
    [
      "records with functions that use the whole, and an object twice",
      "const town = {name: 'Ulm'}; let asked = 0; const people = Array.from({length: 10_000}, (_, id) => ({id, town, all: 0})); people[0].all = () => (asked++, people); const subject = () => { people[1].id = -1; return [people[0].all()[1].id, people[5].town === people[6].town, asked] }",
      [-1, true, 1],
      1,
    ],
    [
      "records beside large memory of their own",
      "const frames = Array.from({length: 10_000}, (_, id) => ({id})); frames[0].pixels = new Uint8Array(200_000).fill(3); frames[1].pixels = frames[0].pixels.subarray(5); const subject = () => { frames[0].pixels[5] = 9; return frames[1].pixels[0] }",
      9,
      2,
    ],
    [
      "a table and its index, which share their records and so stay with the function",
      "const table = Array.from({length: 10_000}, (_, id) => ({id})); const index = new Map(table.map((row) => [`k${row.id}`, row])); const subject = () => { table[3].id = 'seen'; return index.get('k3').id }",
      "seen",
      0,
    ],
  ];

  for (const [name, cell, gives, count] of kinds) {
    test(`arrives whole, apart from the function: ${name}`, async () => {
      const fn = await subject(cell);
      const {code} = capture(fn);
      assert.equal(code.parts.length, 1 + count);
      if (count > 0) assert.ok(code.frames.every((frame) => frame.byteLength < 5_000));
      assert.deepEqual(await elsewhere.runShipped(code), gives);
      assert.deepEqual(capture(fn).code.hash, code.hash, "it has not changed");
    });
  }

  test("is that of the moment when the task is submitted", async () => {
    const fn = await subject("const now = new Float64Array(50_000); const subject = () => now[1]");
    const first = capture(fn).code;
    await runCell("now[1] = 5");
    const second = capture(fn).code;
    assert.equal(second.parts.at(-1), first.parts.at(-1), "its text is the same");
    assert.equal(await elsewhere.runShipped(first), 0);
    assert.equal(await elsewhere.runShipped(second), 5);
  });

  // How a cell changes `rows` after it was captured; what the function gives then.
  const changes: [name: string, cell: string, gives: unknown][] = [
    ["a number", "rows[9].id = -0", [true, 10_000, "id"]],
    ["a record for another", "rows[9] = {id: -0}", [true, 10_000, "id"]],
    ["its length", "rows.push({id: 0})", [false, 10_001, "id"]],
    [
      "the order of keys",
      "delete rows[0].id; rows[0].first = 1; rows[0].id = 0",
      [false, 10_000, "first,id"],
    ],
    ["nothing", "", [false, 10_000, "id"]],
  ];
  for (const [name, cell, gives] of changes) {
    test(`of plain objects is looked at for each task; what changed: ${name}`, async () => {
      const fn = await subject(
        "let rows = Array.from({length: 10_000}, (_, id) => ({id})); const subject = () => [Object.is(rows[9].id, -0), rows.length, Object.keys(rows[0]).join()]",
      );
      const first = capture(fn).code;
      await runCell(cell, "rows");
      const second = capture(fn).code;
      assert.equal(second.parts[0] === first.parts[0], cell === "");
      assert.deepEqual(await elsewhere.runShipped(first), [false, 10_000, "id"]);
      assert.deepEqual(await elsewhere.runShipped(second), gives);
    });
  }

  test("of plain objects does not travel again when others change", async () => {
    const fn = await subject(
      "let factor = {by: 1}; const ids = Array.from({length: 10_000}, (_, id) => ({id})); const subject = () => { ids[1].id += 1; return ids[1].id * factor.by }",
    );
    const first = capture(fn).code;
    await runCell("factor.by = 10");
    const second = capture(fn).code;
    assert.notEqual(second.hash, first.hash);
    assert.deepEqual(
      second.parts.map(({hash}) => hash),
      first.parts.map(({hash}) => hash),
    );
    for (let i = 0; i < 2; i++) assert.equal(await elsewhere.runShipped(second), 20);
  });

  test("that can't travel is named by the way to it, also when it could before", async () => {
    const fn = await subject(
      "const jobs = Array.from({length: 10_000}, (_, id) => ({id, run: null})); let handle = 1; jobs[7].run = () => handle; const subject = () => jobs.length",
    );
    capture(fn);
    await runCell("handle = setTimeout(() => {}, 0)", "handle");
    assert.throws(
      () => capture(fn),
      /captured variable `jobs` → \[7\] → \.run → function `.*` → captured variable `handle` is a Timeout/,
    );
  });

  test("is not seen by one task as another has changed it, on any backend", async () => {
    const fn = await subject(
      "const own = new Float64Array(50_000); const subject = () => ++own[0]",
    );
    for (let i = 0; i < 3; i++) assert.equal(await elsewhere.run(fn), 1);
    const before = setAmbient({backend: new SequentialBackend()});
    const counts = remote(fn);
    assert.deepEqual(await get([counts.remote(), counts.remote()]), [1, 1]);
    setAmbient(before);
    assert.equal(((await runCell("", "own")) as Float64Array)[0], 0);
  });

  test("is said with its size, whatever it is made of", async () => {
    const before = setAmbient({backend: new SequentialBackend()});
    const plain = await subject(
      "const rows = Array.from({length: 10_000}, (_, id) => ({id, name: `n${id}`})); const index = new Map(rows.map(({id}) => [`key of ${id}`, [id]])); const words = Array.from({length: 30_000}, (_, i) => `w${i}`); function count() { return rows.length + index.size + words.length } const subject = count",
    );
    await get(remote(plain).remote());
    setAmbient(before);
    const sizes = notes.map((note) => /`(\w+)` along, (\d+) kB: it goes/.exec(note)!.slice(1));
    assert.deepEqual(
      sizes.map(([name]) => name),
      ["rows", "index", "words"],
    );
    for (const [name, kilobytes] of sizes)
      assert.ok(Number(kilobytes) > 100 && Number(kilobytes) < 500, `${name} is ${kilobytes} kB`);
    const {large, sizeBytes} = capture(plain);
    const sum = [...large.values()].reduce((total, each) => total + each, 0);
    assert.ok(sum <= sizeBytes && sum > sizeBytes - 5000, `${sum} of ${sizeBytes} bytes`);
  });

  test("is said once, with its name and size", async () => {
    const before = setAmbient({backend: new SequentialBackend()});
    const fn = await subject(
      "const matrix = new Float64Array(8_000_000); const small = [1]; function weigh() { return matrix.length + small[0] } const subject = weigh",
    );
    const weigh = remote(fn);
    await get([weigh.remote(), weigh.remote(), remote(fn).remote()]);
    setAmbient(before);
    assert.deepEqual(notes, [
      "`weigh` takes captured variable `matrix` along, 64 MB: it goes to each worker once, and each task has a copy of its own",
    ]);
  });
});
