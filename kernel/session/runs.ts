// Runs: each execution of a cell is one, so that the events of one can be told from those of
// others.
//
// An ordinary cell's run begins with its first task. A cell without tasks leaves no trace. A
// recorded run (`%%sequential`, `%%distributed`) begins and ends with the work, measures plain
// calls or not, and says where `.remote()` goes.

import {
  inContext,
  maybeDefaultBackend,
  measuredCalls,
  openEngine,
  startedCluster,
  type Ambient,
} from "../../cluster/host.js";
import type {Backend, Engine} from "../../cluster/backend.js";
import {nowUs} from "../../cluster/clock.js";
import type {RunId} from "../../cluster/ids.js";
import type {RunEnded, RunMode, TraceEvent} from "../../cluster/trace.js";
import type {CellId} from "../threads.js";

type Record = (events: TraceEvent[]) => void;

/** What a recorded run needs to know of its cell. */
export interface RecordedCell {
  readonly cell: CellId;
  readonly executionCount: number;
  /** Aborted when the cell is interrupted. */
  readonly signal: AbortSignal;
  record(events: readonly TraceEvent[]): void;
}

let runs = 0;
const nextRun = () => `run-${++runs}` as RunId;

/**
 * Returns the context in which a cell runs, so that its tasks belong to the cell, and the function
 * that says that the cell has ended.
 */
export function beginCell(
  cell: CellId,
  executionCount: number,
  record: Record,
): {context: Ambient; ended(state: RunEnded["state"]): void} {
  const run = nextRun();
  let begun = false;
  const context: Ambient = {
    get run() {
      if (!begun) {
        begun = true;
        record([
          {kind: "run-started", at: nowUs(), run, mode: "plain", name: "", cell: executionCount},
        ]);
      }
      return run;
    },
    cell,
    parent: null,
    depth: 0,
    backend: null,
    arrivals: null,
    life: null,
  };
  return {
    context,
    ended(state) {
      if (begun) record([{kind: "run-ended", at: nowUs(), run, state}]);
    },
  };
}

/** Runs `work` as a run of its own. Resolves when its trace is complete. */
export async function recordRun<T>(
  cell: RecordedCell,
  mode: Exclude<RunMode, "plain">,
  name: string,
  work: () => Promise<T>,
): Promise<{run: RunId; value: T}> {
  // The cluster's start is no part of the run.
  if (mode === "distributed" && maybeDefaultBackend() === null) await startedCluster();
  const run = nextRun();
  const record = (events: readonly TraceEvent[]) => cell.record(events);
  const backend = mode === "sequential" ? sequentialBackend(record) : null;
  let ended = false;
  const end = (state: RunEnded["state"]) => {
    if (ended) return;
    ended = true;
    measuredCalls.end();
    record([{kind: "run-ended", at: nowUs(), run, state}]);
  };
  // Interrupted work may never settle.
  cell.signal.addEventListener("abort", () => end("interrupted"), {once: true});
  record([{kind: "run-started", at: nowUs(), run, mode, name, cell: cell.executionCount}]);
  const context = {
    run,
    cell: cell.cell,
    parent: null,
    depth: 0,
    backend,
    arrivals: null,
    life: null,
  };
  try {
    const value = await inContext(context, () => {
      if (mode === "sequential") measuredCalls.begin(run, record);
      return work();
    });
    end("finished");
    return {run, value};
  } catch (error) {
    end("failed");
    throw error;
  } finally {
    await flushTrace();
  }
}

let sequential: Engine | undefined;

/** One for the session, so that its refs stay good in later cells. */
function sequentialBackend(record: Record): Backend {
  if (sequential === undefined) {
    sequential = openEngine("sequential:").backend;
    sequential.watch(record);
  }
  return sequential;
}

/** A task here that was cut off never ends by itself, and would hold up all that come after it. */
export function cancelTasksHere(cell: CellId): void {
  sequential?.cancelCell(cell);
}

/** Resolves when every event of what has happened so far has reached the feed. */
export async function flushTrace(): Promise<void> {
  await sequential?.flushTrace();
  await maybeDefaultBackend()?.flushTrace();
}
