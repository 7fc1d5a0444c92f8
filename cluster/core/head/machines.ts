// The head's three machines as one: what one of them orders of another is carried out here, and the
// rest is the shell's. An order that follows from an order waits until the first has been passed
// on: a lease is never asked back before its client has got it.

import {clientOf, holdOf, maybeActor} from "../../ids.js";
import type {ActorId, ObjectId} from "../../ids.js";
import {Actors, isCallLease, type ActorsTimes} from "./actors.js";
import {
  Collector,
  type CollectorCommand,
  type CollectorEvent,
  type CollectorTimes,
} from "./collector.js";
import {Directory, type DirectoryOptions} from "./directory.js";
import type {
  ActorsCommand,
  ActorsEvent,
  DirectoryCommand,
  DirectoryEvent,
  SchedulerCommand,
  SchedulerEvent,
} from "../events.js";
import {Scheduler, type SchedulerOptions, type SchedulerStatus} from "./scheduler.js";
import {Outbox} from "../outbox.js";

/** The events that the shell passes in. `holds`: objects that the actor takes or has refs of. */
export type HeadEvent =
  | Exclude<SchedulerEvent, {kind: "lease-reduced" | "collect-ended"}>
  | Exclude<DirectoryEvent, {kind: "node-lost" | "object-lent"}>
  | Exclude<ActorsEvent, {kind: InnerEvent | "actor-submitted"}>
  | CollectorEvent
  | {kind: "actor-submitted"; actor: ActorId; holds: ObjectId[]};

type InnerEvent =
  | "process-granted"
  | "process-lost"
  | "process-missing"
  | "actor-released"
  | "calls-wanted"
  | "collect-ended";

/** The commands that the shell carries out. */
export type HeadCommand =
  | Exclude<SchedulerCommand, {kind: "want-collect"}>
  | Exclude<CollectorCommand, {kind: "collect-ended"}>
  | Exclude<DirectoryCommand, {kind: "release-actor"}>
  | Exclude<ActorsCommand, {kind: InnerCommand}>;

type InnerCommand =
  | "want-process"
  | "reduce-process"
  | "return-process"
  | "kill-process"
  | "hold-actor"
  | "want-collect";

export interface MachinesOptions {
  scheduler?: SchedulerOptions;
  directory?: DirectoryOptions;
  actors?: ActorsTimes;
  collector?: CollectorTimes;
}

/**
 * `handle` takes one event and gives the commands that follow from it, in the order to carry them
 * out.
 */
export class Machines {
  readonly scheduler: Scheduler;
  readonly directory: Directory;
  readonly actors: Actors;
  readonly collector: Collector;
  #due: (() => void)[] = [];
  readonly #out = new Outbox<HeadCommand>();

  constructor({scheduler, directory, actors, collector}: MachinesOptions = {}) {
    this.scheduler = new Scheduler(scheduler);
    this.directory = new Directory(directory);
    this.actors = new Actors(actors);
    this.collector = new Collector(collector);
  }

  handle(event: HeadEvent, nowMs: number): HeadCommand[] {
    this.#pass(event, nowMs);
    for (let act = this.#due.shift(); act; act = this.#due.shift()) act();
    return this.#out.take();
  }

  status(): SchedulerStatus {
    const status = this.scheduler.status();
    const classes = this.actors.classes();
    for (const worker of status.nodes.flatMap(({workers}) => workers)) {
      const actor = classes.get(worker.worker);
      if (actor !== undefined) worker.actor = actor;
    }
    return status;
  }

  #pass(event: HeadEvent, nowMs: number): void {
    switch (event.kind) {
      case "node-joined":
      case "worker-joined":
      case "worker-lost":
      case "worker-silent":
      case "lease-suspended":
      case "lease-resumed":
      case "scaled":
        return this.#schedule(event, nowMs);
      case "leases-wanted": {
        const {client, shape, count} = event;
        if (!shape.actor) return this.#schedule(event, nowMs);
        return this.#act({kind: "calls-wanted", actor: shape.actor, client, shape, count}, nowMs);
      }
      case "lease-returned":
        return isCallLease(event.lease) ? this.#act(event, nowMs) : this.#schedule(event, nowMs);
      case "object-shared":
      case "object-published":
      case "place-wanted":
      case "object-released":
        return this.#direct(event, nowMs);
      case "actor-declared":
      case "actor-abandoned":
      case "actor-made":
      case "actor-failed":
      case "kill-asked":
      case "actor-sought":
        return this.#act(event, nowMs);
      case "actor-submitted": {
        const client = clientOf(event.actor);
        for (const object of event.holds) {
          this.#direct({kind: "place-wanted", client, object}, nowMs);
        }
        return this.#act({kind: "actor-submitted", actor: event.actor}, nowMs);
      }
      case "node-lost":
        this.#schedule(event, nowMs);
        return this.#direct({kind: "node-lost", node: event.node}, nowMs);
      case "collect-wanted":
      case "collected":
        return this.#collect(event, nowMs);
      case "client-lost":
      case "ticked":
        this.#schedule(event, nowMs);
        this.#act(event, nowMs);
        this.#direct(event, nowMs);
        return this.#collect(event, nowMs);
      default:
        event satisfies never;
    }
  }

  #schedule(event: SchedulerEvent, nowMs: number): void {
    this.#due.push(() => {
      for (const command of this.scheduler.handle(event, nowMs)) {
        this.#fromScheduler(command, nowMs);
      }
    });
  }
  #direct(event: DirectoryEvent, nowMs: number): void {
    this.#due.push(() => {
      for (const command of this.directory.handle(event, nowMs)) {
        this.#fromDirectory(command, nowMs);
      }
    });
  }
  #act(event: ActorsEvent, nowMs: number): void {
    this.#due.push(() => {
      for (const command of this.actors.handle(event, nowMs)) this.#fromActors(command, nowMs);
    });
  }

  #collect(event: CollectorEvent, nowMs: number): void {
    this.#due.push(() => {
      for (const command of this.collector.handle(event, nowMs)) {
        if (command.kind !== "collect-ended") this.#out.push(command);
        else {
          // Wants and actors get what was given back before they hear that the collection ended.
          this.#schedule(command, nowMs);
          this.#act(command, nowMs);
        }
      }
    });
  }

  /** Whoever holds anything may hold it by dropped refs. */
  #wantCollect(asker: string, nowMs: number): void {
    this.#collect({kind: "collect-wanted", asker, clients: this.directory.holders()}, nowMs);
  }

  #fromScheduler(command: SchedulerCommand, nowMs: number): void {
    if (command.kind === "want-collect") return this.#wantCollect(command.asker, nowMs);
    const actor = "client" in command ? maybeActor(command.client) : null;
    if (!actor) this.#out.push(command);
    else if (command.kind === "grant") {
      const {lease, worker, address} = command;
      const node = this.scheduler.nodeOf(worker)!;
      this.#act({kind: "process-granted", actor, lease, worker, node, address}, nowMs);
    } else if (command.kind === "lose") {
      const {lease, reason} = command;
      this.#act({kind: "process-lost", actor, lease, reason}, nowMs);
    } else if (command.kind === "warn-waiting") {
      this.#act({kind: "process-missing", actor, reason: command.reason}, nowMs);
    }
  }

  #fromDirectory(command: DirectoryCommand, nowMs: number): void {
    if (command.kind === "release-actor") {
      this.#act({kind: "actor-released", actor: command.actor}, nowMs);
      return;
    }
    // An actor takes its arguments' places from its creation.
    if (command.kind === "tell-place" && maybeActor(command.client)) return;
    this.#out.push(command);
  }

  #fromActors(command: ActorsCommand, nowMs: number): void {
    switch (command.kind) {
      case "want-process": {
        const {actor, shape, count} = command;
        return this.#schedule(
          {kind: "leases-wanted", client: clientOf(actor), shape, count},
          nowMs,
        );
      }
      case "reduce-process": {
        const {lease, resources} = command;
        return this.#schedule({kind: "lease-reduced", lease, resources}, nowMs);
      }
      case "return-process":
        return this.#schedule({kind: "lease-returned", lease: command.lease}, nowMs);
      case "kill-process": {
        const node = this.scheduler.nodeOf(command.worker);
        if (node) this.#out.push({kind: "kill-worker", node, worker: command.worker});
        return;
      }
      case "hold-actor": {
        const {client, actor} = command;
        const object = holdOf(actor);
        this.#direct({kind: "object-shared", client, object}, nowMs);
        return this.#direct({kind: "object-lent", object}, nowMs);
      }
      case "want-collect":
        return this.#wantCollect(command.asker, nowMs);
      case "drop-actor":
        this.#direct({kind: "client-lost", client: clientOf(command.actor)}, nowMs);
        this.#out.push(command);
        return;
      default:
        this.#out.push(command);
    }
  }
}
