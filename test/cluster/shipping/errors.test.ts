import assert from "node:assert/strict";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {decodeError, encodeError} from "../../../cluster/codec/codec.js";
import {
  CannotShipError,
  MissingModuleError,
  TaskError,
  UsageError,
} from "../../../cluster/index.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {setShippingHost} from "../../../cluster/shipping/names/host.js";
import {runCell} from "./cells.js";
import {Elsewhere} from "./elsewhere.js";

type AnyFunction = (...args: unknown[]) => unknown;

describe("an error thrown in another process", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  before(() => (elsewhere = new Elsewhere()));
  after(() => elsewhere.end());

  async function thrownBy(cell: string, ...args: unknown[]): Promise<TaskError> {
    const subject = (await runCell(cell)) as AnyFunction;
    return elsewhere.run(subject, ...args).then(
      () => assert.fail("nothing was thrown"),
      (error: unknown) => error as TaskError,
    );
  }

  test("is an instance of the user's own class and of TaskError", async () => {
    const error = await thrownBy(
      `class TooBig extends RangeError { constructor(size) { super("too big: " + size); this.size = size } }
       const subject = (n) => { throw new TooBig(n) }`,
      7,
    );
    assert.ok(error instanceof ((await runCell("", "TooBig")) as new () => Error));
    assert.ok(error instanceof RangeError);
    assert.ok(error instanceof TaskError);
    assert.equal(error.message, "too big: 7");
    assert.equal((error as unknown as {size: number}).size, 7);
    assert.equal(error.place.pid, elsewhere.pid);
  });

  test("has the remote stack in lines of the cell", async () => {
    const error = await thrownBy(`const a = 1;
function inner(x: number): never {
  const message = "boom " + a;
  throw new Error(message);
}
const subject = () => {
  const n: number = 1;
  return inner(n);
};`);
    assert.match(
      error.remoteStack,
      /boom 1\n    at inner \(Cell In\[\d+\]:4:9\)\n    at subject \(Cell In\[\d+\]:8:10\)/,
    );
  });

  test("in a class has its lines too", async () => {
    const error = await thrownBy(`
class Parser {
  static made = 0;
  parse(text: string) {
    throw new SyntaxError(text);
  }
}
const subject = () => new Parser().parse("x")`);
    assert.match(error.remoteStack, /at Parser\.parse \(Cell In\[\d+\]:5:11\)/);
  });

  test("keeps its chain of causes", async () => {
    const error = await thrownBy(
      `const subject = () => { throw new Error("a", {cause: new TypeError("b", {cause: {code: 3}})}) }`,
    );
    assert.ok(error.cause instanceof TypeError);
    assert.deepEqual((error.cause as Error).cause, {code: 3});
  });

  test("by an import of a file that is not there says so, and what to do", async () => {
    const error = await thrownBy(
      "const name = './not-there.ts'; const subject = async () => await import(name);",
    );
    assert.ok(error instanceof MissingModuleError);
    assert.match(
      error.message,
      /^task `subject` needs "\.\/not-there\.ts", which can't be imported on \S+ \(Cannot find module .*\); import it statically, so that it travels along$/,
    );
    assert.match(error.remoteStack, /at subject \(Cell In\[\d+\]:1:\d+\)/);
  });

  test("that is no error becomes one, with what was thrown as its cause", async () => {
    const three = await thrownBy(`const subject = () => { throw 3 }`);
    assert.ok(three instanceof TaskError);
    assert.equal(
      three.message,
      "task `subject` threw 3, which is not an Error (it is this error's `cause`)",
    );
    assert.equal(three.cause, 3);
    const object = await thrownBy(`const subject = async () => { throw {a: 1} }`);
    assert.deepEqual(object.cause, {a: 1});
    assert.match(
      (await thrownBy(`const subject = () => { throw undefined }`)).message,
      /threw undefined/,
    );
  });

  test("that is itself what can't travel says what it was", async () => {
    const other = await thrownBy(`const subject = () => { throw new WeakMap() }`);
    assert.match(other.message, /which is not an Error, and which does not travel$/);
    assert.ok(other.cause instanceof CannotShipError);
    assert.ok(other instanceof TaskError);
  });

  test("says that a function is no result, and what to do", async () => {
    const root = await thrownBy(`const subject = () => function helper() {}`);
    assert.ok(root instanceof CannotShipError);
    assert.equal(
      root.message,
      "task `subject` returned a function (`helper`), which is no result; return what it would compute, or define it in a cell and call it there",
    );
    const nested = await thrownBy(`const subject = () => ({handlers: [() => 1]})`);
    assert.ok(nested instanceof CannotShipError);
    assert.match(
      nested.message,
      /^cannot ship the result of `subject`: \.handlers → \[0\] is a function \(`anonymous`\); return what/,
    );
    const handle = await thrownBy(`const subject = () => ({f: new WeakMap()})`);
    assert.match(handle.message, /^cannot ship the result of `subject`: \.f is a WeakMap/);
  });
});

describe("what can't be shipped is named with the way that leads to it", () => {
  const handle =
    " is a net.Socket (an operating-system handle); create it inside the task, or use an actor";
  const ways: [cell: string, way: string][] = [
    ["const db = {pool: [way]}; const subject = () => db", "captured variable `db` → .pool → [0]"],
    [
      "const map = new Map([['k', way]]); const subject = () => map",
      'captured variable `map` → .get("k")',
    ],
    [
      "const keyed = new Map([[{}, way]]); const subject = () => keyed",
      "captured variable `keyed` → value 0",
    ],
    [
      "const keys = new Map([[way, 1]]); const subject = () => keys",
      "captured variable `keys` → key 0",
    ],
    [
      "const set = new Set([1, way]); const subject = () => set",
      "captured variable `set` → element 1",
    ],
    [
      "const got = {get x() { return way }}; const subject = () => got",
      "captured variable `got` → .x → function `get x` → captured variable `way`",
    ],
    [
      "const sym = {[Symbol('conn')]: way}; const subject = () => sym",
      "captured variable `sym` → [Symbol(conn)]",
    ],
    [
      "const odd = {'a b': [1, {c: way}]}; const subject = () => odd",
      'captured variable `odd` → ["a b"] → [1] → .c',
    ],
    [
      "class Field { conn = way } const field = new Field(); const subject = () => field",
      "captured variable `field` → its prototype → class `Field` → captured variable `way`",
    ],
    [
      "class Pool { static all = [way] } const subject = () => Pool",
      "captured variable `Pool` → class `Pool` → .all → [0]",
    ],
    [
      "const make = () => { const inner = () => way; return () => inner() }; const made = make(); const subject = () => made()",
      "captured variable `made` → function `anonymous` → captured variable `inner` → function `inner` → captured variable `way`",
    ],
    [
      "const error = new Error('x', {cause: {way}}); const subject = () => error",
      "captured variable `error` → .cause → .way",
    ],
    [
      "const round = {}; round.self = round; round.list = [round, {back: round, way}]; const subject = () => round",
      "captured variable `round` → .list → [1] → .way",
    ],
    [
      "let deep = way; for (let i = 0; i < 500; i++) deep = {deep}; const subject = () => deep",
      "captured variable `deep` → .deep → .deep → .deep → … → .deep → .deep → .deep → .deep → .deep → .deep → .deep → .deep",
    ],
  ];
  for (const [cell, way] of ways)
    test(way, async () => {
      await runCell("import net from 'node:net'; const way = new net.Socket(); const subject = 0");
      const subject = (await runCell(cell)) as AnyFunction;
      assert.throws(() => capture(subject), {message: `cannot ship \`subject\`: ${way}${handle}`});
    });
});

describe("errors of the library", () => {
  test("stay instances of their classes", () => {
    const error = decodeError(encodeError(new UsageError("wrong")));
    assert.ok(error instanceof UsageError);
    assert.ok(!(error instanceof TaskError));
    const refused = decodeError(encodeError(new CannotShipError("no", [".a"])));
    assert.ok(refused instanceof CannotShipError);
    assert.deepEqual(refused.path, [".a"]);
  });
});

describe("an error whose class can't be had", () => {
  test("keeps name, message, stack and place, and says why", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tasklab-"));
    const file = join(folder, "package.cjs");
    writeFileSync(file, "exports.Gone = class Gone extends Error { name = 'Gone' };");
    try {
      const {Gone} = createRequire(import.meta.url)(file) as {Gone: new (m: string) => Error};
      setShippingHost({
        describe: (value) => (value === Gone ? {specifier: file, export: "Gone"} : undefined),
      });
      const frames = encodeError(new Gone("bye"), {fn: "f", task: "t", pid: 1, node: "n"});
      rmSync(file);
      Reflect.deleteProperty(createRequire(import.meta.url).cache, file);
      const error = decodeError(frames);
      assert.equal(error.name, "Gone");
      assert.equal(error.message, "bye");
      assert.ok(error instanceof TaskError);
      assert.match(
        (error.cause as Error).message,
        /needs ".*package\.cjs", which can't be imported on /,
      );
    } finally {
      setShippingHost({describe: () => undefined});
      rmSync(folder, {recursive: true});
    }
  });
});
