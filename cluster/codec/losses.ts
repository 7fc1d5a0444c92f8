// What an error loses on its way: each part that can't travel, and nothing around it. The dismantler goes
// back to where the part began, and puts a `LeftBehind` there.
//
// A function travels whole or not at all: it would not say that something is missing in it. An error whose
// class can't travel is one of the class above.

import {types} from "node:util";
import {CannotShipError, LeftBehind} from "../errors.js";
import {textOf} from "../shipping/texts.js";
import {nameOf} from "./builtins.js";
import type {Dismantler} from "./dismantle.js";
import {Flag} from "./tokens.js";

export class Losses {
  /** The error itself. It takes on more properties where it arrives, before it is sealed again. */
  readonly root: unknown;
  readonly #of: Dismantler;
  /** What was lost, and what stands for it. */
  readonly #left = new Map<object, LeftBehind>();
  /** How many functions are around the current part. */
  #functions = 0;

  constructor(of: Dismantler, root: unknown) {
    this.#of = of;
    this.root = root;
  }

  /** The tree of a part, or of what stands for it. */
  treeOf(part: unknown): unknown {
    return this.#orElse(
      () => this.#of.value(part),
      (why) => this.#of.value(this.#leave(part, why)),
    );
  }

  /** What stands for an object that was lost already. In a function, nothing may. */
  find(object: object): LeftBehind | undefined {
    const left = this.#left.get(object);
    if (left && this.#functions > 0) throw new CannotShipError(left.reason, [], left.kind);
    return left;
  }

  inFunction(fn: object, dismantle: () => unknown): unknown {
    if (/^class\b/.test(textOf(fn))) return dismantle();
    this.#functions++;
    const tree = dismantle();
    this.#functions--;
    return tree;
  }

  /** Is it an error of which a part of its class may be lost? */
  mayLoseClass(object: object): boolean {
    return this.#functions === 0 && types.isNativeError(object);
  }

  /** The prototype of an error, or the first one above it that travels: then its name becomes its own. */
  prototypeOf(error: Error, prototype: unknown, properties: unknown[]): unknown {
    return this.#orElse(
      () => this.#of.prototype(prototype),
      () => {
        const hasName = Object.hasOwn(error, "name") || properties.length > 0;
        if (!hasName) properties.push("name", Flag.writable | Flag.configurable, error.name);
        return this.prototypeOf(error, Object.getPrototypeOf(prototype), properties);
      },
    );
  }

  /** What nobody but the class of an error could read. */
  privateProperties(names: readonly string[]): unknown[] {
    const reason =
      "only its class can read it; make it a public field, or define the class in a cell";
    return names.flatMap((name) => {
      const left = new LeftBehind("a private member", `${name} can't travel: ${reason}`);
      return [name, Flag.usual, this.#of.value(left)];
    });
  }

  #orElse(travel: () => unknown, stay: (why: unknown) => unknown): unknown {
    if (this.#functions > 0) return travel();
    const goBack = markOf(this.#of);
    try {
      return travel();
    } catch (why) {
      // That of the whole value is told otherwise.
      if (why instanceof RangeError) throw why;
      this.#functions = 0;
      goBack();
      return stay(why);
    }
  }

  #leave(part: unknown, why: unknown): LeftBehind {
    const isItself = why instanceof CannotShipError && why.path.length === this.#of.path.length;
    const kind = isItself && why.kind ? why.kind : kindOf(part);
    const left = new LeftBehind(kind, why instanceof Error ? why.message : String(why));
    if (typeof part !== "symbol") this.#left.set(part as object, left);
    return left;
  }
}

/** Remembers what the dismantler has taken so far; the function that is given goes back to that. */
function markOf(of: Dismantler): () => void {
  const {path, refs, codes, deep, deepIndex, objects, modules, localModules, classes} = of;
  const lists = [path, refs, codes, deep].map((list) => ({list, length: list.length}));
  const sets = [objects, modules, localModules, classes, deepIndex];
  const sizes = sets.map(({size}) => size);
  const {isInside, classDepth} = of;
  return () => {
    for (const {list, length} of lists) list.length = length;
    sets.forEach((set, i) => {
      for (const key of [...set.keys()].slice(sizes[i])) set.delete(key as never);
    });
    Object.assign(of, {isInside, classDepth});
  };
}

function kindOf(part: unknown): string {
  if (typeof part === "function") return `a function (\`${part.name || "anonymous"}\`)`;
  return typeof part === "object" && part !== null ? nameOf(part) : `a ${typeof part}`;
}
