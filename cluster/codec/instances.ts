// Objects of a user's classes, prototypes, namespaces, and the objects of Node that hold something of
// the operating system's: those are refused by the name of their class.

import {types} from "node:util";
import {analysisOf, textOf} from "../shipping/code.js";
import {scriptOf} from "../shipping/closure-inspector.js";
import {host} from "../shipping/host.js";
import {globalPath, intrinsicName, intrinsicPath} from "../shipping/intrinsics.js";
import {thunkOf} from "../shipping/stamps.js";
import {nameOf} from "./builtins.js";
import type {Dismantler} from "./dismantle.js";
import {advice} from "./refusal.js";
import {Tag, type Token} from "./tokens.js";

/** Classes of Node whose instances are plain enough to travel. */
const plainClasses = new Set(["events", "events.EventEmitter"]);

const handles =
  /^(net|tls|dgram|http|https|http2|fs|child_process|worker_threads|stream|readline|inspector)\.|^(Timeout|Immediate|FileHandle|Server|Socket|MessagePort|BroadcastChannel)$/;

export function dismantleInstance(object: object, to: Dismantler): Token {
  const path = globalPath(object);
  if (path) return to.token(Tag.intrinsic, path);
  const imported = host.describe(object);
  if (imported) return to.imported(imported);
  if (types.isModuleNamespaceObject(object)) return dismantleNamespace(object, to);
  const owner = classOfPrototype(object);
  if (owner) {
    const builtin = thunkOf(owner) ? undefined : intrinsicPath(object);
    if (builtin) return to.token(Tag.intrinsic, builtin);
    return to.token(Tag.prototypeOf, [to.classOf(owner)]);
  }
  checkClasses(object, to);
  return to.token(Tag.object, [to.shape(object, Object.prototype)]);
}

/** The class whose `prototype` the object is. */
function classOfPrototype(object: object): object | undefined {
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

/** What a class keeps under #names of an instance can't be read, nor put back. */
export function checkPrivateState(object: object, to: Dismantler): void {
  let prototype: unknown = Object.getPrototypeOf(object);
  while (prototype && prototype !== Object.prototype) {
    const owner = classOfPrototype(prototype as object);
    const text = owner && !globalPath(owner) ? textOf(owner) : "";
    if (text.startsWith("class") && text.includes("#")) {
      const {privates} = analysisOf(text);
      if (privates.length > 0)
        to.refuse(
          `${nameOf(object)} whose class keeps ${privates.join(", ")} private`,
          "make that a public field, or create the object inside the task",
        );
    }
    prototype = Object.getPrototypeOf(prototype);
  }
}

function refuseHost(name: string, to: Dismantler): never {
  const article = /^[aeiou]/i.test(name) ? "an" : "a";
  const isHandle = handles.test(name);
  to.refuse(
    `${article} ${name}${isHandle ? " (an operating-system handle)" : ""}`,
    isHandle ? advice.handle : advice.other,
  );
}
