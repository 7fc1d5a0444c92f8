// Contexts go along with promises, in long rows of awaits too, during which V8's hooks rest.

import assert from "node:assert/strict";
import {test} from "node:test";
import {setTimeout as pause} from "node:timers/promises";
import {carryContext} from "../../../cluster/context/carry.js";
import {ambient, inContext, setAmbient} from "../../../cluster/context/context.js";

let isAlone = true;
carryContext(() => isAlone);

const inCell = <T>(cell: string, work: () => T): T => inContext({...ambient(), cell}, work);
const cell = () => ambient().cell;

/** Longer than a burst needs. */
async function awaitOften(): Promise<void> {
  for (let i = 0; i < 10_000; i++) await i;
}

test("what a burst has begun goes on in its context, beside others", async () => {
  const seen: string[] = [];
  const work = async () => {
    await awaitOften();
    const late = (async () => {
      await awaitOften();
      await pause(20);
      return cell();
    })();
    setImmediate(() => seen.push(`immediate ${cell()}`));
    await pause(1);
    seen.push(`timer ${cell()}`, `late ${await late}`);
    await awaitOften();
    seen.push(`end ${cell()}`);
  };
  const first = inCell("first", work);
  await first;
  assert.deepEqual(
    seen.sort(),
    ["immediate", "late", "end", "timer"].map((each) => `${each} first`).sort(),
  );
});

test("a burst's leftovers stay in its context when another is begun", async () => {
  let late = Promise.resolve("");
  await inCell("first", async () => {
    await awaitOften();
    late = (async () => {
      await pause(20);
      await null;
      return cell();
    })();
  });
  const own = await inCell("second", async () => {
    for (let i = 0; i < 10; i++) await pause(4);
    return cell();
  });
  assert.deepEqual([await late, own], ["first", "second"]);
});

test("a context that changes in a burst goes along from there", async () => {
  const seen: string[] = [];
  await inCell("outer", async () => {
    await awaitOften();
    const inner = inCell("inner", async () => {
      await null;
      seen.push(cell());
      await awaitOften();
      await pause(1);
      seen.push(cell());
    });
    await null;
    seen.push(cell());
    await inner;
    seen.push(cell());
    await awaitOften();
    setAmbient({cell: "changed"});
    await null;
    seen.push(cell());
  });
  assert.deepEqual(seen, ["inner", "outer", "inner", "outer", "changed"]);
});

test("several that wait for each other keep their contexts", async () => {
  isAlone = false;
  let open: () => void = () => {};
  const gate = new Promise<void>((go) => (open = go));
  const waiting = inCell("waiting", async () => {
    await gate;
    return cell();
  });
  await inCell("opening", async () => {
    await awaitOften();
    open();
    await awaitOften();
  });
  assert.equal(await waiting, "waiting");
  isAlone = true;
});
