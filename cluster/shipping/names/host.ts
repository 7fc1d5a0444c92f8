// What shipping needs from the process that it runs in: imports, and makers of remote functions and
// handles. Set once, by the kernel, by a worker, or by the library itself in a plain program.

import {createRequire} from "node:module";
import {join} from "node:path";
import type {ActorFace} from "../../backend.js";
import type {ObjectRef} from "../../api/object-ref.js";
import type {ImportedName} from "./imported-names.js";
import {processRealm, type Realm} from "./realm.js";

export interface ShippingHost {
  /** The import that `value` came from, when a receiver can make the same import. */
  describe(value: unknown): ImportedName | undefined;
  /** Loads a module as a cell would. */
  import(specifier: string): Promise<Record<string, unknown>>;
  /** Loads a module at once, where that is possible. */
  require(specifier: string): unknown;
  /** Makes a remote function of this process. */
  remote(fn: (...args: never[]) => unknown, options: unknown): unknown;
  /** Makes an actor's handle of this process. */
  actor(ref: ObjectRef, face: ActorFace): unknown;
  /** The realm whose class objects the running task uses. */
  realm(): Realm;
  /**
   * The key of the notebook's cell that runs now. It stays the same when the cell runs again; ""
   * where the cell is not known.
   */
  cellKey(): string;
  /** Tells the user something once, in the output of the code that runs now. */
  note(text: string): void;
}

export const host: ShippingHost = {
  describe: () => undefined,
  import: (specifier) => import(specifier) as Promise<Record<string, unknown>>,
  require: createRequire(join(process.cwd(), "program.js")),
  remote() {
    throw new Error("a remote function was received by a process that has no `remote`");
  },
  actor() {
    throw new Error("an actor's handle was received by a process that has no actors");
  },
  realm: () => processRealm,
  cellKey: () => "",
  note: (text) => console.warn(text),
};

export function setShippingHost(parts: Partial<ShippingHost>): void {
  Object.assign(host, parts);
}
