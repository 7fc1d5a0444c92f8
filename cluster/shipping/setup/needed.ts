// The steps that a value on its way needs: imports for side effects, and what cells have set up in
// packages.

import type {ShippedPart} from "../../backend.js";
import {encode, type Encoded, type Origins} from "../../codec/codec.js";
import {cellsBegun, noteChanged} from "../modules/watched.js";
import {effectsFor, effectsVersion} from "./effects.js";
import {replaysFor, replaysVersion} from "./replays.js";

/** Encodes a value for tasks: its parts include the steps that its receiver needs. */
export function encodeWithSteps(value: unknown, what: string, below = Infinity): Encoded {
  const encoded = encode(value, what);
  if (encoded.origins === null) return encoded;
  const steps = stepsFor(encoded.origins, below);
  return steps.length === 0 ? encoded : {...encoded, parts: [...encoded.parts, ...steps]};
}

/** Finds the steps, with the parts that the steps need. `below`: only those that come before. */
export function stepsFor(origins: Origins, below = Infinity): ShippedPart[] {
  noteChanged(origins.modules);
  return effectsVersion() + replaysVersion() === 0
    ? none
    : [...effectsFor(origins, below, encodeStep), ...replaysFor(origins, below, encodeStep)];
}
const none: ShippedPart[] = [];

function encodeStep(order: number, value: unknown, label: string): Encoded {
  return encodeWithSteps(value, label, order);
}

/** Grows with each change: then steps that were found before may not be all. */
export const version = (): number => effectsVersion() + replaysVersion() + cellsBegun();
