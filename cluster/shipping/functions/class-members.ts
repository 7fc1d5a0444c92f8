// Private state of instances: only the text of a class can read `#x`, and only its constructor can
// give an object a `#x`. So the emitter begins each class of a cell that has private members with
//
//   static { __tasklab.members(this, {fields: ["#x"], has: (o) => #x in o, get: …, set: …}); }
//
// and makes the constructor and the initializers do nothing while `__tasklab.reviving` is set. Then
// making an instance runs no code of the user's, and the values can be put in afterwards. The text
// brings all this along wherever the class is shipped.
//
// Methods that use `#x` or `super` have no meaning outside of the class either. A decorator may
// have taken such a method away from the class, so the methods are remembered as they are before
// any decorator runs.

import {runtimeName, type CellRuntime, type ClassMembers} from "../source/thunk.js";

export type AnyClass = (abstract new (...args: never[]) => object) & {prototype: object};

/** A method or accessor as the text of its class has it. */
export interface MemberPlace {
  cls: AnyClass;
  isStatic: boolean;
  key: string | symbol;
  kind: "value" | "get" | "set";
}

const members = new WeakMap<object, ClassMembers>();
const places = new WeakMap<object, MemberPlace>();
const originals = new WeakMap<
  object,
  [ofInstances: PropertyDescriptorMap, own: PropertyDescriptorMap]
>();

export function putMembers(cls: AnyClass, access: ClassMembers): void {
  members.set(cls, access);
  const {prototype} = cls;
  originals.set(cls, [
    Object.getOwnPropertyDescriptors(prototype),
    Object.getOwnPropertyDescriptors(cls),
  ]);
  for (const object of [prototype, cls])
    for (const key of Reflect.ownKeys(object)) {
      const own = Object.getOwnPropertyDescriptor(object, key)!;
      for (const kind of ["value", "get", "set"] as const)
        if (typeof own[kind] === "function" && own[kind] !== cls)
          places.set(own[kind], {cls, isStatic: object === cls, key, kind});
    }
}

export function memberPlaceOf(fn: object): MemberPlace | undefined {
  return places.get(fn);
}

export function findMember({cls, isStatic, key, kind}: MemberPlace): object | undefined {
  return originals.get(cls)?.[isStatic ? 1 : 0][key as string]?.[kind] as object | undefined;
}

/** What the class can do with private members, when its text tells. */
export function membersOf(cls: object): ClassMembers | undefined {
  return members.get(cls);
}

/**
 * Tells whether the class makes its objects itself. A class that extends another can be handed any
 * object.
 */
export function isBaseClass(cls: object): boolean {
  return Object.getPrototypeOf(cls) === Function.prototype;
}

/** Makes an object of a class that extends none, in the state in which its constructor begins. */
export function makeBare(cls: AnyClass): object {
  const made = construct(cls);
  for (const key of Reflect.ownKeys(made)) Reflect.deleteProperty(made, key);
  return made;
}

/** Gives `object` the private members of instances of `cls`, a class that extends another. */
export function giveMembers(cls: AnyClass, object: object): void {
  const parent: unknown = Object.getPrototypeOf(cls);
  const own = Object.getOwnPropertyDescriptors(object);
  // `super()` gives what the parent returns.
  Object.setPrototypeOf(cls, function () {
    return object;
  });
  try {
    construct(cls);
  } finally {
    Object.setPrototypeOf(cls, parent as object);
  }
  for (const key of Reflect.ownKeys(object))
    if (!Object.hasOwn(own, key)) Reflect.deleteProperty(object, key);
  Object.defineProperties(object, own);
}

function construct(cls: AnyClass): object {
  const runtime = (globalThis as unknown as Record<string, CellRuntime>)[runtimeName]!;
  runtime.reviving = true;
  try {
    return Reflect.construct(cls, noArguments) as object;
  } finally {
    runtime.reviving = false;
  }
}

/** A value that any pattern can take apart, and for which no default is evaluated. */
const anything: object = new Proxy(
  {},
  {
    get: (_, key) => (key === Symbol.iterator ? () => noArguments.values() : anything),
  },
);
const noArguments = new Array<object>(64).fill(anything);

/** Finds the class whose `prototype` the object is. */
export function classOfPrototype(object: object): object | undefined {
  const own = Object.getOwnPropertyDescriptor(object, "constructor");
  const owner: unknown = own?.value;
  if (typeof owner !== "function" || owner === Object) return undefined;
  return (owner as {prototype?: unknown}).prototype === object ? owner : undefined;
}
