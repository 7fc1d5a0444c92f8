// value → a tree that MessagePack can hold, with tokens for all that it can't. Nothing is dropped or
// altered silently: what has no exact representation is refused, with the path that leads to it.
//
// Plain trees come out as they went in, the same objects; only what holds a token is copied.

import {types} from "node:util";
import type {ObjectId} from "../ids.js";
import {LeftBehind} from "../errors.js";
import {isReleased, ObjectRef} from "../api/object-ref.js";
import {apartBytes, BufferWriter} from "./buffers.js";
import type {UsualProperties} from "../shipping/functions/as-written.js";
import {type ActorMark, maybeActorMark} from "../shipping/names/actor-mark.js";
import type {Code} from "../shipping/source/code.js";
import {type AnyFunction, dismantleFunction, isFromElsewhere} from "./closures.js";
import {DoubtfulVariables} from "../shipping/functions/doubtful-variables.js";
import {host} from "../shipping/names/host.js";
import {ByName, type ImportedName} from "../shipping/names/imported-names.js";
import {globalPath, intrinsicPath} from "../shipping/names/intrinsics.js";
import type {LocalModule} from "../shipping/names/imported-names.js";
import {SharedVariables} from "./shared-variables.js";
import {dismantleBuiltin} from "./builtins.js";
import {checkMethod, dismantleInstance, noteSymbols, privateMembers} from "./instances.js";
import {dismantleList} from "./lists.js";
import {accessorTree, type Losses} from "./losses.js";
import {advice, refuse, type Step} from "./refusal.js";
import {describeSymbol, isUnique} from "../shipping/names/symbols.js";
import type {Apart} from "./apart.js";
import {isOutside, type Outside} from "./outside.js";
import {isPlain, isWellFormed} from "./plain.js";
import {holdsFunction} from "../shipping/names/intrinsics.js";
import {isComparable} from "./snapshot.js";
import {type Shape, Flag, Tag} from "./tokens.js";
import {flagsOf} from "../shipping/functions/attributes.js";
import {Token} from "../packing/token.js";

/** What lies deeper goes into a tree of its own, so that no stack overflows, here or in the receiver. */
const deepest = 100;

export interface CapturedVariables {
  captured: () => object;
  values: object;
  /** Has the function itself been left as it was? */
  isStill: () => boolean;
}

export class Dismantler {
  readonly refs: ObjectId[] = [];
  readonly buffers = new BufferWriter();
  readonly path: Step[] = [];
  /** Texts of the functions in the value. */
  readonly codes: Code[] = [];
  /** Where its functions were written: cells and files. */
  readonly sources = new Set<string>();
  /** Modules that must be loaded before the value can be put together. */
  readonly modules = new Set<string>();
  /** Those that are local files, each in a version, and the names that they go by. */
  readonly localModules = new Map<LocalModule, string>();
  /** May one copy of the value serve many tasks? Not when something in it could be changed. */
  isConstant = true;
  /**
   * What each function captured, as long as looking at that again tells whether anything changed:
   * numbers and functions do, objects don't (null).
   */
  variables: CapturedVariables[] | null = [];
  readonly realm = host.realm();
  /** Variables that several functions of the value use. */
  readonly shared = new SharedVariables(this.realm);
  readonly doubtful = new DoubtfulVariables();
  /** How many tokens were made: none means that the tree is the value. */
  tokens = 0;
  /** Trees of what lies too deep in the first one, and in each other. */
  readonly deepTrees: unknown[] = [];
  readonly deep: {object: object; path: Step[]; isInError: boolean}[] = [];
  readonly deepIndex = new Map<object, number>();
  /** Classes by their prototypes, which need not lead to them. */
  readonly classes = new Map<object, object>();
  /** All objects that the value has, and their numbers. */
  readonly objects = new Map<object, number>();
  /** Makes a piece of a large value that a function captures; without it, nothing travels apart. */
  maybeApart: ((root: object, home: Dismantler) => Apart | null) | null = null;
  /** Pieces that the value is separated from. */
  readonly apart: Apart[] = [];
  /** Of a piece: what it leaves to the function. */
  outside: Outside | null = null;
  /** What errors lose on the way. In what functions capture, nothing may be lost. */
  losses: Losses | null = null;
  /** Can a snapshot tell whether anything has changed? */
  isComparable = true;
  /** Sizes of what is large, by the captured variables that it is in. */
  readonly largeParts = new Map<string, number>();
  /** Of a value that a function captures: inside of it nothing travels apart. */
  isInside = false;
  readonly what: string;
  readonly #functions: "ship" | "refuse";
  /** Inside of a class, functions belong to it. */
  classDepth = 0;

  /** `functions`: those in the result of a task are refused; its instances have their class with them. */
  constructor(what: string, functions: "ship" | "refuse" = "ship") {
    this.what = what;
    this.#functions = functions;
  }

  /** The tree of a whole value; those of its deep parts are in `deepTrees` then. */
  run(value: unknown): unknown {
    const tree = this.value(value);
    for (let i = 0; i < this.deep.length; i++) {
      const {object, path, isInError} = this.deep[i]!;
      this.path.length = 0;
      this.path.push(...path);
      this.isInside = true;
      const tree = isInError ? this.losses!.treeOfDeep(object) : this.value(object);
      this.deepTrees.push(tree);
    }
    return tree;
  }

  value(value: unknown): unknown {
    switch (typeof value) {
      case "number":
        return value === 0 && Object.is(value, -0) ? this.token(Tag.minusZero, null) : value;
      case "string":
        if (this.maybeApart && value.length > apartBytes && isWellFormed(value))
          return this.token(Tag.text, this.large(new TextEncoder().encode(value)));
        return isWellFormed(value) ? value : this.token(Tag.utf16, Buffer.from(value, "utf16le"));
      case "object":
        return value === null ? null : this.#object(value);
      case "function":
        if (!this.takes(value as AnyFunction))
          this.refuse(`a function (\`${value.name || "anonymous"}\`)`, advice.result);
        return this.#object(value);
      case "bigint":
        return this.token(Tag.bigint, String(value));
      case "symbol":
        return this.#symbol(value);
      default:
        return value;
    }
  }

  /** The result of a task has no functions of the user's: those of packages and of Node are there as here. */
  takes(fn: AnyFunction): boolean {
    return this.#functions === "ship" || this.classDepth > 0 || isFromElsewhere(fn);
  }

  /** The class of an instance that is shipped. */
  classOf(cls: object): unknown {
    this.classDepth++;
    const tree = this.value(cls);
    this.classDepth--;
    return tree;
  }

  /** The part of `value` that is reached by `step`. */
  at(step: Step, value: unknown): unknown {
    if (value === null || (typeof value !== "object" && typeof value !== "function"))
      if (typeof value !== "symbol") return this.value(value);
    this.path.push(step);
    const tree = this.losses?.isOpen ? this.losses.treeOf(value) : this.value(value);
    this.path.pop();
    return tree;
  }

  /** Memory made for this encoding alone. */
  large(memory: Float64Array | Uint8Array): number {
    this.noteLarge(memory.byteLength);
    return this.buffers.addFresh(memory);
  }

  /** Remembers which captured variable it is that is large. */
  noteLarge(sizeBytes: number): void {
    if (!this.maybeApart || sizeBytes <= apartBytes) return;
    const name = this.path.findLast(isVariable);
    const words = typeof name === "object" ? name.words : "what it holds";
    this.largeParts.set(words, (this.largeParts.get(words) ?? 0) + sizeBytes);
  }

  token(tag: Tag, body: unknown): Token {
    this.tokens++;
    return new Token(tag, body);
  }

  /** It has parts that may change, here without notice and in a task with effect. */
  mayChange(): void {
    this.isConstant = false;
    this.variables = null;
  }

  refuse(kind: string, counsel: string): never {
    refuse(this.what, this.path, kind, counsel, this.doubtful.inPackages);
  }

  codeIndex(code: Code): number {
    const known = this.codes.indexOf(code);
    return known >= 0 ? known : this.codes.push(code) - 1;
  }

  imported({specifier, export: name, module}: ImportedName): Token {
    if (module) {
      this.localModules.set(module, specifier);
      return this.token(Tag.imported, [specifier, name, module.key]);
    }
    this.modules.add(specifier);
    return this.token(Tag.imported, [specifier, name]);
  }

  #object(object: object): unknown {
    const left = this.losses?.find(object);
    if (left) return this.#object(left);
    const known = this.objects.get(object);
    if (known !== undefined) return this.token(Tag.ref, known);
    if (types.isProxy(object)) this.refuse("a Proxy", advice.proxy);
    if (this.outside && isOutside(object))
      return this.token(Tag.outside, this.outside.index(object, this.path));
    if (this.path.length > deepest && typeof object !== "function") return this.#postpone(object);
    this.objects.set(object, this.objects.size);
    const wasInside = this.isInside;
    this.isInside = typeof object !== "function";
    const apart = this.isInside && !wasInside && this.maybeApart?.(object, this);
    const tree = apart ? this.#setApart(apart) : this.#contents(object);
    this.isInside = wasInside;
    return tree;
  }

  #contents(object: object): unknown {
    if (typeof object === "function") {
      const dismantle = () => dismantleFunction(object as AnyFunction, this);
      return this.losses ? this.losses.inFunction(object, dismantle) : dismantle();
    }
    const prototype: unknown = Object.getPrototypeOf(object);
    if (Array.isArray(object) && object !== Array.prototype) return dismantleList(object, this);
    if (prototype === Object.prototype && isPlain(object)) return this.#record(object);
    if (object instanceof ByName) return this.imported(object.name);
    if (object instanceof LeftBehind)
      return this.token(Tag.leftBehind, [object.kind, object.reason, {...object}]);
    if (object instanceof ObjectRef && prototype === ObjectRef.prototype) {
      if (isReleased(object)) {
        this.refuse(
          "a ref or a handle that was released",
          "release it when it is needed no longer",
        );
      }
      this.refs.push(object.id);
      return this.token(Tag.objectRef, object.id);
    }
    const token = this.#special(object);
    this.isComparable &&= isComparable(token);
    return token;
  }

  #special(object: object): Token {
    const path = globalPath(object);
    if (path) return this.token(Tag.intrinsic, path);
    const actor = maybeActorMark(object);
    if (actor) return this.#handle(actor);
    return dismantleBuiltin(object, this) ?? dismantleInstance(object, this);
  }

  /** What is outside of the piece comes before it, so that the receiver has that first. */
  #setApart(apart: Apart): Token {
    const {part, sizeBytes, outside, refs, modules, localModules} = apart;
    this.apart.push(apart);
    this.noteLarge(sizeBytes);
    this.refs.push(...refs);
    for (const module of modules) this.modules.add(module);
    for (const [module, specifier] of localModules) this.localModules.set(module, specifier);
    const depth = this.path.length;
    const trees = outside.found.map(({object, path}) => {
      this.path.push(...path);
      const tree = this.value(object);
      this.path.length = depth;
      return tree;
    });
    return this.token(Tag.apart, [part.hash, trees]);
  }

  /** Nothing keeps a copy of it: whoever has one keeps the actor. */
  #handle({ref, face: {className, methods, maxTaskRetries}}: ActorMark): Token {
    this.isConstant = false;
    return this.token(Tag.actor, [
      this.value(ref),
      this.value(className),
      methods.map((method) => this.value(method)),
      maxTaskRetries,
    ]);
  }

  #postpone(object: object): Token {
    let index = this.deepIndex.get(object);
    if (index === undefined) {
      const path = [...this.path.slice(0, 4), {words: "…"}];
      index = this.deep.push({object, path, isInError: this.losses?.isOpen === true}) - 1;
      this.deepIndex.set(object, index);
    }
    return this.token(Tag.deep, index);
  }

  #record(record: Record<string, unknown>): unknown {
    const module = holdsFunction(record) ? this.maybeModule(record) : undefined;
    if (module) {
      this.isComparable = false;
      return module;
    }
    let copy: Record<string, unknown> | null = null;
    for (const key of Object.keys(record)) {
      const value = record[key];
      const tree = this.at(key, value);
      if (tree !== value && typeof tree === "object") {
        copy ??= {...record};
        copy[key] = tree;
      }
    }
    return copy ?? record;
  }

  /** A module, or an object that one exports, goes by name. */
  maybeModule(object: object): Token | undefined {
    const imported = host.describe(object);
    if (imported) return this.imported(imported);
    const path = intrinsicPath(object);
    return path && this.token(Tag.intrinsic, path);
  }

  #symbol(symbol: symbol): Token {
    const imported = isUnique(symbol) ? host.describe(symbol) : undefined;
    const name = imported && (this.imported(imported).body as string[]);
    const parts = name ? ["imported", ...name] : describeSymbol(symbol);
    return this.token(
      Tag.symbol,
      parts.map((part) => this.value(part)),
    );
  }

  /** Prototype, own properties with their attributes, and whether more may be added. */
  shape(
    object: object,
    usualPrototype: unknown,
    isLeftOut?: (key: string | symbol) => boolean,
    prototype: unknown = Object.getPrototypeOf(object),
    usual: UsualProperties = noneUsual,
  ): Shape {
    const properties: unknown[] = [];
    const isUsual = prototype === usualPrototype;
    const losses = this.losses?.isOpen && types.isNativeError(object) ? this.losses : null;
    const prototypeTree = isUsual
      ? 0
      : losses
        ? losses.prototypeOf(object as Error, prototype, properties)
        : this.prototype(prototype);
    if (!isUsual) noteSymbols(object, prototype);
    for (const key of Reflect.ownKeys(object)) {
      if (isLeftOut?.(key)) continue;
      const own = Object.getOwnPropertyDescriptor(object, key)!;
      const flags = flagsOf(own);
      checkMethod(key, own.value, prototype, this);
      const asWritten = usual.get(key);
      if (asWritten?.isSame(own)) {
        if (flags !== asWritten.flags) properties.push(this.value(key), flags | Flag.kept, null);
      } else if (own.get || own.set) {
        properties.push(...accessorTree(object, key, own, this));
      } else properties.push(this.value(key), flags, this.at(key, own.value));
    }
    for (const key of usual.keys())
      if (!Object.hasOwn(object, key)) properties.push(this.value(key), Flag.absent, null);
    const isExtensible = Object.isExtensible(object) || object === this.losses?.root;
    const shape: Shape = [prototypeTree, properties, isExtensible];
    const privates = isUsual ? [] : privateMembers(object, this, losses?.hidingIn(properties));
    if (privates.length > 0) shape.push(privates);
    return shape;
  }

  /** The shape of an object whose contents were taken already; null when it has nothing unusual. */
  extras(
    object: object,
    usualPrototype: unknown,
    isLeftOut?: (key: string | symbol) => boolean,
    usual?: UsualProperties,
  ): Shape | null {
    const prototype: unknown = Object.getPrototypeOf(object);
    const shape = this.shape(object, usualPrototype, isLeftOut, prototype, usual);
    return shape[0] === 0 && shape[1].length === 0 && shape[2] ? null : shape;
  }

  prototype(prototype: unknown): unknown {
    if (prototype === null) return null;
    // It belongs to a class, which is outside.
    if (this.outside)
      return this.token(Tag.outside, this.outside.index(prototype as object, this.path));
    this.path.push({words: "its prototype"});
    const tree = this.value(prototype);
    this.path.pop();
    return tree;
  }
}

const noneUsual: UsualProperties = new Map();

function isVariable(step: Step): boolean {
  return typeof step === "object" && step.words.startsWith("captured variable ");
}
