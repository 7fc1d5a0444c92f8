// The private members that classes gave an object: a part of the object's shape.

import {CorruptFrameError} from "../errors.js";
import {
  type AnyClass,
  classOfPrototype,
  giveMembers,
  isBaseClass,
  membersOf,
} from "../shipping/functions/class-members.js";
import {isOfPackage} from "../shipping/modules/package-files.js";
import {globalPath} from "../shipping/names/intrinsics.js";
import {analysisOf} from "../shipping/source/code.js";
import {textOf} from "../shipping/source/texts.js";
import type {Assembler} from "./assemble.js";
import type {Dismantler} from "./dismantle.js";
import {adviceInPackage, nameOf} from "./refusal.js";

/**
 * Gives the private members of an object, as its shape has them. `hide` is told the names of
 * members that can't be read; without `hide`, such members are refused.
 */
export function privateMembers(
  object: object,
  to: Dismantler,
  hide?: (names: readonly string[]) => void,
): unknown[] {
  return privateClasses(object, to, hide).flatMap((owner) => {
    const {fields, get} = membersOf(owner)!;
    if (!isBaseClass(owner) && !Object.isExtensible(owner)) {
      if (!hide) refusePrivate(object, fields, to);
      hide(fields);
      return [];
    }
    const values = get(object);
    return [to.classOf(owner), fields.map((name, i) => to.at(name, values[i]))];
  });
}

/**
 * Finds the classes that gave an object private members. Members of other classes can't be read,
 * nor put back.
 */
export function privateClasses(
  object: object,
  to: Dismantler,
  hide: (names: readonly string[]) => void = (names) => refusePrivate(object, names, to),
): object[] {
  const owners: object[] = [];
  let prototype: unknown = Object.getPrototypeOf(object);
  while (prototype && prototype !== Object.prototype) {
    const owner = classOfPrototype(prototype as object);
    const members = owner && membersOf(owner);
    if (members) {
      if (members.has(object)) owners.push(owner);
    } else if (owner && !globalPath(owner)) {
      const text = textOf(owner);
      const hasSome = text.startsWith("class") && text.includes("#");
      const privates = hasSome ? analysisOf(text).privates : [];
      if (privates.length > 0) hide(privates);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return owners;
}

function refusePrivate(object: object, names: readonly string[], to: Dismantler): never {
  const cls = classOfPrototype(Object.getPrototypeOf(object) as object);
  return to.refuse(
    `${nameOf(object)} whose class keeps ${names.join(", ")} private`,
    cls && isOfPackage(cls)
      ? adviceInPackage(to.path)
      : "make that a public field, define the class in a cell, or create the object inside the task",
  );
}

/** Gives a received object its private members. */
export function givePrivateMembers(
  from: Assembler,
  object: () => object,
  privates: unknown[],
  finish: () => void,
): void {
  for (let i = 0; i < privates.length; i += 2) {
    const trees = [privates[i], ...(privates[i + 1] as unknown[])];
    from.all(trees, ([owner, ...values]) => {
      const members = membersOf(owner as AnyClass);
      if (!members)
        throw new CorruptFrameError("a class without the private members it should have");
      if (!members.has(object())) giveMembers(owner as AnyClass, object());
      members.set(object(), values);
      finish();
    });
  }
}
