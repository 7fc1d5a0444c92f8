// Functions keep the mode in which they were written: what only sloppy code does, it does elsewhere
// too.

import type {Case} from "../cases.js";

/** A cell in which `subject` is what a sloppy script's last expression gives. */
function sloppy(script: string, rest = ""): string {
  return `const subject = new Function(${JSON.stringify(script)})();${rest}`;
}

export const modes: Case[] = [
  {
    name: "a sloppy function's `this` is the global object",
    cells: sloppy("return function () { return this === globalThis }"),
  },
  {
    name: "a strict one beside it has none",
    cells:
      sloppy(`return [function () { return this === globalThis },
      function () { "use strict"; return this === undefined },
      () => { return (function () { return this === globalThis })() },
      () => { "use strict"; return (function () { return this === undefined })() },
      class { static m() { return (function () { return this === undefined })() } }.m]`).replace(
        "const subject",
        "const all",
      ) + "; const subject = () => all.map((fn) => (0, fn)())",
  },
  {
    name: "`with` looks into an object, and outside of it for the rest",
    cells: sloppy(
      "var far = 3; return function (o) { with (o) { return [near, far, typeof missing] } }",
    ),
    args: [{near: 1}],
  },
  {
    name: "a name that only a `with` can have need not be defined",
    cells: sloppy("return function (o) { var p = ''; with (o || {}) { p += given } return p }"),
    args: [{given: "x"}],
  },
  {
    name: "doubled parameters: the last one counts",
    cells: sloppy("return function (a, a) { return a }"),
    args: [1, 2],
  },
  {
    name: "writes to what is frozen do nothing",
    cells: sloppy("return function (o) { Object.freeze(o); o.x = 2; delete o.x; return o.x }"),
    args: [{x: 1}],
  },
  {
    name: "`arguments` and parameters are the same variables",
    cells: sloppy("return function (a) { arguments[0] = 2; return [a, arguments.callee.length] }"),
    args: [1],
  },
  {
    name: "octal numbers, and names that are reserved elsewhere",
    cells: sloppy(
      "var yield = 1, static = 2; return function (let) { return 010 + yield + static + let }",
    ),
    args: [5],
  },
  {
    name: "a function in a block is a variable of the function around it",
    cells: sloppy(
      "return function () { if (true) { function inner() { return 7 } } return inner() }",
    ),
  },
  {
    name: "an assignment makes a global",
    cells: sloppy("return function () { madeBySloppyCode = 4; return madeBySloppyCode + 1 }"),
  },
  {
    name: "sloppy arrows, methods, generators and async functions are sloppy as well",
    cells:
      sloppy(`var o = {method() { return (function () { return this === globalThis })() }};
      return [() => delete Object.freeze([1])[0], o.method,
        function* () { yield delete Object.freeze([1])[0] },
        async function () { return delete Object.freeze([1])[0] }]`).replace(
        "const subject",
        "const all",
      ) + "; const subject = async () => [all[0](), all[1](), [...all[2]()], await all[3]()]",
  },
  {
    name: "sloppy functions that share a variable are sloppy too",
    cells: sloppy(
      `var n = 0; function up() { with ({by: 2}) { n += by } return this === globalThis }
       return function () { up(); return [up(), n] }`,
    ),
  },
  {
    name: "strict and sloppy functions share a variable",
    cells: sloppy(
      `var n = 0; function up() { "use strict"; n++; return this === undefined }
       return function () { n++; return [up(), n, this === globalThis] }`,
    ),
  },
  {
    name: "what a sloppy function has shipped is sloppy again when it goes on",
    cells: sloppy("return function () { return function () { return this === globalThis } }"),
    steps: async (elsewhere, subject) => {
      const again = (fn: () => () => boolean) => [fn()(), [fn].map((made) => made()())[0]];
      return elsewhere.run(again as never, subject);
    },
    gives: [true, true],
  },
];
