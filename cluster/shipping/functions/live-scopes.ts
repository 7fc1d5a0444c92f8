// Scopes of a received value: the variables that its functions share, as real variables.
//
// A function is evaluated inside of its scope, by a direct `eval` that stands there. So its text
// stays as it is, and V8 treats the variable like any other. Measured, this costs nothing once the
// function runs, and a few µs to revive it, since V8 knows a text that it has met in that place.
// Variables that are met later get a layer of their own, inside of the one before.
//
// Strict functions are evaluated by a strict `eval`, also where the scope is sloppy: behind a
// sloppy `eval`, V8 looks every name up anew.

import {Script} from "node:vm";
import {quietImport} from "./dynamic-imports.js";
import {Recent} from "../../recent.js";
import type {ScopeToken} from "../source/thunk.js";

/** An evaluated scope: setters of its variables, and functions that evaluate text inside of it. */
interface Layer {
  around: Layer | undefined;
  strictly(source: string): unknown;
  /** Only in sloppy scopes. */
  sloppily?(source: string): unknown;
  set: Record<string, (value: unknown) => void>;
}

export class LiveScope implements ScopeToken {
  readonly in?: LiveScope;
  readonly names: string;
  readonly isSloppy: boolean;
  #layer: Layer | undefined;
  readonly #layers = new Map<string, Layer>();

  constructor(outer: LiveScope | undefined, names: string, isSloppy: boolean) {
    if (outer) this.in = outer;
    this.names = names;
    this.isSloppy = isSloppy;
  }

  /**
   * Makes the variables that are not there yet, and gives their names. Outer scopes have to come
   * first.
   */
  declare(names: readonly string[]): string[] {
    const missing = names.filter((name) => !this.#layers.has(name));
    if (missing.length === 0) return missing;
    const layer = makeLayer(this.#innermost(), missing, this.isSloppy);
    this.#layer = layer;
    for (const name of missing) this.#layers.set(name, layer);
    return missing;
  }

  /** Tells whether functions that are evaluated in `inner` see the variable. */
  isSeenFrom(inner: LiveScope, name: string): boolean {
    const wanted = this.#layers.get(name);
    let layer = inner.#innermost();
    while (layer && layer !== wanted) layer = layer.around;
    return layer !== undefined;
  }

  set(name: string, value: unknown): void {
    this.#layers.get(name)!.set[name]!(value);
  }

  /** Evaluates an expression that may use the variables. */
  evaluate(source: string, isSloppy: boolean): unknown {
    const layer = this.#innermost()!;
    return isSloppy ? layer.sloppily!(source) : layer.strictly(source);
  }

  #innermost(): Layer | undefined {
    return this.#layer ?? (this.in && this.in.#innermost());
  }
}

type MakeLayer = () => Omit<Layer, "around">;

const makerLimit = 500;
const makers = new Recent<string, MakeLayer>(makerLimit);

function makeLayer(around: Layer | undefined, names: readonly string[], isSloppy: boolean): Layer {
  // The setters have no names but those of the variables. `arguments` can't be one that a text
  // means.
  const setters = names.map((name) => `${name}: function () { ${name} = arguments[0]; }`);
  const sloppily = "sloppily: function () { return eval(arguments[0]); }, ";
  const source =
    `(() => { ${isSloppy ? "" : '"use strict"; '}let ${names.join(", ")}; return {` +
    `strictly: function () { "use strict"; return eval(arguments[0]); }, ` +
    `${isSloppy ? sloppily : ""}set: {${setters.join(", ")}}}; })`;
  if (around) {
    const evaluate = isSloppy ? around.sloppily! : around.strictly;
    return {around, ...(evaluate(source) as MakeLayer)()};
  }
  let make = makers.get(source);
  if (!make) {
    make = new Script(source, {
      filename: "tasklab-scope",
      ...quietImport(),
    }).runInThisContext() as MakeLayer;
    makers.set(source, make);
  }
  return {around, ...make()};
}
