// One pass over all who wait: what is left of each node for those who come later in it.

import {add, fits, subtract} from "./amounts.js";
import type {Amounts} from "./amounts.js";
import type {PoolNode, Want} from "./pool.js";

/** The resources of a node that are left in one pass, for wants that come later in the pass. */
export interface Room {
  readonly node: PoolNode;
  readonly total: Amounts;
  readonly free: Amounts;
  /** Wants that wait for a process to start. */
  shortage: number;
  /** Actors that wait for a process to start. */
  awaited: number;
}

export class Pass {
  readonly rooms: Room[];
  unmetActors = 0;

  constructor(nodes: Iterable<PoolNode>) {
    this.rooms = [...nodes].map((node) => ({
      node,
      total: node.total,
      free: new Map(node.free),
      shortage: 0,
      awaited: 0,
    }));
  }
}

/**
 * A want that has waited a quantum gets the next room: smaller ones that come later may not eat it
 * up. Only where running tasks will free enough; what waiting tasks hold may depend on those
 * smaller ones, and actors keep what they hold.
 */
export function reserve(rooms: Room[], want: Want): void {
  for (const room of rooms) {
    const hoped = new Map(room.free);
    for (const process of room.node.processes.values()) {
      if (process.isDedicated) continue;
      for (const lease of process.leases) if (!lease.isSuspended) add(hoped, lease.holds);
    }
    if (!fits(want.need, hoped)) continue;
    subtract(room.free, want.need);
    return;
  }
}

/** The resources that tasks can ever get of a node while the actors placed by then live. */
export function withoutActors(node: PoolNode, placedByMs: number): Amounts {
  const rest = new Map(node.total);
  for (const {isDedicated, leases} of node.processes.values()) {
    if (!isDedicated) continue;
    for (const {grantedAtMs, holds} of leases) if (grantedAtMs <= placedByMs) subtract(rest, holds);
  }
  return rest;
}

/** Do actors that were placed by then have some of what is needed? */
export function haveActors(need: Amounts, node: PoolNode, placedByMs: number): boolean {
  for (const {isDedicated, leases} of node.processes.values()) {
    if (!isDedicated) continue;
    for (const {grantedAtMs, holds} of leases) {
      if (grantedAtMs > placedByMs) continue;
      for (const [name, amount] of holds) if (amount > 0 && (need.get(name) ?? 0) > 0) return true;
    }
  }
  return false;
}
