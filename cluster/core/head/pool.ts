// What the scheduler knows: nodes, their processes, the leases on them, and the wants of clients.

import type {ClientId, LeaseId, NodeId, WorkerId} from "../../ids.js";
import type {Amounts} from "./amounts.js";
import type {Shape} from "../events.js";

export interface PoolNode {
  readonly id: NodeId;
  readonly total: Amounts;
  /** Below zero for a moment when a suspended lease takes its CPUs back. */
  readonly free: Amounts;
  workers: number;
  maxWorkers: number;
  readonly processes: Map<WorkerId, PoolProcess>;
  /** When processes crashed that had held no lease yet, as far back as `crashWindowMs`. */
  startCrashes: number[];
  /** How often so many crashed within the window that those who wait had to be told. */
  troubles: number;
  /** How the last of them ended, with the last lines that it wrote. */
  lastCrash: string;
  /** No process is started before this time. */
  retryAtMs: number;
}

export interface PoolProcess {
  readonly id: WorkerId;
  readonly node: PoolNode;
  /** stopping: told to end in its own time. fenced: given up; its leases are lost once it ended. */
  state: "starting" | "up" | "stopping" | "fenced";
  pid: number;
  address: string;
  readonly leases: Set<PoolLease>;
  /** An actor's, or started to be one's: it counts to no limit and takes no other lease. */
  isDedicated: boolean;
  /** The process has held a lease: a crash is then no crash at start. */
  isProved: boolean;
  idleSinceMs: number;
  /** When a process that starts must be up, and a fenced one must have ended. */
  dueMs: number;
  stopWhy: "idle" | "stopped";
  fencedWhy: string;
}

export interface PoolLease {
  readonly id: LeaseId;
  readonly want: Want;
  readonly process: PoolProcess;
  /** The resources that the lease needed to be granted; a dedicated one may hold fewer later. */
  holds: Amounts;
  readonly grantedAtMs: number;
  isSuspended: boolean;
  isRevoked: boolean;
  /** The lease was suspended once: when its CPUs came back, they may have been owed. */
  wasSuspended: boolean;
}

/** One client's leases of one shape: those it waits for and those it has. */
export interface Want {
  /**
   * Whether dropped handles were collected for this want: asked for, or all processes have
   * answered. From `againAtMs` on they may be collected once more.
   */
  collect: {state: "no" | "asked" | "done"; againAtMs: number; pauseMs: number};
  readonly client: ClientId;
  readonly shape: Shape;
  readonly need: Amounts;
  /** How many more it could use. */
  count: number;
  /** Leases that it has … */
  leases: number;
  /** … and of these, those that are not revoked. */
  held: number;
  /** Since when `count` has stood without a grant. */
  sinceMs: number;
  /** Decides whose turn it is: the number grows with each grant and each return. */
  turn: number;
  isWarned: boolean;
  /** The number of the last of its node's `troubles` that the client was told of. */
  toldOfTrouble: number;
}

/** A free process has nothing on it, not even a suspended task, and waits for no actor. */
export function isFree(process: PoolProcess): boolean {
  return !process.isDedicated && isUnused(process);
}

function isUnused(process: PoolProcess): boolean {
  return process.state === "up" && process.leases.size === 0;
}

export function hasAwakeLease(process: PoolProcess): boolean {
  for (const lease of process.leases) if (!lease.isSuspended) return true;
  return false;
}

export function deepestOn(process: PoolProcess): number {
  let deepest = -1;
  for (const lease of process.leases) deepest = Math.max(deepest, lease.want.shape.depth);
  return deepest;
}

export function freeProcess(node: PoolNode): PoolProcess | null {
  for (const process of node.processes.values()) if (isFree(process)) return process;
  return null;
}

/**
 * For an actor: one that was started for it, else one of the pool that has run nothing yet. A task
 * may have left state in it, or tasks of its own, and those must not end with the actor.
 */
export function processForActor(node: PoolNode, maxActors: number): PoolProcess | null {
  let fresh: PoolProcess | null = null;
  for (const process of node.processes.values()) {
    if (!isUnused(process)) continue;
    if (process.isDedicated) return process;
    if (!process.isProved) fresh ??= process;
  }
  return countDedicated(node) < maxActors ? fresh : null;
}

/** A process that was told to end, or is being ended. */
export function isEnding({state}: PoolProcess): boolean {
  return state === "stopping" || state === "fenced";
}

/** Counts the processes of the pool. Processes of actors are not counted. */
export function countProcesses(node: PoolNode, state?: PoolProcess["state"]): number {
  return countThose(node, (process) => !state || process.state === state);
}

export function countEnding(node: PoolNode): number {
  return countThose(node, isEnding);
}

function countThose(node: PoolNode, counts: (process: PoolProcess) => boolean): number {
  let count = 0;
  for (const process of node.processes.values()) {
    if (!process.isDedicated && counts(process)) count++;
  }
  return count;
}

export function countDedicated(node: PoolNode): number {
  return node.processes.size - countProcesses(node);
}

/** Started for actors, and not given to one yet. */
export function spareDedicated(node: PoolNode): PoolProcess[] {
  return [...node.processes.values()].filter(
    (process) => process.isDedicated && !isEnding(process) && process.leases.size === 0,
  );
}

/**
 * Who goes first: priority, then depth (children before new parents, so that waiting parents get
 * on). Below zero when `a` outranks `b`.
 */
export function compareRank(a: Want, b: Want): number {
  return b.shape.priority - a.shape.priority || b.shape.depth - a.shape.depth;
}

/** Among equals whoever has less, then whose turn is longest ago. */
export function compareTurn(a: Want, b: Want): number {
  return compareRank(a, b) || a.leases - b.leases || a.turn - b.turn;
}
