// Objects of a user's classes, prototypes, namespaces, and the objects of Node that hold something of
// the operating system's: those are refused by the name of their class.

import {types} from "node:util";
import {addedMembers} from "../shipping/names/added-members.js";
import {analysisOf} from "../shipping/source/code.js";
import {textOf} from "../shipping/source/texts.js";
import {readScopes, scriptOf} from "../shipping/functions/closure-inspector.js";
import {globalPath, intrinsicName, intrinsicPath} from "../shipping/names/intrinsics.js";
import {isBaseClass, membersOf} from "../shipping/functions/class-members.js";
import type {AnyFunction} from "./closures.js";
import {describePackageFile, isOfPackage} from "../shipping/modules/package-files.js";
import {thunkOf} from "../shipping/functions/stamps.js";
import {nameOf} from "./builtins.js";
import type {Dismantler} from "./dismantle.js";
import {advice, adviceInPackage, withArticle} from "./refusal.js";
import {isUnique} from "../shipping/names/symbols.js";
import {Tag} from "./tokens.js";
import type {Token} from "../packing/token.js";

/** Classes of Node, and of the language, whose instances are plain enough to travel. */
const plainClasses = new Set(
  "events events.EventEmitter Error EvalError RangeError ReferenceError SyntaxError TypeError URIError".split(
    " ",
  ),
);

const handles =
  /^(net|tls|dgram|http|https|http2|fs|child_process|worker_threads|stream|readline|inspector)\.|^(Timeout|Immediate|FileHandle|Server|Socket|MessagePort|BroadcastChannel)$/;

export function dismantleInstance(object: object, to: Dismantler): Token {
  const owner = classOfPrototype(object) ?? to.classes.get(object);
  const added = owner ? addedMembers(object) : [];
  const module = added.length > 0 ? undefined : to.maybeModule(object);
  if (module) return module;
  if (types.isModuleNamespaceObject(object)) return dismantleNamespace(object, to);
  if (owner)
    return to.token(Tag.prototypeOf, [to.classOf(owner), ...membersOnly(object, added, to)]);
  checkClasses(object, to);
  checkKept(object, to);
  const base = privateClasses(object, to).find(isBaseClass);
  const maker = base ? [to.classOf(base)] : [];
  return to.token(Tag.object, [...maker, to.shape(object, Object.prototype)]);
}

/** What the receiver's prototype may lack. */
function membersOnly(prototype: object, keys: (string | symbol)[], to: Dismantler): unknown[] {
  if (keys.length === 0) return [];
  const above: unknown = Object.getPrototypeOf(prototype);
  return [to.shape(prototype, above, (key) => !keys.includes(key), above)];
}

/** The class whose `prototype` the object is. */
export function classOfPrototype(object: object): object | undefined {
  const own = Object.getOwnPropertyDescriptor(object, "constructor");
  const owner: unknown = own?.value;
  if (typeof owner !== "function" || owner === Object) return undefined;
  return (owner as {prototype?: unknown}).prototype === object ? owner : undefined;
}

function dismantleNamespace(namespace: object, to: Dismantler): Token {
  const exports: unknown = (namespace as {default?: unknown}).default;
  const path = typeof exports === "object" && exports ? intrinsicPath(exports) : undefined;
  if (path) return to.token(Tag.intrinsic, path);
  return to.refuse("a module whose name is not known", "import it inside the task");
}

/** Finds the names of symbols that the packages of an object's classes keep for themselves. */
export function noteSymbols(object: object, prototype: unknown): void {
  if (!Object.getOwnPropertySymbols(object).some(isUnique)) return;
  for (let at = prototype; at && !globalPath(at); at = Object.getPrototypeOf(at) as unknown) {
    const owner = classOfPrototype(at);
    if (owner && !thunkOf(owner)) describePackageFile(owner);
  }
}

/** Refuses a method that an object of a task's result has in the place of its class's. */
export function checkMethod(
  key: string | symbol,
  method: unknown,
  prototype: unknown,
  to: Dismantler,
): void {
  if (typeof method !== "function" || to.losses?.isOpen || to.takes(method as AnyFunction)) return;
  if (!hasMethod(prototype as object | null, key)) return;
  to.path.push(key);
  to.refuse("a method that differs from its class's", advice.method);
}

/** Does a class give its instances the method? No accessor is called. */
function hasMethod(prototype: object | null, key: string | symbol): boolean {
  for (let at = prototype; at; at = Object.getPrototypeOf(at) as object | null) {
    const own = Object.getOwnPropertyDescriptor(at, key);
    if (own) return key !== "constructor" && typeof own.value === "function";
  }
  return false;
}

/** Refuses what only looks like an object with properties. */
function checkClasses(object: object, to: Dismantler): void {
  let prototype: unknown = Object.getPrototypeOf(object);
  while (prototype && prototype !== Object.prototype) {
    const owner = classOfPrototype(prototype as object);
    if (!owner) {
      const builtin = intrinsicName(prototype as object);
      if (builtin) refuseHost(builtin.replace(/\.prototype$/, ""), to);
    } else if (!thunkOf(owner)) {
      const name = intrinsicName(owner);
      if (name && plainClasses.has(name)) return;
      if (name) refuseHost(name, to);
      const text = textOf(owner);
      if (/\[native code\]\s*\}$/.test(text) || scriptOf(owner).url.startsWith("node:"))
        refuseHost(nameOf(object).replace(/^an? /, ""), to);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
}

/** Refuses what a package keeps something about, in a weak collection beside the class. */
function checkKept(object: object, to: Dismantler): void {
  let prototype: unknown = Object.getPrototypeOf(object);
  while (prototype && prototype !== Object.prototype) {
    const owner = classOfPrototype(prototype as object);
    if (owner && weakBeside(owner).some((kept) => kept.has(object)))
      to.refuse(
        `${nameOf(object)} about which its package keeps something private`,
        adviceInPackage(to.path),
      );
    prototype = Object.getPrototypeOf(prototype);
  }
}

/** Weak collections among the variables around a package's class. */
function weakBeside(cls: object): WeakSet<object>[] {
  let known = weakOnes.get(cls);
  if (!known) {
    const isInspected = !thunkOf(cls) && !globalPath(cls) && isOfPackage(cls);
    known = (isInspected ? readScopes(cls) : [])
      .flatMap(({variables}) => Object.values(variables))
      .filter((value) => types.isWeakMap(value) || types.isWeakSet(value)) as WeakSet<object>[];
    weakOnes.set(cls, known);
  }
  return known;
}
const weakOnes = new WeakMap<object, WeakSet<object>[]>();

/**
 * The private members of an object, as its shape has them. `hide` is told the names of those that can't be
 * read; without it, they are refused.
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

/** The classes that gave it private members. What others keep can't be read, nor put back. */
function privateClasses(
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

function refuseHost(name: string, to: Dismantler): never {
  const isHandle = handles.test(name);
  to.refuse(
    `${withArticle(name)}${isHandle ? " (an operating-system handle)" : ""}`,
    isHandle ? advice.handle : advice.other,
  );
}
