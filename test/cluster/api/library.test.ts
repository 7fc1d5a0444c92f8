// What the library says when it is used wrongly, and what its parts look like. No backend is
// reached.
import assert from "node:assert/strict";
import {inspect} from "node:util";
import {beforeEach, test} from "node:test";
import {SequentialBackend} from "../../../cluster/backends/sequential.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {cancel, get, ObjectRef, put, remote, wait} from "../../../cluster/index.js";
import {refuses} from "../../support/refuses.js";

const double = remote({numCpus: 2}, function double(n: number) {
  return n * 2;
});

beforeEach(() => {
  setAmbient({backend: new SequentialBackend()});
});

test("a direct call is a TypeError that names .remote and .local", async () => {
  const call = double as unknown as (n: number) => number;
  await refuses(
    () => call(2),
    "`double` is remote and is not called directly: write double.remote(…) to run it on the cluster, or double.local(…) to run it here",
  );
  assert.throws(() => call(2), TypeError);
});

test("local is an ordinary call, here and now", () => {
  assert.equal(double.local(4), 8);
});

test("a remote function keeps its name and length and shows as what it is", () => {
  assert.equal(double.name, "double");
  assert.equal(double.length, 1);
  assert.equal(inspect(double), "[RemoteFunction: double]");
  assert.equal(inspect({double}), "{ double: [RemoteFunction: double] }");
});

test("remote refuses remote functions and what is no function", async () => {
  await refuses(
    () => remote(double as never),
    "remote: `double` is remote already; double.options({…}) changes its options",
  );
  await refuses(() => remote(3 as never), /^remote: give it a function or a class/);
  await refuses(() => remote({}, "f" as never), /^remote: give it a function or a class/);
});

test("options are checked where they are written", async () => {
  await refuses(
    () => remote({numCpus: -1}, double.local),
    /^numCpus: -1 of `.*`: must be a number ≥ 0$/,
  );
  await refuses(
    () => double.options({numCpus: -1}),
    "numCpus: -1 of `double`: must be a number ≥ 0",
  );
});

test("options changes what it names and keeps the rest", async () => {
  const calls: unknown[] = [];
  const backend = new SequentialBackend();
  const {submit} = backend;
  backend.submit = (call) => {
    calls.push([call.fn, call.options.resources, call.options.priority]);
    submit.call(backend, call);
  };
  setAmbient({backend});
  await get([
    double.remote(1),
    double.options({priority: 3}).remote(1),
    double.options({numCpus: 0, name: "twice"}).remote(1),
  ]);
  assert.deepEqual(calls, [
    ["double", {CPU: 2}, 0],
    ["double", {CPU: 2}, 3],
    ["twice", {}, 0],
  ]);
});

test("a ref shows as ObjectRef(56 hex digits), however it is printed", () => {
  const ref = double.remote(1);
  assert.match(String(ref), /^ObjectRef\([0-9a-f]{16}f{24}0100000001000000\)$/);
  assert.equal(inspect(ref), String(ref));
  assert.equal(ref.hex(), ref.id);
});

test("a ref is no promise: awaiting it gives the ref", async () => {
  const ref = double.remote(1);
  assert.equal(await (ref as unknown as Promise<unknown>), ref);
});

test("get refuses what is no ref, and says what it was", async () => {
  const wrong = get as (what: unknown) => Promise<unknown>;
  await refuses(
    () => wrong(undefined),
    /^get: undefined is not an ObjectRef; it takes what \.remote\(…\) and put\(…\) return$/,
  );
  await refuses(
    () => wrong(Promise.resolve(1)),
    /^get: a promise is not an ObjectRef; await a promise as it is$/,
  );
  await refuses(
    () => wrong(double),
    /^get: the remote function `double` is not an ObjectRef; submit it first: double\.remote\(…\)$/,
  );
  await refuses(() => wrong([put(1), 7]), /^get: 7 \(number 1 of the list\) is not an ObjectRef/);
  await refuses(
    () => wrong([[put(1)]]),
    /^get: a list \(number 0 of the list\) is not an ObjectRef; .*flatten it$/,
  );
  await refuses(() => wrong("abc"), /^get: the text "abc" is not an ObjectRef/);
  await refuses(() => wrong(new Map()), /^get: a Map is not an ObjectRef/);
});

test("get checks its bounds", async () => {
  await refuses(
    () => get(put(1), {timeoutMs: -1}),
    "get: timeoutMs: -1: must be a number of milliseconds ≥ 0",
  );
  await refuses(
    () => get(put(1), {signal: {} as AbortSignal}),
    /^get: signal: must be an AbortSignal/,
  );
});

test("wait takes each ref once, and no more returns than refs", async () => {
  const [a, b] = [put(1), put(2)];
  await refuses(() => wait([a, b, a]), /^wait: ObjectRef\([0-9a-f]+\) is in the list twice/);
  await refuses(
    () => wait([a], {numReturns: 2}),
    "wait: numReturns: 2: must be a whole number from 1 to 1, the number of refs",
  );
  assert.deepEqual(await wait([]), [[], []]);
  await refuses(() => wait([], {numReturns: 1}), /^wait: numReturns: 1: must be/);
  await refuses(() => wait([a], {numReturns: 0}), /^wait: numReturns: 0/);
  await refuses(() => wait(a as never), "wait: an ObjectRef is not a list of refs");
});

test("cancel takes one ref", async () => {
  await refuses(() => cancel([put(1)] as never), /^cancel: a list is not an ObjectRef/);
});

test("put refuses a ref", async () => {
  await refuses(() => put(put(1)), /^put: ObjectRef\([0-9a-f]+\) is a ref already/);
});

test("ids are never the same", () => {
  const ids = new Set(Array.from({length: 5000}, () => new ObjectRef(double.remote(1).id).id));
  assert.equal(ids.size, 5000);
});
