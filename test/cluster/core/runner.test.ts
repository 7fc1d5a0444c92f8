import assert from "node:assert/strict";
import {test} from "node:test";
import type {RunnerCommand, RunnerEvent} from "../../../cluster/core/events.js";
import {checkRunner} from "../../../cluster/core/invariants.js";
import {Runner} from "../../../cluster/core/worker/runner.js";
import type {ClientId, LeaseId, TaskId} from "../../../cluster/ids.js";

const id = (name: string) => name as TaskId;
const lease = (n: number) => `l${n}` as LeaseId;

/** A runner beside a user's thread that begins the first task that it has. */
class Stage {
  readonly runner = new Runner();
  nowMs = 0;
  thread: TaskId[] = [];
  #commands: string[] = [];

  send(n: number, ...names: string[]): this {
    const tasks = names.map((name) => ({task: id(name), attempt: 1}));
    this.tell({kind: "tasks-sent", client: "driver" as ClientId, lease: lease(n), tasks});
    for (const name of names) this.tell({kind: "task-prepared", task: id(name)});
    return this;
  }
  done(name: string): this {
    this.thread = this.thread.filter((task) => task !== id(name));
    return this.tell({kind: "task-done", task: id(name)});
  }
  block(name: string): this {
    return this.tell({kind: "task-blocked", task: id(name)});
  }
  tell(event: RunnerEvent): this {
    for (const command of this.runner.handle(event, this.nowMs)) this.#obey(command);
    if (event.kind !== "tasks-reclaimed") checkRunner(this.runner);
    return this;
  }
  take(): string[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }
  #obey(command: RunnerCommand): void {
    const {kind} = command;
    if (kind === "run") {
      this.thread.push(...command.tasks);
      this.#commands.push(`run ${command.tasks.join(" ")}`);
    } else if (kind === "reclaim") {
      this.tell({kind: "tasks-reclaimed", tasks: this.thread.splice(1)});
    } else if (kind === "return-tasks") {
      this.#commands.push(`return ${command.tasks.join(" ")} of ${command.lease}`);
    } else if (kind === "wake") {
      this.#commands.push(`wake at ${command.atMs}`);
    } else if (kind === "suspend-lease" || kind === "resume-lease") {
      this.#commands.push(`${kind.split("-")[0]} ${command.lease}`);
    } else {
      this.#commands.push(`${kind} ${command.task}`);
    }
  }
}

test("tasks run in order, one at a time, while their length is unknown", () => {
  const stage = new Stage().send(1, "a", "b");
  assert.deepEqual(stage.take(), ["run a", "wake at 20"]);
  stage.nowMs = 5;
  stage.done("a");
  assert.deepEqual(stage.take(), ["run b"]);
});

test("short tasks are handed over in batches", () => {
  const names = Array.from({length: 100}, (_, i) => `t${i}`);
  const stage = new Stage().send(1, ...names);
  stage.nowMs = 0.01;
  stage.done("t0");
  const [batch] = stage.take().slice(-1);
  assert.equal(batch?.split(" ").length, 65, batch);
});

test("a task sent twice runs once", () => {
  const stage = new Stage().send(1, "a").send(1, "a").done("a").send(1, "a");
  assert.deepEqual(stage.take(), ["run a"]);
});

test("when a task blocks, its lease is suspended and those behind it go back", () => {
  const stage = new Stage().send(1, "a", "b", "c");
  stage.take();
  stage.block("a");
  assert.deepEqual(stage.take(), ["suspend l1", "return b c of l1"]);
  stage.send(1, "d");
  assert.deepEqual(stage.take(), ["return d of l1"]);
  stage.tell({kind: "task-unblocked", task: id("a")});
  assert.deepEqual(stage.take(), ["resume l1"]);
});

test("a task that blocks takes back those that were handed over with it", () => {
  const names = Array.from({length: 20}, (_, i) => `t${i}`);
  const stage = new Stage().send(1, ...names);
  stage.nowMs = 0.01;
  stage.done("t0").take();
  stage.block("t1");
  assert.deepEqual(stage.thread, [id("t1")]);
  assert.deepEqual(stage.take(), ["suspend l1", `return ${names.slice(2).join(" ")} of l1`]);
});

test("when the last awake task of a lease ends beside a blocked one, those that wait go back", () => {
  const stage = new Stage();
  stage.send(1, "before").done("before");
  stage.send(1, "a", "b");
  // The user's thread goes on with b the moment that a blocks.
  stage.thread = [id("b")];
  stage
    .block("a")
    .block("b")
    .tell({kind: "task-unblocked", task: id("b")});
  stage.send(1, "c").take();
  stage.done("b");
  assert.deepEqual(stage.take(), ["suspend l1", "return c of l1"]);
});

test("while a task waits, one of another lease runs", () => {
  const stage = new Stage().send(1, "a").block("a");
  stage.take();
  stage.thread = [];
  stage.send(2, "b");
  assert.deepEqual(stage.take(), ["run b"]);
});

test("a task that runs long gives those behind it to others", () => {
  const stage = new Stage().send(1, "a", "b");
  stage.take();
  stage.nowMs = 20;
  stage.tell({kind: "ticked"});
  assert.deepEqual(stage.take(), ["return b of l1"]);
});

test("a task cancelled before it began never runs", () => {
  const stage = new Stage().send(1, "a", "b");
  stage.take();
  stage.tell({kind: "cancel-asked", task: id("b"), force: false}).done("a");
  assert.deepEqual(stage.take(), ["report-cancelled b"]);
});

test("a running task is cut off, by force with its process, a waiting one too", () => {
  const stage = new Stage().send(1, "a");
  stage.tell({kind: "cancel-asked", task: id("a"), force: false});
  stage.tell({kind: "cancel-asked", task: id("a"), force: true});
  stage.block("a").tell({kind: "cancel-asked", task: id("a"), force: false});
  assert.deepEqual(stage.take(), ["run a", "interrupt a", "die a", "suspend l1", "interrupt a"]);
  stage.done("a");
  assert.deepEqual(stage.take(), ["resume l1"]);
});

test("a lost client's tasks end; another's go on", () => {
  const stage = new Stage().send(1, "a", "b");
  stage.tell({
    kind: "tasks-sent",
    client: "other" as ClientId,
    lease: lease(2),
    tasks: [{task: id("c"), attempt: 1}],
  });
  stage.tell({kind: "task-prepared", task: id("c")}).take();
  stage.tell({kind: "client-lost", client: "driver" as ClientId});
  assert.deepEqual(stage.take(), ["interrupt a"]);
  stage.done("a");
  assert.deepEqual(stage.take(), ["run c"]);
});
