// Export for Perfetto and chrome://tracing: one process a node, one thread a worker.

import {barsOf, workOf} from "./bars.js";
import {workerLabel} from "./lanes.js";
import type {TraceModel} from "./trace-model.js";

export interface ChromeEvent {
  name: string;
  ph: "X" | "M" | "i";
  ts: number;
  dur?: number;
  pid: number;
  tid: number;
  cat?: string;
  s?: "g";
  args: Record<string, unknown>;
}

export function chromeTrace(
  model: TraceModel,
  now = model.lastAt,
): {traceEvents: ChromeEvent[]; displayTimeUnit: "ms"} {
  const events: ChromeEvent[] = [named("process_name", 0, 0, "notebook")];
  const nodes = [...model.nodes.values()];
  nodes.forEach((node, index) =>
    events.push(named("process_name", index + 1, 0, node.host || `node ${index + 1}`)),
  );
  const placeOf = (id: string | null) => {
    const worker = [...model.workers.values()].find((each) => each.id === id);
    if (worker === undefined) return {pid: 0, tid: 0};
    return {
      pid: nodes.findIndex(({id: node}) => node === worker.node) + 1,
      tid: model.workerNumber(worker.id),
    };
  };
  for (const worker of model.workers.values()) {
    const {pid, tid} = placeOf(worker.id);
    const {label, detail} = workerLabel(model, worker.id);
    events.push(named("thread_name", pid, tid, `${label} · ${detail}`));
  }
  for (const run of model.runsByStart()) {
    const work = workOf(model, run);
    for (const span of work.spans)
      for (const bar of barsOf(model, work, span)) {
        const attempt = span.attempts.find(({number}) => number === bar.attempt);
        events.push({
          name: bar.fn,
          cat: span.kind,
          ph: "X",
          ts: bar.from + work.zero,
          dur: (bar.to ?? now - work.zero) - bar.from,
          ...placeOf(attempt?.worker ?? null),
          args: {
            run: run.name,
            cell: run.cell,
            state: bar.state,
            attempt: bar.attempt,
            id: span.id,
          },
        });
      }
  }
  for (const {at, reason, wanted} of model.scaling.values())
    events.push({
      name: `scale to ${wanted}`,
      ph: "i",
      s: "g",
      ts: at,
      pid: 0,
      tid: 0,
      args: {reason},
    });
  return {traceEvents: events, displayTimeUnit: "ms"};
}

function named(name: string, pid: number, tid: number, label: string): ChromeEvent {
  return {name, ph: "M", ts: 0, pid, tid, args: {name: label}};
}
