// Shows values in their place among the printed lines. `display` hands a value to a sink that the
// host installs: the kernel shows the value below its cell, a worker sends it to its driver, a
// plain program prints its text.

import {randomUUID} from "node:crypto";
import {maybeShown, textOf, type Shown} from "./displayable.js";

/**
 * How `display` shows a value.
 *
 * @example
 * ```ts
 * import {display, type DisplayOptions} from "tasklab";
 *
 * const options: DisplayOptions = {displayId: "progress"};
 * display("half of it", options); // → half of it
 * ```
 */
export interface DisplayOptions {
  /**
   * A name by which the output can be replaced later, from any cell. Default: a new random name.
   */
  displayId?: string;
  /** Take `value` for a MIME bundle. Default: false. */
  raw?: boolean;
  /** With `raw`: metadata by MIME type, such as `{"image/png": {width: 300}}`. Default: none. */
  metadata?: Record<string, unknown>;
}

/** The place to which `display` sends values. */
export interface Sink {
  display(value: unknown, options: DisplayOptions & {displayId: string; update: boolean}): void;
  clear(options: {wait: boolean}): void;
}

/**
 * A handle of a shown value, by which the value is replaced in its place. A cell that ends in a
 * `display(…)` shows no other result.
 *
 * @example
 * ```ts
 * import {display, type Display} from "tasklab";
 *
 * const shown: Display = display("0 of 2"); // → 0 of 2
 * shown.update("2 of 2"); // → 2 of 2
 * ```
 */
export interface Display {
  /** The name of the output. */
  readonly displayId: string;
  /** Shows `value` instead of the value that was shown before. */
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

/** Installs the sink to use from now on (null: the console); returns the former sink. */
export function setSink(next: Sink | null): Sink {
  const before = sink;
  sink = next ?? toConsole;
  return before;
}

/**
 * Shows a value at once, below its cell, in its place among the printed lines. In a task the value
 * is shown below the cell that submitted the task. A plain program prints the value's text.
 *
 * Returns a handle that replaces the value later.
 *
 * @throws DisplayError when the value's own display method fails; in a cell or a task, also when
 * `raw` is set and the value is no MIME bundle.
 *
 * @example
 * ```ts
 * import {display, html} from "tasklab";
 *
 * const shown = display(html("<b>0 %</b>")); // → <b>0 %</b>
 * shown.update(html("<b>100 %</b>")); // → <b>100 %</b>
 * ```
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

/** True if `value` is a handle: a cell that ends in `display(…)` has no other result. */
export function isDisplay(value: unknown): boolean {
  return DisplayHandle.is(value);
}

/**
 * Empties the output of the current cell. With `wait: true` (default: false) the old output stays
 * until the next output comes, so that nothing flickers. Does nothing in a plain program or a task.
 *
 * @example
 * ```ts
 * import {clearOutput} from "tasklab";
 *
 * for (let percent = 0; percent <= 100; percent += 50) {
 *   clearOutput({wait: true});
 *   console.log(`${percent} %`);
 * }
 * // → 0 %
 * // → 50 %
 * // → 100 %
 * ```
 */
export function clearOutput({wait = false}: {wait?: boolean} = {}): void {
  sink.clear({wait});
}
