// Closures, shared variables, and time: cases 24 to 31.

import type {Case} from "../cases.js";

export const closures: Case[] = [
  {
    name: "24 closures of one call share its variable",
    cells: `const make = () => { let n = 0; return [() => ++n, () => n] }; const [inc, read] = make(); inc();
      const subject = () => { inc(); inc(); return read() }`,
    gives: 3,
  },
  {
    name: "24 functions share a variable of the session",
    cells: [
      `let total24 = 1; const read24 = () => total24`,
      `const add24 = (x) => { total24 += x }; const subject = () => { add24(4); total24 *= 2; return [read24(), total24] }`,
    ],
    gives: [10, 10],
  },
  {
    name: "24 so do functions of two scopes, one inside the other",
    cells: `let all = 0; const make = (step) => { let n = 0; return {inc() { n += step; all += step; return n }, read: () => n, total: () => all,
      reset: () => { n = 0 }} }; const a = make(1), b = make(10); a.inc();
      const subject = () => { a.inc(); b.inc(); a.inc(); const was = a.read(); a.reset(); return [was, a.read(), b.read(), b.total(), all] }`,
    gives: [3, 0, 10, 13, 13],
  },
  {
    name: "24 parameters, loop variables, catch, switch and expressions of arrows have variables too",
    cells: `const pair = (n) => [() => ++n, () => n]; const both = [pair(1), pair(5)];
      for (let i = 10; i < 30; i += 10) both.push([() => ++i, () => i]); for (let i of [50]) { both.push([() => ++i, () => i]) }
      try { throw 60 } catch (e) { both.push([() => ++e, () => e]) } switch (1) { default: let s; s = 70; both.push([() => ++s, () => s]) }
      const later = async (n) => [() => ++n, () => n]; both.push(await later(80));
      const subject = () => both.map(([inc, read]) => (inc(), read()))`,
    gives: [2, 6, 11, 21, 51, 61, 71, 81],
  },
  {
    name: "24 statements without a block of their own",
    cells: `const fs = []; const mk = (n) => ({inc: () => ++n, /* => */ get: () => n}); const o = mk(1); fs.push(o.inc, o.get); let q;
      x: for (let i = 0; i < 2; i++) for (const k of [1, 2]) switch (k) { case 1: let z = i * 10; fs.push(() => [++z, ++i], () => [z, i]); continue x; }
      for (let i = 0; i < 1; i++) for (let j = 5; j < 6; j++) fs.push(() => [++i, ++j], () => [i, j]);
      class A { static { let q = 1; A.up = () => ++q; A.q = () => q } } fs.push(() => A.up(), () => A.q()); const subject = () => fs.map((f) => f())`,
    gives: [2, 2, [1, 1], [1, 1], [11, 2], [11, 2], [1, 6], [1, 6], 2, 2],
  },
  {
    name: "24 names that hide a shared one are variables of their own",
    cells: `let n = 1; const make = () => { let n = 2; const outer = () => ++n; { const n = 7; return [outer, () => n] } }; const [inc, seven] = make(); const up = () => ++n;
      const make2 = () => { const n = 1; return () => n }; const one = make2(); const subject = () => { inc(); up(); return [seven(), n, one()] }`,
    gives: [7, 2, 1],
  },
  {
    name: "24 closures in the head of a loop have the variables of the round before the first",
    cells: `const out24 = []; for (let i = 0, up = () => ++i, get = () => i; i < 2; i++) out24.push(up, get, () => ++i, () => i); const subject = () => out24.map((f) => f())`,
  },
  {
    name: "24 so do those in what a loop tests and does last, each in its round",
    cells: `const fs24 = []; for (let i = 0; (fs24.push(() => ++i, () => i), i < 2); fs24.push(() => ++i, () => i), i++) fs24.push(() => ++i, () => i); const subject = () => fs24.map((f) => f())`,
  },
  {
    name: "24 loops without a test, with two variables, one inside the other, and constant ones",
    cells: `const more24 = []; for (let i = 0, j = 9, f = () => [++i, --j];; i++) { more24.push(f, () => [i, j]); if (i > 1) break } for (let i = 0, f = () => ++i; i < 2; i++) for (let j = 0, g = () => [++j, ++i]; j < 2; j++) more24.push(f, g, () => [i, j]); let n24 = 0; for (const x = 1, f = () => x + n24; n24 < 2; n24++) more24.push(f); const subject = () => more24.map((f) => f())`,
  },
  {
    name: "24 closures in defaults of parameters share the parameters",
    cells: `function of24(x, up = () => ++x, deep = () => () => ++x) { return [up, deep(), () => x] } const arrow24 = ({x}, up = () => ++x) => [up, () => x]; const o24 = {method(x, up = () => ++x,) { return [up, () => x] }}; class K24 { constructor(x, up = () => ++x, C = class { up() { return ++x } }) { this.fs = [up, () => x, () => new C().up()] } } function* gen24(x, up = () => ++x) { yield up; yield () => x } const all24 = [...of24(1), ...arrow24({x: 5}), ...o24.method(7, undefined, 'more'), ...new K24(8).fs, ...gen24(9)]; const subject = () => [...all24.map((f) => f()), of24.length, of24(1)[0]()]`,
  },
  {
    name: "24 a `var` of the body is another variable than the parameter of its name",
    cells: `function var24(x, get = () => x, up = () => ++x) { var x; const was = x; x = 50; return [get, up, () => ++x, () => was] } const vars24 = var24(1); const subject = () => vars24.map((f) => f())`,
  },
  {
    name: "24 accessors and computed methods share variables",
    cells: `const name24 = 'go'; const box24 = (n) => { let c = n; return {get x() { return c }, set x(v) { c = v }, [name24]() { return ++c }} }; const one24 = box24(1), two24 = box24(1); const subject = () => { one24.x = 5; return [one24.go(), one24.x, two24.x] }`,
  },
  {
    name: "24 what a pattern of a loop makes is refused by name when it shares the loop's variable",
    cells: `const refused24 = []; for (let [x, up = () => ++x] of [[1]]) refused24.push(up, () => x); const subject = () => refused24.map((f) => f())`,
    refused:
      /captured variable `refused24` → \[0\] → function `up` is a function that shares a variable in the head of a loop, of `catch`, or beside `\.\.\.` parameters; make it in the body that follows$/,
  },
  {
    name: "24 so is what a pattern of `catch` makes",
    cells: `let caught24; try { throw {x: 1} } catch ({x, up = () => ++x}) { caught24 = [up, () => x] } const subject = () => caught24.map((f) => f())`,
    refused: /function `up` is a function that shares a variable in the head/,
  },
  {
    name: "24 so is what stands beside rest parameters",
    cells: `function rest24(x, up = () => ++x, ...rest) { return [up, () => x, rest] } const rests24 = rest24(1); const subject = () => rests24[0]()`,
    refused: /function `up` is a function that shares a variable in the head/,
  },
  {
    name: "24 classes and functions share variables",
    cells: `let made24 = 0; class Made { constructor() { made24++ } static count() { return made24 } } const o = {get made() { return made24 }};
      const subject = () => { new Made(); new Made(); return [made24, Made.count(), o.made] }`,
    gives: [2, 2, 2],
  },
  {
    name: "24 a class inside of a function shares the function's variable",
    cells: `const make = () => { let n = 0; return [class { up() { return ++n } }, () => n] }; const [Up, read] = make(); const [Up2, read2] = make();
      const subject = () => { new Up().up(); new Up().up(); new Up2().up(); return [read(), read2()] }`,
    gives: [2, 1],
  },
  {
    name: "25 counters of two calls stay separate",
    cells: `const counter = () => { let n = 0; return () => ++n }; const a = counter(); const b = counter(); a();
      const subject = () => [a(), a(), b()]`,
    gives: [2, 3, 1],
  },
  {
    name: "26 loop variables have a binding for each round",
    cells: `const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i); const subject = () => fs.map((f) => f())`,
  },
  {
    name: "26 also when it is assigned in the round",
    cells: `const fs = []; for (let i = 0; i < 3; i++) fs.push([() => (i += 10), () => i]); const subject = () => { fs[1][0](); return fs.map(([, read]) => read()) }`,
    gives: [0, 11, 2],
  },
  {
    name: "27 a variable that a later cell changed",
    cells: [`let scale = 1; const subject = (x) => x * scale`, `scale = 10`],
    args: [2],
    gives: 20,
  },
  {
    name: "29 a function that a later cell defines anew, seen through its caller",
    cells: [
      `function helper29() { return "old" } const subject = () => helper29()`,
      `function helper29() { return "new" }`,
    ],
    gives: "new",
  },
];
