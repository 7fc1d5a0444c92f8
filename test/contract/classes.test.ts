// Starts processes: a head, a node and two workers, which end with the tests.
// Classes in tasks: the same cells give the same on both backends.

import assert from "node:assert/strict";
import {after, describe, test} from "node:test";
import type {Backend} from "../../cluster/backend.js";
import {startCluster} from "../../cluster/backends/cluster.js";
import {SequentialBackend} from "../../cluster/backends/sequential.js";
import {setAmbient} from "../../cluster/context/context.js";
import {runCell} from "../cluster/shipping/cells.js";

/**
 * A case: cells, each of which ends with a `subject` that is called after the cell has run, and the
 * results of these calls.
 */
interface Row {
  title: string;
  cells: string[];
  gives: unknown[];
}

const rows: Row[] = [
  {
    title: "a static that a task changes is changed for that task alone",
    cells: [
      `class Count { static n = 0; static list = [] }
      const grow = remote(() => [++Count.n, Count.list.push(1)]);
      const subject = async () => [await get(grow.remote()), await get(grow.remote()), Count.n, Count.list];`,
    ],
    gives: [[[1, 1], [1, 1], 0, []]],
  },
  {
    title: "nor is it seen by the next task to which the class comes with an argument",
    cells: [
      `class Stats { static total = 0; add(n) { return Stats.total += n } }
      const use = remote((stats) => stats.add(1)); const stats = new Stats();
      const subject = async () => [await get(use.remote(stats)), await get(use.remote(stats)), Stats.total];`,
    ],
    gives: [[1, 1, 0]],
  },
  {
    title: "a function and a class that share a variable share it in a task",
    cells: [
      `let tally = 0; const bump = () => ++tally; class Bumper { go() { return ++tally } }
      const both = remote(() => [bump(), new Bumper().go(), bump(), tally]);
      const subject = async () => [await get(both.remote()), await get(both.remote()), tally, new Bumper().go(), tally];`,
    ],
    gives: [[[1, 2, 3, 3], [1, 2, 3, 3], 0, 1, 1]],
  },
  {
    title: "a variable of a function around them, too",
    cells: [
      `const make = () => { let n = 0; class Inner { up() { return ++n } } return {inner: new Inner(), read: () => n} };
      const one = make(); const up = remote(() => [one.inner.up(), one.read()]);
      const subject = async () => [await get(up.remote()), await get(up.remote()), one.read()];`,
    ],
    gives: [[[1, 1], [1, 1], 0]],
  },
  {
    title: "results are instances of the session's own class",
    cells: [
      `class Point { constructor(x) { this.x = x } twice() { return this.x * 2 } }
      const make = remote((x) => [new Point(x), new Point(x + 1)]);
      const subject = async () => { const points = await get(make.remote(1)); return points.map((p) => [p instanceof Point, p.constructor === Point, p.twice()]) };`,
    ],
    gives: [
      [
        [true, true, 2],
        [true, true, 4],
      ],
    ],
  },
  {
    title:
      "a task's error is an instance of the session's own class, and of the task's inside of one",
    cells: [
      `class Refused extends Error { constructor(code) { super("refused"); this.code = code } }
      const refuse = remote(() => { throw new Refused(7) });
      const caught = async () => { try { await get(refuse.remote()) } catch (error) { return [error instanceof Refused, error.code] } };
      const outer = remote(async () => caught());
      const subject = async () => [await caught(), await get(outer.remote())];`,
    ],
    gives: [
      [
        [true, 7],
        [true, 7],
      ],
    ],
  },
  {
    title: "a task that fetches an instance, late, gets one of its own class, and may return it",
    cells: [
      `class Kept { static marks = 0; constructor(n) { this.n = n } }
      const ref = put(new Kept(5));
      const fetching = remote(async (refs) => { Kept.marks = 9; await new Promise((done) => setTimeout(done, 5)); const kept = await get(refs[0]); return [kept instanceof Kept, Kept.marks, kept] });
      const subject = async () => { const [is, marks, kept] = await get(fetching.remote([ref])); return [is, marks, kept instanceof Kept, kept.n, Kept.marks] };`,
    ],
    gives: [[true, 9, true, 5, 0]],
  },
  {
    title: "a task inside of a task has classes of its own",
    cells: [
      `class Depth { static n = 0 }
      const inner = remote(() => { Depth.n += 10; return [Depth.n, new Depth()] });
      const outer = remote(async () => { Depth.n++; const [n, made] = await get(inner.remote()); return [n, made instanceof Depth, Depth.n, made] });
      const subject = async () => { const [n, is, own, made] = await get(outer.remote()); return [n, is, own, made instanceof Depth, Depth.n] };`,
    ],
    gives: [[11, true, 1, true, 0]],
  },
  {
    title: "a class that is declared anew is another one, and old instances keep theirs",
    cells: [
      `class Shape { static n = 1; area() { return Shape.n } } const old = new Shape();
      const area = remote((shape) => [shape.area(), shape instanceof Shape]);
      const subject = async () => get(area.remote(old));`,
      `class Shape { static n = 2; area() { return Shape.n * 10 } }
      const subject = async () => [await get(area.remote(old)), await get(area.remote(new Shape()))];`,
    ],
    gives: [
      [1, true],
      [
        [1, false],
        [20, true],
      ],
    ],
  },
  {
    title: "private fields travel there and back",
    cells: [
      `class Purse { #coins = 3; static #spent = 0; spend() { Purse.#spent++; this.#coins--; return this } left() { return [this.#coins, Purse.#spent] } }
      const purse = new Purse(); const spend = remote((given) => [given.spend().left(), purse.spend().left(), given]);
      const subject = async () => { const [given, own, back] = await get(spend.remote(purse)); return [given, own, back instanceof Purse, back.left(), purse.left()] };`,
    ],
    gives: [[[2, 1], [2, 2], true, [2, 0], [3, 0]]],
  },
  {
    title: "a class that extends another of a cell has the task's parent",
    cells: [
      `class Base { static made = 0; constructor() { Base.made++ } hi() { return "base" } } class Derived extends Base { hi() { return super.hi() + "+" } }
      const derive = remote(() => { const made = new Derived(); return [made.hi(), Base.made, Derived.made, made] });
      const subject = async () => { const [hi, ofBase, ofDerived, made] = await get(derive.remote()); return [hi, ofBase, ofDerived, made instanceof Base, made instanceof Derived, Base.made] };`,
    ],
    gives: [["base+", 1, 1, true, true, 0]],
  },
  {
    title: "a class that a task defines stays one class, and is not the task's here",
    cells: [
      `const define = remote(() => { class Local { static n = 0; up() { return ++Local.n } } return [new Local(), new Local()] });
      const subject = async () => { const ref = define.remote(); const [a, b] = await get(ref); const [c] = await get(ref); return [a.constructor === b.constructor, a.constructor === c.constructor, a.up(), b.up(), c.up()] };`,
    ],
    gives: [[true, true, 1, 2, 3]],
  },
];

const cluster = startCluster({workers: 2, cpus: 2});
after(() => cluster.close());
await runCell(`import {get, put, remote} from "tasklab"; const subject = 0;`);

const backends: [string, Backend][] = [
  ["one after another", new SequentialBackend()],
  ["on the cluster", cluster],
];
for (const [where, backend] of backends) {
  describe(`classes in tasks, ${where}`, {timeout: 60_000}, () => {
    for (const {title, cells, gives} of rows) {
      test(title, {timeout: 20_000}, async () => {
        const given: unknown[] = [];
        for (const cell of cells) {
          const subject = (await runCell(cell)) as () => Promise<unknown>;
          setAmbient({backend, cell: "", parent: null, depth: 0, arrivals: null});
          given.push(await subject());
        }
        assert.deepEqual(given, gives);
      });
    }
  });
}
