// Private state of instances: only the text of a class can read `#x`, and only its constructor can give
// an object one. So the emitter puts into each class of a cell that has private members
//
//   static { __tasklab.privates(this, {fields: ["#x"], has: (o) => #x in o, get: …, set: …}); }
//
// and makes its constructor and initializers do nothing while `__tasklab.reviving` is set: then making an
// instance runs no code of the user's, and the values can be put in afterwards. The text brings all this
// along wherever the class is shipped.

import {runtimeName, type CellRuntime, type PrivateMembers} from "./thunk.js";

export type AnyClass = (abstract new (...args: never[]) => object) & {prototype: object};

const members = new WeakMap<object, PrivateMembers>();

export function putPrivates(cls: object, access: PrivateMembers): void {
  members.set(cls, access);
}

/** What the class can do with private members, when its text says so. */
export function privatesOf(cls: object): PrivateMembers | undefined {
  return members.get(cls);
}

/** Does it make its objects itself? One that extends another can be handed any object. */
export function isBaseClass(cls: object): boolean {
  return Object.getPrototypeOf(cls) === Function.prototype;
}

/** An object of a class that extends none, as its constructor has it at the beginning. */
export function makeBare(cls: AnyClass): object {
  const made = construct(cls);
  for (const key of Reflect.ownKeys(made)) Reflect.deleteProperty(made, key);
  return made;
}

/** Gives `object` the private members that `cls`, which extends another class, gives its instances. */
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

/** Can be taken apart by any pattern, and lets no default be evaluated. */
const anything: object = new Proxy(
  {},
  {
    get: (_, key) => (key === Symbol.iterator ? () => noArguments.values() : anything),
  },
);
const noArguments = new Array<object>(64).fill(anything);
