// -0, which MessagePack packs as 0.

import type {Kind} from "../kind.js";

export const minusZero: Kind<number> = {
  tag: 4,
  isPrimitive: true,
  dismantle: (_, to) => to.token(minusZero.tag, null),
  assemble: () => -0,
};
