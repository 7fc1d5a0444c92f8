// What every process has, of the language and of Node: by its path from globalThis.

import type {Token} from "../../packing/token.js";
import {findIntrinsic, globalPath} from "../../shipping/names/intrinsics.js";
import type {Dismantler} from "../dismantle.js";
import type {Kind} from "../kind.js";

/** The members of the path. */
export const intrinsic: Kind = {
  tag: 27,
  dismantle: (object, to) => byPath(globalPath(object), to),
  assemble: (path: string[], _, pending) => pending.fill(findIntrinsic(path)),
};

export function byPath(path: readonly string[] | undefined, to: Dismantler): Token | undefined {
  return path && to.token(intrinsic.tag, path);
}
