// One class object per class and process, however often it is shipped, so that `instanceof` holds: for
// two tasks of one worker, and for a result back in the process where the class was defined.

import {processTag} from "../codec/symbols.js";

const ids = new WeakMap<object, string>();
const byId = new Map<string, WeakRef<object>>();
const cleaned = new FinalizationRegistry<string>((id) => {
  if (!byId.get(id)?.deref()) byId.delete(id);
});
let count = 0;

/** The id under which `cls` travels, the same for its whole life. */
export function identityOf(cls: object): string {
  let id = ids.get(cls);
  if (id === undefined) {
    id = `${processTag}.${count++}`;
    rememberIdentity(cls, id);
  }
  return id;
}

/** The class of this process that has the id, if it (still) has one. */
export function findByIdentity(id: string): object | undefined {
  return byId.get(id)?.deref();
}

export function rememberIdentity(cls: object, id: string): void {
  ids.set(cls, id);
  byId.set(id, new WeakRef(cls));
  cleaned.register(cls, id);
}

/** Was the class defined here? Then nothing received may change it. */
export function isOfThisProcess(id: string): boolean {
  return id.startsWith(`${processTag}.`);
}
