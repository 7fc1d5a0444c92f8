// One class object for each class and realm, however often the class is shipped, so that
// `instanceof` holds: for two tasks of one worker, and for a result back in the process where the
// class was defined.
//
// A process is a realm. Tasks of the sequential backend share the session's process, so they run in
// realms of their own: their changes of a class are seen by nobody else, as in a worker.

import {processTag} from "./symbols.js";

/** Ids of classes, and of the scopes that have the variables of classes. An id never changes. */
const ids = new WeakMap<object, string>();
let made = 0;

export class Realm {
  readonly #tag: string;
  readonly #byId = new Map<string, WeakRef<object>>();
  readonly #cleaned = new FinalizationRegistry<string>((id) => {
    if (!this.find(id)) this.#byId.delete(id);
  });
  #named = 0;

  constructor(tag = `${processTag}-${++made}`) {
    this.#tag = tag;
  }

  /**
   * Gives the id under which the object travels. An object without an id was defined in this realm.
   */
  identityOf(object: object): string {
    const known = ids.get(object);
    if (known !== undefined) return known;
    const id = `${this.#tag}.${this.#named++}`;
    this.remember(object, id);
    return id;
  }

  /** Finds the object of an id, if the realm (still) has one. */
  find(id: string): object | undefined {
    return this.#byId.get(id)?.deref();
  }

  remember(object: object, id: string): void {
    ids.set(object, id);
    this.#byId.set(id, new WeakRef(object));
    this.#cleaned.register(object, id);
  }

  /** Tells whether the object was defined in this realm: then nothing received may change it. */
  owns(id: string): boolean {
    return id.startsWith(`${this.#tag}.`);
  }
}

/** The realm of the process itself. */
export const processRealm = new Realm(processTag);
