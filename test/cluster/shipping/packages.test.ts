// There is one copy of a package: what arrives is of the class that the cell's own import gives,
// and what a package keeps for itself is the receiver's own. The packages are written by the test.

import assert from "node:assert/strict";
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {after, before, describe, test} from "node:test";
import "../../../cluster/index.js";
import {enterNotebook} from "../../../cluster/notebook.js";
import {type AnyFunction, Elsewhere} from "./elsewhere.js";
import {runCell} from "./cells.js";

/**
 * The texts of a package that has an ES module and a CommonJS one, each with classes of its own.
 */
const both = (name: string): Record<string, string> => {
  const body = (face: string) => `
    class Failure extends Error { constructor(m) { super(m); this.code = "E_" + m; } }
    class Point { constructor(x) { this.x = x; } face() { return "${face}"; } }
    class Hidden { constructor(by) { this.by = by; } }
    const hide = (x) => new Hidden(x), isHidden = (x) => x instanceof Hidden;
    const fail = (m) => { throw new Failure(m); };`;
  const exported = "Failure, Point, hide, isHidden, fail";
  return {
    [`node_modules/${name}/package.json`]: `{"name": "${name}", "exports": {".": {"import": "./esm.mjs", "require": "./cjs.cjs"}}}`,
    [`node_modules/${name}/esm.mjs`]: `${body("esm")} export {${exported}};`,
    [`node_modules/${name}/cjs.cjs`]: `${body("cjs")} module.exports = {${exported}};`,
  };
};

const files: Record<string, string> = {
  ...both("thrown"),
  ...both("returned"),
  ...both("passed"),
  ...both("later"),
  ...both("required"),
  ...both("mixed"),
  ...both("inside"),
  ...both("deep"),
  "local.mjs": `import {fail} from "inside"; export {fail};`,
  "node_modules/user/index.js": `module.exports = require("deep");`,
  // As moment: all of it in one function, and objects that hold others of a class which nobody
  // exports.
  "node_modules/bundled/index.js": `(function (root, factory) { module.exports = factory(); })(this, function () {
    "use strict";
    function Locale(name) { this.name = name; }
    Locale.prototype.say = function () { return "in " + this.name; };
    var locales = {de: new Locale("de")};
    function Moment(at) { this.at = at; this.locale = locales.de; }
    Moment.prototype.format = function () { return this.at + " " + this.locale.say(); };
    function moment(at) { return new Moment(at); }
    moment.isMoment = function (x) { return x instanceof Moment && x.locale instanceof Locale; };
    return moment;
  });`,
  // As big.js and decimal.js: a prototype that does not lead to its function, and numbers that do.
  "node_modules/numbers/index.js": `var P = {plus(n) { return new this.constructor(this.n + n); }};
    function make() { function Num(n) { this.n = n; this.constructor = Num; } Num.prototype = P; return Num; }
    module.exports = make();`,
  // As d3: one package hands on another's class, whose instances hold a function that is private to
  // it.
  "node_modules/keyed/package.json": `{"name": "keyed", "type": "module", "exports": "./index.js"}`,
  "node_modules/keyed/index.js": `export class KeyedMap extends Map {
      constructor(entries, key = keyOf) { super(); Object.defineProperties(this, {_key: {value: key}}); for (const [k, v] of entries) this.set(k, v); }
      get(k) { return super.get(this._key(k)); }
      set(k, v) { return super.set(this._key(k), v); }
    }
    function keyOf(k) { return k instanceof Date ? k.getTime() : k; }`,
  // As node-fetch: what its objects keep is under symbols that nobody exports.
  "node_modules/marked/package.json": `{"name": "marked", "type": "module", "exports": "./index.js"}`,
  "node_modules/marked/index.js": `const inside = Symbol("inside"); export const mark = Symbol("mark");
    export class Reply { constructor(status) { this[inside] = {status}; } get status() { return this[inside].status; } }
    export const lazy = (n) => { let made; return {ok: false, get error() { return (made ??= new Error("n" + n)); }, set error(e) { made = e; }}; };`,
  "node_modules/charts/package.json": `{"name": "charts", "type": "module", "exports": "./index.js"}`,
  "node_modules/charts/index.js": `import * as all from "keyed"; export * from "keyed";
    export const group = (list, by) => new all.KeyedMap(list.map((x) => [by(x), x]));
    export class Schema { constructor() { this.make = () => all; } }`,
};

// Cells, one after another; the last one defines `subject`, which runs elsewhere with the arguments
// that the cell has as `args`. What arrives is `e`.
const rows: [name: string, cells: string[], seen: Record<string, unknown>][] = [
  [
    "an error of a package's class",
    [`import {Failure, fail} from "thrown"; const subject = () => fail("a");`],
    {"e instanceof Failure": true, "[e.code, e.constructor === Failure]": ["E_a", true]},
  ],
  [
    "an object of a package's class",
    [
      `import {Point as P} from "returned"; const subject = () => [new P(3), {at: new Map([["a", new P(4)]])}];`,
    ],
    {"[e[0] instanceof P, e[1].at.get('a') instanceof P, e[0].face()]": [true, true, "esm"]},
  ],
  [
    "an argument, which is of the class there too",
    [
      `import {Point as Q} from "passed"; const args = [new Q(1)]; const subject = (q) => [q instanceof Q, q.face(), q];`,
    ],
    {"[e[0], e[1], e[2] instanceof Q]": [true, "esm", true]},
  ],
  [
    "an error that arrives before the cell imports its package",
    [`const subject = async () => (await import("later")).fail("b");`],
    {"e instanceof (await __tasklab.import('later')).Failure": true},
  ],
  [
    "what \`require\` gives is another copy, here as there",
    [
      `const got = require("required"); const subject = () => [new got.Point(1), got.Point, got];`,
      `import {Point as Imported} from "required";`,
    ],
    {
      "[e[0] instanceof got.Point, e[0] instanceof Imported, e[0].face()]": [true, false, "cjs"],
      "[e[1] === got.Point, e[2] === got]": [true, true],
    },
  ],
  [
    "both copies in one value",
    [
      `const old = require("mixed"); import * as now from "mixed"; const subject = () => [new old.Point(1), new now.Point(2)];`,
    ],
    {
      "[e[0] instanceof old.Point, e[1] instanceof now.Point, e[0].face(), e[1].face()]": [
        true,
        true,
        "cjs",
        "esm",
      ],
    },
  ],
  [
    "an error of a package that only a local module imports",
    [`import {fail as failInside} from "./local.mjs"; const subject = () => failInside("c");`],
    {"e instanceof (await __tasklab.import('inside')).Failure": true, "e.code": "E_c"},
  ],
  [
    "an error of a package that only another package requires",
    [`import user from "user"; const subject = () => user.fail("d");`],
    {"e instanceof user.Failure": true, "e instanceof require('deep').Failure": true},
  ],
  [
    "a class that nobody exports",
    [`import * as hiding from "thrown"; const subject = () => hiding.hide({n: 1});`],
    {"[hiding.isHidden(e), e.by.n]": [true, 1]},
  ],
  [
    "a class that nobody exports, in a bundle",
    [`import moment from "bundled"; const subject = () => moment(5);`],
    {"[moment.isMoment(e), e.format()]": [true, "5 in de"]},
  ],
  [
    "an object whose own \`constructor\` is its function, with a prototype that leads nowhere",
    [`import Num from "numbers"; const subject = () => new Num(1).plus(2);`],
    {
      "[e instanceof Num, e.constructor === Num, e.plus(4).n, e.plus(4) instanceof Num]": [
        true,
        true,
        7,
        true,
      ],
    },
  ],
  [
    "an object that holds a function which is private to its package",
    [
      `import {group, KeyedMap} from "charts"; const subject = () => group([{at: new Date(7)}], (x) => x.at);`,
    ],
    {"[e instanceof KeyedMap, e.get(new Date(7)).at.getTime()]": [true, 7]},
  ],
  [
    "functions that a package exports, and Node's own",
    [
      `import {group as grouped} from "charts"; import fs from "node:fs";
       const subject = () => ({grouped, read: fs.readFileSync, max: Math.max, list: [grouped]});`,
    ],
    {
      "[e.grouped === grouped, e.read === fs.readFileSync, e.max === Math.max, e.list[0] === grouped]":
        [true, true, true, true],
    },
  ],
  [
    "a function that a package exports, alone",
    [`import {group as alone} from "charts"; const subject = () => alone;`],
    {"e === alone": true},
  ],
  [
    "a closure inside of a package that uses a module which it has imported under a name",
    [`import {Schema, KeyedMap as Keyed} from "charts"; const subject = () => new Schema();`],
    {"[e instanceof Schema, e.make().KeyedMap === Keyed]": [true, true]},
  ],
  [
    "an object that keeps its state under a symbol which nobody exports",
    [
      `import {Reply, mark} from "marked"; const subject = () => [new Reply(404), {[mark]: 1}, mark];`,
    ],
    {"[e[0].status, e[1][mark], e[2] === mark]": [404, 1, true]},
  ],
  [
    "the value of a getter in a package that can't travel",
    [`import {lazy} from "marked"; const subject = () => lazy(3);`],
    {"[e.ok, e.error instanceof Error, e.error.message]": [false, true, "n3"]},
  ],
  [
    "a function of the cell's is no result",
    [`const subject = () => ({f: () => 1});`],
    {
      "e.message.slice(0, 70)":
        "cannot ship the result of `subject`: .f is a function (`f`); return wh",
    },
  ],
  [
    "a method that differs from its class's is refused by name",
    [
      `import Other from "numbers"; const subject = () => Object.assign(new Other(1), {plus: () => 2});`,
    ],
    {
      "e.message":
        "cannot ship the result of `subject`: .plus is a method that differs from its class's; take it away before you return the object, or return what it would compute",
    },
  ],
];

describe("a package is there once", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  let folder = "";
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "packages-")));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), {recursive: true});
      writeFileSync(join(folder, path), text);
    }
    enterNotebook(folder);
    elsewhere = new Elsewhere(folder);
  });
  after(() => {
    elsewhere.end();
    rmSync(folder, {recursive: true});
  });

  for (const [name, cells, seen] of rows)
    test(name, async () => {
      await runCell("var args: any = []", "args");
      for (const cell of cells) await runCell(cell, "0");
      const subject = await runCell("", "subject");
      const args = (await runCell("", "args")) as unknown[];
      const arrived = await elsewhere.run(subject as AnyFunction, ...args).catch((e: unknown) => e);
      (globalThis as Record<string, unknown>).arrived = arrived;
      for (const [text, wanted] of Object.entries(seen))
        assert.deepEqual(await runCell("var e: any = globalThis.arrived", text), wanted, text);
    });
});
