// Sets, in their order.

import {types} from "node:util";
import type {Kind} from "../../kind.js";
import {dress, extrasOf, type Shape} from "../../shapes.js";

/** [elements, shape | null] */
export const set: Kind = {
  tag: 13,
  isComparable: (body) => (body as unknown[])[1] === null,
  dismantle(object, to) {
    if (!types.isSet(object)) return undefined;
    const elements: unknown[] = [];
    Set.prototype.forEach.call(object, (value) => {
      elements.push(to.at({words: `element ${elements.length}`}, value));
    });
    return to.token(set.tag, [elements, extrasOf(to, object, Set.prototype)]);
  },
  assemble([elements, shape]: [unknown[], Shape | null], from, pending) {
    const made = pending.fill(new Set<unknown>());
    from.all(elements, (list) => {
      for (const element of list) made.add(element);
    });
    return dress(from, made, shape);
  },
};
