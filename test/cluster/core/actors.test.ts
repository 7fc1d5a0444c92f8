// The head's machines together, as an actor lives through them: one node, one client that makes it.
import assert from "node:assert/strict";
import {test} from "node:test";
import type {Place, Resources} from "../../../cluster/core/events.js";
import {checkMachines} from "../../../cluster/core/invariants.js";
import {Machines, type HeadCommand, type HeadEvent} from "../../../cluster/core/head/machines.js";
import {actorId, holdOf} from "../../../cluster/ids.js";
import type {ClientId, LeaseId, NodeId, ObjectId, WorkerId} from "../../../cluster/ids.js";
import type {ActorOptions} from "../../../cluster/backend.js";

const [driver, other] = ["driver", "other"] as [ClientId, ClientId];
const actor = actorId("1".padStart(24, "0"));
const second = actorId("2".padStart(24, "0"));
const argument = "0".repeat(56) as ObjectId;
const boom: Place = {kind: "inline", ok: false, frames: []};

class Stage {
  readonly machines = new Machines({
    directory: {graceMs: 50},
    actors: {unknownMs: 100, restMs: 10},
  });
  nowMs = 0;

  constructor() {
    const resources = {CPU: 1};
    const node = "n1" as NodeId;
    this.tell({kind: "node-joined", node, host: "", resources, workers: 1, maxWorkers: 1});
    this.join("w1");
  }

  tell(event: HeadEvent): string[] {
    const commands = this.machines.handle(event, this.nowMs);
    checkMachines(this.machines);
    return commands.flatMap((command) => tellCommand(command));
  }
  at(nowMs: number): string[] {
    this.nowMs = nowMs;
    return this.tell({kind: "ticked"});
  }
  join(worker: string): string[] {
    const [node, address] = ["n1" as NodeId, "here"];
    return this.tell({kind: "worker-joined", worker: worker as WorkerId, node, pid: 1, address});
  }
  end(worker: string, crashed = true): string[] {
    return this.tell({kind: "worker-lost", worker: worker as WorkerId, crashed, reason: "boom"});
  }

  declare(
    options: Partial<ActorOptions> = {},
    id = actor,
    resources: Resources = {CPU: 1},
  ): string[] {
    this.tell({kind: "object-shared", client: driver, object: holdOf(id)});
    return this.tell({
      kind: "actor-declared",
      actor: id,
      client: driver,
      face: {className: "Counter", methods: ["add"], maxTaskRetries: 0},
      options: {
        keeps: {},
        name: null,
        detached: false,
        maxRestarts: 0,
        maxConcurrency: 1,
        ...options,
      },
      shape: {key: "an actor", resources, depth: 0, priority: 0},
    });
  }
  submit(id = actor): string[] {
    return this.tell({kind: "actor-submitted", actor: id, holds: [argument]});
  }
  made(incarnation = 1): string[] {
    return this.tell({kind: "actor-made", actor, incarnation});
  }
  /** Declared, submitted and made, on w1. */
  make(options: Partial<ActorOptions> = {}): this {
    this.declare(options);
    this.submit();
    this.made();
    this.join("w2");
    return this;
  }
  call(client = driver, id = actor, count = 1): string[] {
    const shape = {key: `calls of ${id}`, resources: {}, depth: 0, priority: 0, actor: id};
    return this.tell({kind: "leases-wanted", client, shape, count});
  }
  kill(restart = false, id = actor): string[] {
    return this.tell({kind: "kill-asked", actor: id, client: other, request: 1, restart});
  }
  release(client = driver, lentMsAgo: number | null = 0): string[] {
    return this.tell({kind: "object-released", lentMsAgo, client, object: holdOf(actor)});
  }
  collected(): string[] {
    return this.tell({kind: "collected", client: driver, round: 1, tookMs: 1});
  }
}

function tellCommand(command: HeadCommand): string[] {
  switch (command.kind) {
    case "grant":
      return [`${command.client} calls on ${command.lease} at ${command.worker}`];
    case "lose":
      return [
        `${command.client} loses ${command.lease}, ${"restarts" in command && command.restarts ? "for now" : "for good"}`,
      ];
    case "make-actor":
      return [`make it on ${command.worker}, incarnation ${command.incarnation}`];
    case "kill-worker":
      return [`kill ${command.worker}`];
    case "stop-worker":
      return [`stop ${command.worker}`];
    case "tell-death":
      return [
        `${command.client} hears${command.unmade ? ", of an unmade one" : ""}: ${command.reason}`,
      ];
    case "answer-kill":
      return [`${command.client} has killed`];
    case "answer-sought":
      return [`${command.client} finds ${command.found?.actor ?? `none of ${command.names}`}`];
    case "drop-actor":
      return ["drop"];
    case "ask-collect":
      return [`${command.client} collects, for the ${command.round}st time`];
    case "delete-object":
      return [`delete ${command.object === holdOf(actor) ? "the error" : command.object}`];
    case "warn-waiting":
      return [`${command.client} is warned: ${command.reason}`];
    default:
      return [];
  }
}

test("an actor is made on a process of its own, and those who wait to call it get a lease", () => {
  const stage = new Stage();
  stage.declare();
  assert.deepEqual(stage.call(), []);
  assert.deepEqual(stage.submit(), ["make it on w1, incarnation 1"]);
  assert.deepEqual(stage.made(), ["driver calls on a1 at w1"]);
  assert.deepEqual(stage.made(), []);
  assert.deepEqual(stage.call(other), ["other calls on a2 at w1"]);
  const [first] = stage.machines.status().nodes[0]!.workers;
  assert.equal(first!.actor, "Counter");
});

test("a call that overtakes the declaration waits for it, but not for ever", () => {
  const stage = new Stage();
  assert.deepEqual(stage.call(other), []);
  stage.make();
  assert.deepEqual(stage.call(), ["driver calls on a2 at w1"]);
  assert.deepEqual(stage.call(other, second), []);
  assert.deepEqual(stage.kill(false, second), []);
  assert.deepEqual(stage.at(100), [
    "other hears: nobody answers for it: it ended long ago, or its owner is gone",
    "other has killed",
  ]);
});

test("a lost process ends the actor, or it is made anew as often as maxRestarts says", () => {
  const once = new Stage().make();
  once.call();
  assert.deepEqual(once.end("w1"), [
    "driver loses a1, for good",
    "driver hears: its process was lost: boom (maxRestarts: 0)",
    "drop",
  ]);
  assert.deepEqual(once.call(), ["driver hears: its process was lost: boom (maxRestarts: 0)"]);
  const anew = new Stage().make({maxRestarts: 1});
  anew.call();
  assert.deepEqual(anew.end("w1"), ["driver loses a1, for now", "make it on w2, incarnation 2"]);
  anew.call();
  assert.deepEqual(anew.made(1), [], "of the first incarnation, late");
  assert.deepEqual(anew.made(2), ["driver calls on a2 at w2"]);
  assert.deepEqual(anew.end("w2"), [
    "driver loses a2, for good",
    "driver hears: its process was lost: boom (maxRestarts: 1)",
    "drop",
  ]);
});

test("one that is lost before it was made rests a little longer each time", () => {
  const stage = new Stage();
  stage.declare({maxRestarts: -1});
  stage.submit();
  stage.join("w2");
  // Its constructor may have stored an error and not told of it.
  assert.deepEqual(stage.end("w1"), ["delete the error"]);
  assert.deepEqual(stage.at(9), []);
  assert.deepEqual(stage.at(10), ["make it on w2, incarnation 2"]);
  stage.join("w3");
  stage.end("w2");
  assert.deepEqual(stage.at(29), []);
  assert.deepEqual(stage.at(30), ["make it on w3, incarnation 3"]);
});

test("a constructor's error ends it: each who calls gets the error", () => {
  const stage = new Stage();
  stage.declare({maxRestarts: 5});
  stage.submit();
  const failed: HeadEvent = {
    kind: "actor-failed",
    actor,
    incarnation: 1,
    reason: "no",
    cause: boom,
  };
  assert.deepEqual(stage.tell(failed), [
    "driver hears, of an unmade one: its constructor failed: no",
    "drop",
    "stop w1",
  ]);
  assert.deepEqual(stage.call(other), ["other hears: its constructor failed: no"]);
});

test("the stored error of a constructor is kept as long as somebody could call", () => {
  const cause: Place = {kind: "stored", ok: false, node: "n1" as NodeId, sizeBytes: 1};
  const failed: HeadEvent = {kind: "actor-failed", actor, incarnation: 1, reason: "no", cause};
  const stage = new Stage();
  stage.declare();
  stage.submit();
  assert.equal(stage.tell(failed).includes("delete the error"), false);
  assert.deepEqual(stage.tell(failed), [], "told twice");
  stage.release();
  assert.deepEqual(stage.at(100), ["delete the error"]);
  const killed = new Stage();
  killed.declare();
  killed.submit();
  killed.kill();
  assert.deepEqual(killed.tell(failed), ["delete the error"], "nobody will be told of it");
  assert.ok(killed.end("w1").includes("delete the error"), "perhaps it was stored, and not told");
});

test("a kill ends it at once, and is answered when its process is gone", () => {
  const stage = new Stage().make({maxRestarts: 5});
  stage.call();
  assert.deepEqual(stage.kill(), [
    "driver loses a1, for good",
    "driver hears: it was killed",
    "drop",
    "kill w1",
  ]);
  assert.deepEqual(stage.end("w1", false), ["other has killed"]);
  assert.deepEqual(stage.kill(), ["other has killed"]);
});

test("a kill with a restart counts as a lost process; no two of it run at once", () => {
  const stage = new Stage().make({maxRestarts: 1});
  stage.call();
  assert.deepEqual(stage.kill(true), ["driver loses a1, for now", "kill w1"]);
  assert.deepEqual(stage.end("w1", false), ["other has killed", "make it on w2, incarnation 2"]);
  stage.made(2);
  assert.deepEqual(stage.kill(true), ["driver hears: it was killed", "drop", "kill w2"]);
});

for (const [when, prepare, ...answer] of [
  ["declared", (stage: Stage) => stage.declare(), "other has killed"],
  [
    "waiting for its process",
    (stage: Stage) => {
      stage.end("w1");
      stage.declare();
      stage.submit();
    },
    "other has killed",
  ],
  [
    "being made",
    (stage: Stage) => {
      stage.declare();
      stage.submit();
    },
    "kill w1",
  ],
] as const) {
  test(`one that is ${when} can be killed, and is never made`, () => {
    const stage = new Stage();
    prepare(stage);
    const told = stage.kill();
    assert.deepEqual(told, ["driver hears: it was killed", "drop", ...answer]);
    assert.deepEqual(stage.submit(), ["drop"]);
    assert.deepEqual(stage.made(), []);
    assert.deepEqual(stage.join("w2"), []);
  });
}

test("an abandoned one is never made; one that is made already lives on", () => {
  const stage = new Stage();
  stage.declare();
  const abandoned: HeadEvent = {kind: "actor-abandoned", actor, reason: "cancelled", cause: null};
  assert.deepEqual(stage.tell(abandoned), ["driver hears: cancelled", "drop"]);
  assert.deepEqual(new Stage().make().tell(abandoned), []);
});

test("when nobody holds it any more it ends, unless it is detached", () => {
  const stage = new Stage().make();
  stage.tell({kind: "place-wanted", client: other, object: holdOf(actor)});
  stage.tell({kind: "client-lost", client: driver});
  assert.deepEqual(stage.at(1000), [], "another holds it still");
  stage.release(other);
  assert.deepEqual(stage.at(2000), ["driver hears: nobody held it any more", "drop", "stop w1"]);
  const detached = new Stage().make({detached: true});
  detached.release();
  assert.deepEqual(detached.at(1000), []);
  detached.kill();
  detached.end("w1", false);
  detached.tell({kind: "client-lost", client: driver});
  detached.at(2000);
  assert.equal(detached.machines.directory.size, 0, "what it was made of is let go, too");
});

test("one whose owner is lost before its arguments were there will not be made", () => {
  const stage = new Stage();
  stage.declare();
  stage.call(other);
  assert.deepEqual(stage.tell({kind: "client-lost", client: driver}), [
    "driver hears, of an unmade one: its owner driver ended before its arguments were there",
    "other hears: its owner driver ended before its arguments were there",
    "drop",
  ]);
});

test("a name is one actor's, until it dies", () => {
  const stage = new Stage().make({name: "c"});
  const taken = 'the name "c" is taken by Counter (actor 00000000); get it with getActor("c")';
  assert.deepEqual(stage.declare({name: "c"}, second), ["driver collects, for the 1st time"]);
  assert.deepEqual(stage.collected(), [`driver hears, of an unmade one: ${taken}`, "drop"]);
  const seek = (name: string): string[] =>
    stage.tell({kind: "actor-sought", client: other, request: 1, name});
  assert.deepEqual(seek("c"), [`other finds ${actor}`]);
  assert.deepEqual(seek("d"), ["other finds none of c"]);
  stage.release();
  assert.deepEqual(stage.at(1000), [], "who found it holds it");
  stage.kill();
  assert.deepEqual(seek("c"), ["other finds none of "]);
});

test("a name is free when a collection finds that only dropped handles held its actor", () => {
  const stage = new Stage().make({name: "c"});
  assert.deepEqual(stage.declare({name: "c"}, second), ["driver collects, for the 1st time"]);
  assert.deepEqual(stage.submit(second), [], "not before it has its name");
  assert.ok(stage.release(driver, null).includes("make it on w2, incarnation 1"));
  assert.deepEqual(stage.collected(), []);
});

test("who wants a name hears in time, though a program does not answer", () => {
  const stage = new Stage().make({name: "c"});
  stage.declare({name: "c"}, second);
  assert.match(stage.at(1000).join(), /the name "c" is taken/);
});

test("a detached actor's name is not waited for: it holds itself", () => {
  const stage = new Stage().make({name: "c", detached: true});
  assert.match(stage.declare({name: "c"}, second).join(), /the name "c" is taken/);
});

test("a client that returns its lease, or is lost, has none; another call gets a new one", () => {
  const stage = new Stage().make();
  stage.call();
  stage.call(other);
  stage.tell({kind: "lease-returned", lease: "a1" as LeaseId});
  stage.tell({kind: "client-lost", client: other});
  assert.deepEqual(stage.call(), ["driver calls on a3 at w1"]);
});

test("its client hears when no node could take it", () => {
  const stage = new Stage();
  stage.declare({}, actor, {GPU: 1});
  assert.match(stage.submit().join(), /^driver is warned: no node could ever fit it: needs GPU: 1/);
});
