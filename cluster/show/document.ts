// A document for libraries that draw into one: Observable Plot, D3. There is none in Node, and a global
// one would have other libraries take the kernel for a browser.

import {createRequire} from "node:module";

/** The DOM's own type where its types are loaded (`"lib": ["dom"]`). */
// any: without them there is no type to write down, and libraries want the DOM's.
export type VirtualDocument = typeof globalThis extends {Document: {prototype: infer D}} ? D : any;

/**
 * A new, empty document: `Plot.plot({document: createDocument(), marks: […]})` gives a chart that shows
 * as the cell's value. Nothing is loaded before the first call.
 */
export function createDocument(): VirtualDocument {
  const {parseHTML} = createRequire(import.meta.url)("linkedom") as typeof import("linkedom");
  return parseHTML("<!doctype html><html><head></head><body></body></html>")
    .document as VirtualDocument;
}
