// What a module exports: by the name of the import.

import {types} from "node:util";
import type {Token} from "../../packing/token.js";
import {addedMembers} from "../../shipping/names/added-members.js";
import {findImported} from "../../shipping/modules/imports.js";
import {host} from "../../shipping/names/host.js";
import {ByName, type ImportedName} from "../../shipping/names/imported-names.js";
import {intrinsicPath} from "../../shipping/names/intrinsics.js";
import type {Dismantler, Dismantles} from "../dismantle.js";
import type {Kind} from "../kind.js";
import {byPath} from "./intrinsic.js";
import {ownerOf} from "./prototype.js";

/** [specifier, export, key of a local file's version | nothing] */
export const imported: Kind<ImportedName> = {
  tag: 26,
  dismantle({specifier, export: name, module}, to) {
    if (module) {
      to.localModules.set(module, specifier);
      return to.token(imported.tag, [specifier, name, module.key]);
    }
    to.modules.add(specifier);
    return to.token(imported.tag, [specifier, name]);
  },
  assemble: (parts: [string, string, string?], _, pending) => pending.fill(findImported(...parts)),
};

/** A name that stands for an import. */
export const byName: Dismantles<object> = {
  isComparable: () => true,
  dismantle: (object, to) =>
    object instanceof ByName ? imported.dismantle(object.name, to) : undefined,
};

/** Modules, and objects that modules export. */
export const ofModule: Dismantles<object> = {
  dismantle(object, to) {
    // Members that a prototype was given late would be missing where it arrives.
    const isChanged = ownerOf(object, to) !== undefined && addedMembers(object).length > 0;
    const name = isChanged ? undefined : exported(object, to);
    if (name) return name;
    return types.isModuleNamespaceObject(object) ? namespace(object, to) : undefined;
  },
};

/** The name of a module, or of an object that one exports. */
export function exported(object: object, to: Dismantler): Token | undefined {
  const name = host.describe(object);
  return name ? imported.dismantle(name, to) : byPath(intrinsicPath(object), to);
}

function namespace(object: object, to: Dismantler): Token {
  const exports: unknown = (object as {default?: unknown}).default;
  const path = typeof exports === "object" && exports ? intrinsicPath(exports) : undefined;
  return (
    byPath(path, to) ?? to.refuse("a module whose name is not known", "import it inside the task")
  );
}
