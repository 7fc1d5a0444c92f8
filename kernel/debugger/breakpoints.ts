// Breakpoints: what clients want, by path and line, and what V8 was told, by script and position. A
// path's breakpoints are set in each script that is made from it, before the script runs.

import type {Debugger} from "node:inspector";
import type {Breakpoint, WantedBreakpoint} from "./dap.js";
import type {Inspector} from "./inspector.js";
import type {Script} from "./script.js";
import type {Scripts} from "./scripts.js";

interface OfPath {
  wanted: readonly WantedBreakpoint[];
  /** V8's ids. */
  set: string[];
}

export class Breakpoints {
  readonly #inspector: Inspector;
  readonly #scripts: Scripts;
  readonly #paths = new Map<string, OfPath>();
  #last = 0;

  constructor(inspector: Inspector, scripts: Scripts) {
    this.#inspector = inspector;
    this.#scripts = scripts;
  }

  /**
   * These instead of whatever the path had. Lines move to where the code can stop, once it is
   * known.
   */
  async replace(path: string, wanted: readonly WantedBreakpoint[]): Promise<Breakpoint[]> {
    const before = this.#paths.get(path)?.set ?? [];
    const ofPath: OfPath = {wanted, set: []};
    if (wanted.length > 0) this.#paths.set(path, ofPath);
    else this.#paths.delete(path);
    const remove = (breakpointId: string) =>
      this.#inspector.post("Debugger.removeBreakpoint", {breakpointId});
    await Promise.all(before.map(remove));
    let lines = wanted.map(({line}) => line);
    for (const script of await this.#scripts.at(path)) lines = await this.#set(script, ofPath);
    return lines.map((line) => ({id: ++this.#last, verified: true, line, source: {path}}));
  }

  /** A new script is about to run. */
  async bind(script: Script): Promise<void> {
    const ofPath = this.#paths.get(script.path);
    if (ofPath) await this.#set(script, ofPath);
  }

  /** As `debugInfo` tells it. */
  all(): {source: string; breakpoints: WantedBreakpoint[]}[] {
    return [...this.#paths].map(([source, {wanted}]) => ({source, breakpoints: [...wanted]}));
  }

  /** Sets all of a path in one of its scripts; gives the lines where they are then. */
  async #set(script: Script, ofPath: OfPath): Promise<number[]> {
    const start = {scriptId: script.id, lineNumber: 0, columnNumber: 0};
    const {locations} = await this.#inspector.post<Debugger.GetPossibleBreakpointsReturnType>(
      "Debugger.getPossibleBreakpoints",
      {start},
    );
    const moved: WantedBreakpoint[] = [];
    for (const wanted of ofPath.wanted) {
      const stop = script.stopFor(wanted.line, locations);
      moved.push({...wanted, line: stop?.line ?? wanted.line});
      if (!stop) continue;
      const {lineNumber, columnNumber = 0} = stop.position;
      const {condition} = wanted;
      // Two lines may move to one place, which takes one breakpoint only.
      const set = await this.#inspector
        .post<Debugger.SetBreakpointReturnType>("Debugger.setBreakpoint", {
          location: {scriptId: script.id, lineNumber, columnNumber},
          ...(condition === undefined ? {} : {condition}),
        })
        .catch(() => undefined);
      if (set) ofPath.set.push(set.breakpointId);
    }
    ofPath.wanted = moved;
    return moved.map(({line}) => line);
  }
}
