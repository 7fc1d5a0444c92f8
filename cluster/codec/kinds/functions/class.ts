// Classes, by their text and the values that they capture. A realm has a class once, however often
// the class arrives.

import {CorruptFrameError} from "../../../errors.js";
import {usualOfClass, usualOfPrototype} from "../../../shipping/functions/as-written.js";
import {
  type AnyClass,
  classOfPrototype,
  membersOf,
} from "../../../shipping/functions/class-members.js";
import {instantiate, open, shared, slotsOf} from "../../../shipping/functions/factories.js";
import type {Dismantler} from "../../dismantle.js";
import type {AnyFunction} from "../../elsewhere.js";
import type {Kind} from "../../kind.js";
import {Pending} from "../../pending.js";
import {advice} from "../../refusal.js";
import {dress, type Shape, shapeOf} from "../../shapes.js";
import {codeAt, slotTrees, type Taken} from "./taken.js";

type Parts = [
  code: number,
  scope: number,
  name: unknown,
  id: string,
  parents: unknown[],
  slots: unknown[],
  statics: Shape,
  members: Shape,
  privateStatics: unknown[],
];

export const cls: Kind<Taken> = {
  tag: 31,
  dismantle(taken, to) {
    const {fn: given, analysis, code, codeAndScope} = taken;
    to.mayChange();
    const {prototype} = given as unknown as {prototype: object};
    if (to.objects.has(prototype) && classOfPrototype(prototype) !== given)
      to.refuse(
        "a class whose prototype comes before it, and has another `constructor`",
        advice.other,
      );
    to.classes.set(prototype, given);
    const parent: unknown = Object.getPrototypeOf(given);
    const parents = code.superSlot ? [to.at({words: "the class it extends"}, parent)] : [];
    const slots = slotTrees(taken, to);
    const named = Object.getOwnPropertyDescriptor(given, "name");
    const hasName = typeof named?.value === "string";
    const {written} = analysis;
    const {superSlot} = code;
    const statics = shapeOf(
      to,
      given,
      superSlot ? parent : Function.prototype,
      undefined,
      parent,
      usualOfClass(given, written),
    );
    const above = superSlot
      ? (parent as {prototype?: unknown}).prototype
      : written.extendsNull
        ? null
        : Object.prototype;
    const members = shapeOf(
      to,
      prototype,
      above,
      undefined,
      Object.getPrototypeOf(prototype),
      usualOfPrototype(given, written),
    );
    return to.token(cls.tag, [
      ...codeAndScope,
      to.value(hasName ? named.value : ""),
      to.realm.identityOf(given),
      parents,
      slots,
      statics,
      members,
      staticPrivates(given, to),
    ]);
  },
  assemble(parts: Parts, from, pending) {
    const [index, scopeIndex, nameTree, id, parents, slots, statics, members, privateStatics] =
      parts;
    const name = from.value(nameTree) as string;
    const {realm, arrivals} = from;
    const known = realm.find(id);
    if (known) {
      pending.fill(known);
      const isRenewed = !realm.owns(id) && arrivals?.isFirst(known) === true;
      const set = isRenewed ? setters.get(known) : undefined;
      for (const parent of parents) from.value(parent);
      slots.forEach((slot, i) => from.put(slot, (value) => set?.(i, value)));
      dress(from, set ? known : {}, statics);
      dress(from, set ? (known as AnyClass).prototype : {}, members);
      from.all(privateStatics, (values) => set && membersOf(known)?.setStatics(values));
      return known;
    }
    const code = codeAt(from, index);
    const scope = from.scopes.at(scopeIndex);
    const places = code.slots.map((slot) => from.scopes.find(scope, slot, code));
    // All variables may be given new values later.
    const kinds = slotsOf(code).map((_, i) => (places[i] ? shared : open));
    const instance = instantiate(code, kinds, scope);
    const set = (i: number, value: unknown) => {
      const place = places[i];
      if (place) place.set(code.slots[i]!, value);
      else instance.set(i, value);
    };
    for (const parent of parents) {
      const value = from.value(parent);
      if (value instanceof Pending) throw new CorruptFrameError("a class extends only itself");
      instance.set(code.slots.length, value);
    }
    const fill = () =>
      slots.forEach((slot, i) =>
        from.put(slot, (value) => {
          const place = places[i];
          if (place) from.scopes.set(place, code.slots[i]!, value);
          else instance.set(i, value);
        }),
      );
    // Computed names of members need the values; the values may need the class.
    if (code.hasComputed) fill();
    const cls = pending.fill(instance.make(name, [])) as AnyClass;
    if (!code.hasComputed) fill();
    realm.remember(cls, id);
    arrivals?.isFirst(cls);
    setters.set(cls, set);
    dress(from, cls, statics);
    dress(from, cls.prototype, members);
    from.all(privateStatics, (values) => membersOf(cls)?.setStatics(values));
    return cls;
  },
};

function staticPrivates(cls: AnyFunction, to: Dismantler): unknown[] {
  const {statics = [], getStatics} = membersOf(cls) ?? {};
  const values = getStatics?.() ?? [];
  return statics.map((name, i) => to.at(name, values[i]));
}

/** For each received class: gives its captured variables new values. */
const setters = new WeakMap<object, (slot: number, value: unknown) => void>();
