// Troubles of the head's process and machine, and what the members of its cluster make of them, as
// cluster/io/agent/agent-roles.ts, node.ts and launch.ts have it.

import {limits} from "./limits.js";
import type {Network} from "./network.js";
import type {Node} from "./node.js";
import type {World} from "./world.js";

export class HeadTroubles {
  readonly #world: World;
  readonly #network: Network;

  constructor(world: World, network: Network) {
    this.#world = world;
    this.#network = network;
  }

  /** The head stands still. When that lasts too long, the others give it up. */
  pause(ms: number): void {
    this.#world.note("head", {kind: "stands-still", ms});
    this.#pauseWithHead(["head", this.#own.id], ms);
  }

  /**
   * The machine of the head, with all drivers, is suspended: their clocks jump. Afterwards some
   * links are found silent from one side or the other.
   */
  suspend(ms: number): void {
    this.#world.note("head", {kind: "is-suspended", ms});
    const isWhole = this.#world.random.chance(0.5);
    const nodes = isWhole ? [...this.#world.nodes.values()] : [this.#own];
    const workers = nodes
      .flatMap(({workerIds}) => [...workerIds])
      .filter((id) => this.#world.workers.has(id));
    this.#pauseWithHead(
      ["head", ...nodes.map(({id}) => id), ...workers, ...this.#world.drivers.keys()],
      ms,
    );
    if (ms <= limits.headSilenceMs) return;
    for (const worker of workers) {
      if (this.#world.random.chance(0.3))
        this.#world.whenHeadAwake(() => this.#world.loseMember(worker));
    }
    if (ms <= limits.memberSilenceMs) return;
    for (const driver of this.#world.drivers.keys()) {
      if (this.#world.random.chance(0.1))
        this.#world.whenHeadAwake(() => this.#world.loseMember(driver));
    }
  }

  #pauseWithHead(ids: string[], ms: number): void {
    const stopped = new Set(ids);
    for (const id of ids) this.#world.clockOf(id).pause(ms);
    const noticedMs = this.#world.silence(limits.headSilenceMs);
    if (ms > noticedMs) {
      this.#world.clock.after(noticedMs, () => {
        if (!this.#world.head.isDead) this.#endMembers((id) => !stopped.has(id));
      });
    }
    const silentMs = this.#world.silence(limits.memberSilenceMs);
    // Whoever has started the head ends it before its drivers leave.
    if (
      ms > silentMs &&
      this.#world.drivers.size > 0 &&
      ![...this.#world.drivers.keys()].every((id) => stopped.has(id))
    )
      this.#world.clock.after(silentMs, () => this.end("it was silent"));
  }

  /** Members that have lost the head end themselves. The head sees that when it can. */
  #endMembers(hasLost: (id: string) => boolean): void {
    for (const {id} of [...this.#world.workers.values()]) {
      if (hasLost(id)) this.#world.clockOf(id).whenAwake(() => this.#world.endLost(id));
    }
    for (const node of [...this.#world.nodes.values()].slice(1)) {
      if (!hasLost(node.id) || node.isDead) continue;
      this.#world.clockOf(node.id).whenAwake(() => {
        node.end("it has lost the head");
        this.#world.whenHeadAwake(() => this.#world.loseMember(node.id));
      });
    }
  }

  get #own(): Node {
    return this.#world.nodes.values().next().value!;
  }

  /**
   * The head's process ends, and with it the first node and its store. The others see that their
   * links have ended. Workers of the first node see that their pipes have closed.
   */
  end(reason: string): void {
    if (this.#world.head.isDead) return;
    this.#world.note("head", {kind: "head-ended", reason});
    this.#world.head.isDead = true;
    this.#world.ledger.hasLostStores = true;
    this.#world.crashes++;
    this.#world.losesLastWords("head", this.#world.random.between(0, 0.5));
    this.#own.vanish();
    const notice = (id: string, act: () => void): void => {
      const heldMs = Math.min(this.#network.heldMs("head", id), limits.headSilenceMs);
      this.#world.clockOf(id).after(heldMs + this.#world.random.between(0, 1), act);
    };
    for (const {id} of this.#world.workers.values()) notice(id, () => this.#world.endLost(id));
    for (const node of this.#world.nodes.values())
      notice(node.id, () => node.end("it has lost the head"));
    for (const driver of this.#world.drivers.values()) {
      this.#world.ledger.leaves(driver.id);
      notice(driver.id, () => driver.leave(reason));
    }
  }
}
