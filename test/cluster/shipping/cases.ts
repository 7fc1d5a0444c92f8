// What a user can write in a cell and ship. Each case: one or more cells, then `subject` is shipped to
// a separate process and called there; the answer must be what the same call gives here, or the named
// refusal must come before anything is sent. The numbers are those of the research's list.

export interface Case {
  name: string;
  cells: string | string[];
  args?: unknown[];
  /** Instead of the local answer: what the call there gives. */
  gives?: unknown;
  refused?: RegExp;
}

export const cases: Case[] = [
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
    refused: /captured variable `format` is a native function/,
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
    name: "55 parameter properties and abstract classes",
    cells: `abstract class Shape { constructor(protected readonly n: number) {} abstract area(): number } class Sq extends Shape { area() { return this.n ** 2 } } const subject = () => new Sq(3).area()`,
  },
  {
    name: "56 Map, Set, Date, RegExp, BigInt and odd numbers",
    cells: `const re = /a/g; re.lastIndex = 2; const v = [new Map([[{a: 1}, new Set([1])]]), new Date(5), re, 10n ** 20n, NaN, -0, Infinity, undefined, [1, , 3]];
      const subject = () => v`,
  },
  {
    name: "57 views keep sharing their buffer",
    cells: `const b = new ArrayBuffer(16); const v = {a: new Uint8Array(b), f: new Float64Array(b, 8, 1), d: new DataView(b, 4), buf: Buffer.from("hey")};
      const subject = () => { v.f[0] = 1; return [v.a[15], v.a.buffer === v.f.buffer, v.d.getUint8(11), Buffer.isBuffer(v.buf), v.buf.toString()] }`,
    gives: [63, true, 63, true, "hey"],
  },
  {
    name: "58 a SharedArrayBuffer is refused",
    cells: `const s = new SharedArrayBuffer(8); const subject = () => s`,
    refused: /captured variable `s` is a SharedArrayBuffer/,
  },
  {
    name: "59 cyclic and shared objects, also through a closure",
    cells: `const o = {list: []}; o.self = o; o.list.push(o, o); o.f = () => o; const subject = () => [o.self === o, o.list[1] === o, o.f() === o]`,
  },
  {
    name: "60 errors with causes, AggregateError",
    cells: `class Bad extends Error { code = 3 } const e = new Bad("x", {cause: new TypeError("y")}); const all = new AggregateError([e], "all");
      const subject = () => [e instanceof Bad, e.code, e.cause instanceof TypeError, e.cause.message, all.errors[0] === e, typeof e.stack]`,
  },
  {
    name: "61 symbols as keys and values",
    cells: `const u = Symbol("u"); const o = {[u]: 1, [Symbol.for("r")]: 2, [Symbol.iterator]: 3, s: u}; const subject = () => [o[u], o[Symbol.for("r")], o[Symbol.iterator], o.s === u]`,
  },
  {
    name: "62 accessors, hidden properties, null prototypes, frozen and sealed",
    cells: `const o = Object.defineProperty({get x() { return this.y * 2 }, y: 4}, "h", {value: 1}); const n = Object.create(null, {a: {value: 1, enumerable: true}}); const fr = Object.freeze({a: [1]}); const se = Object.seal({b: 1});
      const subject = () => [o.x, Object.keys(o), o.h, Object.getPrototypeOf(n), n.a, Object.isFrozen(fr), Object.isSealed(se), Object.isFrozen(se)]`,
  },
  {
    name: "63 URLs and boxed primitives",
    cells: `const v = [new URL("http://a/b?c=1"), new URLSearchParams("a=1"), Object("s"), Object(4)]; const subject = () => [v[0].search, v[1].get("a"), v[2] instanceof String, v[3] + 1]`,
  },
  ...[
    "AbortController().signal|AbortSignal",
    "Blob([])|Blob",
    "Headers()|Headers",
    "Intl.Collator()|Intl.Collator",
  ].map((pair) => {
    const [made, kind] = pair.split("|");
    return {
      name: `63 new ${made} is refused by name`,
      cells: `const it = new ${made}; const subject = () => it`,
      refused: new RegExp(`captured variable \`it\` is an? ${kind}`),
    };
  }),
  {
    name: "64 a promise is refused",
    cells: `const p = Promise.resolve(1); const subject = () => p`,
    refused: /captured variable `p` is a Promise; await it first/,
  },
  ...["WeakMap()", "WeakSet()", "WeakRef({})"].map((made) => ({
    name: `65 new ${made} is refused`,
    cells: `const w = new ${made}; const subject = () => w`,
    refused: new RegExp(`captured variable \`w\` is a ${made.replace(/\(.*/, "")}`),
  })),
  {
    name: "66 a running generator is refused",
    cells: `const g = (function* () { yield 1 })(); const subject = () => g`,
    refused: /a running generator/,
  },
  {
    name: "66 a running iterator is refused",
    cells: `const g = [1].values(); const subject = () => g`,
    refused: /a running iterator/,
  },
  {
    name: "67 a proxy is refused",
    cells: `const p = new Proxy({}, {}); const subject = () => p`,
    refused: /captured variable `p` is a Proxy/,
  },
  {
    name: "68 a socket is refused with its path",
    cells: `import net from "node:net"; const db = {pool: {socket: new net.Socket()}}; const load = () => db; const subject = load`,
    refused:
      /^cannot ship `load`: captured variable `db` → \.pool → \.socket is a net\.Socket \(an operating-system handle\); create it inside the task, or use an actor$/,
  },
  {
    name: "68 a socket is refused through functions",
    cells: `import net from "node:net"; const cfg = {db: {pool: [new net.Socket()]}}; function helper() { return cfg } const f = () => helper(); const subject = f`,
    refused:
      /^cannot ship `f`: captured variable `helper` → function `helper` → captured variable `cfg` → \.db → \.pool → \[0\] is a net\.Socket \(an operating-system handle\); create it inside the task, or use an actor$/,
  },
  {
    name: "68 a server is refused",
    cells: `import http from "node:http"; const s = http.createServer(); const subject = () => s`,
    refused: /captured variable `s` is an? http\.Server \(an operating-system handle\)/,
  },
  {
    name: "68 a timer is refused",
    cells: `const t = setTimeout(() => {}, 0); const subject = () => t`,
    refused: /captured variable `t` is a Timeout \(an operating-system handle\)/,
  },
  {
    name: "68 a port is refused",
    cells: `const {port1} = new MessageChannel(); port1.unref(); const subject = () => port1`,
    refused: /captured variable `port1` is an? (worker_threads\.)?MessagePort/,
  },
  {
    name: "71 a package's function goes by reference",
    cells: `import {parse} from "acorn"; const subject = () => parse("1+1", {ecmaVersion: 2020}).body.length`,
  },
  {
    name: "72 a builtin module's function, destructured",
    cells: `import fs from "node:fs"; const {existsSync} = fs; const subject = () => existsSync("/")`,
  },
  {
    name: "73 an own __proto__ key and lone surrogates",
    cells: `const o = JSON.parse('{"__proto__": 5, "a": 1}'); const s = "a\\ud800b"; const subject = () => [Object.keys(o), s.length, s.charCodeAt(1), s]`,
  },
  {
    name: "73 nesting deeper than every stack",
    cells: `class Link { constructor(next) { this.next = next } } let list = null; let deep = null;
      for (let i = 0; i < 1e5; i++) { list = new Link(list); deep = {deep} }
      const subject = () => { let n = 0; for (let l = list; l instanceof Link; l = l.next) n++; for (let d = deep; d; d = d.deep) n++; return n }`,
  },
];
