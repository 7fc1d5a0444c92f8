// A view as a table: the same facts for whoever does not look at pictures.

import type {Bar} from "./bars.js";
import type {Lane} from "./lanes.js";
import type {View} from "./summary.js";
import {duration} from "./words.js";

export interface Table {
  caption: string;
  columns: string[];
  rows: string[][];
}

export function tableOf(view: View): Table {
  switch (view.kind) {
    case "twin": {
      const lanes: [string, Lane][] = [];
      if (view.sequential !== null) lanes.push(["one after another", view.sequential.lane]);
      for (const group of view.distributed?.groups ?? [])
        for (const lane of group.lanes) lanes.push([lane.label, lane]);
      return spans("Calls and tasks", lanes);
    }
    case "timeline":
      return spans(
        "Calls and tasks",
        view.groups.flatMap((group) =>
          group.lanes.map((lane): [string, Lane] => [lane.label, lane]),
        ),
      );
    case "steps":
      return {
        caption: `Steps of ${view.fn}`,
        columns: ["step", "where", "what", "at", "took"],
        rows: view.steps.map((step) => [
          String(step.number),
          step.placeLabel,
          step.detail === "" ? step.title : `${step.title}: ${step.detail}`,
          duration(step.from),
          step.to === null ? "running" : duration(step.to - step.from),
        ]),
      };
    case "cluster":
      return {
        caption: "Workers",
        columns: ["node", "worker", "process", "joined", "left", "why"],
        rows: view.nodes.flatMap((node) =>
          node.workers.map((worker) => [
            node.label,
            worker.label,
            worker.detail,
            worker.alive === null ? "" : duration(worker.alive.from),
            worker.left === null ? "" : duration(worker.left.at),
            worker.left?.reason ?? "",
          ]),
        ),
      };
  }
}

function spans(caption: string, lanes: [string, Lane][]): Table {
  return {
    caption,
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
