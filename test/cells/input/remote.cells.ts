@remote({ numCpus: 2 })
function multiply(size: number): number[] {
  return [size * 2];
}
// ---
multiply.local(2)
// ---
multiply
// ---
/** Adds one. */
@remote
export async function addOne(n: number, by = 1): Promise<number> { return n + by }
await addOne.local(1)
// ---
@remote()
function* steps(n: number) { for (let i = 0; i < n; i++) yield i }
[...steps.local(2)]
// ---
@remote({
  name: "slow fib", // with a comment
})
// between the two
function fib(n: number): number {
  return n < 2 ? n : fib.local(n - 1) + fib.local(n - 2);
}
fib.local(10)
// ---
const remote = "the user's own";
@remote({numCpus: 0.5}) function stillRemote() { return remote.length }
stillRemote.local()
// ---
import {remote as makeRemote} from "tasklab";
const byCall = makeRemote((x: number) => x * 2);
byCall.local(4)
// ---
function around() { @remote function inside(x: number) { return x } return inside.local(3) }
around()
// ---
@remote class Counter { n = 0; static made = 0; constructor() { Counter.made++ } add() { return ++this.n } }
const c = Counter.local(); c.add(); c.add()
// ---
[Counter, c instanceof Counter, c.constructor.name]
// ---
@remote({maxRestarts: 1})
export class Failing {
  fail() {
    throw new RangeError("here");
  }
}
Failing.local().fail();
// ---
new Counter()
// ---
multiply(3)
// ---
multiply.remote("three")
// ---
@remote({numCpus: "two"}) function wrong() {}
// ---
@remote
const notAFunction = 1;
