// A node in the simulation: starts worker processes, ends them, and tells the head of their ends.
// The first node is part of the head's process; others may stand still, be cut off, or end.

import type {NodeId, WorkerId} from "../../cluster/ids.js";
import {Worker} from "./worker.js";
import type {World} from "./world.js";

export class Node {
  readonly id: NodeId;
  readonly workerIds = new Set<WorkerId>();
  readonly #world: World;
  #isDead = false;

  constructor(world: World, id: NodeId) {
    this.#world = world;
    this.id = id;
  }

  start(worker: WorkerId): void {
    if (this.#isDead || this.workerIds.has(worker)) return;
    this.workerIds.add(worker);
    const {random, faults} = this.#world;
    this.#after(random.between(5, 150), () => {
      if (!this.workerIds.has(worker)) return;
      if (this.#isStormy() || random.chance(faults.startCrashes)) {
        this.ended(worker, true, "crashed at start");
        return;
      }
      if (faults.startHangs > 0 && random.chance(faults.startHangs)) return;
      const process = new Worker(this.#world, worker, this);
      this.#world.workers.set(worker, process);
      this.#world.store.greet(process.client);
      const address = `tcp://${worker}`;
      this.#world.toHead(worker, (head) =>
        head.tell({kind: "worker-joined", worker, node: this.id, pid: 1, address}),
      );
    });
  }

  #isStormy(): boolean {
    const {faults, clock} = this.#world;
    const {fromMs, untilMs} = faults.startStorm ?? {fromMs: 0, untilMs: 0};
    return fromMs <= clock.nowMs && clock.nowMs < untilMs;
  }

  stop(worker: WorkerId): void {
    this.#after(this.#world.random.between(0, 5), () => {
      const process = this.#world.workers.get(worker);
      // A worker first finishes the tasks that its own tasks submitted and left behind, and tells
      // their errors.
      if (process?.client.hasToTell) this.stop(worker);
      else this.#world.end(worker, "stopped", false);
    });
  }

  kill(worker: WorkerId): void {
    this.#after(this.#world.random.between(0, 2), () => {
      // Perhaps it had not started yet.
      if (this.#world.workers.has(worker)) this.#world.end(worker, "killed by order", false);
      else this.ended(worker, false, "killed by order");
    });
  }

  /** The process of one of its workers has ended. */
  ended(worker: WorkerId, crashed: boolean, reason: string): void {
    if (!this.workerIds.delete(worker) || this.#isDead) return;
    this.#world.store.fence(this.id, worker);
    this.#world.toHead(this.id, (head) =>
      head.tell({kind: "worker-lost", worker, crashed, reason, lastLines: []}),
    );
  }

  /** The node's process is gone; its workers see that by themselves. */
  vanish(): void {
    this.#isDead = true;
    this.#world.store.end(this.id);
  }

  /** The node's process is gone, and its workers with it. */
  end(reason: string): void {
    if (this.#isDead) return;
    this.vanish();
    this.#world.note(this.id, {kind: "node-ended", reason});
    for (const worker of [...this.workerIds]) this.#world.end(worker, `its node: ${reason}`, true);
    this.workerIds.clear();
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  #after(ms: number, act: () => void): void {
    this.#world.clockOf(this.id).after(ms, () => this.#isDead || act());
  }
}
