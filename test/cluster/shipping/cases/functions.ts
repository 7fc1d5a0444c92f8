// Functions and what they take from the language: cases 1 to 23, 46 to 51, 71 and 72.

import type {Case} from "../cases.js";

export const functions: Case[] = [
  {
    name: "1 arrow with a captured constant",
    cells: `const k = 3; const subject = (x) => x * k`,
    args: [2],
  },
  {
    name: "2 declarations and expressions keep their name",
    cells: `function one() {} const two = function () {}; const three = () => {}; const four = function inner() {};
      const subject = () => [one.name, two.name, three.name, four.name]`,
    gives: ["one", "two", "three", "inner"],
  },
  {
    name: "3 nested arrows that call captured arrows",
    cells: `const add = (a, b) => a + b; const twice = (f) => (x) => f(f(x)); const subject = (n) => twice((x) => add(x, 1))(n)`,
    args: [5],
  },
  {
    name: "4 functions that call themselves",
    cells: `function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }
      const fact = (n) => n < 2 ? 1 : n * fact(n - 1); const subject = (n) => [fib(n), fact(n)]`,
    args: [10],
  },
  {
    name: "5 functions that call each other",
    cells: `function even(n) { return n === 0 || odd(n - 1) } function odd(n) { return n > 0 && even(n - 1) }
      const subject = () => [even(10), odd(10)]`,
  },
  {
    name: "6 a function that returns itself",
    cells: `function subject() { return [subject === self()] } const self = () => subject`,
  },
  {
    name: "7 defaults, destructuring and rest that use captured values",
    cells: `const d = 4; const key = "k"; const subject = ({[key]: a = d, ...rest}, [b = d] = [], ...more) => [a, b, rest, more]`,
    args: [{z: 1}, [], 7, 8],
  },
  {
    name: "8 names that shadow",
    cells: `const x = 1; const e = 2; function subject(n) { let out = [x]; for (let x = 0; x < 2; x++) out.push(x);
      try { throw 9 } catch (e) { out.push(e) } switch (n) { case 1: { const e = 5; out.push(e) } }
      x2: for (;;) { break x2 } { const x = 7; out.push(x) } ((x) => out.push(x))(8); return [...out, e] }`,
    args: [1],
  },
  {
    name: "9 async",
    cells: `const k = 2; const subject = async (x) => { await null; return x * k }`,
    args: [4],
  },
  {
    name: "10 generators",
    cells: `const k = 2; function* gen(n) { for (let i = 0; i < n; i++) yield i * k } const subject = (n) => [...gen(n)]`,
    args: [4],
  },
  {
    name: "11 async generators",
    cells: `async function* gen(n) { for (let i = 0; i < n; i++) yield i } const subject = async (n) => { const out = []; for await (const i of gen(n)) out.push(i); return out }`,
    args: [3],
  },
  {
    name: "12 methods, getters, setters, computed names",
    cells: `const k = 5; const key = "dyn"; const o = {v: 1, plain() { return this.v + k }, get twice() { return this.v * 2 },
      set twice(x) { this.v = x / 2 }, [key + "1"](x) { return x + k }, async later() { return k }};
      const subject = async () => { o.twice = 8; return [o.plain(), o.twice, o.dyn1(1), await o.later()] }`,
    gives: [9, 8, 6, 5],
  },
  {
    name: "13 a function's own properties",
    cells: `function tally() { return tally.count + tally.step() } tally.count = 4; tally.step = () => 2; const subject = () => tally()`,
  },
  {
    name: "14 bound functions",
    cells: `function area(h, w) { return [this.unit, h * w] } const bound = area.bind({unit: "m"}, 3); const subject = (w) => [bound(w), bound.name]`,
    args: [4],
  },
  {
    name: "15 aliases of native functions",
    cells: `const mx = Math.max; const {stringify} = JSON; const subject = () => [mx(1, 4), stringify([1])]`,
  },
  {
    name: "16 unknown native functions are refused",
    cells: `const {format} = new Intl.NumberFormat("en"); const subject = () => format(3)`,
    refused: /captured variable `format` is a native function \(.*\); create it inside the task$/,
  },
  {
    name: "17 an arrow that captures this",
    cells: `class Box { v = 4; get() { return () => this.v } } const subject = new Box().get()`,
  },
  {
    name: "18 arguments, new.target, callees of new",
    cells: `function Q(a, b) { this.sum = a + b; this.isNew = new.target !== undefined } function all() { return arguments.length }
      const subject = (...args) => { const q = new Q(...args); return [q.sum, q.isNew, all(1, 2, 3)] }`,
    args: [1, 2],
  },
  {
    name: "19 a lone method that uses super is refused",
    cells: `const base = {hi() { return "hi" }}; const o = {__proto__: base, hi() { return super.hi() + "!" }}; const subject = o.hi`,
    refused: /cannot ship `hi`: it is a function that uses `super`/,
  },
  {name: "20 typeof of an undeclared name", cells: `const subject = () => typeof neverDeclared20`},
  {
    name: "21 an undeclared name is refused",
    cells: `const helper21 = () => neverDeclared21 + 1; const subject = () => helper21()`,
    refused:
      /captured variable `helper21` → function `helper21` is a function that uses `neverDeclared21`, which is not defined; define it first/,
  },
  {
    name: "22 a variable that is not initialised yet is refused",
    cells: `let subject; try { (() => { subject = () => later; throw 0; let later = 1 })() } catch {}`,
    refused: /^cannot ship `subject`: captured variable `later` is not initialised yet/,
  },
  {
    name: "23 direct eval is refused",
    cells: `const k = 1; const subject = (t) => eval(t)`,
    refused: /`eval`/,
  },
  {
    name: "46 enums",
    cells: `enum Color { Red, Green = 5 } const enum Fast { Yes = 3 } const subject = () => [Color.Green, Color[0], Fast.Yes]`,
  },
  {
    name: "47 namespaces",
    cells: `namespace Geo { export const r = 2; export function area() { return r * r } } const subject = () => Geo.area()`,
  },
  {
    name: "48 types are erased",
    cells: `type T<X> = X | null; interface I { a: number } function id<X>(x: X): X { return x } const o = {a: 1} satisfies I;
      function over(a: string): string; function over(a: number): number; function over(a: any) { return a } const subject = (x: T<number>) => [id(x!), o.a as number, over(2)]`,
    args: [3],
  },
  {
    name: "49 imports: default, named, namespace",
    cells: `import path, {join as j} from "node:path"; import * as os from "node:os"; const subject = () => [path.sep, j("a", "b"), typeof os.cpus, os.EOL]`,
  },
  {
    name: "51 dynamic import",
    cells: `const subject = async () => (await import("node:path")).join("x", "y")`,
  },
  {
    name: "54 remote functions",
    cells: `const inner54 = __tasklab.remote({numCpus: 2}, (x) => x < 1 ? 0 : 1 + inner54.local(x - 1)); const subject = (x) => [inner54.local(x), typeof inner54.remote]`,
    args: [3],
  },
  {
    name: "54 actor classes",
    cells: `const Counter54 = __tasklab.remote({maxRestarts: 2}, class Counter54 { n = 1; add(k) { return (this.n += k) } }); const subject = () => { const c = Counter54.local(); return [c.add(2), c instanceof Counter54, typeof Counter54.remote, Counter54.name] }`,
  },
  {
    name: "71 a package's function goes by reference",
    cells: `import {parse} from "acorn"; const subject = () => parse("1+1", {ecmaVersion: 2020}).body.length`,
  },
  {
    name: "72 a builtin module's function, destructured",
    cells: `import fs from "node:fs"; const {existsSync} = fs; const subject = () => existsSync("/")`,
  },
];
