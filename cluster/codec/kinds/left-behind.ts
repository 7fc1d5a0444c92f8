// What stands in an error for a part of it that can't travel.

import {LeftBehind} from "../../errors.js";
import type {Kind} from "../kind.js";

/** [kind, reason, plain parts] */
export const leftBehind: Kind = {
  tag: 25,
  isComparable: () => true,
  dismantle: (object, to) =>
    object instanceof LeftBehind
      ? to.token(leftBehind.tag, [object.kind, object.reason, {...object}])
      : undefined,
  assemble: (parts: [string, string, Record<string, unknown>], _, pending) =>
    pending.fill(new LeftBehind(...parts)),
};
