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
    name: "38 a method on its own, with its class",
    cells: `class Lone { #n = 1; up() { return ++this.#n } get now() { return this.#n } } const lone = new Lone(); const {up} = lone; const {get} = Object.getOwnPropertyDescriptor(Lone.prototype, "now"); const subject = () => [up.call(lone), get.call(lone), up === Lone.prototype.up]`,
    gives: [2, 2, true],
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
    name: "43 decorators of classes, methods, fields, accessors, getters and setters",
    cells: `globalThis.ran43 = 0; const log = (tag) => (value, context) => { globalThis.ran43++; context.addInitializer(function () { (this.seen ??= []).push(tag + ":" + String(context.name)) });
        if (context.kind === "field") return (start) => start * 10; if (context.kind === "accessor") return {get() { return value.get.call(this) + 1 }, init: (start) => start * 100 };
        if (context.kind === "class") return undefined; return function (...args) { const out = value.apply(this, args); return typeof out === "number" ? out + 1000 : out } };
      @log("c") class Deco { static base = 1; @log("f") field = 2; @log("m") method(x) { return x + this.field } @log("g") get half() { return this.field / 2 } @log("s") set half(x) { this.field = x * 2 } @log("a") accessor level = 3; @log("t") static make() { return new Deco() } plain() { return this.level } }
      const subject = () => { const d = Deco.make(); d.level++; const e = new Deco(); return [d.field, d.method(1), d.half, d.level, e.seen, Deco.name, d instanceof Deco, globalThis.ran43 ?? "not run", Deco.seen] }`,
    gives: [
      20,
      1021,
      1010,
      303,
      ["m:method", "g:half", "s:half", "f:field", "a:level"],
      "Deco",
      true,
      "not run",
      ["t:make", "c:Deco"],
    ],
  },
  {
    name: "43 a decorator that replaces the class, and one that keeps a registry",
    cells: `const registry = new Map(); const register = (cls, {name}) => { registry.set(name, cls) }; const counted = (cls) => class extends cls { static count = 0; constructor(...args) { super(...args); new.target.count = (new.target.count ?? 0) + 1 } };
      @register @counted class Job { n = 1 } const job = new Job(); const subject = () => { new Job(); return [Job.count, job.n, job instanceof Job, registry.get("Job") === Job, Object.getPrototypeOf(Job).prototype.constructor.name] }`,
    gives: [2, 1, true, true, "Job"],
  },
  {
    name: "43 metadata",
    cells: `Symbol.metadata ??= Symbol("Symbol.metadata"); const note = (text) => (_, {metadata, name}) => { (metadata.notes ??= {})[name] = text }; class Noted { @note("first") a = 1; @note("second") b() {} }
      const key = Symbol.metadata; const subject = () => Noted[key].notes`,
    gives: {a: "first", b: "second"},
  },
  {
    name: "43 instances of decorated classes, with private state",
    cells: `const twice = (_, {kind}) => kind === "field" ? (x) => x * 2 : undefined; class Kept { @twice #x = 2; @twice y = 3; accessor z = 4; get() { return [this.#x, this.y, this.z] } } const kept = new Kept(); kept.z = 9;
      const subject = () => [kept.get(), new Kept().get(), kept instanceof Kept]`,
    gives: [[4, 6, 9], [4, 6, 4], true],
  },
  {
    name: "43 decorated methods that use private names and super",
    cells: `const logged = (method, {name}) => function (...args) { return name + ":" + method.apply(this, args) }; class Top { say() { return "top" } } class Low extends Top { #n = 7; @logged get() { return this.#n } @logged say() { return super.say() + this.#n } @logged static make() { return new Low().#n } }
      const low = new Low(); const {get} = new Low(); const subject = () => [low.get(), low.say(), Low.make(), get.call(low)]`,
  },
  {
    name: "43 a decorated private method is refused by name",
    cells: `const same = (value) => value; class Shy { @same #go() { return this.#n } #n = 1; go() { return this.#go() } } const subject = () => new Shy().go()`,
    refused: /uses `#n`, which is private to the class around it/,
  },
  ...[
    [
      "field",
      "dbl = () => (v) => v * 2; class P43 { @dbl #x = 1; f = () => this.#x } const p43 = new P43(); const subject = () => p43.f()",
    ],
    [
      "accessor",
      "same = (v) => v; class P43 { @same accessor #x = 1; f = () => ++this.#x } const subject = () => new P43().f()",
    ],
    [
      "getter",
      "same = (v) => v; class P43 { #x = 3; @same get #y() { return this.#x } f = () => this.#y } const subject = () => new P43().f()",
    ],
    [
      "static method",
      "same = (v) => v; class P43 { @same static #x() { return 4 } static f = () => P43.#x() } const subject = () => P43.f()",
    ],
  ].map(([kind, text]) => ({
    name: `43 a decorated private ${kind} that a function in a field uses is refused by name`,
    cells: `const ${text!}`,
    refused: /is a function that uses `#x\w*`, which is private to the class around it/,
  })),
  {
    name: "43 legacy decorators",
    compilerOptions: {experimentalDecorators: true},
    cells: `const sealed = (cls) => { cls.sealed = true }; const loud = (target, key, own) => { const {value} = own; own.value = function (...args) { return value.apply(this, args) + "!" } }; const mark = (target, key) => { (target.marks ??= []).push(key) }; const at = (target, key, index) => { (target.params ??= []).push(key + index) };
      @sealed class Old { @mark field = 1; @loud say(@at text) { return text + this.field } static self() { return Old } } const old = new Old(); const subject = () => [old.say("a"), new Old().say("b"), Old.sealed, old.marks, old.params, Old.self() === Old]`,
    gives: ["a1!", "b1!", true, ["field"], ["say0"], true],
  },
  {
    name: "44 the accessor keyword, private accessors too",
    cells: `class Acc { accessor x = 1; static accessor made = 0; accessor #hidden = 5; bump() { Acc.made++; this.x++; return this.#hidden++ } all() { return [this.x, Acc.made, this.#hidden] } } const acc = new Acc(); acc.bump();
      const subject = () => { acc.bump(); return [acc.all(), new Acc().all(), acc instanceof Acc] }`,
    gives: [[3, 2, 7], [1, 2, 5], true],
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
