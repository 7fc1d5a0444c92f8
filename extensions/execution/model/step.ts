// One step of a task on its way, and what the task waits for in it.

import type {Span} from "./records.js";
import {taskOf, type TraceModel} from "./trace-model.js";

export type StepKind =
  "called" | "submitted" | "autoscaled" | "scheduled" | "executed" | "stored" | "fetched";
export type StepPlace = "driver" | "head" | "autoscaler" | "worker" | "store";

/** Times are microseconds since the task's call. */
export interface Step {
  /** From 1, as they are told; a retry goes on counting. */
  number: number;
  kind: StepKind;
  place: StepPlace;
  /** "worker 2", "head", "this cell". */
  placeLabel: string;
  title: string;
  detail: string;
  from: number;
  /** null while it goes on; equal to `from` when it is a moment. */
  to: number | null;
  waits: {from: number; to: number | null}[];
  state: "done" | "running" | "failed";
}

/** A step that has no number yet. */
export type Draft = Omit<Step, "number">;

/** The tasks whose results a task had to wait for before it could begin, and how long it did. */
export function inputsOf(
  model: TraceModel,
  span: Span,
  until: number | null,
): {waits: Step["waits"]; words: string} {
  const makers = span.args
    .map((arg) => model.spans.get(taskOf(arg)))
    .filter((maker) => maker !== undefined);
  const lastInput = Math.max(...makers.map((maker) => maker.attempts.at(-1)?.endedAt ?? Infinity));
  if (makers.length === 0 || lastInput <= span.submittedAt) return {waits: [], words: ""};
  return {
    waits: [{from: span.submittedAt, to: Math.min(lastInput, until ?? Infinity)}],
    words: `waits for its input from ${[...new Set(makers.map(({fn}) => fn))].join(", ")}`,
  };
}
