// What shipping needs from the process it is in: its modules, and its `remote`. Set once, by the
// kernel, by a worker, or by the library itself in a plain program.

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
  /** The same at once, where that can be done. */
  require(specifier: string): unknown;
  /** Makes a remote function of this process. */
  remote(fn: (...args: never[]) => unknown, options: unknown): unknown;
  /** Makes a handle of this process. */
  actor(ref: ObjectRef, face: ActorFace): unknown;
  /** Whose classes what runs now has. */
  realm(): Realm;
  /** The notebook's cell that runs now, the same when it runs again; "" where that is not known. */
  cellKey(): string;
  /** Tells the user something once, where what runs now prints. */
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
