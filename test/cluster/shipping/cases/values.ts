// Captured values, and those that are refused: cases 56 to 73.

import type {Case} from "../cases.js";

export const values: Case[] = [
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
