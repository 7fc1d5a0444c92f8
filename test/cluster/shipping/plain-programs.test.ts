// Functions that no emitter of ours has touched: V8 itself tells what they capture.

import assert from "node:assert/strict";
import {createRequire} from "node:module";
import {after, before, describe, test} from "node:test";
import {remote} from "../../../cluster/index.js";
import {MissingModuleError, TaskError} from "../../../cluster/errors.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {revive} from "../../../cluster/shipping/revive.js";
import {Elsewhere} from "./elsewhere.js";
import {
  counter,
  fails,
  maker,
  readLevel,
  scaled,
  separate,
  setLevel,
  Shape,
  sharing,
  visitTwice,
  withThis,
  work,
} from "./local-module.js";

const semver = createRequire(import.meta.url)("semver") as {
  valid(version: string): string;
  SemVer: new (version: string) => object;
};

describe("a function of a plain program", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  before(() => (elsewhere = new Elsewhere()));
  after(() => elsewhere.end());

  test("travels with the module's variables, classes and imports", async () => {
    assert.deepEqual(await elsewhere.run(work as never, 2), [6, "b", 13, 1, 1]);
    assert.equal(Shape.made, 0);
  });
  test("imports by itself what it needs, from where it was written", async () => {
    const join = async () => (await import("node:path")).posix.join("a", "b");
    const load = async (name: string) =>
      Object.keys((await import(name)) as object).includes("work");
    assert.equal(await elsewhere.run(join), "a/b");
    assert.equal(await elsewhere.run(load, "./local-module.js"), true);
  });
  test("that is a closure keeps what is its own", async () => {
    assert.equal(await elsewhere.run(maker(4)), 7);
    assert.equal(await elsewhere.run(maker(5)), 8);
  });
  test("sees a variable that was assigned since", async () => {
    assert.equal(await elsewhere.run(readLevel), 1);
    setLevel(2);
    assert.equal(await elsewhere.run(readLevel), 2);
  });
  test("shares the module's variables with the others", async () => {
    assert.deepEqual(await elsewhere.run(visitTwice), [2, 2]);
    assert.deepEqual(visitTwice(), [2, 2]);
  });
  test("counts for itself, one counter for each call", async () => {
    const [[up], [other]] = [counter(), counter()];
    const counters = [up, up, other];
    const each = Object.assign(() => each.counters.map((count) => count()), {counters});
    assert.deepEqual(await elsewhere.run(each), [1, 2, 1]);
  });
  test("shares its variable with the others of its call, and with none of another", async () => {
    const counters = [...counter(), ...counter()];
    const all = Object.assign(() => all.counters.map((count) => count()), {counters});
    assert.deepEqual(await elsewhere.run(all), [1, 1, 1, 1]);
    assert.deepEqual(all(), [1, 1, 1, 1]);
  });
  for (const [name, list] of Object.entries(sharing))
    test(`shares its variable with another one ${name}`, async () => {
      const all = Object.assign(() => [...all.list, ...all.list].map((fn) => fn()), {list});
      const there = await elsewhere.run(all);
      assert.deepEqual(there, all());
    });
  for (const [name, list] of Object.entries(separate))
    test(`is one of several with variables of their own ${name}`, async () => {
      const all = Object.assign(() => all.list.map((fn) => fn()), {list});
      assert.deepEqual(await elsewhere.run(all), all());
    });
  test("imports while it runs: Node's modules, packages, and files beside its own", async () => {
    const imports = async () => {
      const {join} = await import("node:path");
      const acorn = await import("acorn");
      const beside = await import("./local-module.js");
      return [join("x", "y"), typeof acorn.parse, beside.maker(4)()];
    };
    assert.deepEqual(await elsewhere.run(imports), ["x/y", "function", 7]);
  });
  test("says which module it lacks that it imports while it runs, where, and what to do", async () => {
    const load = (name: string) => import(name);
    const required = (name: string) => createRequire("/nowhere/")(name) as unknown;
    const cases: [typeof load | typeof required, string, RegExp][] = [
      [
        load,
        "./plugins/none.js",
        /"\/.*\/plugins\/none\.js", .*; import it statically, so that it/,
      ],
      [load, "no-such-package", /"no-such-package", .*; install it there$/],
      [
        required,
        "./none.cjs",
        /"\.\/none\.cjs", .*; import it statically, so that it travels along$/,
      ],
      [required, "no-such-package", /"no-such-package", .*; install it there$/],
    ];
    for (const [fn, name, says] of cases) {
      const error = await elsewhere.run(fn as never, name).then(
        () => assert.fail("nothing was thrown"),
        (thrown: Error) => thrown,
      );
      assert.ok(error instanceof MissingModuleError && error instanceof TaskError);
      assert.match(error.message, says);
      assert.match(
        error.message,
        /^task `subject` needs .*, which can't be imported on \S+ \(Cannot/,
      );
      assert.match(String((error.cause as NodeJS.ErrnoException).code), /MODULE_NOT_FOUND$/);
      assert.equal(error.place.node, "elsewhere");
    }
  });
  test("with a class is refused when that keeps state of its own private", () => {
    class Cache {
      static #known = new Map<string, number>();
      static #hits = 0;
      static readonly #limit = 10;
      static find(key: string) {
        Cache.#hits++;
        return Cache.#known.get(key) ?? Cache.#limit;
      }
    }
    assert.throws(
      () => capture(() => Cache.find("a")),
      /class `Cache` is a class that keeps #known, #hits private.*make it a variable of the module/,
    );
    class Latest {
      static #key = "";
      static of(keys: [string]) {
        [Latest.#key] = keys;
        return Latest.#key;
      }
    }
    assert.throws(() => capture(() => Latest.of(["a"])), /class that keeps #key private/);
    class Rates {
      static readonly #yearly = 0.5;
      static #monthly() {
        return Rates.#yearly / 12;
      }
      static of(x: number) {
        return x * Rates.#monthly();
      }
    }
    assert.doesNotThrow(() => capture(() => Rates.of(24)));
  });
  test("is not looked at again when its variables can't have changed", () => {
    assert.equal(capture(scaled), capture(scaled));
  });
  test("names what it uses of a package, instead of sending the package's code", async () => {
    const {valid} = semver;
    for (const fn of [() => semver.valid("v1.2.3"), () => valid("v1.2.3")]) {
      const {code, sizeBytes} = capture(fn);
      assert.ok(sizeBytes < 2000, `${sizeBytes} bytes`);
      assert.equal(await elsewhere.runShipped(code), "1.2.3");
    }
    const result = await elsewhere.run(() => new semver.SemVer("1.2.3"));
    assert.ok(result instanceof semver.SemVer);
  });
  test("that uses the `this` around it is refused, with what to do", () => {
    assert.throws(
      () => capture(withThis.call({v: 1})),
      /uses the `this` of the function around it; assign it to a const/,
    );
  });
  test("that uses an undeclared name is refused before it is sent", () => {
    const undeclared = new Function("return neverDeclaredAnywhere") as () => unknown;
    assert.throws(() => capture(undeclared), /uses `neverDeclaredAnywhere`, which is not defined/);
  });
  test("names the file in its stack", async () => {
    const error = await elsewhere.run(fails).then(
      () => assert.fail("nothing was thrown"),
      (thrown: unknown) => thrown as {remoteStack: string},
    );
    assert.match(error.remoteStack, /at fails \(.*local-module\.js:\d\d:\d+\)/);
  });
});

describe("remote functions as captured values", () => {
  test("arrive as remote functions, also inside of themselves", async () => {
    const fib = remote({numCpus: 2}, (n: number): unknown => (n < 2 ? n : [fib.remote, fib]));
    const revived = await revive(capture(fib as never).code);
    const [submit, again] = revived(5) as [unknown, {local(n: number): unknown; options: unknown}];
    assert.equal(typeof submit, "function");
    assert.equal(again.local(1), 1);
    assert.equal(typeof again.options, "function");
  });
});
