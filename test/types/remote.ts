// Compiled, not run: every line below `@ts-expect-error` must be an error, every other line none.
import {get, ObjectRef, remote, type RemoteFunction} from "tasklab";
import {same} from "./same.js";

type Matrix = number[][];

const multiply = remote({numCpus: 2}, (size: number): Matrix => [[size]]);
same<RemoteFunction<[size: number], Matrix>, typeof multiply>(true);

// Submitting gives a ref of the result; an argument is a value or a ref of it.
const product = multiply.remote(300);
same<ObjectRef<Matrix>, typeof product>(true);
const sum = remote((matrix: Matrix, scale?: number) => matrix.flat().length * (scale ?? 1));
same<ObjectRef<number>, ReturnType<typeof sum.remote>>(true);
sum.remote(product);
sum.remote([[1]], 2);
sum.remote(product, remote(() => 2).remote());
// @ts-expect-error a ref of something else
sum.remote(sum.remote(product));
// @ts-expect-error a value of another type
multiply.remote("300");
// @ts-expect-error too few arguments
multiply.remote();
// @ts-expect-error too many arguments
multiply.remote(1, 2);

// Calling it directly is refused, with any arguments, and where a function is wanted.
// @ts-expect-error
multiply(300);
// @ts-expect-error
multiply();
// @ts-expect-error
[1, 2].map(multiply);

// Here and elsewhere.
same<Matrix, ReturnType<typeof multiply.local>>(true);
// @ts-expect-error a local call takes values
multiply.local(remote(() => 1).remote());

// Asynchronous functions give what they resolve to.
const slow = remote(async (text: string) => text.length);
same<ObjectRef<number>, ReturnType<typeof slow.remote>>(true);
same<Promise<number>, ReturnType<typeof slow.local>>(true);

// Rest arguments, unions, and booleans keep their shape.
const join = remote((glue: string, ...parts: (string | number)[]) => parts.join(glue));
join.remote(",", 1, "a", remote(() => "b").remote());
const not = remote((flag: boolean) => !flag);
not.remote(true);
not.remote(not.remote(true));

// A parameter with a default value has the value's type, beside others and in each form.
const add = remote((a: number, b = 1) => a + b);
same<RemoteFunction<[a: number, b?: number], number>, typeof add>(true);
same<typeof add, ReturnType<typeof makeAdd>>(true);
function makeAdd() {
  return remote({numCpus: 2}, (a: number, b = 1) => a + b);
}
const addWith = remote({numCpus: 2})((a: number, b = 1) => a + b);
same<typeof add, typeof addWith>(true);
add.remote(1);
add.remote(1, remote(() => 2).remote());
// @ts-expect-error a value of another type
add.remote(1, "2");
const area = remote(({width = 1, height = 1} = {}) => width * height);
area.remote({width: 2});

// A generic function stays one for a local call; `.remote` takes `unknown` for its type parameters.
const list = remote(<T>(item: T): T[] => [item]);
const here = list.options({numCpus: 2}).local("a");
same<string[], typeof here>(true);
const there = list.remote("a");
same<ObjectRef<unknown[]>, typeof there>(true);
// @ts-expect-error refused all the same
list("a");

// Of a function without a type, nothing is known.
const untyped = remote(JSON.parse("1"));
same<RemoteFunction<any[], any>, typeof untyped>(true);
same<ObjectRef<any>, ReturnType<typeof untyped.remote>>(true);

// A ref that is to arrive as a ref travels inside of another value.
const later = remote(async (refs: ObjectRef<number>[]) => (await get(refs)).length);
later.remote([slow.remote("a")]);
const bare = remote((ref: ObjectRef<number>) => ref.id);
// @ts-expect-error at the top level it would arrive as its value
bare.remote(slow.remote("a"));

// All the ways to make one.
same<typeof multiply, ReturnType<typeof make>>(true);
function make() {
  return remote((size: number): Matrix => [[size]], {numCpus: 2});
}
const decorated = remote({numCpus: 1})((size: number): Matrix => [[size]]);
same<typeof multiply, typeof decorated>(true);

// Recursion through `.remote`.
const fib: RemoteFunction<[n: number], Promise<number>> = remote(async (n: number) => {
  if (n < 2) return n;
  const [a, b] = await get([fib.remote(n - 1), fib.remote(n - 2)]);
  return a + b;
});
same<ObjectRef<number>, ReturnType<typeof fib.remote>>(true);

// Options.
remote({numCpus: 0.5, numGpus: 1, resources: {tpu: 1}, memory: 2 ** 30, maxRetries: -1}, () => 1);
remote({retryExceptions: [RangeError], timeoutMs: 100, priority: 2, name: "one"}, () => 1);
same<typeof multiply, ReturnType<typeof multiply.options>>(true);
multiply.options({numCpus: 4}).remote(3);
// @ts-expect-error no such option
multiply.options({num_cpus: 4});
// @ts-expect-error not a number
remote({numCpus: "2"}, () => 1);
// @ts-expect-error one value a task
remote({numReturns: 2}, () => 1);
