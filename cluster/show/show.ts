// Showing things where they stand in the program. `display` hands a value to a sink that the host
// installs: the kernel shows it under the cell, a worker sends it to its driver, a plain program prints
// its text.

import {randomUUID} from "node:crypto";
import {maybeShown, textOf, type Shown} from "./displayable.js";

export interface DisplayOptions {
  /** Under this name the output can be replaced later, from any cell. */
  displayId?: string;
  /** `value` is a MIME bundle already. */
  raw?: boolean;
  /** With `raw`: what is to be known about the bundle's types, `{"image/png": {width: 300}}`. */
  metadata?: Record<string, unknown>;
}

/** Where shown things go. */
export interface Sink {
  display(value: unknown, options: DisplayOptions & {displayId: string; update: boolean}): void;
  clear(options: {wait: boolean}): void;
}

/** Replaces what was shown. */
export interface Display {
  readonly displayId: string;
  update(value: unknown, options?: Omit<DisplayOptions, "displayId">): void;
}

const toConsole: Sink = {
  display(value, {raw = false}) {
    const print = (shown: Shown) => console.log(textOf(shown.data));
    const shown = raw ? {data: value as Shown["data"], metadata: {}} : maybeShown(value);
    if (shown instanceof Promise) void shown.then(print);
    else if (shown) print(shown);
    else console.log(value);
  },
  clear() {},
};
let sink: Sink = toConsole;

/** Installs where shown things go from now on (null: the console); gives back what was before. */
export function setSink(next: Sink | null): Sink {
  const before = sink;
  sink = next ?? toConsole;
  return before;
}

/**
 * Shows `value` now, in its place among what is printed. The handle replaces it:
 * `const d = display(html("…")); d.update(html("…"))`.
 */
export function display(value: unknown, options: DisplayOptions = {}): Display {
  const displayId = options.displayId ?? randomUUID();
  sink.display(value, {...options, displayId, update: false});
  return new DisplayHandle(displayId);
}

class DisplayHandle implements Display {
  readonly displayId: string;
  readonly #isOurs = true;

  constructor(displayId: string) {
    this.displayId = displayId;
  }
  readonly update: Display["update"] = (value, options = {}) =>
    sink.display(value, {...options, displayId: this.displayId, update: true});
  static is(value: unknown): boolean {
    return typeof value === "object" && value !== null && #isOurs in value;
  }
}

/** Has the value been shown already? A cell that ends in `display(…)` has no other result. */
export function isDisplay(value: unknown): boolean {
  return DisplayHandle.is(value);
}

/** Empties the cell's output; with `wait`, when the next output comes. */
export function clearOutput({wait = false}: {wait?: boolean} = {}): void {
  sink.clear({wait});
}
