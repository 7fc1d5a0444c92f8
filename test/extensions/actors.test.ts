// What diagrams make of actors: whose process a lane is, what waits for whom, and how a call goes
// its way.

import assert from "node:assert/strict";
import {test} from "node:test";
import fc from "fast-check";
import type {TaskId} from "../../cluster/ids.js";
import type {TraceEvent} from "../../cluster/trace.js";
import {chromeTrace} from "../../extensions/execution/model/chrome-trace.js";
import {clusterView} from "../../extensions/execution/model/cluster-view.js";
import {maxRows} from "../../extensions/execution/model/bars.js";
import {steps} from "../../extensions/execution/model/steps.js";
import {timeline} from "../../extensions/execution/model/timeline.js";
import {TraceModel} from "../../extensions/execution/model/trace-model.js";
import {twin} from "../../extensions/execution/model/twin.js";
import {Story} from "./story.js";
import {withActors} from "./stories.js";

function modelOf(events: readonly TraceEvent[]): TraceModel {
  const model = new TraceModel();
  model.add(events);
  return model;
}

const lanesOf = (events: readonly TraceEvent[], now?: number) =>
  timeline(modelOf(events), now === undefined ? {} : {now: now * 1000})!.groups.flatMap(
    ({lanes}) => lanes,
  );

test("an actor's processes are lanes with its name, one below the other, behind the workers", () => {
  assert.deepEqual(
    lanesOf(withActors().events).map(({label, detail, left}) => [
      label,
      detail,
      left && `${left.verb}: ${left.reason}`,
    ]),
    [
      ["worker 1", "pid 8001", null],
      ["worker 2", "pid 8002", null],
      ['Progress "board"', "actor, pid 8003", "left: crashed"],
      ['Progress "board" ↻2', "actor, pid 8005", null],
      ["Scratch", "actor, pid 8004", "ended: it was killed"],
    ],
  );
});

test("its constructor and its calls are bars in its lanes", () => {
  const [, , first, second] = lanesOf(withActors().events);
  const bars = (lane = first!) => lane.bars.map(({fn, state}) => `${fn} ${state}`);
  assert.deepEqual(bars(), [
    "Progress finished",
    ...Array<string>(4).fill("Progress.report finished"),
    "Progress.report lost",
  ]);
  assert.deepEqual(bars(second), [
    "Progress finished",
    ...Array<string>(4).fill("Progress.report finished"),
  ]);
});

test("actors of one class without names are numbered as they were placed", () => {
  const story = new Story();
  story.startRun(0, "distributed");
  for (const [index, at] of [20, 10, 30].entries()) {
    const {actor, creation} = story.create("Counter", 1 + index);
    story.joinWorker(`w${index}`, 2, 5, 100 + index);
    story.placeActor(actor, at, `w${index}`);
    story.start(creation, at + 1, `w${index}`);
  }
  assert.deepEqual(
    lanesOf(story.events, 40).map(({label, detail}) => [label, detail]),
    [
      ["Counter 1", "actor, pid 101"],
      ["Counter 2", "actor, pid 100"],
      ["Counter 3", "actor, pid 102"],
    ],
  );
});

test("the sentence counts actors beside workers, and no workers where none had a task", () => {
  const view = timeline(modelOf(withActors().events))!;
  assert.match(view.sentence, /^5 runs \(13 tasks in all\) on 2 workers and 2 actors: /);
  const story = new Story();
  story.joinWorker("w1", 0, 1);
  story.startRun(2, "distributed");
  const {actor, creation} = story.create("Counter", 3);
  story.joinWorker("w2", 3, 8);
  story.placeActor(actor, 9, "w2");
  story.start(creation, 10, "w2");
  story.end(creation, 11);
  const call = story.callActor(actor, "Counter.add", 4);
  story.start(call, 12, "w2");
  story.end(call, 22);
  story.endRun(23);
  const alone = twin(modelOf(story.events))!;
  assert.match(alone.sentence, /^2 runs on 1 actor took 19 ms\. /);
  assert.equal(alone.distributed?.figures.slots, 1);
});

test("a worker is idle while calls wait for an actor, and says so; the actor says what it waits for", () => {
  const story = new Story();
  story.joinNode(0);
  for (const worker of ["w1", "w2", "w3"]) story.joinWorker(worker, 0, 1);
  story.startRun(9, "distributed");
  const {actor, creation} = story.create("Counter", 10);
  story.placeActor(actor, 11, "w3");
  const slow = story.submit("slow", 10);
  const [first, second, last] = [[slow], [], []].map((args) =>
    story.callActor(actor, "Counter.add", 10, {args}),
  ) as [TaskId, TaskId, TaskId];
  story.start(creation, 12, "w3");
  story.end(creation, 13);
  story.start(slow, 12, "w1");
  story.end(slow, 60);
  for (const [index, call] of [first, second, last].entries()) {
    story.start(call, 61 + index * 20, "w3");
    story.end(call, 80 + index * 20);
  }
  story.endRun(121);
  const [, worker, own] = lanesOf(story.events);
  assert.deepEqual(
    worker?.idle.map(({reason}) => reason),
    ["calls waited for actor Counter"],
  );
  assert.deepEqual(
    own?.idle.map(({reason}) => reason),
    ["waiting for slow"],
  );
});

test("actors of other runs are no lanes of this one", () => {
  const story = withActors();
  story.startRun(400, "distributed", {cell: 5, name: "later"});
  const task = story.submit("later", 401);
  story.start(task, 402, "w1");
  story.end(task, 410);
  story.endRun(411);
  assert.deepEqual(
    lanesOf(story.events).map(({label}) => label),
    ["worker 1", "worker 2"],
  );
});

test("a call whose value was fetched has finished, though its process could not tell any more", () => {
  const story = new Story();
  story.joinWorker("w1", 0, 1);
  story.startRun(2, "distributed");
  const {actor, creation} = story.create("Counter", 3);
  story.placeActor(actor, 4, "w1");
  story.start(creation, 5, "w1");
  story.end(creation, 6);
  const call = story.callActor(actor, "Counter.add", 7);
  story.start(call, 8, "w1");
  story.fetch(call, 10);
  story.leaveWorker("w1", 12, "crashed");
  story.endRun(13);
  const view = timeline(modelOf(story.events))!;
  assert.match(view.sentence, /^2 runs on 1 actor took /);
  assert.equal(view.groups[0]?.lanes[0]?.bars[1]?.to, 7_000);
});

test("an actor that nobody calls says that no call was waiting", () => {
  const story = new Story();
  story.joinWorker("w1", 0, 1);
  story.startRun(9, "distributed");
  const {actor, creation} = story.create("Counter", 10);
  story.placeActor(actor, 11, "w1");
  story.start(creation, 12, "w1");
  story.end(creation, 14);
  const call = story.callActor(actor, "Counter.add", 40);
  story.start(call, 41, "w1");
  const gaps = lanesOf(story.events, 50)[0]?.idle.map(({reason}) => reason);
  assert.deepEqual(gaps, ["being started", "no call was waiting"]);
});

test("following a call: to its actor, in its turn; nobody schedules it", () => {
  const story = withActors();
  const model = modelOf(story.events);
  const reports = model
    .spansOf(story.run)
    .filter(({fn}) => fn === "Progress.report")
    .map(({id}) => steps(model, {task: id as TaskId})!);
  const [first] = reports;
  assert.deepEqual(
    first?.steps.map(({kind, placeLabel}) => [kind, placeLabel]),
    [
      ["called", "explore"],
      ["submitted", 'actor Progress "board"'],
      ["executed", 'actor Progress "board"'],
      ["stored", "object"],
    ],
  );
  assert.equal(first?.steps[1]?.detail, "its actor was being made");
  const retried = reports.find(({steps: all}) => all.length > 4)!;
  assert.deepEqual(
    retried.steps.map(({kind, state}) => `${kind} ${state}`),
    ["called", "submitted", "executed", "scheduled", "executed", "stored"].map(
      (kind, index) => `${kind} ${index === 2 ? "failed" : "done"}`,
    ),
  );
  assert.equal(retried.steps[3]?.title, "The call is sent to its actor again (attempt 2)");
  assert.equal(retried.steps[3]?.placeLabel, 'actor Progress "board" ↻2');
});

test("following the making of an actor: its process, its constructor, no object to fetch", () => {
  const story = withActors();
  const model = modelOf(story.events);
  const made = model.spansOf(story.run).find(({fn}) => fn === "Scratch")!;
  const view = steps(model, {task: made.id as TaskId})!;
  assert.deepEqual(
    view.steps.map(({title}) => title),
    [
      "Scratch.remote(…) is called with its inputs",
      "The actor asks for a process of its own on the cluster",
      "The cluster is autoscaled to what its tasks need",
      "The actor gets a process of its own",
      "The process runs the constructor",
    ],
  );
  assert.match(view.steps[1]!.detail, /^asks for 2 CPUs/);
});

test("the cluster counts actors apart from workers", () => {
  const view = clusterView(modelOf(withActors().events))!;
  assert.match(view.sentence, /^1 node with 4 CPUs: 2 workers alive and 1 actor; /);
  assert.equal(view.nodes[0]?.present, "2 workers, 1 actor");
});

test("in a Chrome trace an actor's thread has its name", () => {
  const {traceEvents} = chromeTrace(modelOf(withActors().events));
  const names = traceEvents
    .filter(({name}) => name === "thread_name")
    .map(({args}) => args["name"]);
  assert.ok(names.includes('Progress "board" · actor, pid 8003'), String(names));
});

test("in one process actors are no lanes of their own", () => {
  const story = new Story();
  story.startRun(0, "sequential");
  const {actor, creation} = story.create("Counter", 1);
  story.placeActor(actor, 2, "here");
  story.start(creation, 3, "here");
  story.end(creation, 4);
  const task = story.submit("other", 5);
  story.start(task, 6, "here");
  story.end(task, 7);
  story.endRun(8);
  const model = modelOf(story.events);
  assert.equal(timeline(model)?.groups[0]?.lanes[0]?.label, "notebook");
  assert.equal(steps(model, {task})?.steps.at(-2)?.placeLabel, "worker");
});

test("many calls at once take a bounded number of rows, and the lane says so", () => {
  const story = new Story();
  story.joinWorker("w1", 0, 1, 7);
  story.startRun(2, "distributed");
  const {actor, creation} = story.create("Chat", 3);
  story.placeActor(actor, 4, "w1", {className: "Chat"});
  story.start(creation, 5, "w1");
  story.end(creation, 6);
  for (let index = 0; index < 500; index++)
    story.start(story.callActor(actor, "Chat.wait", 7), 8 + index * 0.01, "w1");
  const [lane] = lanesOf(story.events, 20);
  assert.equal(lane?.rows, maxRows);
  assert.equal(lane?.detail, `actor, pid 7, over ${maxRows - 1} at once`);
});

test("events in any order, some of them twice, give the same views of actors", () => {
  const {events} = withActors();
  const views = (all: readonly TraceEvent[]) => {
    const model = modelOf(all);
    return JSON.stringify([timeline(model), clusterView(model), steps(model)]);
  };
  const expected = views(events);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(events, {minLength: events.length}),
      fc.subarray(events),
      (shuffled, twice) => assert.equal(views([...shuffled, ...twice]), expected),
    ),
    {numRuns: 15},
  );
});
