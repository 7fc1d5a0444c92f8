// The steps that a value on its way needs: side-effect imports, and what cells have set up in packages.

import type {ShippedPart} from "../../backend.js";
import {effectsFor, effectsVersion, type Origins} from "./effects.js";
import {replaysFor, replaysVersion} from "./replays.js";
import {cellsBegun, noteChanged} from "../modules/watched.js";

/** With the parts that the steps need. */
export function stepsFor(origins: Origins): ShippedPart[] {
  noteChanged(origins.modules);
  return effectsVersion() + replaysVersion() === 0
    ? none
    : [...effectsFor(origins), ...replaysFor(origins)];
}
const none: ShippedPart[] = [];

/** Grows with each change: what was found before may not be all. */
export const version = (): number => effectsVersion() + replaysVersion() + cellsBegun();
