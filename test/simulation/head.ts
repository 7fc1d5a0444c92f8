// The head's shell in the simulation: its machines, and what actors are made of.

import {checkMachines, InvariantError} from "../../cluster/core/invariants.js";
import {Machines, type HeadCommand, type HeadEvent} from "../../cluster/core/head/machines.js";
import type {ActorId, ObjectId} from "../../cluster/ids.js";
import type {Creation} from "./worker.js";
import type {World} from "./world.js";

export class Head {
  readonly machines: Machines;
  readonly #world: World;
  /** Its process has ended. */
  isDead = false;
  /** Creation tasks of actors, from `submit-actor` to `drop-actor`. */
  readonly creations = new Map<ActorId, Creation>();
  #alarmAtMs = Infinity;

  constructor(world: World) {
    this.#world = world;
    const startMs = world.faults.startHangs > 0 ? {startMs: 1000} : {};
    const crashes = {crashDelayMs: 5, maxCrashDelayMs: 100};
    this.machines = new Machines({
      scheduler: {idleMs: 400, quantumMs: 20, fenceMs: 500, ...crashes, ...startMs},
      directory: {graceMs: 300, orphanMs: 1000},
      actors: {unknownMs: 1000, restMs: 5},
      collector: {limitMs: 100, pauseMs: 30, pauseFactor: 2},
    });
  }

  tell(event: HeadEvent): void {
    if (this.isDead) return;
    this.#world.note("head", event);
    const commands = this.machines.handle(event, this.#world.clock.nowMs);
    for (const command of commands) this.#obey(command);
    checkMachines(this.machines);
  }

  submit(actor: ActorId, creation: Creation, holds: ObjectId[]): void {
    if (!this.creations.has(actor)) this.creations.set(actor, creation);
    this.tell({kind: "actor-submitted", actor, holds});
  }

  #obey(command: HeadCommand): void {
    const world = this.#world;
    if (command.kind !== "trace") world.note("head", command);
    switch (command.kind) {
      case "grant": {
        const {client, lease, shape, worker} = command;
        return world.toClient("head", client, (to) =>
          to.tell({kind: "lease-granted", lease, shape, worker}),
        );
      }
      case "revoke": {
        const {client, lease} = command;
        return world.toClient("head", client, (to) => to.tell({kind: "lease-revoked", lease}));
      }
      case "lose": {
        const {kind: _, client, worker: __, ...loss} = command;
        return world.toClient("head", client, (to) => to.tell({kind: "lease-lost", ...loss}));
      }
      case "start-worker":
        return world.toNode(command.node, (node) => node.start(command.worker));
      case "stop-worker":
        return world.toNode(command.node, (node) => node.stop(command.worker));
      case "kill-worker":
        return world.kill(command.node, command.worker);
      case "warn-waiting":
        // Actors end in time, a node starts workers again, and those who wait get on.
        if (/which actors hold|crash at start/.test(command.reason)) return;
        if (world.hasLostNodes) return;
        throw new InvariantError(`unschedulable: ${command.reason}`);
      case "tell-place": {
        const {client, object, place} = command;
        return world.toClient("head", client, (to) => to.tell({kind: "place-told", object, place}));
      }
      case "ask-collect": {
        const {client, round} = command;
        return world.toClient("head", client, (to) => to.collect(round));
      }
      case "delete-object":
        world.store.delete(command.node, command.object);
        return;
      case "make-actor": {
        const {actor, worker, incarnation} = command;
        const creation = this.creations.get(actor)!;
        world.ledger.placed(actor, worker);
        return world.toWorker("head", worker, (to) => to.makeActor(actor, incarnation, creation));
      }
      case "tell-death": {
        const {client, actor, reason, cause} = command;
        return world.toClient("head", client, (to) =>
          to.tell({kind: "actor-died", actor, reason, cause}),
        );
      }
      case "answer-kill":
      case "answer-sought": {
        const {client, request} = command;
        const found = command.kind === "answer-sought" ? command.found : null;
        return world.toClient("head", client, (to) =>
          to.answered(request, found ? found.actor : null),
        );
      }
      case "drop-actor":
        this.creations.delete(command.actor);
        return;
      case "trace":
        return;
      case "wake":
        return this.#setAlarm(command.atMs);
      default:
        command satisfies never;
    }
  }

  /** One alarm, as in the shell: an earlier time takes the place of a later one. */
  #setAlarm(atMs: number): void {
    if (atMs >= this.#alarmAtMs) return;
    this.#alarmAtMs = atMs;
    this.#world.clockOf("head").at(atMs, () => {
      if (this.#alarmAtMs !== atMs) return;
      this.#alarmAtMs = Infinity;
      this.tell({kind: "ticked"});
    });
  }
}
