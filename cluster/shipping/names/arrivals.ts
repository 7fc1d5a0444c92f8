// What has arrived for one task. A worker keeps class objects, and the variables that classes use,
// between tasks. The first value of a task that contains a class resets the class's statics and
// captured variables to the shipped ones. Later values of the same task (an argument, a fetched
// object) do not, so the task keeps its own changes and sees none of other tasks.

import type {ShippedPart} from "../../backend.js";
import {Realm} from "./realm.js";

export class Arrivals {
  readonly realm: Realm;
  /** Steps that have come with the task: tasks that it submits need them too (setup/prepare.ts). */
  steps: readonly ShippedPart[] = [];
  // Made when needed, since most tasks receive no class.
  #names: WeakMap<object, Set<string>> | undefined;

  constructor(realm = new Realm()) {
    this.realm = realm;
  }

  /** Tells whether nothing has arrived for this class, or for this variable of a scope, before. */
  isFirst(object: object, name = ""): boolean {
    this.#names ??= new WeakMap();
    const names = this.#names.get(object);
    if (!names) this.#names.set(object, new Set([name]));
    else if (names.has(name)) return false;
    else names.add(name);
    return true;
  }
}
