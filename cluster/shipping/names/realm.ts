// One class object per class and realm, however often it is shipped, so that `instanceof` holds: for two
// tasks of one worker, and for a result back in the process where the class was defined.
//
// A process is a realm. Tasks of the sequential backend, which have the session's process, run in realms
// of their own: what they change in a class is theirs, as in a worker.

import {processTag} from "./symbols.js";

/** Ids of classes, and of the scopes that have their variables: the same for their whole life. */
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

  /** The id under which the object travels. One that has none was defined here. */
  identityOf(object: object): string {
    const known = ids.get(object);
    if (known !== undefined) return known;
    const id = `${this.#tag}.${this.#named++}`;
    this.remember(object, id);
    return id;
  }

  /** The object that the id has here, if it (still) has one. */
  find(id: string): object | undefined {
    return this.#byId.get(id)?.deref();
  }

  remember(object: object, id: string): void {
    ids.set(object, id);
    this.#byId.set(id, new WeakRef(object));
    this.#cleaned.register(object, id);
  }

  /** Was it defined here? Then nothing received may change it. */
  owns(id: string): boolean {
    return id.startsWith(`${this.#tag}.`);
  }
}

/** The process itself. */
export const processRealm = new Realm(processTag);
