import assert from "node:assert/strict";
import {afterEach, beforeEach, mock, test} from "node:test";
import {MessageChannel} from "node:worker_threads";
import {Feed, maxPanels} from "../../../kernel/protocol/feed.js";
import type {TraceEvent, TraceFeedMessage} from "../../../cluster/trace.js";
import type {TaskId, WorkerId} from "../../../cluster/ids.js";

let feed: Feed;
beforeEach(() => {
  mock.timers.enable({apis: ["setTimeout"]});
  feed = new Feed("session", "2020-01-01T00:00:00.000Z");
});
afterEach(() => mock.timers.reset());

const ended = (n: number): TraceEvent => ({
  ...{kind: "task-ended", at: n, task: `t${n}` as TaskId, attempt: 1, state: "finished"},
  ...{storeUs: 0, sizeBytes: 0, worker: "w1" as WorkerId},
});
const events = (from: number, to: number) =>
  Array.from({length: to - from}, (_, index) => ended(from + index));
const open = (comm: string, close = () => {}) => {
  const messages: TraceFeedMessage[] = [];
  feed.open(comm, {send: (message) => messages.push(message), close});
  return messages;
};

test("a panel gets a snapshot, then only what is new, at most ten times a second", () => {
  feed.add(events(0, 3));
  const panel = open("p");
  assert.equal(panel[0]!.kind, "snapshot");
  assert.deepEqual(panel[0]!.events, events(0, 3));
  for (let n = 3; n < 50; n++) feed.add([ended(n)]);
  assert.equal(panel.length, 1);
  mock.timers.tick(100);
  assert.equal(panel.length, 2);
  assert.deepEqual(panel[1]!.events, events(3, 50));
});

test("a panel that comes later, or comes again, misses and repeats nothing", () => {
  const first = open("1");
  feed.add(events(0, 5));
  const second = open("2");
  feed.add(events(5, 9));
  mock.timers.tick(100);
  for (const panel of [first, second])
    assert.deepEqual(
      panel.flatMap((message) => message.events),
      events(0, 9),
    );
  feed.close("1");
  feed.add(events(9, 10));
  mock.timers.tick(100);
  assert.equal(first.length, 2);
  assert.deepEqual(second.at(-1)!.events, events(9, 10));
});

test("whoever asks for all events gets those, too, that lie unheard in a cluster's port", () => {
  const {port1, port2} = new MessageChannel();
  feed.listen(port2);
  port1.postMessage(events(0, 3));
  port1.postMessage(events(3, 5));
  assert.deepEqual(feed.all(), events(0, 5));
  port1.close();
});

test("more than a browser's share goes out in parts, in order, all of it", () => {
  feed.add(events(0, 50_000));
  const panel = open("p");
  assert.ok(panel[0]!.events.length < 50_000);
  for (let ticks = 0; ticks < 200; ticks++) mock.timers.tick(100);
  assert.deepEqual(
    panel.flatMap((message) => message.events),
    events(0, 50_000),
  );
});

test("beyond 100,000 attempts the oldest events go, and a snapshot says how many", () => {
  feed.add(events(0, 120_000));
  const [snapshot] = open("p");
  assert.ok(snapshot?.kind === "snapshot");
  assert.equal(snapshot.droppedEvents, 20_000);
  assert.deepEqual(snapshot.events[0], ended(20_000));
  assert.equal(feed.all().length, 100_000);
});

test("panels whose pages are gone make room for new ones", () => {
  const closed: string[] = [];
  const panels = Array.from({length: maxPanels + 2}, (_, n) =>
    open(`${n}`, () => closed.push(`${n}`)),
  );
  assert.deepEqual(closed, ["0", "1"]);
  feed.add(events(0, 1));
  mock.timers.tick(100);
  assert.equal(panels[1]!.length, 1);
  assert.equal(panels[2]!.length, 2);
});
