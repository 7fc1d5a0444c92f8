// What an error loses on its way: each part that can't travel, and nothing around such a part. The
// dismantler goes back to where the part began, and puts a `LeftBehind` there.
//
// A function travels whole or not at all, since nothing would say that something is missing in it.
// An error whose class can't travel becomes one of the class above. Where a getter can't travel,
// the value travels that the getter gives.

import {types} from "node:util";
import {CannotShipError, LeftBehind, textOfError} from "../errors.js";
import {globalPath} from "../shipping/names/intrinsics.js";
import {isOfPackage} from "../shipping/modules/package-files.js";
import {textOf} from "../shipping/source/texts.js";
import {Flag} from "./marks.js";
import {nameOf, type Step} from "./refusal.js";
import {flagsOf} from "../shipping/functions/attributes.js";

/** The dismantler, as far as losses need it. */
export interface Walk {
  readonly path: Step[];
  value(value: unknown): unknown;
  at(step: Step, value: unknown): unknown;
  prototype(prototype: unknown): unknown;
  /** Remembers what was taken so far. The function that is given back goes back to that state. */
  mark(): () => void;
}

export class Losses {
  /**
   * The error itself. Where it arrives, the error takes on more properties before it is sealed
   * again.
   */
  readonly root: unknown;
  /** The current part may be lost: it is in an error, and in no function. */
  isOpen: boolean;
  readonly #of: Walk;
  /** Parts that were lost, and what stands for each. */
  readonly #left = new Map<object, LeftBehind>();
  /** How many errors and how many functions are around the current part. */
  #errors = 0;
  #functions = 0;

  /** `root`: the value that was thrown. In any other value, only the errors in it lose parts. */
  constructor(of: Walk, root?: {thrown: unknown}) {
    this.#of = of;
    this.root = root?.thrown;
    this.#errors = root ? 1 : 0;
    this.isOpen = root !== undefined;
  }

  /** Gives the tree of a part, or of what stands for the part. */
  treeOf(part: unknown): unknown {
    return this.#orElse(
      () => this.#of.value(part),
      (why) => this.#of.value(this.#leave(part, why)),
    );
  }

  /** Gives the tree of a part that lies deep in an error, or of what stands for the part. */
  treeOfDeep(part: object): unknown {
    return this.inError(() => this.treeOf(part));
  }

  /**
   * Finds what stands for an object that was lost already. Outside of errors, and in functions, the
   * lost object is refused.
   */
  find(object: object): LeftBehind | undefined {
    const left = this.#left.size > 0 ? this.#left.get(object) : undefined;
    if (left && !this.isOpen) throw new CannotShipError(left.reason, [], left.kind);
    return left;
  }

  inError<T>(dismantle: () => T): T {
    return this.#around(this.#errors + 1, this.#functions, dismantle);
  }
  inFunction<T>(fn: object, dismantle: () => T): T {
    const isClass = /^class\b/.test(textOf(fn));
    return this.#around(this.#errors, this.#functions + (isClass ? 0 : 1), dismantle);
  }
  #around<T>(errors: number, functions: number, dismantle: () => T): T {
    const before = [this.#errors, this.#functions] as const;
    this.#set(errors, functions);
    const made = dismantle();
    this.#set(...before);
    return made;
  }
  #set(errors: number, functions: number): void {
    this.#errors = errors;
    this.#functions = functions;
    this.isOpen = errors > 0 && functions === 0;
  }

  /**
   * Gives the tree of an error's prototype, or of the first one above it that travels. Then the
   * name of the error becomes its own property.
   */
  prototypeOf(error: Error, prototype: unknown, properties: unknown[]): unknown {
    return this.#orElse(
      () => this.#of.prototype(prototype),
      () => {
        const hasName = Object.hasOwn(error, "name") || properties.length > 0;
        const name = hasName ? "" : textOfError(error, "name");
        if (!hasName) properties.push("name", Flag.writable | Flag.configurable, name);
        const above: unknown = Object.getPrototypeOf(prototype) ?? nativePrototype(error);
        return this.prototypeOf(error, above, properties);
      },
    );
  }

  /**
   * Gives an object's own accessor, as its shape has it. Where the accessor can't travel, the value
   * travels that it gives. Outside of errors, this holds only for accessors of packages.
   */
  accessor(object: object, key: string | symbol, own: PropertyDescriptor): unknown[] {
    const {get} = own;
    const isPackages = get !== undefined && this.#functions === 0 && isOfPackage(get);
    return this.#orElse(
      () => wholeAccessor(key, own, this.#of),
      (why) => {
        let value: unknown;
        try {
          value = get ? (get.call(object) as unknown) : this.#leave(own.set, why);
        } catch (thrown) {
          if (!this.isOpen) throw why;
          value = this.#leave(get, thrown);
        }
        return [this.#of.value(key), flagsOf(own) | Flag.writable, this.#of.at(key, value)];
      },
      this.isOpen || isPackages,
    );
  }

  /**
   * Notes in an object's properties the names of members that only the class of an error could
   * read.
   */
  hidingIn(properties: unknown[]): (names: readonly string[]) => void {
    const reason =
      "only its class can read it; make it a public field, or define the class in a cell";
    return (names) => {
      for (const name of names) {
        const left = new LeftBehind("a private member", `${name} can't travel: ${reason}`);
        properties.push(name, Flag.usual, this.#of.value(left));
      }
    };
  }

  #orElse<T>(travel: () => T, stay: (why: unknown) => T, mayStay = this.isOpen): T {
    if (!mayStay) return travel();
    const goBack = this.#of.mark();
    const around = [this.#errors, this.#functions] as const;
    try {
      return travel();
    } catch (why) {
      // That the whole value is nested too deeply is told in other words.
      if (why instanceof RangeError) throw why;
      this.#set(...around);
      goBack();
      return stay(why);
    }
  }

  #leave(part: unknown, why: unknown): LeftBehind {
    const isItself = why instanceof CannotShipError && why.path.length === this.#of.path.length;
    const kind = isItself && why.kind ? why.kind : kindOf(part);
    const reason = why instanceof Error ? textOfError(why, "message") : String(why);
    const left = new LeftBehind(kind, reason, plainParts(part));
    if (typeof part !== "symbol") this.#left.set(part as object, left);
    return left;
  }
}

/** Gives both functions of an own accessor, as a shape has them. */
export function wholeAccessor(key: string | symbol, own: PropertyDescriptor, to: Walk): unknown[] {
  to.path.push(key);
  const pair = [to.value(own.get), to.value(own.set)];
  to.path.pop();
  return [to.value(key), flagsOf(own) | Flag.accessor, pair];
}

/** Finds the class that this process has for an error of another realm (node:vm). */
function nativePrototype(error: Error): object {
  const own = (globalThis as Record<string, unknown>)[textOfError(error, "name")];
  const prototype = typeof own === "function" ? (own.prototype as unknown) : undefined;
  return prototype instanceof Error ? prototype : Error.prototype;
}

/**
 * Gives the numbers, short texts and the like that an object has: the `status` of a Response, the
 * `path` of a request.
 */
function plainParts(object: unknown): Record<string, unknown> {
  const parts: Record<string, unknown> = {};
  if (typeof object !== "object" || object === null || types.isProxy(object)) return parts;
  const add = (key: string, value: unknown) => {
    const isPlain = value === null || ["number", "boolean", "string"].includes(typeof value);
    if (!isPlain || key.startsWith("_") || String(value).length > longestPart) return;
    if (Object.keys(parts).length < mostParts) parts[key] = value;
  };
  for (const [key, own] of Object.entries(Object.getOwnPropertyDescriptors(object)))
    if (own.enumerable) add(key, own.value);
  // Members of the web's classes are accessors without effects.
  const above = Object.getPrototypeOf(object) as object | null;
  if (!above || !globalPath(above)) return parts;
  for (const [key, {get}] of Object.entries(Object.getOwnPropertyDescriptors(above)))
    if (get && key !== "__proto__")
      add(
        key,
        attempt(() => get.call(object) as unknown),
      );
  return parts;
}
const longestPart = 1000;
const mostParts = 50;

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function kindOf(part: unknown): string {
  if (typeof part === "function") return `a function (\`${part.name || "anonymous"}\`)`;
  return typeof part === "object" && part !== null ? nameOf(part) : `a ${typeof part}`;
}
