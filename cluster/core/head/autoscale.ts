// How many worker processes a node should have, as a pure decision with its reason in words that a
// learner can read.

import type {WorkerId} from "../../ids.js";

export interface ScaleQuestion {
  /** Kept at all times, and at most: as the user asked. */
  workers: number;
  maxWorkers: number;
  /** Processes that live, with those that start and those that have been told to stop. */
  alive: number;
  starting: number;
  stopping: number;
  /** Ready tasks that fit the free resources but find no free process. */
  shortage: number;
  /** Free ones, the first to go first. */
  idle: {worker: WorkerId; sinceMs: number}[];
  idleMs: number;
  nowMs: number;
}

export interface ScaleAnswer {
  start: number;
  stop: WorkerId[];
  why: "idle" | "stopped";
  reason: string;
  /** When the next idle one is due; Infinity when none is. */
  nextAtMs: number;
}

export function decideScale(question: ScaleQuestion): ScaleAnswer {
  const {workers, maxWorkers, alive, starting, stopping, shortage, idle, idleMs, nowMs} = question;
  const staying = alive - stopping;
  const answer: ScaleAnswer = {start: 0, stop: [], why: "idle", reason: "", nextAtMs: Infinity};
  const limit = Math.max(workers, maxWorkers);

  if (staying < workers) {
    answer.start = workers - staying;
    answer.reason = `${count(workers, "worker")} wanted, ${isOrAre(staying)} there`;
  }
  const more = Math.min(shortage - starting - answer.start, limit - alive - answer.start);
  if (more > 0) {
    answer.start += more;
    const found =
      shortage === 1
        ? "1 ready task fits the free resources but finds no free worker"
        : `${shortage} ready tasks fit the free resources but find no free worker`;
    answer.reason = answer.reason ? `${answer.reason}; ${found}` : `${found} (limit ${limit})`;
  }
  if (answer.start > 0) return answer;

  if (staying > limit) {
    answer.stop = idle.slice(0, staying - limit).map(({worker}) => worker);
    answer.why = "stopped";
    answer.reason = `the limit is ${count(limit, "worker")} now`;
    if (answer.stop.length > 0) return answer;
  }
  const spare = staying - workers;
  const due = idle.filter(({sinceMs}) => sinceMs + idleMs <= nowMs).slice(0, Math.max(0, spare));
  if (due.length > 0) {
    answer.stop = due.map(({worker}) => worker);
    const names = answer.stop.join(", ");
    answer.reason = `${names} had nothing to do for ${idleMs / 1000} s (${workers} kept)`;
  } else if (spare > 0 && idle.length > 0) {
    answer.nextAtMs = idleMs + Math.min(...idle.map(({sinceMs}) => sinceMs));
  }
  return answer;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function isOrAre(number: number): string {
  return `${number} ${number === 1 ? "is" : "are"}`;
}
