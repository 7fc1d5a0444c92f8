// A view as a table: the same facts for whoever does not look at pictures.

import type {Bar} from "./bars.js";
import type {Lane} from "./lane.js";
import {duration} from "./words.js";

export interface Table {
  caption: string;
  columns: string[];
  rows: string[][];
}

/** The bars of lanes, each with the name of its lane: a row each. */
export function tableOfLanes(lanes: [string, Lane][]): Table {
  return {
    caption: "Calls and tasks",
    columns: ["where", "function", "run", "began", "took", "waited in get", "state"],
    rows: lanes.flatMap(([where, lane]) =>
      lane.bars.map((bar) => [
        where,
        bar.fn,
        String(bar.ordinal),
        duration(bar.from),
        bar.to === null ? "" : duration(bar.to - bar.from),
        waited(bar),
        stateOf(bar),
      ]),
    ),
  };
}

function waited(bar: Bar): string {
  const us = bar.segments
    .filter(({kind, to}) => kind === "blocked" && to !== null)
    .reduce((sum, {from, to}) => sum + ((to ?? from) - from), 0);
  return us === 0 ? "" : duration(us);
}

/** "finished", "failed: no such file", "finished (attempt 2)". */
export function stateOf(bar: Bar): string {
  const error = bar.error === "" ? "" : `: ${bar.error}`;
  const again = bar.attempts > 1 ? ` (attempt ${bar.attempt} of ${bar.attempts})` : "";
  return `${bar.state}${error}${again}`;
}
