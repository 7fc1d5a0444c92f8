// Classes and their instances: cases 32 to 45 and 55.

import type {Case} from "../cases.js";

export const classes: Case[] = [
  {
    name: "32 a class that is shipped twice in one graph is one class",
    cells: `class P { x = 1 } const list = [new P(), new P()]; const subject = () => list[0].constructor === list[1].constructor && list[0] instanceof P`,
  },
  {
    name: "33 fields, accessors, statics, three levels, super",
    cells: `class A { a = 1; static made = 0; constructor() { A.made++ } hi() { return "A" } get twice() { return this.a * 2 } static make() { return new this() } }
      class B extends A { b = this.a + 1; hi() { return super.hi() + "B" } } class C extends B { hi() { return super.hi() + "C" } static make() { return super.make() } }
      const subject = () => { const c = C.make(); return [c.hi(), c.twice, c.b, A.made, c instanceof A] }`,
    gives: ["ABC", 2, 2, 1, true],
  },
  {
    name: "34 an instance of a cell's class",
    cells: `class V { constructor(x) { this.x = x } len() { return Math.abs(this.x) } } const v = new V(-3); const subject = (w) => [v.len(), v instanceof V]`,
  },
  {
    name: "35 classes that extend builtins",
    cells: `import {EventEmitter} from "node:events"; class M extends Map { twice(k) { return this.get(k) * 2 } } class E extends RangeError { code = 7 }
      class Bus extends EventEmitter { n = 0 } const m = new M([["a", 4]]); const subject = () => { const bus = new Bus(); bus.on("x", (v) => bus.n += v); bus.emit("x", 5);
      const e = new E("boo"); return [m.twice("a"), m instanceof Map, e.message, e.code, e instanceof RangeError, bus.n] }`,
  },
  {
    name: "36 mixins",
    cells: `const Named = (Base) => class extends Base { name2() { return "n" + this.id } }; class Thing { id = 4 } class NamedThing extends Named(Thing) {}
      const it = new NamedThing(); const subject = () => [new NamedThing().name2(), it.name2(), it instanceof NamedThing, it instanceof Thing]`,
  },
  {
    name: "37 private fields and methods in code that runs there",
    cells: `class C { #n = 1; static #made = 0; #bump() { return ++this.#n } inc() { C.#made++; return this.#bump() } static made() { return C.#made } }
      const subject = () => { const c = new C(); c.inc(); return [c.inc(), C.made()] }`,
    gives: [3, 2],
  },
  {
    name: "38 an instance with private state is refused",
    cells: `class C { #n = 1; get() { return this.#n } } const c = new C(); const subject = () => c.get()`,
    refused: /captured variable `c` is a C whose class keeps #n private/,
  },
  {
    name: "38 also when its class extends a builtin",
    cells: `class M extends Map { #n = 1; get n() { return this.#n } } class E extends Error { #code = 4 } const both = [new M()]; const e = new E("x");
      const subject = () => [both, e]`,
    refused: /captured variable `both` → \[0\] is a M whose class keeps #n private/,
  },
  {
    name: "39 static blocks do not run a second time",
    cells: `globalThis.ran39 = 0; class S { static list = [1]; static { globalThis.ran39++; S.list.push(2) } } const subject = () => [S.list, globalThis.ran39 ?? "never"]`,
    gives: [[1, 2], "never"],
  },
  {
    name: "40 statics changed after the definition",
    cells: [
      `class S { static level = 1 } const subject = () => [S.level, S.more]`,
      `S.level = 5; S.more = {x: 1}`,
    ],
  },
  {
    name: "41 a prototype changed later",
    cells: [
      `class S { hi() { return 1 } } const subject = () => [new S().hi(), new S().ho()]`,
      `S.prototype.hi = function () { return 2 }; S.prototype.ho = () => 3`,
    ],
  },
  {
    name: "42 computed and symbol-named members",
    cells: `const key = "go"; const sym = Symbol("s"); class K { [key + 1]() { return 1 } [sym]() { return 2 } static [Symbol.hasInstance](x) { return x === 7 } *[Symbol.iterator]() { yield 5 } }
      const subject = () => [new K().go1(), new K()[sym](), 7 instanceof K, ...new K()]`,
  },
  {
    name: "45 a class in a closure",
    cells: `function make(secret) { return class { tell() { return secret } } } const One = make(1); const Two = make(2); const subject = () => [new One().tell(), new Two().tell()]`,
  },
  {
    name: "55 parameter properties and abstract classes",
    cells: `abstract class Shape { constructor(protected readonly n: number) {} abstract area(): number } class Sq extends Shape { area() { return this.n ** 2 } } const subject = () => new Sq(3).area()`,
  },
];
