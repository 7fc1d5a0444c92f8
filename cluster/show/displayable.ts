// Values that say how they look. The kernel, and anything else that shows values, asks for the method
// under `Symbol.for("Jupyter.display")`: other libraries' values have it as well, on themselves or on
// their prototype. It gives a MIME bundle, or a promise of one.

import {inspect} from "node:util";
import {DisplayError} from "../errors.js";

/** One value in several forms, by MIME type; whoever shows it takes the richest that it knows. */
export type MimeBundle = Record<string, unknown>;

/** The method under it gives a value's MIME bundle. Kernels of other languages' makers ask for it, too. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as never;

export interface Displayable {
  [displaySymbol](): MimeBundle | Promise<MimeBundle>;
}

/** A bundle with what is to be known about its types: `{"image/png": {width: 300}}`. */
export interface Shown {
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

/** What `html`, `image` and their like make. Plain data: it may be a task's argument or its result. */
export class Rich implements Displayable, Shown {
  readonly data: MimeBundle;
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

/** How `value` says that it looks; undefined when it says nothing. */
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

/** The bundle in words. */
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
