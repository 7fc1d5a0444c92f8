// The main thread's side of the debugger: what the inspector finds there by evaluating. It costs
// nothing while nobody debugs.

import type {Shown} from "../../cluster/show/displayable.js";
import {sources, type Source} from "../../cluster/shipping/source/thunk.js";
import {shownOf} from "../display/bundle.js";
import {plainText} from "../display/text.js";
import {debuggeeKey} from "./debuggee-name.js";
import {listNames, listProperties, listScopes, listValue} from "./rows.js";

export const debuggee = {
  /**
   * Set from the I/O thread. Cells are then emitted as they were written, and V8 may stop at what
   * they throw.
   */
  isAttached: false,
  ...{listNames, listProperties, listScopes, listValue},
  /** Emitted code and source map of a cell or a local module. */
  source: (name: string): Source | null => sources.get(name) ?? null,
  /** As the kernel would show it, at once. */
  shown(value: unknown): Shown {
    const shown = shownOf(value);
    if (shown && !(shown instanceof Promise)) return shown;
    return {data: {"text/plain": plainText(value)}, metadata: {}};
  },
};

export function exposeToDebugger(): void {
  Object.defineProperty(globalThis, Symbol.for(debuggeeKey), {value: debuggee, configurable: true});
}
