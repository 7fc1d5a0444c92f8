import assert from "node:assert/strict";
import {test} from "node:test";
import {ActorRunner} from "../../../cluster/core/worker/actor-runner.js";
import type {RunnerCommand, RunnerEvent} from "../../../cluster/core/events.js";
import type {ClientId, LeaseId, TaskId} from "../../../cluster/ids.js";
import {claimSlots} from "../../../cluster/io/threads/ports.js";

const id = (name: string) => name as TaskId;

/**
 * An actor's runner beside a thread that has begun the first `begun` of the calls it was handed.
 */
class Stage {
  readonly runner: ActorRunner;
  readonly thread: string[] = [];
  begun = 1;
  #said: string[] = [];

  constructor(maxConcurrency = 1) {
    this.runner = new ActorRunner({maxConcurrency});
  }
  send(client: string, names: string[], attempt = 1): this {
    const tasks = names.map((name) => ({task: id(name), attempt}));
    const from = {client: client as ClientId, lease: `of ${client}` as LeaseId};
    return this.tell({kind: "tasks-sent", ...from, tasks});
  }
  prepare(...names: string[]): this {
    for (const name of names) this.tell({kind: "task-prepared", task: id(name)});
    return this;
  }
  done(name: string): this {
    this.thread.splice(this.thread.indexOf(name), 1);
    return this.tell({kind: "task-done", task: id(name)});
  }
  cancel(name: string): this {
    return this.tell({kind: "cancel-asked", task: id(name), force: false});
  }
  tell(event: RunnerEvent): this {
    for (const command of this.runner.handle(event, 0)) this.#obey(command);
    return this;
  }
  said(): string[] {
    return this.#said.splice(0);
  }
  #obey(command: RunnerCommand): void {
    if (command.kind === "run") {
      this.thread.push(...command.tasks);
      this.#said.push(`run ${command.tasks.join(" ")}`);
    } else if (command.kind === "reclaim") {
      this.tell({kind: "tasks-reclaimed", tasks: this.thread.splice(this.begun).map(id)});
    } else if ("task" in command) {
      this.#said.push(`${command.kind} ${command.task}`);
    } else {
      this.#said.push(command.kind);
    }
  }
}

test("each client's calls are handed over in its order, as they are prepared", () => {
  const stage = new Stage().send("x", ["x1", "x2", "x3"]).send("y", ["y1"]);
  stage.prepare("x2", "y1", "x1", "x3");
  assert.deepEqual(stage.said(), ["run y1", "run x1 x2", "run x3"]);
});

test("what can't be prepared holds nobody up", () => {
  const stage = new Stage().send("x", ["x1", "x2"]).prepare("x2");
  stage.tell({kind: "task-unprepared", task: id("x1")});
  assert.deepEqual(stage.said(), ["run x2"]);
});

test("the same attempt runs once, however late its copy comes, and a later one again", () => {
  const stage = new Stage().send("x", ["x1"]).send("x", ["x1"]).prepare("x1").done("x1");
  stage.send("x", ["x1"]).prepare("x1");
  assert.deepEqual(stage.said(), ["run x1"]);
  stage.send("x", ["x1"], 2).prepare("x1").done("x1");
  assert.deepEqual(stage.said(), ["run x1"]);
  stage.send("x", ["x1"], 1).prepare("x1");
  assert.deepEqual(stage.said(), []);
});

test("one that has not begun is taken out, and the others keep their order", () => {
  const stage = new Stage().send("x", ["x1", "x2", "x3", "x4"]).prepare("x1", "x2", "x3", "x4");
  stage.said();
  stage.cancel("x3");
  assert.deepEqual(stage.said(), ["report-cancelled x3", "run x2 x4"]);
  assert.deepEqual(stage.thread, ["x1", "x2", "x4"]);
});

test("one that has begun is cut off, the others go on", () => {
  const stage = new Stage().send("x", ["x1", "x2"]).prepare("x1", "x2");
  stage.said();
  stage.cancel("x1");
  assert.deepEqual(stage.said().sort(), ["interrupt x1", "run x2"]);
});

test("a lost client's calls end, others' do not", () => {
  const stage = new Stage().send("x", ["x1", "x2"]).send("y", ["y1"]).prepare("x1", "x2", "y1");
  stage.said();
  stage.tell({kind: "client-lost", client: "x" as ClientId});
  assert.deepEqual(stage.said().sort(), ["interrupt x1", "run y1"]);
  stage.done("x1").send("x", ["x2"]).prepare("x2");
  assert.deepEqual(stage.said(), []);
});

test("no more are handed over at once than the thread's memory has places for", () => {
  const names = Array.from({length: 6000}, (_, i) => `x${i}`);
  const stage = new Stage(100_000).send("x", names).prepare(...names);
  for (const name of names) {
    assert.ok(stage.thread.length < claimSlots, `${stage.thread.length}`);
    assert.equal(stage.thread[0], name);
    stage.done(name);
  }
});

test("all that may run at once is handed over, and one client's many hold up no other", () => {
  const names = Array.from({length: 2000}, (_, i) => `x${i}`);
  const stage = new Stage(1000).send("x", names).prepare(...names);
  assert.ok(stage.thread.length >= 1000);
  stage.send("y", ["y1"]).prepare("y1");
  for (const name of names.slice(0, 200)) stage.done(name);
  assert.ok(stage.thread.includes("y1"));
});
