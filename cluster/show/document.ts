// Makes documents for libraries that draw into one: Observable Plot, D3. Node has no document, and
// a global one would make other libraries take the kernel for a browser.

import {createRequire} from "node:module";

/**
 * The type of `createDocument()`: the DOM's Document where the DOM's types are loaded
 * (`"lib": ["dom"]`), else `any`.
 *
 * @example
 * ```ts
 * import {createDocument, type VirtualDocument} from "tasklab";
 *
 * const document: VirtualDocument = createDocument();
 * console.log(document.createElement("p").outerHTML); // → <p></p>
 * ```
 */
// any: without the DOM's types nothing else fits the parameters of other libraries.
export type VirtualDocument = typeof globalThis extends {Document: {prototype: infer D}} ? D : any;

/**
 * Makes a new, empty document, for libraries that draw into one: a cell that ends in
 * `Plot.plot({document: createDocument(), marks: […]})` shows the chart of Observable Plot. The
 * DOM's implementation is loaded at the first call.
 *
 * @example
 * ```ts
 * import {createDocument} from "tasklab";
 *
 * const document = createDocument();
 * const item = document.createElement("li");
 * item.textContent = "R&D";
 * console.log(item.outerHTML); // → <li>R&amp;D</li>
 * ```
 */
export function createDocument(): VirtualDocument {
  const {parseHTML} = createRequire(import.meta.url)("linkedom") as typeof import("linkedom");
  return parseHTML("<!doctype html><html><head></head><body></body></html>")
    .document as VirtualDocument;
}
