// A declaration that becomes a call of `remote`, in the pieces of which the call is made.

import type * as TypeScript from "typescript";
import type {Edit} from "./positions.js";

/** A part of the cell, or new text. */
export type Pieces = Edit["pieces"];

/** What a declaration is made of, for the call that takes its place. */
export interface RemoteDeclaration<
  Node = TypeScript.FunctionDeclaration | TypeScript.ClassDeclaration,
> {
  node: Node & {name: TypeScript.Identifier};
  name: Pieces[number];
  /**
   * `remote` as it stands there, with its options: `remote(({numCpus: 2}) satisfies … as any, `.
   */
  call: Pieces;
  /** The words before the name: comments, other decorators, `async function`. */
  head: Pieces;
  /** All that is behind the name. */
  rest: Pieces[number];
}
