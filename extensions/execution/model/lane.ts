// A lane: the row, or rows, of one process in a diagram.

import type {Bar} from "./bars.js";

export interface Lane {
  key: string;
  kind: "sequential" | "worker" | "ideal";
  label: string;
  detail: string;
  /** Rows that its bars take. */
  rows: number;
  bars: Bar[];
  /** When it could take work, since the run's first span; `to` is null if it still can. */
  present: {from: number; to: number | null}[];
  starting: {from: number; to: number | null} | null;
  left: Leave | null;
  idle: Gap[];
}

export interface Leave {
  at: number;
  /** "left" for a process, "ended" for the actor that it was the last one of. */
  verb: "left" | "ended";
  reason: string;
  isCrash: boolean;
}

export interface Gap {
  from: number;
  to: number;
  reason: string;
}
