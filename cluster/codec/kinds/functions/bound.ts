// Bound functions: V8 tells what they were made of.

import {readBound} from "../../../shipping/functions/closure-inspector.js";
import {textOf} from "../../../shipping/source/texts.js";
import type {AnyFunction} from "../../elsewhere.js";
import type {Kind} from "../../kind.js";
import {advice} from "../../refusal.js";
import {dress, type Shape} from "../../shapes.js";
import {boundExtras} from "./extras.js";

type Parts = [target: unknown, self: unknown, args: unknown[], name: unknown, shape: Shape | null];

export const bound: Kind<AnyFunction> = {
  tag: 33,
  dismantle(fn, to) {
    if (!/\{\s*\[native code\]\s*\}$/.test(textOf(fn))) return undefined;
    to.mayChange();
    const parts =
      readBound(fn) ?? to.refuse(`a native function (\`${fn.name || "anonymous"}\`)`, advice.other);
    return to.token(bound.tag, [
      to.at({words: "its bound function"}, parts.target),
      to.at({words: "its bound `this`"}, parts.boundThis),
      parts.args.map((value, i) => to.at({words: `its bound argument ${i + 1}`}, value)),
      to.value(fn.name),
      boundExtras(fn, parts, to),
    ]);
  },
  assemble([target, self, args, name, shape]: Parts, from, pending) {
    const fn = from.value(target);
    const given = [self, ...args].map((part) => from.value(part)) as [unknown, ...unknown[]];
    const text = from.value(name);
    let made: unknown = pending;
    from.place(fn, (value) => {
      made = Function.prototype.bind.apply(value as AnyFunction, given as never);
      Object.defineProperty(made, "name", {value: text, configurable: true});
      pending.fill(made);
      dress(from, made, shape);
    });
    return made;
  },
};
