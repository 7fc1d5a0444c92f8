const k = 2;
const scale = (x: number) => x * k;
const pair = (x: number) => ({x, k});
const tight = async (x: number) => /* a comment with => in it */ (await x) * k;
const longer = function (x: number) { return scale(x) };
async function wait(x: number) { try { return tight(x) } catch { return 0 } }
async function direct(x: number) { return scale(x), tight(x) }
function* count(n: number) { for (let i = 0; i < n; i++) yield i * k }
function outer(a: number) {
  "use strict";
  function inner(b: number) { return a + b + k + inner.length }
  const arrow = (c: number) => inner(c) + k;
  return [1].map((d) => arrow(d)).map(function named(e) { return e > 5 ? e : named(e + 1) });
}
function empty() {}
const $span = 1, {z = () => k} = {};
// ---
[scale(3), pair(1), await tight(2), longer(3), await wait(2), await direct(2), [...count(3)], outer(1), empty(), z()]
// ---
[scale.name, longer.name, wait.name, outer.name, z.name, (() => 1).name]
// ---
const object = {
  plain(x: number) { return x * k },
  async *"quoted name"() { yield k },
  get accessor() { return k },
  [`computed${k}`]() { return k },
  arrow: () => k,
  1: function () { return k },
  sup() { return super.toString() },
};
Object.entries(object).map(([key, value]) => [key, (value as Function).name])
// ---
object.plain(2) + object.arrow() + object.accessor
// ---
function usesLater() { return definedBelow() }
const definedBelow = () => "below";
usesLater()
// ---
const value = ((x: number) => x + 1)(1) + (function () { return 1 })() + (() => k)();
value
// ---
for (const n of [1]) { function inBlock() { return n + k } console.log(inBlock()) }
// ---
const nested = () => () => () => k;
nested()()()
// ---
const withDefault = (f = () => k, {g = (x: number) => x + k} = {}) => f() + g(1);
withDefault()
// ---
new Function("return 1")()
