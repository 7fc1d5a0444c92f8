// A kind of value that MessagePack can't hold: how a value of the kind becomes a token, and how the
// token becomes a value again. Each kind is one file below kinds/ and one row in kinds/table.ts.

import type {Assembles} from "./assemble.js";
import type {Dismantles} from "./dismantle.js";

/** `V`: what `dismantle` takes. Most kinds take any object, and tell whether it is theirs. */
export interface Kind<V = object> extends Dismantles<V>, Assembles {}
