import {test} from "node:test";
import assert from "node:assert/strict";
import {freeNamesOf} from "../../../cluster/shipping/source/scopes.js";

// text of a function → its free names, in order of the alphabet; `+this` and the like after them
const rows: [string, string][] = [
  ["() => a + b", "a b"],
  ["function f(x) { return f(x) + g }", "g"],
  ["function (x, y = z) { return x + y }", "z"],
  ["({a: b, ...c}, [d = e]) => b + c + d + a", "a e"],
  ["(x) => { const {y: [z = q]} = x; return z }", "q"],
  ["() => { var x; { let y; } return x + y }", "y"],
  ["() => { if (a) { var b = 1 } return b }", "a"],
  ["() => { try { t() } catch (e) { e } }", "t"],
  ["() => { try { t() } catch ({message}) { message } e }", "e t"],
  ["() => { label: for (;;) { break label } }", ""],
  ["() => { for (const i of xs) i; return i }", "i xs"],
  ["() => { for (let i = 0; i < n; i++) i; for (k in o) k }", "=k n o"],
  ["() => { switch (s) { case t: let u; default: u } return u }", "s t u"],
  ["() => ({a, b: c, [d]: e, f() { return g }})", "a c d e g"],
  ["() => x.y.z[w]", "w x"],
  ["() => `${a}${tag`b`}`", "a tag"],
  [
    "() => { class A extends B { [k] = v; m() { return A } static { s } } return new A(C) }",
    "B C k s v",
  ],
  ["() => { inner(); function inner() { return outer } }", "outer"],
  ["() => (function named() { return named })", ""],
  ["(a = () => b) => { var b; return a }", "b"],
  ["() => this.x", "+this"],
  ["() => arguments[0]", "+arguments"],
  ["function () { return () => this.x + arguments.length }", ""],
  ["() => new.target", "!"],
  ["method(x) { return super.method(x) + y }", "y +super"],
  ["async *gen() { yield* z }", "z"],
  ["get size() { return n }", "n"],
  ["class A { #p = q; m() { return this.#p } static f = () => this.g }", "q"],
  ["class A extends B { constructor() { super(); (() => super.m())() } }", "B"],
  ["() => typeof u", "u?"],
  ["() => typeof u + u", "u"],
  ["() => { n += 1; [a, b.c] = d }", "=a b d =n"],
  ["() => { undefined; NaN; import.meta }", "NaN undefined"],
  ["async () => { for await (const x of y) await x; }", "y"],
  ["() => { x = 1; let x }", ""],
  ["() => a?.b ?? c", "a c"],
];

/** The same where they stand in sloppy code. */
const sloppyRows: [string, string][] = [
  ["function (o) { with (o) { a; b = c } return c }", "a? =b? c"],
  ["function (o) { with (p) { var a; a } }", "p"],
  ["function (a, a) { return b }", "b"],
  ["function () { { function g() {} } return g }", ""],
  ["function () { 'use strict'; { function g() {} } return g }", "g"],
  ["function () { let g; { function g() {} } return g }", ""],
  ["() => { class A { m() { { function g() {} } return g } } }", "g"],
  ["function (let) { return let + static + 010 }", "static"],
];

test("free names of a function's text", () => {
  for (const [text, expected, isSloppy] of [
    ...rows.map((row) => [...row, false] as const),
    ...sloppyRows.map((row) => [...row, true] as const),
  ]) {
    let found: string;
    try {
      const free = freeNamesOf(text, isSloppy);
      const names = [...free.names.keys()].sort().map((name) => {
        const mark = free.assigned.has(name) ? "=" : "";
        return mark + name + (free.typeofOnly.has(name) ? "?" : "");
      });
      for (const receiver of ["this", "arguments", "newTarget", "super"] as const)
        if (free[receiver]) names.push(`+${receiver}`);
      found = names.join(" ");
    } catch {
      found = "!";
    }
    assert.equal(found, expected, text);
  }
});
