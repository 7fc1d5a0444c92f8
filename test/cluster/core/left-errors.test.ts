// What an attempt that is made once more has left in a store.
import assert from "node:assert/strict";
import {test} from "node:test";
import type {Place, Shape, SubmitterEvent, TaskOutcome} from "../../../cluster/core/events.js";
import {Submitter} from "../../../cluster/core/client/submitter.js";
import type {LeaseId, NodeId, RunId, TaskId, WorkerId} from "../../../cluster/ids.js";

const shape: Shape = {key: "CPU=1", resources: {CPU: 1}, depth: 0, priority: 0};
const task = "1".padStart(48, "0") as TaskId;
const stored = (node: string): Place => {
  return {kind: "stored", ok: false, node: node as NodeId, sizeBytes: 1};
};
const threwOn = (node: string): TaskOutcome => {
  return {kind: "threw", place: stored(node), errorName: "Error"};
};

for (const [title, second, dropped] of [
  ["goes when the task returns", {kind: "returned", place: {...stored("n2"), ok: true}}, ["n1"]],
  ["goes when the task is cancelled", {kind: "cancelled"}, ["n1"]],
  ["goes when the last one comes elsewhere", threwOn("n2"), ["n1"]],
  ["is replaced by the last one in the same store", threwOn("n1"), []],
] as [string, TaskOutcome, string[]][]) {
  test(`the stored error of an attempt ${title}`, () => {
    const submitter = new Submitter();
    const dropsOf = (events: SubmitterEvent[]): (NodeId | null)[] =>
      events
        .flatMap((event) => [...submitter.handle(event, 0), ...submitter.flush(0)])
        .flatMap((command) => (command.kind === "drop-stored" ? [command.node] : []));
    const more = {run: "r1" as RunId, cell: "c1", parent: null, args: []};
    const ticket = {fn: "f", shape, ...more, maxRetries: 1, retryExceptions: true};
    const begun = dropsOf([
      {kind: "task-submitted", task, ticket},
      {kind: "lease-granted", lease: "l1" as LeaseId, shape, worker: "w1" as WorkerId},
      {kind: "task-ended", task, attempt: 1, outcome: threwOn("n1"), ranMs: 1},
    ]);
    assert.deepEqual(begun, []);
    const ended = {kind: "task-ended", task, attempt: 2, outcome: second, ranMs: 1} as const;
    assert.deepEqual(dropsOf([ended]), dropped);
  });
}
