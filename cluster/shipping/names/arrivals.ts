// What has arrived for one task. Classes stay in a realm for good, and so do the variables that they use.
// What is first to arrive for a task gives them their values anew, so that no task sees what another made
// of them; what arrives later (an argument, what it fetches) leaves them as the task has them.

import type {ShippedPart} from "../../backend.js";
import {Realm} from "./realm.js";

export class Arrivals {
  readonly realm: Realm;
  /** Steps that have come with the task, for those that it submits (setup/prepare.ts). */
  steps: readonly ShippedPart[] = [];
  // Most tasks have none: made when needed.
  #names: WeakMap<object, Set<string>> | undefined;

  constructor(realm = new Realm()) {
    this.realm = realm;
  }

  /** Has nothing arrived for this class, or for this variable of a scope, before? */
  isFirst(object: object, name = ""): boolean {
    this.#names ??= new WeakMap();
    const names = this.#names.get(object);
    if (!names) this.#names.set(object, new Set([name]));
    else if (names.has(name)) return false;
    else names.add(name);
    return true;
  }
}
