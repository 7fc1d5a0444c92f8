// Does the steps that have come with a task's code before that code runs, each step once in a
// process. A step that failed is tried again for the next task that needs it.

import {hostname} from "node:os";
import type {Frames, ShippedPart} from "../../backend.js";
import {decodeLoading} from "../../codec/codec.js";
import {SetupError} from "../../errors.js";
import {Arrivals} from "../names/arrivals.js";
import {processRealm} from "../names/realm.js";
import {revive} from "../revive.js";
import {done} from "./done.js";
import {replay, type Replayed} from "./replayed.js";
import {byOrder, isStep, readStep} from "./step.js";

/** Runs a step in a context of its own, which has nothing of the task. */
export type Within = <T>(arrivals: Arrivals, work: () => T) => T;

/**
 * Does the steps that the task needs and this process has not done; undefined when there are none.
 * Rejects with a SetupError that names the step and `fn`.
 */
export function prepare(
  parts: readonly ShippedPart[],
  fn: string,
  within: Within,
): Promise<void> | undefined {
  const left = parts.filter((part) => isStep(part) && done.get(part.hash) !== true);
  return left.length === 0 ? undefined : doAll(left, {parts, fn, within});
}

/** The steps, and the parts that they need, for tasks that a task submits. */
export function inherited(parts: readonly ShippedPart[]): readonly ShippedPart[] {
  let found = inheritedOf.get(parts);
  if (!found) {
    const needed = new Set(parts.filter(isStep).flatMap((step) => readStep(step).needs));
    found = parts.filter((part) => isStep(part) || needed.has(part.hash));
    inheritedOf.set(parts, found);
  }
  return found;
}
/** Inherited parts by the parts of a task: tasks of one function have the same. */
const inheritedOf = new WeakMap<readonly ShippedPart[], readonly ShippedPart[]>();

interface Preparing {
  parts: readonly ShippedPart[];
  fn: string;
  within: Within;
}

async function doAll(steps: readonly ShippedPart[], preparing: Preparing): Promise<void> {
  for (const step of steps.toSorted(byOrder)) await once(step, preparing);
}

/** Does a step once, even when several tasks need it at a time. */
function once(step: ShippedPart, preparing: Preparing): true | Promise<void> {
  const {hash} = step;
  const known = done.get(hash);
  if (known) return known;
  const doing = carryOut(step, preparing).then(
    () => void done.set(hash, true),
    (error: unknown) => {
      done.delete(hash);
      throw error;
    },
  );
  done.set(hash, doing);
  return doing;
}

async function carryOut(step: ShippedPart, preparing: Preparing): Promise<void> {
  const {parts, fn, within} = preparing;
  const {kind, label, needs, hash, value} = readStep(step);
  const needed = parts.filter((part) => needs.includes(part.hash));
  const first = needed.filter(isStep);
  if (first.length > 0) await doAll(first, preparing);
  const arrivals = new Arrivals(processRealm);
  try {
    const decoded = async (frames: Frames) =>
      (await decodeLoading(frames, {copy: true, parts: needed, arrivals})).value;
    switch (kind) {
      case "load":
        return void (await decoded(value));
      case "replay":
        return await replay((await decoded(value)) as Replayed);
      case "setup": {
        const run = await revive({hash, frames: value, parts: needed}, arrivals);
        return void (await within(arrivals, () => run()));
      }
      default:
        kind satisfies never;
    }
  } catch (error) {
    if (error instanceof SetupError) throw error;
    const {name, message} = error instanceof Error ? error : {name: "it threw", message: error};
    throw new SetupError(
      `\`${fn}\` needs ${label}, which failed on ${hostname()} (pid ${process.pid}): ${name}: ${String(message)}`,
      {cause: error},
    );
  }
}
