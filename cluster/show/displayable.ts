// Values that say how they look. Whoever shows a value, as the kernel does, asks for the value's
// method under `Symbol.for("Jupyter.display")`. The values of other libraries have such a method as
// well, on themselves or on their prototype. The method gives a MIME bundle, or a promise of one.

import {inspect} from "node:util";
import {DisplayError} from "../errors.js";

/**
 * One value in several forms, by MIME type. A front end shows the richest form that it knows. Texts
 * are strings; bytes are a Uint8Array or ArrayBuffer, or base64; JSON types are plain data.
 *
 * @example
 * ```ts
 * import {display, type MimeBundle} from "tasklab";
 *
 * const bundle: MimeBundle = {"text/html": "<b>42</b>", "text/plain": "42"};
 * display(bundle, {raw: true}); // → 42
 * ```
 */
export type MimeBundle = Record<string, unknown>;

/**
 * The name of the method by which a value says how it looks: `Symbol.for("Jupyter.display")`. Other
 * JavaScript kernels for Jupyter ask for the same method.
 *
 * @example
 * ```ts
 * import {display, displaySymbol} from "tasklab";
 *
 * class Celsius {
 *   constructor(readonly degrees: number) {}
 *   [displaySymbol]() {
 *     return {"text/plain": `${this.degrees} °C`};
 *   }
 * }
 * display(new Celsius(21)); // → 21 °C
 * ```
 */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as never;

/**
 * A value that says how it looks.
 *
 * @example
 * ```ts
 * import {display, displaySymbol, type Displayable} from "tasklab";
 *
 * const bold = (text: string): Displayable => ({
 *   [displaySymbol]: () => ({"text/html": `<b>${text}</b>`, "text/plain": text}),
 * });
 * display(bold("now")); // → now
 * ```
 */
export interface Displayable {
  /** Gives the value's MIME bundle, or a promise of one. */
  [displaySymbol](): MimeBundle | Promise<MimeBundle>;
}

/** A MIME bundle with metadata by MIME type: `{"image/png": {width: 300}}`. */
export interface Shown {
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

/**
 * A value to show richly, as `html`, `image` and the like make it. A `Rich` may be a task's
 * argument or result, and travels whole.
 *
 * @example
 * ```ts
 * import {get, html, remote, Rich} from "tasklab";
 *
 * const draw = remote((name: string) => html`<b>${name}</b>`);
 * const drawn = await get(draw.remote("R&D"));
 * console.log(drawn instanceof Rich, drawn.data["text/html"]); // → true <b>R&amp;D</b>
 * ```
 */
export class Rich implements Displayable, Shown {
  /** The forms of the value, by MIME type. */
  readonly data: MimeBundle;
  /** Metadata by MIME type, such as a picture's width in pixels. */
  readonly metadata: Record<string, unknown>;

  constructor(data: MimeBundle, metadata: Record<string, unknown> = {}) {
    this.data = data;
    this.metadata = metadata;
  }
  [displaySymbol](): MimeBundle {
    return this.data;
  }
  toString(): string {
    return textOf(this.data);
  }
  [inspect.custom](): string {
    return `Rich(${Object.keys(this.data).join(", ")})`;
  }
}

/**
 * Asks `value` how it looks; gives undefined when the value has no display method. Throws
 * DisplayError when the method fails.
 */
export function maybeShown(value: unknown): Shown | Promise<Shown> | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    return undefined;
  let made: unknown;
  try {
    const make = (value as Partial<Displayable>)[displaySymbol];
    if (typeof make !== "function") return undefined;
    made = make.call(value as Displayable);
  } catch (error) {
    throw failed(value, error);
  }
  const metadata = value instanceof Rich ? value.metadata : {};
  const finish = (bundle: unknown): Shown => ({data: checkBundle(value, bundle), metadata});
  if (!isThenable(made)) return finish(made);
  return Promise.resolve(made).then(finish, (error: unknown) => {
    throw failed(value, error);
  });
}

/** Gives the bundle's text, or else its first form as text. */
export function textOf(bundle: MimeBundle): string {
  const text = bundle["text/plain"] ?? Object.values(bundle)[0];
  return typeof text === "string" ? text : (JSON.stringify(text) ?? "");
}

function checkBundle(value: object, bundle: unknown): MimeBundle {
  if (typeof bundle === "object" && bundle !== null && !Array.isArray(bundle))
    return bundle as MimeBundle;
  throw new DisplayError(
    `${ownDisplay(value)} gave ${Array.isArray(bundle) ? "an array" : String(bundle)}; ` +
      `it must give a MIME bundle, such as {"text/html": "<b>hello</b>"}`,
  );
}

function failed(value: object, error: unknown): DisplayError {
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new DisplayError(`${ownDisplay(value)} failed with ${why}`, {cause: error});
}

function ownDisplay(value: object): string {
  const name = nameOf(value);
  const whose = name && name !== "Object" ? `the ${name}'s own display` : "the value's own display";
  return `${whose}, its method Symbol.for("Jupyter.display"),`;
}

function nameOf(value: object): string {
  try {
    return String(typeof value === "function" ? value.name : value.constructor.name);
  } catch {
    return "";
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as {then?: unknown} | null | undefined)?.then === "function";
}
