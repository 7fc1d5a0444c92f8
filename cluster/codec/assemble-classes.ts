// Tokens → classes, and what they keep privately in their objects.

import {CorruptFrameError} from "../errors.js";
import {
  type AnyClass,
  giveMembers,
  makeBare,
  membersOf,
} from "../shipping/functions/class-members.js";
import {instantiate, open, shared, slotsOf} from "../shipping/functions/factories.js";
import type {Assembler} from "./assemble.js";
import {codeAt} from "./assemble-functions.js";
import {type Made, Pending} from "./pending.js";
import type {Shape} from "./tokens.js";

type ClassParts = [
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

/** How to give a received class new values of what it captures. */
const setters = new WeakMap<object, (slot: number, value: unknown) => void>();

export function assembleClass(from: Assembler, made: Made, parts: unknown[]): unknown {
  const [index, scopeIndex, nameTree, id, parents, slots, statics, members, privateStatics] =
    parts as ClassParts;
  const name = from.value(nameTree) as string;
  const {realm, arrivals} = from;
  const known = realm.find(id);
  if (known) {
    made(known);
    const isRenewed = !realm.owns(id) && arrivals?.isFirst(known) === true;
    const set = isRenewed ? setters.get(known) : undefined;
    for (const parent of parents) from.value(parent);
    slots.forEach((slot, i) => from.put(slot, (value) => set?.(i, value)));
    from.dress(set ? known : {}, statics);
    from.dress(set ? (known as AnyClass).prototype : {}, members);
    from.all(privateStatics, (values) => set && membersOf(known)?.setStatics(values));
    return known;
  }
  const code = codeAt(from, index);
  const scope = from.scopes.at(scopeIndex);
  const places = code.slots.map((slot) => from.scopes.find(scope, slot, code));
  // All may be given new values later.
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
  // Computed names need the values; the values may need the class.
  if (code.hasComputed) fill();
  const cls = made(instance.make(name, [])) as AnyClass;
  if (!code.hasComputed) fill();
  realm.remember(cls, id);
  arrivals?.isFirst(cls);
  setters.set(cls, set);
  from.dress(cls, statics);
  from.dress(cls.prototype, members);
  from.all(privateStatics, (values) => membersOf(cls)?.setStatics(values));
  return cls;
}

/** A class without a parent makes its objects itself. It may be still in the making, and met inside. */
export function assemblePrivateObject(
  from: Assembler,
  pending: Pending,
  made: Made,
  [maker, shape]: unknown[],
): unknown {
  const cls = from.value(maker);
  if (!(cls instanceof Pending))
    return from.dress(made(makeBare(cls as AnyClass)) as object, shape as Shape);
  let object: object | undefined;
  from.afterwards(() => (object = made(makeBare(cls.made() as AnyClass)) as object));
  const standIn = from.dress({}, shape as Shape, () => object!);
  from.afterwards(() => {
    Object.setPrototypeOf(object!, Object.getPrototypeOf(standIn) as object);
    Object.defineProperties(object!, Object.getOwnPropertyDescriptors(standIn));
    if (!Object.isExtensible(standIn)) Object.preventExtensions(object);
  });
  return pending;
}

export function givePrivateMembers(
  from: Assembler,
  object: () => object,
  privates: unknown[],
  finish: () => void,
): void {
  for (let i = 0; i < privates.length; i += 2) {
    const trees = [privates[i], ...(privates[i + 1] as unknown[])];
    from.all(trees, ([owner, ...values]) => {
      const members = membersOf(owner as AnyClass);
      if (!members)
        throw new CorruptFrameError("a class without the private members it should have");
      if (!members.has(object())) giveMembers(owner as AnyClass, object());
      members.set(object(), values);
      finish();
    });
  }
}

export function assemblePrototype(
  from: Assembler,
  pending: Pending,
  made: Made,
  [owner, added]: unknown[],
): unknown {
  const cls = from.value(owner);
  from.place(cls, (value) => made((value as AnyClass).prototype));
  if (added) giveMissing(from, () => pending.made() as object, added as Shape);
  return cls instanceof Pending ? pending : (cls as AnyClass).prototype;
}

/** Members that the prototype has where it comes from, unless it has them here as well. */
function giveMissing(from: Assembler, prototype: () => object, added: Shape): void {
  const members = from.dress({}, added);
  from.afterwards(() => {
    for (const key of Reflect.ownKeys(members))
      if (!Object.hasOwn(prototype(), key))
        Object.defineProperty(prototype(), key, Object.getOwnPropertyDescriptor(members, key)!);
  });
}
