// Bigints, as their digits.

import type {Kind} from "../kind.js";

export const bigint: Kind<bigint> = {
  tag: 7,
  isPrimitive: true,
  dismantle: (value, to) => to.token(bigint.tag, String(value)),
  assemble: (digits: string) => BigInt(digits),
};
