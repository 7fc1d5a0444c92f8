// When is a step over? V8 steps by positions of emitted code, users by lines of what they wrote.
// Pure.

import type {Place} from "./script.js";

export type StepCommand = "stepOver" | "stepInto" | "stepOut";

/** Where V8 has stopped: in which script, how deep in calls, and what stands there. */
export interface Stop {
  /** Undefined in code that is nobody's: what `eval` made, what a package brought. */
  script: string | undefined;
  depth: number;
  place: Place | undefined;
}

/** Much more than one line of code has. */
const maxSteps = 1000;

export class Step {
  readonly #command: StepCommand;
  readonly #from: Stop;
  readonly #seen = new Set<string>();
  #steps = 0;

  constructor(command: StepCommand, from: Stop) {
    this.#command = command;
    this.#from = from;
    this.#seen.add(keyOf(from));
  }

  /** What V8 is to do next, or null when the step has arrived. */
  next(stop: Stop): StepCommand | null {
    if (++this.#steps > maxSteps) return null;
    const {place, script, depth} = stop;
    if (script === undefined) return "stepOut";
    if (!place || place.isInserted) return "stepOver";
    const from = this.#from;
    const isSameLine =
      script === from.script && depth === from.depth && place.line === from.place?.line;
    // A loop in one line comes by again: that is a step, too.
    const isNew = !this.#seen.has(keyOf(stop));
    this.#seen.add(keyOf(stop));
    if (isSameLine && isNew) return this.#command === "stepOut" ? "stepOver" : this.#command;
    return null;
  }
}

function keyOf({script, depth, place}: Stop): string {
  return `${script} ${depth} ${place?.line}:${place?.column}`;
}
