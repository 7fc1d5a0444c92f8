const x = 5;
let cnt = 0;
function inc() { cnt++ }
// ---
({x})
// ---
inc(); inc();
// ---
cnt = 10; inc(); cnt
// ---
const x = "another kind of x";
function cnt() { return x }
// ---
cnt() + x.length
// ---
class x { static kind = "class" }
let inc = 1, cnt = 2;
x.kind + inc + cnt
// ---
function x(a: number): number { return a < 1 ? 0 : 1 + x(a - 1) }
x(3)
// ---
enum x { A = 7 }
x.A
// ---
export const exported = 1;
export default function main() { return exported }
export { exported as renamed };
export interface Shape { a: number }
export type Name = string;
// ---
main() + exported
// ---
if (true) { var inBlock = 1; let hidden = 2 }
for (var i = 0; i < 3; i++);
var {a, b: [c]} = {a: 1, b: [2]};
var first, second = 2;
// ---
[inBlock, i, a, c, first, second]
// ---
const exports = {mine: true};
exports.mine
// ---
null
// ---
undefined
// ---
const before = 1;
throw new Error("after " + before);
// ---
before
// ---
const later = (() => { throw new Error("never set") })();
// ---
const later = 2;
later
// ---
await Promise.resolve(3) + await (async () => 4)()
// ---
const out: number[] = [];
for await (const n of [Promise.resolve(1), 2]) out.push(n);
out
// ---
{ using r = {[Symbol.dispose]() { console.log("disposed") }}; console.log("used") }
// ---
using top = {[Symbol.dispose]() { console.log("disposed at the end") }};
const fromUsing = 1;
function afterUsing() { return fromUsing }
fromUsing + 1
// ---
afterUsing()
// ---
const rows = [];
rows.push({a: 1});
rows
// ---
this === globalThis
// ---
x = 3
// ---
let fetch = 1;
fetch
// ---
const {p, q: [r = 5], ...rest} = {p: 1, q: [], s: 3};
[p, r, rest]
// ---
const exact = 2;
exact satisfies number
// ---
"just a string"
// ---
5;
// ---
async function* counter() { yield 1; yield 2 }
const seen = [];
for await (const n of counter()) seen.push(n);
seen
// ---
interface OnlyAType { a: number }
// ---
const typed: OnlyAType = {a: 1};
typed.a; type LastIsAType = number
// ---
label: for (const n of [1, 2]) { for (;;) continue label }
// ---
switch (1 as number) { case 1: function inCase() { return x } }
// ---
// a comment at the end of an expression
7 // seven
