// Refs made on one backend and used on another: a `%%sequential` cell takes a ref of the cluster,
// and a later cell gives the result back to the cluster.
import assert from "node:assert/strict";
import {test} from "node:test";
import type {Backend} from "../../cluster/backend.js";
import {setAmbient} from "../../cluster/context/context.js";
import {get, type ObjectRef, put, remote, wait} from "../../cluster/index.js";

export function crossing(names: string, open: () => Promise<[Backend, Backend]>): void {
  const double = remote(function double(n: number) {
    return n * 2;
  });
  const fails = remote(function fails(): number {
    throw new RangeError("no");
  });
  const on = (backend: Backend) => setAmbient({backend, parent: null, depth: 0});
  const both = (title: string, body: (here: Backend, there: Backend) => Promise<void>): void => {
    void test(`${names}: ${title}`, {timeout: 30_000}, async () => {
      const [one, other] = await open();
      await body(one, other);
      await body(other, one);
    });
  };

  both("a ref is fetched where it was made, whatever runs now", async (here, there) => {
    on(here);
    const ref = double.remote(4);
    on(there);
    const other = double.remote(5);
    assert.equal(await get(ref), 8);
    assert.deepEqual(await get([other, ref, put(1)]), [10, 8, 1]);
    assert.deepEqual(await wait([other, ref], {numReturns: 2}), [[other, ref], []]);
  });

  both(
    "a ref of one is an argument of the other, and the result one of the first",
    async (here, there) => {
      on(here);
      const four = double.remote(2);
      on(there);
      const eight = double.remote(four);
      const sixteen = double.remote(eight);
      on(here);
      const thirtyTwo = double.remote(sixteen);
      assert.deepEqual(await get([thirtyTwo, sixteen, eight, four]), [32, 16, 8, 4]);
    },
  );

  both("refs inside of arguments and values can be fetched there too", async (here, there) => {
    on(here);
    const refs = [double.remote(1), double.remote(2)];
    const nested = put({refs});
    on(there);
    const sum = remote(async (some: ObjectRef<number>[]) => {
      const [a, b] = await get(some);
      return a! + b!;
    });
    const sumOf = remote(async ({refs: some}: {refs: ObjectRef<number>[]}) => get(some));
    assert.equal(await get(sum.remote(refs)), 6);
    assert.deepEqual(await get(sumOf.remote(nested)), [2, 4]);
  });

  both("an instance brings along what its task made of the class", async (here, there) => {
    class Marked {
      static marks = 0;
    }
    const mark = remote(() => {
      Marked.marks = 5;
      return new Marked();
    });
    const read = remote((marked: Marked) => (marked.constructor as typeof Marked).marks);
    on(here);
    const marked = mark.remote();
    on(there);
    assert.deepEqual([await get(read.remote(marked)), Marked.marks], [5, 0]);
    assert((await get(marked)) instanceof Marked);
  });

  both("an error of one fails the task of the other", async (here, there) => {
    on(here);
    const failed = fails.remote();
    on(there);
    const first = double.remote(failed);
    const second = double.remote(first);
    await assert.rejects(get(second), RangeError);
    await assert.rejects(get(first), RangeError);
    assert.deepEqual(await wait([second]), [[second], []]);
  });

  both("get gives up in time on what waits for the other", async (here, there) => {
    on(here);
    const never = remote(() => new Promise<number>(() => {})).remote();
    on(there);
    const waits = double.remote(never);
    await assert.rejects(get(waits, {timeoutMs: 20}), /20 ms.*`double`/);
    assert.deepEqual(await wait([waits], {timeoutMs: 20}), [[], [waits]]);
    here.cancelCell("");
    there.cancelCell("");
  });
}
