import {cancel, get, ObjectRef, put, wait, type ValueOf} from "tasklab";
import {same} from "./same.js";

const text = put("a");
const number = put(1);
same<ObjectRef<string>, typeof text>(true);
same<string, ValueOf<typeof text>>(true);

// One, a tuple, a list.
const one = await get(text);
same<string, typeof one>(true);
const both = await get([text, number]);
same<[string, number], typeof both>(true);
const pair: readonly [ObjectRef<string>, ObjectRef<number>] = [text, number];
const fromPair = await get(pair, {timeoutMs: 100, signal: AbortSignal.timeout(100)});
same<[string, number], typeof fromPair>(true);
const many = await get(["a", "b"].map((letter) => put(letter)));
same<string[], typeof many>(true);

// @ts-expect-error a promise is awaited as it is
await get(Promise.resolve(1));
// @ts-expect-error no refs
await get([1, 2]);
// @ts-expect-error nothing
await get(undefined);

// A ref is no promise: awaiting it gives the ref.
// (In a cell the kernel warns, and names `get`: kernel/compiler/check/awaited-refs.ts.)
const awaited = await text;
same<ObjectRef<string>, typeof awaited>(true);
// @ts-expect-error
text.then(() => {});

const [ready, notReady] = await wait([text, number], {numReturns: 2, timeoutMs: 10});
same<(ObjectRef<string> | ObjectRef<number>)[], typeof ready>(true);
same<typeof ready, typeof notReady>(true);
// @ts-expect-error a list
await wait(text);

await cancel(text, {force: true, recursive: false});
same<Promise<void>, ReturnType<typeof cancel>>(true);

// Refs follow their values' types: a ref of a narrower type is one of a wider.
const wide: ObjectRef<string | number> = text;
// @ts-expect-error not the other way round
const narrow: ObjectRef<string> = wide;
void narrow;

// Let go of at once.
{
  using scoped = put(1);
  same<ObjectRef<number>, typeof scoped>(true);
}
same<void, ReturnType<typeof text.release>>(true);
