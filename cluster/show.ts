// Showing things richly. `display`, `html`, `svg` and `markdown` make plain values and hand them to a
// sink that the host installs: the kernel shows them under the cell, a worker sends them to its driver,
// a plain program prints their text.
//
// A value says how it looks by a method under `Symbol.for("Jupyter.display")`, which gives a MIME
// bundle (or a promise of one); other libraries' values that have it are honoured as well.

export type MimeBundle = Record<string, unknown>;

export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as never;

export interface Displayable {
  [displaySymbol](): MimeBundle | Promise<MimeBundle>;
}

export interface DisplayOptions {
  /** Under this name the output can be replaced later, from any cell. */
  displayId?: string;
  /** `value` is a MIME bundle already. */
  raw?: boolean;
}

/** Where shown things go. */
export interface Sink {
  display(value: unknown, options: DisplayOptions & {update: boolean}): void;
  clear(options: {wait: boolean}): void;
}

/** Replaces what was shown. */
export interface Display {
  readonly displayId: string;
  update(value: unknown, options?: {raw?: boolean}): void;
}

const toConsole: Sink = {
  display(value) {
    const bundle = maybeBundle(value);
    if (bundle instanceof Promise) void bundle.then((made) => console.log(textOf(made)));
    else console.log(bundle ? textOf(bundle) : value);
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

let displays = 0;

/** Shows `value` now; the handle replaces it: `const d = display(html("…")); d.update(html("…"))`. */
export function display(value: unknown, options: DisplayOptions = {}): Display {
  const displayId = options.displayId ?? `display-${process.pid}-${++displays}`;
  sink.display(value, {...options, displayId, update: false});
  return {
    displayId,
    update: (next, {raw = false} = {}) => sink.display(next, {displayId, raw, update: true}),
  };
}

/** Empties the cell's output; with `wait`, when the next output comes. */
export function clearOutput({wait = false}: {wait?: boolean} = {}): void {
  sink.clear({wait});
}

type Template = readonly [source: string] | readonly [TemplateStringsArray, ...unknown[]];

/** A value that shows as HTML: `html("<b>now</b>")` or html`<b>${when}</b>`. */
export function html(...source: Template): Displayable {
  return rich("text/html", source);
}
export function svg(...source: Template): Displayable {
  return rich("image/svg+xml", source);
}
export function markdown(...source: Template): Displayable {
  return rich("text/markdown", source);
}

/** The bundle that `value` makes of itself, if it does. */
export function maybeBundle(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    return undefined;
  const make = (value as Partial<Displayable>)[displaySymbol];
  return typeof make === "function" ? make.call(value as Displayable) : undefined;
}

function rich(type: string, [source, ...values]: Template): Displayable {
  const text = typeof source === "string" ? source : String.raw({raw: source}, ...values);
  return {[displaySymbol]: () => ({[type]: text, "text/plain": text})};
}

function textOf(bundle: MimeBundle): string {
  const text = bundle["text/plain"] ?? Object.values(bundle)[0];
  return typeof text === "string" ? text : JSON.stringify(text);
}
