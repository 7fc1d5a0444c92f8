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
    name: "38 an instance with private state",
    cells: `class C { #n = 1; #list = [{a: 1}]; inc() { this.#n++; this.#list.push(this); return this } get() { return [this.#n, this.#list.length, this.#list[1] === this] } static is(o) { return #n in o } }
      const c = new C().inc(); const subject = () => [c.get(), c instanceof C, C.is(c), C.is({}), c.inc().get()[0]]`,
    gives: [[2, 2, true], true, true, false, 3],
  },
  {
    name: "38 no code of the user's runs when it arrives",
    cells: `globalThis.ran38 = []; const run = (what) => { globalThis.ran38?.push(what); return what };
      class A { #a = run("a"); pub = run("pub"); constructor({x: {y}}, z = run("default"), ...rest) { run("A"); this.z = z; this.y = y } a() { return [this.#a, this.pub, this.y, this.z] } }
      class B extends A { #b = run("b"); more = run("more"); #hidden() { return this.#b + 1 } constructor(...args) { run("B"); super(...args); run("after") } b() { return [this.#hidden(), this.more] } }
      class C extends B { get #both() { return [...this.a(), ...this.b()] } static [run("computed")] = 1; all() { return this.#both } }
      const c = new C({x: {y: 5}}); delete c.more; const subject = () => [c.all(), Object.keys(c), globalThis.ran38 ?? "nothing"]`,
    gives: [["a", "pub", 5, "default", "b1", undefined], ["pub", "z", "y"], "nothing"],
  },
  {
    name: "38 its class extends a builtin",
    cells: `class M extends Map { #n = 1; get n() { return this.#n + this.size } } class E extends Error { #code = 4; get code() { return this.#code } }
      class L extends Array { #sum = 0; add(x) { this.push(x); this.#sum += x; return this } get sum() { return this.#sum } }
      const both = [new M([[1, 2]]), new E("x", {cause: 1}), new L().add(3).add(4)];
      const subject = () => [both[0].n, both[0].get(1), both[1].code, both[1].message, both[1].cause, both[2].sum, both[2].length, both[2] instanceof L]`,
  },
  {
    name: "38 frozen, cyclic, inside of its own class, and more than once",
    cells: `class Node { static #count = 0; static first = new Node(); #next; #id; constructor() { this.#id = ++Node.#count } link(to) { this.#next = to; return to } next() { return this.#next } id() { return this.#id } static count() { return Node.#count } other() { return pair[1] } }
      const a = new Node(), b = new Node(); a.link(b).link(a); Object.freeze(a); const pair = [a, b];
      const subject = () => [a.next() === b, b.next() === a, Object.isFrozen(a), a.id(), b.id(), Node.first.id(), Node.count(), new Node().id(), a.other() === b, Node.first instanceof Node]`,
  },
  {
    name: "38 instances of classes that need each other",
    cells: `class B { #b = 1; mine() { return d } b() { return this.#b } } class D extends B { #d = 2; all() { return [this.b(), this.#d, this.mine() === this] } } const d = new D(); const subject = () => [d.all(), new B().mine() === d]`,
  },
  {
    name: "38 classes without a name, and those of closures",
    cells: `const make = (secret) => class { #secret = secret; #more = [secret]; tell() { return [this.#secret, ...this.#more] } }; const One = make(1), Two = make(2); const one = new One(), two = new Two();
      class Inner { #K = class { #x = 1; x() { return this.#x } }; k() { return [this.#K.name, new this.#K().x()] } } const inner = new Inner();
      const subject = () => [one.tell(), two.tell(), one instanceof Two, inner.k()]`,
    gives: [[1, 1], [2, 2], false, ["#K", 1]],
  },
  {
    name: "38 a private function of its own class is refused by name",
    cells: `class C { #n = 1; handler = () => this.#n } const c = new C(); const subject = () => c`,
    refused:
      /captured variable `c` → \.handler → function `handler` is a function that uses `#n`, which is private to the class around it/,
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
    name: "44 private statics and accessors",
    cells: `class S { static #made = 0; static #log = []; static note(x) { S.#made++; S.#log.push(x) } static get #last() { return S.#log.at(-1) } static all() { return [S.#made, S.#last] } get #double() { return 2 * this.n } set #double(x) { this.n = x / 2 } n = 4; twice() { this.#double = 10; return [this.#double, this.n] } }
      S.note("a"); S.note("b"); const subject = () => [S.all(), new S().twice()]`,
    gives: [
      [2, "b"],
      [10, 5],
    ],
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
