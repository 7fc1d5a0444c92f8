// Which leases should come back so that a want that can't be met now is met. A revoked lease is
// sent nothing more and returns when what was sent has ended: idle ones come back at once.
//
// A lease may be asked back for a want
//   - at once, when its client has nothing waiting for it (it idles, or works off the last tasks);
//   - at once, when it has lower rank;
//   - after a quantum, when it has equal rank and its client has more leases than the waiting one.

import {add, fits, subtract} from "./amounts.js";
import type {Amounts} from "./amounts.js";
import {compareRank, countProcesses, hasAwakeLease, isFree} from "./pool.js";
import type {PoolLease, PoolNode, Want} from "./pool.js";

export interface Revocation {
  leases: PoolLease[];
  /** When a lease that is too young today could be asked back. */
  againAtMs: number;
}

interface Outlook {
  node: PoolNode;
  /** Free now, or when what has been asked back comes. */
  room: Amounts;
  processes: number;
}

/** `waiting`: wants that could not be met, best rank first; one lease of each is provided for. */
export function chooseRevocations(
  nodes: Iterable<PoolNode>,
  waiting: readonly Want[],
  quantumMs: number,
  nowMs: number,
): Revocation {
  const answer: Revocation = {leases: [], againAtMs: Infinity};
  const outlooks = [...nodes].map(outlookOf);
  for (const want of waiting) {
    if (outlooks.some((outlook) => maybeClaim(outlook, want))) continue;
    for (const outlook of outlooks) {
      if (!fits(want.need, outlook.node.total)) continue;
      const victims = chooseVictims(outlook, want, quantumMs, nowMs, answer);
      if (!victims) continue;
      for (const lease of victims) {
        lease.isRevoked = true;
        lease.want.held--;
        comesBack(outlook, lease);
      }
      answer.leases.push(...victims);
      maybeClaim(outlook, want);
      break;
    }
  }
  return answer;
}

function outlookOf(node: PoolNode): Outlook {
  const outlook: Outlook = {node, room: new Map(node.free), processes: 0};
  for (const process of node.processes.values()) {
    if (isFree(process)) outlook.processes++;
    for (const lease of process.leases) {
      if (lease.isRevoked && !lease.isSuspended) comesBack(outlook, lease);
    }
  }
  outlook.processes += countProcesses(node, "starting");
  return outlook;
}

function comesBack(outlook: Outlook, lease: PoolLease): void {
  add(outlook.room, lease.holds);
  if (lease.process.state === "up") outlook.processes++;
}

function maybeClaim(outlook: Outlook, want: Want): boolean {
  // An actor brings a process of its own.
  const takes = want.shape.dedicated ? 0 : 1;
  if (outlook.processes < takes || !fits(want.need, outlook.room)) return false;
  outlook.processes -= takes;
  subtract(outlook.room, want.need);
  return true;
}

function chooseVictims(
  outlook: Outlook,
  want: Want,
  quantumMs: number,
  nowMs: number,
  answer: Revocation,
): PoolLease[] | null {
  const candidates: PoolLease[] = [];
  for (const process of outlook.node.processes.values()) {
    if (process.isDedicated || !hasAwakeLease(process)) continue;
    for (const lease of process.leases) {
      if (lease.isSuspended || lease.isRevoked || lease.want === want) continue;
      const freeAtMs = revocableAtMs(lease, want, quantumMs);
      if (freeAtMs <= nowMs) candidates.push(lease);
      else answer.againAtMs = Math.min(answer.againAtMs, freeAtMs);
    }
  }
  candidates.sort(
    (a, b) =>
      Number(a.want.count > 0) - Number(b.want.count > 0) ||
      compareRank(b.want, a.want) ||
      b.want.held - a.want.held ||
      a.grantedAtMs - b.grantedAtMs,
  );
  const room = new Map(outlook.room);
  let processes = outlook.processes;
  const victims: PoolLease[] = [];
  for (const lease of candidates) {
    victims.push(lease);
    add(room, lease.holds);
    processes++;
    if ((want.shape.dedicated || processes > 0) && fits(want.need, room)) return victims;
  }
  return null;
}

function revocableAtMs(lease: PoolLease, want: Want, quantumMs: number): number {
  if (lease.want.count === 0) return -Infinity;
  const rank = compareRank(want, lease.want);
  if (rank < 0) return -Infinity;
  if (rank > 0 || lease.want.held <= want.held) return Infinity;
  return lease.grantedAtMs + quantumMs;
}
