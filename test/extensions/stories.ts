// The traces that the gallery draws and the tests read.

import type {TaskId} from "../../cluster/ids.js";
import {Story} from "./story.js";

export const multiply = "performNaiveMatrixMultiplication";
export const sum = "computeMatrixSum";
export const expensive = "expensiveComputation";

/** Ten runs one after another in this process, each with its two inner calls. */
export function sequentialRun(story: Story, begin = 0, {runs = 10, cell = 2} = {}): number {
  story.startRun(begin - 1, "sequential", {cell});
  let at = begin;
  for (let index = 0; index < runs; index++) {
    const us = 110 + wave(index) * 8;
    const call = story.call(expensive, at, at + us);
    story.call(multiply, at + 0.1, at + us - 4, call);
    story.call(sum, at + us - 3.8, at + us - 0.2, call);
    at += us + 0.3;
  }
  story.endRun(at + 1);
  return at;
}

/** The same as tasks on two workers with four CPUs: each run waits in `get` while its parts run. */
export function distributedRun(story: Story, begin: number, {runs = 10, cell = 5} = {}): number {
  story.startRun(begin - 1, "distributed", {cell});
  const tops: TaskId[] = [];
  for (let index = 0; index < runs; index++)
    tops.push(story.submit(expensive, begin + index * 0.05));
  let last = begin;
  for (const [worker, own] of [
    ["w1", tops.filter((_, i) => i % 2 === 0)],
    ["w2", tops.filter((_, i) => i % 2 === 1)],
  ] as const) {
    let at = begin + (worker === "w1" ? 1.2 : 1.6);
    own.forEach((top, index) => {
      story.start(top, at, worker);
      const us = 108 + wave(index * 2 + (worker === "w2" ? 1 : 0)) * 9;
      const product = story.submit(multiply, at + 0.6, {parent: top, cpus: 2});
      const total = story.submit(sum, at + 0.8, {parent: top, args: [product]});
      story.block(top, at + 1, at + us + 9, [total]);
      story.start(product, at + 2.4, worker);
      story.end(product, at + us, {sizeBytes: 270_000, storeMs: 2});
      story.start(total, at + us + 3, worker, {fetchMs: 1.4});
      story.end(total, at + us + 8, {storeMs: 0.05});
      story.fetch(total, at + us + 8.6, top);
      story.end(top, at + us + 9.6);
      at += us + 12;
      last = Math.max(last, at - 2);
    });
  }
  for (const top of tops) story.fetch(top, last + 0.6);
  story.endRun(last + 1.5);
  return last + 0.6;
}

/** The tutorial: a sequential run, a cluster of two workers, the distributed run. */
export function tutorial(): Story {
  const story = new Story();
  const end = sequentialRun(story, 10);
  story.joinNode(end + 100, {cpus: 4, maxWorkers: 2});
  story.joinWorker("w1", end + 101, end + 190, 4711);
  story.joinWorker("w2", end + 102, end + 196, 4712);
  distributedRun(story, end + 400);
  return story;
}

/** One worker, allowed four: demand starts more, idleness stops them. */
export function autoscaled(): Story {
  const story = new Story();
  story.joinNode(0, {cpus: 4, maxWorkers: 4});
  story.joinWorker("w1", 1, 80, 5001);
  story.startRun(200, "distributed", {cell: 3, name: "growing"});
  const tasks = Array.from({length: 12}, (_, index) => story.submit("square", 201 + index * 0.1));
  story.scale(206, 1, 4, "11 tasks wait for a free process");
  ["w2", "w3", "w4"].forEach((worker, index) =>
    story.joinWorker(worker, 207 + index * 2, 300 + index * 14, 5002 + index),
  );
  const free = new Map([
    ["w1", 203],
    ["w2", 302],
    ["w3", 316],
    ["w4", 330],
  ]);
  let last = 0;
  for (const [index, task] of tasks.entries()) {
    const [worker, at] = [...free].sort((a, b) => a[1] - b[1])[0] ?? ["w1", 0];
    const to = at + 70 + wave(index) * 12;
    story.start(task, at, worker);
    story.end(task, to);
    story.fetch(task, to + 0.5);
    free.set(worker, to + 1.5);
    last = Math.max(last, to + 0.5);
  }
  story.endRun(last + 1);
  story.scale(last + 120, 4, 1, "3 workers were idle for 0.1 s");
  for (const worker of ["w2", "w3", "w4"]) story.leaveWorker(worker, last + 122, "idle");
  return story;
}

/** Some tasks fail, one is cancelled, one loses its worker and runs again elsewhere. */
export function troubled(): Story {
  const story = new Story();
  story.joinNode(0);
  story.joinWorker("w1", 1, 60, 6001);
  story.joinWorker("w2", 1, 64, 6002);
  story.startRun(100, "distributed", {cell: 7, name: "trouble"});
  const [good, bad, stopped, unlucky, late] = ["load", "parse", "search", "render", "load"].map(
    (fn, index) => story.submit(fn, 101 + index * 0.1),
  ) as [TaskId, TaskId, TaskId, TaskId, TaskId];
  story.start(good, 103, "w1");
  story.end(good, 150);
  story.start(bad, 103.4, "w2");
  story.end(bad, 171, {state: "failed", error: "RangeError: row 7 has 3 cells, not 4"});
  story.start(unlucky, 152, "w1");
  story.leaveWorker("w1", 190, "crashed");
  story.end(unlucky, 190, {state: "lost", error: "worker 1 ended by SIGKILL"});
  story.joinWorker("w3", 192, 246, 6003);
  story.start(stopped, 174, "w2");
  story.end(stopped, 236, {state: "cancelled"});
  story.start(unlucky, 248, "w3", {attempt: 2});
  story.end(unlucky, 290, {attempt: 2});
  story.start(late, 240, "w2");
  story.end(late, 284);
  story.endRun(292, "failed");
  return story;
}

/** Tasks share an actor, which is lost half-way and made anew; another one is killed. */
export function withActors(): Story {
  const story = new Story();
  story.joinNode(0, {cpus: 4, maxWorkers: 2});
  story.joinWorker("w1", 1, 60, 8001);
  story.joinWorker("w2", 1, 64, 8002);
  story.startRun(100, "distributed", {cell: 4, name: "progress"});
  const {actor, creation} = story.create("Progress", 101);
  story.joinWorker("w3", 103, 150, 8003);
  const board = {className: "Progress", name: "board"};
  story.placeActor(actor, 151, "w3", board);
  story.start(creation, 152, "w3");
  story.end(creation, 170, {sizeBytes: 0, storeMs: 0});
  const {actor: scratch, creation: made} = story.create("Scratch", 102, {cpus: 2});
  story.joinWorker("w4", 104, 158, 8004);
  story.placeActor(scratch, 159, "w4", {className: "Scratch"});
  story.start(made, 160, "w4");
  story.end(made, 166, {sizeBytes: 0, storeMs: 0});
  const sum = story.callActor(scratch, "Scratch.sum", 110);
  story.start(sum, 168, "w4");
  story.end(sum, 190, {state: "cancelled", error: "its actor was killed"});
  story.endActor(scratch, 190, "it was killed");
  story.leaveWorker("w4", 190, "cancelled");
  for (const [index, worker] of ["w1", "w2"].entries()) {
    const task = story.submit("explore", 104 + index);
    story.start(task, 106 + index * 2, worker);
    story.end(task, 310 + index * 24);
    story.fetch(task, 336);
    // Each reports four times; calls wait for each other, and for the actor.
    for (let part = 0; part < 4; part++) {
      const at = 130 + part * 46 + index * 4;
      const report = story.callActor(actor, "Progress.report", at, {parent: task});
      const isLost = part === 2;
      const begun = part === 0 ? 172 + index * 10 : 192 + index * 10;
      const attempt = isLost ? 2 : 1;
      if (isLost && index === 0) {
        story.start(report, 224, "w3");
        story.end(report, 228, {state: "lost", error: "its process ended by SIGKILL"});
      }
      const again = isLost ? 292 + index * 9 : part === 3 ? 310 + index * 9 : begun;
      story.start(report, again, isLost || part === 3 ? "w5" : "w3", {
        attempt: isLost && index === 0 ? attempt : 1,
        fetchMs: 0,
      });
      story.end(report, again + 8, {attempt: isLost && index === 0 ? attempt : 1});
    }
  }
  story.leaveWorker("w3", 228, "crashed");
  story.joinWorker("w5", 230, 274, 8005);
  story.placeActor(actor, 275, "w5", {...board, incarnation: 2});
  story.start(creation, 276, "w5", {attempt: 2});
  story.end(creation, 290, {attempt: 2, sizeBytes: 0, storeMs: 0});
  story.endRun(337);
  return story;
}

/** Many short tasks, far more than there are pixels. */
export function crowd(tasks = 20_000): Story {
  const story = new Story();
  story.joinNode(0, {cpus: 8, maxWorkers: 8});
  for (let index = 1; index <= 8; index++)
    story.joinWorker(`w${index}`, 1, 50 + index, 7000 + index);
  story.startRun(90, "distributed", {cell: 9, name: "crowd"});
  for (let index = 0; index < tasks; index++) {
    const at = 100 + Math.floor(index / 8) * 0.4;
    const task = story.submit(index % 5 === 0 ? "odd" : "even", 95);
    story.start(task, at, `w${(index % 8) + 1}`, {fetchMs: 0});
    story.end(task, at + 0.3, {storeMs: 0});
  }
  story.endRun(110 + (tasks / 8) * 0.4);
  return story;
}

/** Between -1 and 1, the same each time: real durations differ a little. */
function wave(index: number): number {
  return Math.sin(index * 2.4 + 0.7);
}
