// Messages that thousands of refs send to their cluster. A fake agent answers at once.
import assert from "node:assert/strict";
import {afterEach, beforeEach, test} from "node:test";
import {setFlagsFromString} from "node:v8";
import {runInNewContext} from "node:vm";
import {ClusterBackend, type Door} from "../../../cluster/backends/cluster.js";
import {setAmbient} from "../../../cluster/context/context.js";
import type {ObjectId} from "../../../cluster/ids.js";
import {get, onUnfetchedError, remote, wait} from "../../../cluster/index.js";
import type {ClientReply, ClientRequest} from "../../../cluster/io/threads/ports.js";
import {encode, encodeError} from "../../../cluster/codec/codec.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Objects whose tasks it says have not ended. */
let pending: Set<ObjectId>;
let sent: ClientRequest[];
let tell: (reply: ClientReply) => void;
const {frames} = encode(1, "one");

const door: Door = {
  send(message) {
    sent.push(message);
    if (message.kind === "wait") {
      const {request, objects} = message;
      const positions = objects.flatMap((id, index) => (pending.has(id) ? [] : [index]));
      queueMicrotask(() => tell({kind: "ready", request, positions}));
    } else if (message.kind === "get") {
      const {request, objects} = message;
      const outcomes = objects.map(() => ({ok: true as const, value: frames}));
      queueMicrotask(() => tell({kind: "got", request, outcomes}));
    }
  },
  onReply: (listener) => (tell = listener),
  hold() {},
  end: () => Promise.resolve(),
};

const next = remote(function next(x: number) {
  return x + 1;
});
const sentKinds = (kind: ClientRequest["kind"]) => sent.filter((each) => each.kind === kind);

beforeEach(() => {
  [pending, sent] = [new Set(), []];
  setAmbient({backend: new ClusterBackend(door), cell: "cell-1", parent: null, depth: 0});
});
afterEach(() => setAmbient({backend: null}));

test("a loop of waits over ready refs asks its cluster once", async () => {
  let refs = Array.from({length: 2_000}, (_, i) => next.remote(i));
  const order: unknown[] = [];
  const all = [...refs];
  while (refs.length > 0) {
    const [[first], others] = await wait(refs);
    order.push(first);
    refs = others;
  }
  assert.deepEqual(order, all);
  assert.equal(sentKinds("wait").length, 1);
});

test("a wait asks only for what is not known to be ready", async () => {
  const refs = Array.from({length: 5}, (_, i) => next.remote(i));
  await get([refs[0]!, refs[3]!]);
  pending = new Set([refs[1]!.id]);
  const [ready, others] = await wait(refs, {numReturns: 3});
  assert.deepEqual(ready, [refs[0], refs[2], refs[3]]);
  assert.deepEqual(others, [refs[1], refs[4]]);
  const [{objects, numReturns}] = sentKinds("wait") as [ClientRequest & {kind: "wait"}];
  assert.deepEqual(objects, [refs[1]!.id, refs[2]!.id, refs[4]!.id]);
  assert.equal(numReturns, 1);
});

test("timers have their turn in a loop of waits that are all over", async () => {
  const refs = Array.from({length: 3}, (_, i) => next.remote(i));
  let isOver = false;
  setTimeout(() => (isOver = true), 1);
  while (!isOver) await wait(refs);
});

/** Submits as many, and keeps nothing. */
const drop = (count: number) => void Array.from({length: count}, (_, i) => next.remote(i));

test("dropped refs fetch nothing; an error that comes later is told once", async () => {
  const heard: string[] = [];
  onUnfetchedError(({fn, cell, error}) => heard.push(`${fn} of ${cell}: ${error.message}`));
  drop(50);
  const leftIds = () =>
    sentKinds("leave").flatMap((each) => (each.kind === "leave" ? each.left : []));
  while (leftIds().flatMap(({objects}) => objects).length < 50) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  const [{fn, cell, objects}] = leftIds() as [ReturnType<typeof leftIds>[0]];
  assert.deepEqual([fn, cell], ["next", "cell-1"]);
  const error = encodeError(new RangeError("late"));
  tell({kind: "unfetched", unfetched: {fn, cell, object: objects[0]!, error}});
  assert.deepEqual(heard, ["next of cell-1: late"]);
  assert.deepEqual([...sentKinds("get"), ...sentKinds("wait")], []);
});
