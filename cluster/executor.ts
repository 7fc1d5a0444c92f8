// The first half of an attempt, the same for every engine of ours: steps of set-up are done, the
// function is revived and the arguments are decoded. How the function is then called is each
// engine's own: a worker marks for other threads when user code runs, and may be cut off there.

import type {Frames, ShippedPart} from "./backend.js";
import type {Decoded} from "./codec/codec.js";
import {prepare, type Within} from "./shipping/setup/prepare.js";

export type Callee = (...args: unknown[]) => unknown;

export interface Attempt {
  /** The function's name, for errors. */
  fn: string;
  /** The parts of the task's code, among them steps of set-up. */
  parts: readonly ShippedPart[];
  /** Runs a step of set-up in a context of its own. */
  within: Within;
  /** Gives what will be called: the revived function, or a method of an actor. */
  callee(): Callee | Promise<Callee>;
  /** The encoded list of arguments. */
  args: Frames;
  /** Values of refs, each with its place in the list. */
  values: readonly {index: number; frames: Frames}[];
  decode(frames: Frames): Decoded | Promise<Decoded>;
}

export interface Loaded {
  callee: Callee;
  args: unknown[];
}

/**
 * Loads what an attempt needs. Gives no promise when there is nothing to wait for, no set-up and no
 * module: a tiny task then costs no turn of the event loop.
 */
export function load(attempt: Attempt): Loaded | Promise<Loaded> {
  const {parts, fn, within} = attempt;
  const preparing = parts.length === 0 ? undefined : prepare(parts, fn, within);
  const callee = preparing ? preparing.then(() => attempt.callee()) : attempt.callee();
  return callee instanceof Promise
    ? callee.then((ready) => withArguments(ready, attempt))
    : withArguments(callee, attempt);
}

function withArguments(callee: Callee, attempt: Attempt): Loaded | Promise<Loaded> {
  const {args, values, decode} = attempt;
  const decoded = [decode(args)];
  for (const {frames} of values) decoded.push(decode(frames));
  const place = (all: Decoded[]): Loaded => {
    const list = all[0]!.value as unknown[];
    values.forEach(({index}, i) => (list[index] = all[i + 1]!.value));
    return {callee, args: list};
  };
  return decoded.some((each) => each instanceof Promise)
    ? Promise.all(decoded).then(place)
    : place(decoded as Decoded[]);
}
