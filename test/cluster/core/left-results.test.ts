// Results that were left before anybody had asked for them: an error is told, and nothing is kept.
import assert from "node:assert/strict";
import {test} from "node:test";
import type {Place, Shape, SubmitterEvent} from "../../../cluster/core/events.js";
import {Submitter} from "../../../cluster/core/client/submitter.js";
import {
  objectId,
  type LeaseId,
  type NodeId,
  type RunId,
  type TaskId,
  type WorkerId,
} from "../../../cluster/ids.js";

const shape: Shape = {key: "CPU=1", resources: {CPU: 1}, depth: 0, priority: 0};
const task = "1".padStart(48, "0") as TaskId;
const object = objectId(task);
const by = {fn: "f", cell: "c1"};
const ticket = {shape, run: "r1" as RunId, parent: null, args: [], maxRetries: 0};
const submitted: SubmitterEvent[] = [
  {kind: "task-submitted", task, ticket: {...ticket, ...by, retryExceptions: false}},
  {kind: "lease-granted", lease: "l1" as LeaseId, shape, worker: "w1" as WorkerId},
];
const ended = (place: Place, ok: boolean): SubmitterEvent => ({
  kind: "task-ended",
  task,
  attempt: 1,
  outcome: ok ? {kind: "returned", place} : {kind: "threw", place, errorName: "Error"},
  ranMs: 1,
});
const returns = ended({kind: "inline", ok: true, frames: []}, true);
const throws = ended({kind: "inline", ok: false, frames: []}, false);
const left: SubmitterEvent = {kind: "object-left", object, by};
const released: SubmitterEvent = {kind: "object-released", object};

for (const [title, events, expected] of [
  ["a result that is left is forgotten", [returns, left], ["forget-object"]],
  ["a result that was left before is forgotten", [left, returns], ["forget-object"]],
  ["an error that is left is told, and held until then", [throws, left], ["tell-unfetched"]],
  ["an error of what was left before is told", [left, throws], ["tell-unfetched"]],
  ["a told error is forgotten", [left, throws, released], ["tell-unfetched", "forget-object"]],
  ["what came back out of a value is not told", [left, {kind: "object-held", object}, throws], []],
  ["what somebody wants again is not told", [left, {kind: "object-wanted", object}, throws], []],
] as [string, SubmitterEvent[], string[]][]) {
  test(title, () => {
    const submitter = new Submitter();
    const commands = [...submitted, ...events].flatMap((event) => [
      ...submitter.handle(event, 0),
      ...submitter.flush(0),
    ]);
    const kinds = commands.map(({kind}) => kind);
    const ofObjects = new Set<string>(["tell-unfetched", "forget-object"]);
    assert.deepEqual(
      kinds.filter((kind) => ofObjects.has(kind)),
      expected,
    );
  });
}

const stored: Place = {kind: "stored", ok: true, node: "n1" as NodeId, sizeBytes: 1_000_000};
const lost: SubmitterEvent = {
  kind: "lease-lost",
  lease: "l1" as LeaseId,
  reason: "it was killed",
  restarts: false,
};
const asked = {kind: "drop-stored", object, node: null, upTo: 1};
const late = {kind: "drop-stored", object, node: "n1", upTo: 1};

for (const [title, events, expected] of [
  ["is dropped when its task was given up", [lost, ended(stored, true)], [asked, late]],
  ["stays when it is told twice", [ended(stored, true), ended(stored, true)], []],
] as [string, SubmitterEvent[], object[]][]) {
  test(`a stored result ${title}`, () => {
    const submitter = new Submitter();
    const commands = [...submitted, ...events].flatMap((event) => [
      ...submitter.handle(event, 0),
      ...submitter.flush(0),
    ]);
    assert.deepEqual(
      commands.filter(({kind}) => kind === "drop-stored"),
      expected,
    );
  });
}
