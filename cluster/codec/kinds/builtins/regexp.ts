// Regular expressions.

import {types} from "node:util";
import type {Kind} from "../../kind.js";
import {dress, type Shape, shapeOf} from "../../shapes.js";

/** [source, flags, shape]: the shape has `lastIndex`. */
export const regexp: Kind = {
  tag: 15,
  dismantle(object, to) {
    if (!types.isRegExp(object)) return undefined;
    const shape = shapeOf(to, object, RegExp.prototype);
    return to.token(regexp.tag, [to.value(object.source), object.flags, shape]);
  },
  assemble: ([source, flags, shape]: [unknown, string, Shape], from, pending) =>
    dress(from, pending.fill(new RegExp(from.value(source) as string, flags)), shape),
};
