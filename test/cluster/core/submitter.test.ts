import assert from "node:assert/strict";
import {test} from "node:test";
import type {
  Place,
  Shape,
  SubmitterCommand,
  SubmitterEvent,
  TaskOutcome,
  TaskTicket,
} from "../../../cluster/core/events.js";
import {checkSubmitter} from "../../../cluster/core/invariants.js";
import {Submitter} from "../../../cluster/core/client/submitter.js";
import {objectId} from "../../../cluster/ids.js";
import type {LeaseId, ObjectId, RunId, TaskId, WorkerId} from "../../../cluster/ids.js";

const shape: Shape = {key: "CPU=1", resources: {CPU: 1}, depth: 0, priority: 0};
const value: Place = {kind: "inline", ok: true, frames: []};
const error: Place = {kind: "inline", ok: false, frames: []};
const returned = {kind: "returned", place: value} as const;
const threw = {kind: "threw", place: error, errorName: "RangeError"} as const;
const lease = (n: number) => `l${n}` as LeaseId;
const task = (n: number) => `${n}`.padStart(48, "0") as TaskId;
const result = (n: number) => objectId(task(n));

/** A submitter whose commands are kept, without its trace. */
class Stage {
  readonly submitter = new Submitter();
  nowMs = 0;
  commands: SubmitterCommand[] = [];

  tell(...events: SubmitterEvent[]): this {
    for (const event of events) this.#keep(this.submitter.handle(event, this.nowMs));
    this.#keep(this.submitter.flush(this.nowMs));
    checkSubmitter(this.submitter);
    return this;
  }
  submit(n: number, ticket: Partial<TaskTicket> = {}): this {
    return this.tell({
      kind: "task-submitted",
      task: task(n),
      ticket: {
        fn: `f${n}`,
        run: "r1" as RunId,
        cell: "c1",
        parent: null,
        shape,
        args: [],
        maxRetries: 3,
        retryExceptions: false,
        ...ticket,
      },
    });
  }
  grant(n: number): this {
    const worker = `w${n}` as WorkerId;
    return this.tell({kind: "lease-granted", lease: lease(n), shape, worker});
  }
  end(n: number, outcome: TaskOutcome, more: {attempt?: number; ranMs?: number} = {}): this {
    const {attempt = 1, ranMs = 50} = more;
    return this.tell({kind: "task-ended", task: task(n), attempt, outcome, ranMs});
  }
  /** What was ordered since the last look, of these kinds. */
  take<Kind extends SubmitterCommand["kind"]>(...kinds: Kind[]) {
    const commands = this.commands;
    this.commands = [];
    return commands.filter((command): command is SubmitterCommand & {kind: Kind} =>
      kinds.includes(command.kind as Kind),
    );
  }
  sent(): [LeaseId, TaskId[]][] {
    return this.take("send-tasks").map(({lease, tasks}) => [lease, tasks.map(({task}) => task)]);
  }
  #keep(commands: SubmitterCommand[]): void {
    this.commands.push(...commands.filter(({kind}) => kind !== "trace"));
  }
}

test("ten long tasks spread evenly over two workers", () => {
  const stage = new Stage();
  for (let n = 0; n < 10; n++) stage.submit(n);
  assert.deepEqual(
    stage.take("want-leases").map(({count}) => count),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  stage.grant(1).grant(2);
  assert.deepEqual(stage.sent(), [
    [lease(1), [task(0)]],
    [lease(2), [task(1)]],
  ]);
  stage.end(0, returned);
  assert.deepEqual(stage.sent(), [[lease(1), [task(2)]]]);
});

test("tiny tasks flow in batches that grow", () => {
  const stage = new Stage();
  for (let n = 0; n < 1000; n++) stage.submit(n);
  stage.grant(1);
  const sizes: number[] = [];
  let next = 0;
  for (let batch = stage.sent(); next < 1000 && sizes.length < 20; batch = stage.sent()) {
    const tasks = batch.flatMap(([, ids]) => ids);
    sizes.push(tasks.length);
    stage.tell(
      ...tasks.map((id): SubmitterEvent => ({
        kind: "task-ended",
        task: id,
        attempt: 1,
        outcome: returned,
        ranMs: 0.01,
      })),
    );
    next += tasks.length;
  }
  assert.deepEqual(sizes.slice(0, 4), [1, 2, 8, 256]);
});

test("a task waits for its arguments, wherever they come from", () => {
  const stage = new Stage();
  const foreign = "f".repeat(56) as ObjectId;
  stage
    .submit(1)
    .submit(2, {args: [result(1), foreign]})
    .grant(1);
  assert.deepEqual(
    stage.commands.filter(({kind}) => kind === "ask-place"),
    [{kind: "ask-place", object: foreign}],
  );
  assert.deepEqual(stage.sent(), [[lease(1), [task(1)]]]);
  stage.end(1, returned);
  assert.deepEqual(stage.sent(), []);
  stage.tell({kind: "place-told", object: foreign, place: value});
  const [send] = stage.take("send-tasks");
  assert.deepEqual(send?.tasks[0]?.args, [
    {object: result(1), place: value},
    {object: foreign, place: value},
  ]);
});

test("a failed argument fails those that take it, with its error", () => {
  const stage = new Stage();
  stage
    .submit(1)
    .submit(2, {args: [result(1)]})
    .grant(1)
    .end(1, threw);
  assert.deepEqual(stage.take("fail-task"), [
    {
      kind: "fail-task",
      task: task(2),
      why: "argument-failed",
      detail: `argument ${result(1)} of f2 failed`,
      cause: {object: result(1), place: error},
    },
  ]);
  stage.submit(3, {args: [result(2)]}).tell({kind: "object-put", object: result(2), place: error});
  assert.deepEqual(
    stage.take("fail-task").map(({task}) => task),
    [task(3)],
  );
});

test("a lost worker's tasks run again elsewhere, alone, as often as they may", () => {
  const stage = new Stage();
  for (let n = 0; n < 4; n++) stage.submit(n, {maxRetries: 1});
  stage.grant(1).end(0, returned, {ranMs: 0.1});
  stage.take();
  stage.tell({kind: "lease-lost", lease: lease(1), reason: "killed"}).grant(2);
  assert.deepEqual(stage.sent(), [[lease(2), [task(1)]]]);
  stage.tell({kind: "lease-lost", lease: lease(2), reason: "killed"});
  assert.deepEqual(stage.take("fail-task"), [
    {
      kind: "fail-task",
      task: task(1),
      why: "worker-crashed",
      detail:
        "worker w2 was lost while it ran f1 (attempt 2 of 2): killed; look at `%cluster logs`, or set maxRetries",
    },
  ]);
});

test("results that come late or twice change nothing", () => {
  const stage = new Stage();
  stage
    .submit(1)
    .grant(1)
    .tell({kind: "lease-lost", lease: lease(1), reason: "killed"})
    .grant(2);
  stage.take();
  stage.end(1, returned, {attempt: 1});
  assert.deepEqual(stage.take("settle"), []);
  stage.end(1, returned, {attempt: 2}).end(1, returned, {attempt: 2});
  assert.deepEqual(stage.take("settle").length, 1);
});

test("a grant that comes twice does not bring a lease back", () => {
  const stage = new Stage().grant(1).tell({kind: "lease-revoked", lease: lease(1)});
  assert.deepEqual(stage.take("return-lease"), [{kind: "return-lease", lease: lease(1)}]);
  stage.grant(1).submit(1);
  assert.deepEqual(stage.sent(), []);
});

test("an idle lease stays for the next task, and goes after a while", () => {
  const stage = new Stage().submit(1).grant(1).end(1, returned);
  stage.take();
  stage.nowMs = 299;
  stage.submit(2).end(2, returned);
  assert.deepEqual(stage.sent(), [[lease(1), [task(2)]]]);
  stage.nowMs = 598;
  stage.tell({kind: "ticked"});
  assert.deepEqual(stage.take("return-lease", "wake"), [{kind: "wake", atMs: 599}]);
  stage.nowMs = 599;
  stage.tell({kind: "ticked"});
  assert.deepEqual(stage.take("return-lease").length, 1);
});

test("a lease asked back before its first task still serves that one", () => {
  const stage = new Stage().submit(1).submit(2);
  stage.tell(
    {kind: "lease-granted", lease: lease(1), shape, worker: "w1" as WorkerId},
    {kind: "lease-revoked", lease: lease(1)},
  );
  assert.deepEqual(stage.sent(), [[lease(1), [task(1)]]]);
  stage.end(1, returned);
  assert.deepEqual(
    stage.take("return-lease", "send-tasks").map(({kind}) => kind),
    ["return-lease"],
  );
});

test("what a worker hands back goes to the front of the queue, in order", () => {
  const stage = new Stage();
  for (let n = 0; n < 6; n++) stage.submit(n);
  stage.grant(1).end(0, returned, {ranMs: 0.1}).end(1, returned, {ranMs: 0.1});
  assert.deepEqual(stage.sent().at(-1), [lease(1), [task(3), task(4), task(5)]]);
  stage
    .tell({kind: "tasks-returned", lease: lease(1), tasks: [task(3), task(4), task(5)]})
    .grant(2);
  assert.deepEqual(stage.sent(), [[lease(2), [task(3)]]]);
  stage.end(3, returned);
  assert.deepEqual(stage.sent(), [[lease(2), [task(4)]]]);
});

test("a retry for exceptions is made for the named classes only, within maxRetries", () => {
  const stage = new Stage().submit(1, {retryExceptions: ["RangeError"], maxRetries: 1});
  stage
    .submit(2, {retryExceptions: ["TypeError"]})
    .grant(1)
    .grant(2);
  stage.end(1, threw).end(2, threw);
  assert.deepEqual(
    stage.take("settle").map(({object}) => object),
    [result(2)],
  );
  stage.end(1, threw, {attempt: 2});
  assert.deepEqual(
    stage.take("settle").map(({object}) => object),
    [result(1)],
  );
});

test("a task cancelled before it was sent never runs; one that was sent is cancelled there", () => {
  const stage = new Stage().submit(1).submit(2).grant(1);
  stage.take();
  const cancel = (n: number): SubmitterEvent => ({
    kind: "cancel-asked",
    task: task(n),
    force: false,
    recursive: true,
  });
  stage.tell(cancel(2), cancel(1), cancel(1), cancel(99));
  assert.deepEqual(stage.take("fail-task", "cancel-on-worker"), [
    {kind: "fail-task", task: task(2), why: "cancelled", detail: "f2 was cancelled"},
    {
      kind: "cancel-on-worker",
      lease: lease(1),
      worker: "w1",
      task: task(1),
      force: false,
      recursive: true,
    },
  ]);
  stage.end(1, {kind: "cancelled"}).tell(cancel(1));
  assert.deepEqual(
    stage.take("fail-task").map(({why}) => why),
    ["cancelled"],
  );
});

test("when all tasks that wait were cancelled, no lease is wanted any more", () => {
  const stage = new Stage().submit(1).submit(2);
  stage.take();
  for (const n of [1, 2]) {
    stage.tell({kind: "cancel-asked", task: task(n), force: false, recursive: true});
  }
  assert.deepEqual(
    stage.take("want-leases").map(({count}) => count),
    [1, 0],
  );
});

test("cancelling a parent cancels its children, and a cell all of its tasks", () => {
  const stage = new Stage()
    .submit(1)
    .submit(2, {parent: task(1)})
    .submit(3, {parent: task(2)});
  stage.submit(4, {cell: "c2"}).take();
  stage.tell({kind: "cancel-children-asked", parent: task(1), force: false, recursive: true});
  assert.deepEqual(
    stage.take("fail-task").map(({task}) => task),
    [task(3), task(2)],
  );
  stage.tell({kind: "cancel-cell-asked", cell: "c1"});
  assert.deepEqual(
    stage.take("fail-task").map(({task}) => task),
    [task(1)],
  );
});

test("what a cancelled cell submits late is cancelled at once; other cells go on", () => {
  const stage = new Stage().submit(1, {cell: "c1"});
  stage.tell({kind: "cancel-cell-asked", cell: "c1"}).take();
  stage.submit(2, {cell: "c1"}).submit(3, {cell: "c2"});
  assert.deepEqual(
    stage.take("fail-task").map(({task, why}) => ({task, why})),
    [{task: task(2), why: "cancelled"}],
  );
});

test("a task that runs longer than its timeout is cancelled", () => {
  const stage = new Stage().submit(1, {timeoutMs: 100}).grant(1);
  assert.ok(stage.take("wake").some(({atMs}) => atMs === 100));
  stage.nowMs = 100;
  stage.tell({kind: "ticked"}).end(1, {kind: "cancelled"});
  assert.deepEqual(stage.take("fail-task"), [
    {
      kind: "fail-task",
      task: task(1),
      why: "cancelled",
      detail: "f1 ran longer than its timeoutMs (100)",
    },
  ]);
});

test("an object is forgotten when nobody holds it and no task needs it", () => {
  const stage = new Stage()
    .submit(1)
    .submit(2, {args: [result(1)]})
    .grant(1);
  stage.tell({kind: "object-released", object: result(1)}).end(1, returned);
  assert.deepEqual(stage.take("forget-object"), []);
  stage.end(2, returned);
  assert.deepEqual(
    stage.take("forget-object").map(({object}) => object),
    [result(1)],
  );
  assert.deepEqual(stage.submitter.status(), {tasks: 0, objects: 1, leases: 1});
});

test("an object inside a value lives as long as the value", () => {
  const inner = "e".repeat(56) as ObjectId;
  const stage = new Stage().submit(1).grant(1);
  stage.end(1, {kind: "returned", place: {...value, refs: [inner]}});
  assert.deepEqual(
    stage.take("ask-place").map(({object}) => object),
    [inner],
  );
  stage.tell({kind: "object-released", object: result(1)});
  assert.deepEqual(
    stage.take("forget-object").map(({object}) => object),
    [result(1), inner],
  );
});

test("a shared object is published when it is there", () => {
  const stage = new Stage()
    .submit(1)
    .grant(1)
    .tell({kind: "object-shared", object: result(1)});
  stage.end(1, returned).tell({kind: "object-shared", object: result(1)});
  assert.deepEqual(
    stage.take("share-object", "publish-object").map(({kind}) => kind),
    ["share-object", "publish-object"],
  );
});

test("when the head is lost, all that is unfinished fails", () => {
  const stage = new Stage().submit(1).submit(2).grant(1);
  stage.tell({kind: "head-lost", reason: "the head ended"}).submit(3);
  assert.deepEqual(
    stage.take("fail-task").map(({task, why}) => [task, why]),
    [1, 2, 3].map((n) => [task(n), "cluster-stopped"]),
  );
});
