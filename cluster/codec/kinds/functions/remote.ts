// Remote functions: what they run, and their options.

import {host} from "../../../shipping/names/host.js";
import {maybeRemoteMark} from "../../../shipping/names/remote-mark.js";
import type {AnyFunction} from "../../elsewhere.js";
import type {Kind} from "../../kind.js";

/** [function, options] */
export const remote: Kind<AnyFunction> = {
  tag: 34,
  dismantle(fn, to) {
    const mark = maybeRemoteMark(fn);
    if (!mark) return undefined;
    const inner = to.value(mark.fn);
    return to.token(remote.tag, [inner, to.at({words: "its options"}, mark.options)]);
  },
  assemble([fn, options]: [unknown, unknown], from, pending) {
    const inner = from.value(fn);
    const chosen = from.value(options);
    let made: unknown = pending;
    from.place(inner, (value) => {
      made = pending.fill(host.remote(value as AnyFunction, chosen));
    });
    return made;
  },
};
