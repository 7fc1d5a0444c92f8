// Objects of a user's classes. Objects of Node that hold something of the operating system's are
// refused by the name of their class.

import {types} from "node:util";
import {readScopes, scriptOf} from "../../shipping/functions/closure-inspector.js";
import {
  type AnyClass,
  classOfPrototype,
  isBaseClass,
  makeBare,
} from "../../shipping/functions/class-members.js";
import {thunkOf} from "../../shipping/functions/stamps.js";
import {isOfPackage} from "../../shipping/modules/package-files.js";
import {globalPath, intrinsicName} from "../../shipping/names/intrinsics.js";
import {textOf} from "../../shipping/source/texts.js";
import type {Assembler} from "../assemble.js";
import type {Dismantler} from "../dismantle.js";
import type {Kind} from "../kind.js";
import {Pending} from "../pending.js";
import {privateClasses} from "../private-members.js";
import {advice, adviceInPackage, nameOf, withArticle} from "../refusal.js";
import {Flag} from "../marks.js";
import {dress, type Shape, shapeOf} from "../shapes.js";

/** [class without a parent that gave the object private members, shape] or [shape] */
export const instance: Kind = {
  tag: 28,
  isComparable: (body) => (body as unknown[]).length === 1 && isUsualShape((body as [Shape])[0]),
  dismantle(object, to) {
    checkClasses(object, to);
    checkKept(object, to);
    const base = privateClasses(object, to).find(isBaseClass);
    const maker = base ? [to.classOf(base)] : [];
    return to.token(instance.tag, [...maker, shapeOf(to, object, Object.prototype)]);
  },
  assemble: (parts: [Shape] | [maker: unknown, shape: Shape], from, pending) =>
    parts.length === 1
      ? dress(from, pending.fill({}), parts[0])
      : makeWithPrivates(from, pending, ...parts),
};

function isUsualShape([, properties, isExtensible, privates]: Shape): boolean {
  if (!isExtensible || privates) return false;
  for (let i = 0; i < properties.length; i += 3)
    if (typeof properties[i] !== "string" || properties[i + 1] !== Flag.usual) return false;
  return true;
}

/** Classes of Node, and of the language, whose instances are plain enough to travel. */
const plainClasses = new Set(
  "events events.EventEmitter Error EvalError RangeError ReferenceError SyntaxError TypeError URIError".split(
    " ",
  ),
);

const handles =
  /^(net|tls|dgram|http|https|http2|fs|child_process|worker_threads|stream|readline|inspector)\.|^(Timeout|Immediate|FileHandle|Server|Socket|MessagePort|BroadcastChannel)$/;

/** Refuses an object that only looks like an object with properties. */
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

/**
 * Refuses an object about which a package keeps something in a weak collection beside the class.
 */
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

function refuseHost(name: string, to: Dismantler): never {
  const isHandle = handles.test(name);
  to.refuse(
    `${withArticle(name)}${isHandle ? " (an operating-system handle)" : ""}`,
    isHandle ? advice.handle : advice.other,
  );
}

/**
 * Lets a class without a parent make the object itself. The class may still be in the making, when
 * the object is met inside of it.
 */
function makeWithPrivates(
  from: Assembler,
  pending: Pending,
  maker: unknown,
  shape: Shape,
): unknown {
  const cls = from.value(maker);
  if (!(cls instanceof Pending)) return dress(from, pending.fill(makeBare(cls as AnyClass)), shape);
  let object: object | undefined;
  from.afterwards(() => (object = pending.fill(makeBare(cls.made() as AnyClass))));
  const standIn = dress(from, {}, shape, () => object!);
  from.afterwards(() => {
    Object.setPrototypeOf(object!, Object.getPrototypeOf(standIn) as object);
    Object.defineProperties(object!, Object.getOwnPropertyDescriptors(standIn));
    if (!Object.isExtensible(standIn)) Object.preventExtensions(object);
  });
  return pending;
}
