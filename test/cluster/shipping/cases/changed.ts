// Functions and classes that are no longer what their text made of them: more of cases 13 to 18, 40
// and 41.

import type {Case} from "../cases.js";

export const changed: Case[] = [
  {
    name: "13 a function's length and name with other values",
    cells: `function f(a, b) {} Object.defineProperty(f, "length", {value: 7}); Object.defineProperty(f, "name", {value: "other"}); const subject = () => [f.length, f.name]`,
  },
  {
    name: "13 a name that can be written",
    cells: `function f(a, b) {} Object.defineProperty(f, "name", {writable: true}); const subject = () => { f.name = "q"; return f.name }`,
  },
  {
    name: "13 a name that was deleted",
    cells: `function f(a, b) {} delete f.name; const subject = () => Object.hasOwn(f, "name")`,
  },
  {
    name: "13 a name that is no text",
    cells: `function f(a, b) {} Object.defineProperty(f, "name", {value: 5}); const subject = () => f.name`,
  },
  {
    name: "13 a frozen function",
    cells: `const f = Object.freeze(() => 1); const subject = () => Object.isFrozen(f)`,
  },
  {
    name: "13 a function with a hidden property",
    cells: `const f = () => 1; Object.defineProperty(f, "h", {value: 3}); const subject = () => f.h`,
  },
  {
    name: "13 a function with another prototype",
    cells: `const f = Object.setPrototypeOf(() => 1, {hi: 3}); const subject = () => f.hi`,
  },
  {
    name: "13 a function without a prototype",
    cells: `const f = Object.setPrototypeOf(() => 1, null); const subject = () => [Object.getPrototypeOf(f), f()]`,
  },
  {
    name: "14 a bound function with properties and another name",
    cells: `const b = Object.assign(((x) => x).bind(null, 1), {k: 5}); const c = Object.defineProperty(function () { return this.v }.bind({v: 1}), "name", {value: "c"}); const subject = () => [b(), b.k, c(), c.name]`,
  },
  {
    name: "18 a constructor with another object for its prototype",
    cells: `function A() {} A.prototype = {hi() { return 1 }}; const a = new A(); const subject = () => [a.hi(), a instanceof A, new A().hi(), Object.getPrototypeOf(a) === A.prototype]`,
  },
  {
    name: "18 constructors that inherit from each other",
    cells: `function A(n) { this.n = n } A.prototype.get = function () { return this.n }; function B(n) { A.call(this, n) } B.prototype = Object.create(A.prototype); B.prototype.constructor = B; const b = new B(3); const subject = () => [b.get(), b instanceof B, b instanceof A, new B(4).get(), b.constructor === B]`,
  },
  {
    name: "18 so do they without a constructor in the prototype",
    cells: `function A2(n) { this.n = n } A2.prototype.get = function () { return this.n }; function B2(n) { A2.call(this, n) } B2.prototype = Object.create(A2.prototype); const b = new B2(3); const subject = () => [b.get(), b instanceof B2, b instanceof A2, new B2(4).get()]`,
  },
  {
    name: "18 a constructor that inherits from a builtin",
    cells: `function Lost(text) { this.message = text } Lost.prototype = Object.create(RangeError.prototype); Lost.prototype.constructor = Lost; const lost = new Lost("x"); const subject = () => [lost instanceof RangeError, lost instanceof Lost, new Lost("y") instanceof Error, String(lost)]`,
  },
  {
    name: "18 constructors with one prototype",
    cells: `function A6() {} function B6() {} B6.prototype = A6.prototype; const subject = () => [new B6() instanceof A6, A6.prototype === B6.prototype]`,
  },
  {
    name: "18 a prototype that is a builtin's, or none",
    cells: `function A() {} A.prototype = Array.prototype; function B() {} B.prototype = null; function C() {} C.prototype = 5; const subject = () => [A.prototype === Array.prototype, B.prototype, C.prototype]`,
  },
  {
    name: "18 a read-only prototype",
    cells: `function A3() {} Object.defineProperty(A3, "prototype", {writable: false}); const subject = () => Object.getOwnPropertyDescriptor(A3, "prototype").writable`,
  },
  {
    name: "18 a prototype with another constructor, or none",
    cells: `function A() {} A.prototype.constructor = Array; function B() {} delete B.prototype.constructor; function C() {} Object.defineProperty(C.prototype, "constructor", {enumerable: true}); const subject = () => [new A().constructor === Array, Object.hasOwn(B.prototype, "constructor"), Object.keys(C.prototype)]`,
  },
  {
    name: "18 a frozen prototype",
    cells: `function Ab() {} Object.freeze(Ab.prototype); const subject = () => Object.isFrozen(Ab.prototype)`,
  },
  {
    name: "40 a frozen class",
    cells: `class A { static n = 1; hi() {} get x() { return 1 } } Object.freeze(A); Object.freeze(A.prototype); const subject = () => [Object.isFrozen(A), Object.isFrozen(A.prototype), new A().x, A.n]`,
  },
  {
    name: "40 static properties called length and name",
    cells: `class A { constructor(x, y) {} static length = 9 } class B { static name = "other" } class C { static name() { return 1 } } class D { constructor(x) {} } Object.defineProperty(D, "length", {value: 8}); class E {} delete E.name; const subject = () => [A.length, B.name, C.name(), D.length, Object.hasOwn(E, "name")]`,
  },
  {
    name: "41 methods that were deleted",
    cells: `class A { hi() { return 1 } ho() { return 2 } static make() {} get both() { return 1 } set both(x) {} } delete A.prototype.hi; delete A.make; Object.defineProperty(A.prototype, "both", {set: undefined}); const subject = () => { const {get, set} = Object.getOwnPropertyDescriptor(A.prototype, "both"); return [typeof new A().hi, new A().ho(), typeof A.make, typeof get, typeof set] }`,
  },
  {
    name: "41 methods that changed places",
    cells: `class A { a() { return "a" } b() { return "b" } } [A.prototype.a, A.prototype.b] = [A.prototype.b, A.prototype.a]; const subject = () => [new A().a(), new A().b()]`,
  },
  {
    name: "41 a method with two names",
    cells: `class A { a() { return 1 } } A.prototype.b = A.prototype.a; const subject = () => [new A().a(), new A().b()]`,
  },
  {
    name: "41 methods with other attributes",
    cells: `class A { hi() {} ho() {} } Object.defineProperty(A.prototype, "hi", {enumerable: true}); Object.defineProperty(A.prototype, "ho", {writable: false}); const subject = () => [Object.keys(A.prototype), Object.getOwnPropertyDescriptor(A.prototype, "ho").writable]`,
  },
  {
    name: "41 a getter that was replaced",
    cells: `class A { get x() { return 1 } } Object.defineProperty(A.prototype, "x", {get() { return 2 }}); const subject = () => new A().x`,
  },
  {
    name: "41 a prototype with another constructor",
    cells: `class A { hi() { return 1 } } A.prototype.constructor = Map; const a = new A(); const subject = () => [A, new A().constructor === Map, a instanceof A, a.hi()].slice(1)`,
  },
  {
    name: "41 a class that was given other classes above it",
    cells: `class P { static s() { return "p" } hi() { return "p" } } class Q { static s() { return "q" } hi() { return "q" } } class A extends P {} Object.setPrototypeOf(A.prototype, Q.prototype); class B {} Object.setPrototypeOf(B, Q); const subject = () => [new A().hi(), A.s(), new A() instanceof P, B.s(), new B().hi]`,
  },
];
