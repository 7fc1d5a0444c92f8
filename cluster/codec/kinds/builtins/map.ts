// Maps, in their order.

import {types} from "node:util";
import type {Kind} from "../../kind.js";
import {dress, extrasOf, type Shape} from "../../shapes.js";

/** [keys and values in turn, shape | null] */
export const map: Kind = {
  tag: 12,
  isComparable: (body) => (body as unknown[])[1] === null,
  dismantle(object, to) {
    if (!types.isMap(object)) return undefined;
    const entries: unknown[] = [];
    let i = 0;
    Map.prototype.forEach.call(object, (value, key) => {
      entries.push(to.at({words: `key ${i}`}, key), to.at({words: valueStep(key, i)}, value));
      i++;
    });
    return to.token(map.tag, [entries, extrasOf(to, object, Map.prototype)]);
  },
  assemble([entries, shape]: [unknown[], Shape | null], from, pending) {
    const made = pending.fill(new Map<unknown, unknown>());
    // Entries keep their order, so all wait for the last one.
    from.all(entries, (parts) => {
      for (let i = 0; i < parts.length; i += 2) made.set(parts[i], parts[i + 1]);
    });
    return dress(from, made, shape);
  },
};

function valueStep(key: unknown, index: number): string {
  return typeof key === "string" ? `.get(${JSON.stringify(key)})` : `value ${index}`;
}
