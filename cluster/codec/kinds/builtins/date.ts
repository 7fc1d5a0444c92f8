// Dates, as their time.

import {types} from "node:util";
import type {Kind} from "../../kind.js";
import {dress, extrasOf, type Shape} from "../../shapes.js";

/** [milliseconds | null for an invalid date, shape | null] */
export const date: Kind = {
  tag: 14,
  isComparable: (body) => (body as unknown[])[1] === null,
  dismantle(object, to) {
    if (!types.isDate(object)) return undefined;
    const time = Date.prototype.getTime.call(object);
    const known = Number.isNaN(time) ? null : time;
    return to.token(date.tag, [known, extrasOf(to, object, Date.prototype)]);
  },
  assemble: ([time, shape]: [number | null, Shape | null], from, pending) =>
    dress(from, pending.fill(new Date(time ?? NaN)), shape),
};
