// What a process has to do before the code of a task runs there: *steps*. A step travels as a part of
// the task's code, so each worker gets it once. Its order is that in which cells have run.

import type {Frames, ShippedPart} from "../../backend.js";
import {PackedFlag, packTree, unpackTree} from "../../packing/pack.js";

/** What is done with a step's value when it has arrived. */
export type StepKind =
  /** Nothing more: to put it together has loaded its modules. */
  | "load"
  /** It is a list of a value that is imported, and what was called or set on it. */
  | "replay"
  /** It is a function, which is called. */
  | "setup";

export interface StepHead {
  kind: StepKind;
  /** For errors: `the setup of Cell In[3]`. */
  label: string;
  /** Hashes of the parts that it needs, steps among them, which go before. */
  needs: string[];
  /** Of the value, when it is a function. */
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

/** Encodes the value of a step: the value needs steps itself, but only earlier ones. */
export type EncodeStep = (
  order: number,
  value: unknown,
  label: string,
) => {frames: Frames; parts: ShippedPart[]};

/** The order of a step that is made now: behind all others. */
export const nextOrder = (): number => ++orders;
let orders = 0;
