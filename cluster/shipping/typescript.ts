import {createRequire} from "node:module";
import type * as TypeScript from "typescript";

const require = createRequire(import.meta.url);

/** TypeScript, loaded once, on first use: it takes 150 ms. */
export function typescript(): typeof TypeScript {
  return require("typescript") as typeof TypeScript;
}
