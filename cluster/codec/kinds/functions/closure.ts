// Functions, by their text and the values that they capture.

import {CorruptFrameError} from "../../../errors.js";
import {instantiate, open, shared} from "../../../shipping/functions/factories.js";
import type {Assembler} from "../../assemble.js";
import type {Kind} from "../../kind.js";
import {Pending} from "../../pending.js";
import {dress, type Shape} from "../../shapes.js";
import {functionExtras, prototypeExtras} from "./extras.js";
import {codeAt, slotTrees, type Taken} from "./taken.js";

type Parts = [
  code: number,
  scope: number,
  name: unknown,
  slots: unknown[],
  receiver: unknown[],
  shape: Shape | null,
  prototypeShape: Shape | null,
];

export const closure: Kind<Taken> = {
  tag: 30,
  dismantle(taken, to) {
    const {fn, analysis, codeAndScope, receiver} = taken;
    return to.token(closure.tag, [
      ...codeAndScope,
      to.value(fn.name),
      slotTrees(taken, to),
      receiver.map((value) => (to.mayChange(), to.at({words: "its `this`"}, value))),
      functionExtras(fn, analysis, to),
      prototypeExtras(fn, analysis, to),
    ]);
  },
  assemble(parts: Parts, from, pending) {
    const [index, scopeIndex, nameTree, slots, receiver, shape, prototypeShape] = parts;
    const code = codeAt(from, index);
    const scope = from.scopes.at(scopeIndex);
    const name = from.value(nameTree) as string;
    const values = slots.map((slot) => from.value(slot));
    const self = receiverOf(from, receiver);
    const places = code.slots.map((slot) => from.scopes.find(scope, slot, code));
    const isLate = (i: number) =>
      values[i] instanceof Pending || code.assigned.includes(code.slots[i]!);
    const kinds = values.map((value, i) => (places[i] ? shared : isLate(i) ? open : value));
    const instance = instantiate(code, kinds, scope);
    const fn = pending.fill(instance.make(name, self));
    values.forEach((value, i) => {
      const place = places[i];
      if (place) from.place(value, (made) => from.scopes.set(place, code.slots[i]!, made));
      else if (kinds[i] === open) from.place(value, (made) => instance.set(i, made));
    });
    dress(from, fn, shape);
    if (prototypeShape) dress(from, (fn as {prototype: object}).prototype, prototypeShape);
    return fn;
  },
};

function receiverOf(from: Assembler, parts: unknown[]): [] | [unknown] {
  if (parts.length === 0) return [];
  const value = from.value(parts[0]);
  if (value instanceof Pending)
    throw new CorruptFrameError("the `this` of a function contains only itself");
  return [value];
}
