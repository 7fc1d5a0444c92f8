// The legend: which colour is which function, and what it needs.

import type {RunWork} from "./bars.js";
import type {TraceModel} from "./trace-model.js";
import {cpus, needs} from "./words.js";

export interface LegendEntry {
  fn: string;
  colour: number;
  /** "2 CPUs" when its tasks hold other than one CPU. */
  needs: string;
  /** Calls and tasks in the newest of the runs. */
  count: number;
  /** Calls that were counted but not drawn one by one. */
  folded: number;
}

export function legendOf(model: TraceModel, works: RunWork[]): LegendEntry[] {
  const entries = new Map<string, LegendEntry>();
  const entry = (fn: string) => {
    const found = entries.get(fn);
    if (found !== undefined) return found;
    const made = {fn, colour: model.colour(fn), needs: "", count: 0, folded: 0};
    entries.set(fn, made);
    return made;
  };
  for (const work of works) {
    for (const known of entries.values()) known.count = 0;
    for (const span of work.spans) {
      const line = entry(span.fn);
      line.count++;
      const words = needs(span.resources);
      if (span.kind === "task" && words !== "" && !isDefault(span.resources)) line.needs = words;
    }
    for (const folded of model.foldedOf(work.run.id)) entry(folded.fn).folded += folded.count;
  }
  return [...entries.values()].sort((a, b) => a.colour - b.colour);
}

function isDefault(resources: Record<string, number>): boolean {
  return (
    cpus(resources) === 1 && Object.values(resources).filter((each) => each !== 0).length === 1
  );
}
