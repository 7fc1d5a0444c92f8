// Builtin objects that can't travel: each is refused by its name, with what to do instead.

import {types} from "node:util";
import type {Dismantles} from "../../dismantle.js";
import {advice} from "../../refusal.js";

const arrayIterator: unknown = Object.getPrototypeOf([][Symbol.iterator]());

export const unshippable: Dismantles<object> = {
  dismantle(object, to) {
    if (types.isPromise(object)) to.refuse("a Promise", advice.promise);
    if (types.isWeakMap(object)) to.refuse("a WeakMap", advice.weak);
    if (types.isWeakSet(object)) to.refuse("a WeakSet", advice.weak);
    if (object instanceof WeakRef) to.refuse("a WeakRef", advice.weak);
    if (types.isGeneratorObject(object)) to.refuse("a running generator", advice.iterator);
    if (types.isMapIterator(object) || types.isSetIterator(object))
      to.refuse("a running iterator", advice.iterator);
    if (Object.getPrototypeOf(object) === arrayIterator)
      to.refuse("a running iterator", advice.iterator);
    if (types.isSharedArrayBuffer(object)) to.refuse("a SharedArrayBuffer", advice.shared);
    if (types.isArgumentsObject(object)) to.refuse("an arguments object", "pass [...arguments]");
    if (types.isExternal(object)) to.refuse("a native handle", advice.handle);
    return undefined;
  },
};
