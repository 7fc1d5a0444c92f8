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
import {actorKey} from "../../../cluster/core/client/actor-calls.js";
import {Submitter} from "../../../cluster/core/client/submitter.js";
import {actorId, creationOf, holdOf, objectId} from "../../../cluster/ids.js";
import type {LeaseId, ObjectId, RunId, TaskId, WorkerId} from "../../../cluster/ids.js";

const actor = actorId("1".padStart(24, "0"));
const held = holdOf(actor);
const shape: Shape = {key: actorKey(actor), resources: {}, depth: 0, priority: 0, actor};
const own: Shape = {key: "CPU=1", resources: {CPU: 1}, depth: 0, priority: 0};
const value: Place = {kind: "inline", ok: true, frames: []};
const error: Place = {kind: "inline", ok: false, frames: []};
const call = (n: number) => `${n}`.padStart(48, "0") as TaskId;
const result = (n: number) => objectId(call(n));
const lease = (n: number) => `a${n}` as LeaseId;

/** A process that has made an actor and calls it; its commands are kept, without its trace. */
class Stage {
  readonly submitter = new Submitter();
  nowMs = 0;
  #commands: SubmitterCommand[] = [];

  tell(...events: SubmitterEvent[]): this {
    for (const event of events) this.#keep(this.submitter.handle(event, this.nowMs));
    this.#keep(this.submitter.flush(this.nowMs));
    checkSubmitter(this.submitter);
    return this;
  }
  #submitted(
    task: TaskId,
    ticket: Partial<TaskTicket> & Pick<TaskTicket, "fn" | "shape">,
  ): SubmitterEvent {
    const rest = {run: "r1" as RunId, cell: "c1", parent: null, args: [], maxRetries: 0};
    return {kind: "task-submitted", task, ticket: {...rest, retryExceptions: false, ...ticket}};
  }
  create(ticket: Partial<TaskTicket> = {}): this {
    const made = {fn: "Counter", shape: own, ...ticket};
    return this.tell(
      this.#submitted(creationOf(actor), {...made, actor: {kind: "creation", actor} as never}),
    );
  }
  calls(numbers: number[], ticket: Partial<TaskTicket> = {}): this {
    const one = (n: number) =>
      this.#submitted(call(n), {
        ...{fn: `Counter.f${n}`, shape, holds: [held], ...ticket},
        actor: {kind: "call", actor} as never,
      });
    return this.tell(...numbers.map(one));
  }
  grant(n = 1): this {
    const worker = `w${n}` as WorkerId;
    return this.tell({kind: "lease-granted", lease: lease(n), shape, worker});
  }
  lose(n: number, restarts: boolean): this {
    return this.tell({kind: "lease-lost", lease: lease(n), reason: "it crashed", restarts});
  }
  end(n: number, outcome: TaskOutcome = {kind: "returned", place: value}, attempt = 1): this {
    return this.tell({kind: "task-ended", task: call(n), attempt, outcome, ranMs: 1});
  }
  take(kind: SubmitterCommand["kind"]): SubmitterCommand[] {
    const taken = this.#commands.filter((command) => command.kind === kind);
    this.#commands = [];
    return taken;
  }
  /** "number/attempt" of what was sent since. */
  sent(): string[] {
    return this.take("send-tasks").flatMap((command) =>
      command.kind === "send-tasks"
        ? command.tasks.map(({task, attempt}) => `${Number(task)}/${attempt}`)
        : [],
    );
  }
  failed(): string[] {
    return this.take("fail-task").map((command) =>
      command.kind === "fail-task" ? `${Number(command.task)} ${command.why}` : "",
    );
  }
  #keep(commands: SubmitterCommand[]): void {
    this.#commands.push(...commands.filter(({kind}) => kind !== "trace"));
  }
}
const upTo = (n: number) => Array.from({length: n}, (_, i) => i + 1);

test("a call that waits for an argument holds up those after it", () => {
  const argument = "a".repeat(56) as ObjectId;
  const stage = new Stage().create().grant();
  stage
    .calls([1])
    .calls([2], {args: [argument]})
    .calls([3]);
  assert.deepEqual(stage.sent(), ["1/1"]);
  stage.tell({kind: "place-told", object: argument, place: value});
  assert.deepEqual(stage.sent(), ["2/1", "3/1"]);
});

test("a call whose argument fails makes room for those after it", () => {
  const argument = "a".repeat(56) as ObjectId;
  const stage = new Stage()
    .create()
    .grant()
    .calls([1], {args: [argument]})
    .calls([2]);
  stage.tell({kind: "place-told", object: argument, place: error});
  assert.deepEqual(stage.sent(), ["2/1"]);
});

test("however many calls wait inside of an actor, the one that lets them go is sent", () => {
  const stage = new Stage().create().grant().calls(upTo(2000));
  assert.equal(stage.sent().length, 2000);
  for (const n of upTo(1000)) stage.calls([2000 + n]);
  assert.equal(stage.sent().length, 1000);
});

test("calls are sent again in their order when the actor is made anew, as often as they may", () => {
  const stage = new Stage().create().grant().calls([1]).calls([2, 3], {maxRetries: 1});
  stage.take("send-tasks");
  stage.calls([4]).take("send-tasks");
  stage.lose(1, true);
  assert.deepEqual(stage.failed().sort(), ["1 actor-unavailable", "4 actor-unavailable"]);
  stage.grant(2).calls([5]);
  assert.deepEqual(stage.sent(), ["2/2", "3/2", "5/1"]);
});

test("calls of one batch that throw are sent again in the order of submission", () => {
  const again = {retryExceptions: true, maxRetries: 2};
  const threw = {kind: "threw", place: error, errorName: "Error"} as const;
  const stage = new Stage().create().grant().calls(upTo(4), again);
  stage.take("send-tasks");
  const end = (n: number): SubmitterEvent => {
    return {kind: "task-ended", task: call(n), attempt: 1, outcome: threw, ranMs: 1};
  };
  stage.tell(end(1), end(2), end(4)).calls([5]);
  assert.deepEqual(stage.sent(), ["1/2", "2/2", "4/2", "5/1"]);
  stage.lose(1, true).grant(2);
  assert.deepEqual(stage.sent(), ["1/3", "2/3", "3/2", "4/3"]);
});

test("calls with a time limit are sent with the others, and it counts from when they begin", () => {
  const stage = new Stage().create().grant().calls(upTo(3), {timeoutMs: 100});
  assert.deepEqual(stage.sent(), ["1/1", "2/1", "3/1"]);
  const began = (n: number): SubmitterEvent => ({kind: "task-began", task: call(n), attempt: 1});
  stage.nowMs = 50;
  stage.tell(began(2), began(2));
  stage.nowMs = 149;
  stage.tell({kind: "ticked"});
  assert.deepEqual(stage.take("cancel-on-worker"), []);
  stage.nowMs = 150;
  stage.tell({kind: "ticked"});
  const cancels = stage.take("cancel-on-worker");
  assert.deepEqual(
    cancels.map((command) => command.kind === "cancel-on-worker" && Number(command.task)),
    [2],
  );
  stage.end(2, {kind: "cancelled"});
  const [failed] = stage.take("fail-task");
  assert.match(JSON.stringify(failed), /Counter\.f2 ran longer than its timeoutMs \(100\)/);
});

test("a death fails what waits, what was sent, and what is called later", () => {
  const stage = new Stage().create().grant().calls([1]);
  stage.lose(1, false).calls([2]);
  stage.tell({kind: "actor-died", actor, reason: "it was killed", cause: null}).calls([3]);
  assert.deepEqual(stage.failed(), ["1 actor-died", "2 actor-died", "3 actor-died"]);
});

test("the lease goes back when nothing here refers to the actor any more, not before", () => {
  const stage = new Stage().create().grant().calls([1]);
  stage.tell({kind: "object-released", object: held});
  assert.deepEqual(stage.take("return-lease"), []);
  stage.tell({kind: "object-released", object: result(1)}).end(1);
  assert.equal(stage.take("return-lease").length, 1);
  assert.deepEqual(stage.submitter.status(), {tasks: 0, objects: 0, leases: 0});
  assert.equal(stage.submitter.inspect().queues.has(shape.key), false);
});

test("who cancels a task calls off the actors that it makes, and its calls of them", () => {
  const parent = call(99);
  const cancel = {kind: "cancel-children-asked", parent, force: false, recursive: true} as const;
  const stage = new Stage().create({parent}).calls([1], {parent}).calls([2]).tell(cancel);
  const [abandoned, ...others] = stage.take("abandon-actor");
  assert.match(JSON.stringify(abandoned), /Counter was cancelled with the task that makes it/);
  assert.deepEqual(others, []);
  const argument = "a".repeat(56) as ObjectId;
  const waiting = new Stage()
    .create({parent, args: [argument]})
    .calls([1], {parent})
    .tell(cancel);
  assert.deepEqual(waiting.failed(), ["1 cancelled"]);
});

test("an actor that an interrupted cell makes after all is called off", () => {
  const stage = new Stage().tell({kind: "cancel-cell-asked", cell: "c1"}).create();
  assert.equal(stage.take("abandon-actor").length, 1);
});
