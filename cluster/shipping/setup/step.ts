// What a process has to do before the code of a task runs there: *steps*. A step travels as a part
// of the task's code, so each worker gets it once. Steps have the order in which their cells have
// run.

import type {Frames, ShippedPart} from "../../backend.js";
import {PackedFlag, packTree, unpackTree} from "../../packing/pack.js";

/** What is done with the value of a step when it has arrived. */
export type StepKind =
  /** Nothing more is done: decoding the value has loaded its modules. */
  | "load"
  /**
   * The value is a list: an imported value, and the calls and assignments on it. These are
   * repeated.
   */
  | "replay"
  /** The value is a function, which is called. */
  | "setup";

export interface StepHead {
  kind: StepKind;
  /** For errors: `the setup of Cell In[3]`. */
  label: string;
  /** Hashes of the parts that the step needs. Steps among these go before. */
  needs: string[];
  /** The hash of the value, when that is a function. */
  hash: string;
}

const prefix = "step ";
const digits = 9;

export function stepPart(order: number, id: string, head: StepHead, value: Frames): ShippedPart {
  const hash = `${prefix}${String(order).padStart(digits, "0")} ${id}`;
  return {hash, frames: [packTree(head, PackedFlag.plain), ...value]};
}

export function isStep({hash}: ShippedPart): boolean {
  return hash.startsWith(prefix);
}

export function readStep({frames: [head, ...value]}: ShippedPart): StepHead & {value: Frames} {
  return {...(unpackTree(head!).tree as StepHead), value};
}

/** Sorts steps into their order. */
export function byOrder(a: ShippedPart, b: ShippedPart): number {
  return a.hash < b.hash ? -1 : 1;
}

/** Encodes the value of a step. That value may need steps itself, but only earlier ones. */
export type EncodeStep = (
  order: number,
  value: unknown,
  label: string,
) => {frames: Frames; parts: ShippedPart[]};

/** The order of a step that is made now: after all others. */
export const nextOrder = (): number => ++orders;
let orders = 0;
