// A value → a tree that MessagePack can hold, with tokens for everything else. Nothing is dropped
// or altered silently: a value without an exact representation is refused, with the path that leads
// to it.
//
// Plain trees come out as the same objects; only objects that hold a token are copied. The kinds of
// values (kinds/) are handed in: each makes the tokens of its own values.

import {types} from "node:util";
import type {ObjectId} from "../ids.js";
import {Token} from "../packing/token.js";
import {unmeasured} from "../shipping/functions/measured.js";
import {DoubtfulVariables} from "../shipping/functions/doubtful-variables.js";
import {host} from "../shipping/names/host.js";
import type {LocalModule} from "../shipping/names/imported-names.js";
import type {Code} from "../shipping/source/code.js";
import {apartBytes, BufferWriter} from "./buffers.js";
import {type AnyFunction, isFromElsewhere} from "./elsewhere.js";
import {SharedVariables} from "./scopes.js";
import type {Losses} from "./losses.js";
import {Mark} from "./marks.js";
import {type Apart, isOutside, type Outside} from "./pieces.js";
import {isPlain, isWellFormed} from "./plain.js";
import {advice, refuse, type Step} from "./refusal.js";

/**
 * Objects that lie deeper go into a tree of their own, so that no stack overflows, here or in the
 * receiver.
 */
const deepest = 100;

/** Describes how values of a kind are taken to pieces. */
export interface Dismantles<V> {
  /** Makes the token of a value; undefined when the value is of another kind. */
  dismantle(value: V, to: Dismantler): Token | undefined;
  /**
   * Tells whether a snapshot can see changes of the token's value. Without this method, none can.
   */
  isComparable?(body: unknown): boolean;
}

/** All kinds by what `typeof` says of a value. The kinds of each list are asked in its order. */
export interface Kinds {
  /** Numbers that MessagePack can't hold. */
  numbers: readonly Dismantles<number>[];
  strings: readonly Dismantles<string>[];
  bigints: readonly Dismantles<bigint>[];
  symbols: readonly Dismantles<symbol>[];
  functions: readonly Dismantles<AnyFunction>[];
  /** Objects other than lists and plain records. */
  objects: readonly Dismantles<object>[];
  /** Lists and plain records: most of them are trees already. */
  list(list: unknown[], to: Dismantler): unknown;
  record(record: Record<string, unknown>, to: Dismantler): unknown;
}

export interface CapturedVariables {
  captured: () => object;
  values: object;
  /** Tells whether nobody has changed the function itself. */
  isStill: () => boolean;
}

export class Dismantler {
  readonly refs: ObjectId[] = [];
  readonly buffers = new BufferWriter();
  readonly path: Step[] = [];
  /** Texts of the functions in the value. */
  readonly codes: Code[] = [];
  /** Where the functions were written: cells and files. */
  readonly sources = new Set<string>();
  /** Modules that the receiver must load before it puts the value together. */
  readonly modules = new Set<string>();
  /** Local files among these modules, each in one version, and the names that they go by. */
  readonly localModules = new Map<LocalModule, string>();
  /** One copy of the value may serve many tasks, because nothing in the value can be changed. */
  isConstant = true;
  /**
   * The values that each function captured. Null when to compare these would not show all changes:
   * it does so for numbers and functions, but not for objects.
   */
  variables: CapturedVariables[] | null = [];
  readonly realm = host.realm();
  /** Variables that several functions of the value use. */
  readonly shared = new SharedVariables(this.realm);
  readonly doubtful = new DoubtfulVariables();
  /** How many tokens were made. Without any, the tree is the value. */
  tokens = 0;
  /** Trees of objects that lie too deep in the first tree, or in each other. */
  readonly deepTrees: unknown[] = [];
  readonly deep: {object: object; path: Step[]; isInError: boolean}[] = [];
  readonly deepIndex = new Map<object, number>();
  /** Classes by their prototypes, since a prototype need not lead to its class. */
  readonly classes = new Map<object, object>();
  /** All objects in the value, and their numbers. */
  readonly objects = new Map<object, number>();
  /** Makes a piece of a large value that a function captures; without it, nothing travels apart. */
  maybeApart: ((root: object, home: Dismantler) => Apart | null) | null = null;
  /** Pieces that the value is separated from. */
  readonly apart: Apart[] = [];
  /** When this is a piece: what the piece leaves to the function. */
  outside: Outside | null = null;
  /** What errors lose on the way. Functions may lose nothing of what they capture. */
  losses: Losses | null = null;
  /** A snapshot can tell whether anything in the value has changed. */
  isComparable = true;
  /** Sizes of large memory, by the captured variables that hold it. */
  readonly largeParts = new Map<string, number>();
  /** The walk is inside of an object that a function captures: nothing in there travels apart. */
  isInside = false;
  readonly what: string;
  readonly kinds: Kinds;
  readonly #functions: "ship" | "refuse";
  /** How many classes are around the walk: functions in a class belong to it. */
  classDepth = 0;

  /**
   * `functions`: "refuse" for the result of a task, whose instances have their classes with them
   * all the same.
   */
  constructor(what: string, kinds: Kinds, functions: "ship" | "refuse" = "ship") {
    this.what = what;
    this.kinds = kinds;
    this.#functions = functions;
  }

  /** Gives the tree of a whole value. The trees of its deep parts are in `deepTrees` then. */
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
        return value === 0 && Object.is(value, -0) ? this.#find(this.kinds.numbers, value) : value;
      case "string":
        return isWellFormed(value) && !(this.maybeApart && value.length > apartBytes)
          ? value
          : this.#find(this.kinds.strings, value);
      case "object":
        return value === null ? null : this.#object(value);
      case "function":
        if (!this.takes(value as AnyFunction))
          this.refuse(`a function (\`${value.name || "anonymous"}\`)`, advice.result);
        return this.#object(value);
      case "bigint":
        return this.#find(this.kinds.bigints, value);
      case "symbol":
        return this.#find(this.kinds.symbols, value);
      default:
        return value;
    }
  }

  /**
   * Tells whether a function may be in the value. The result of a task has no functions of the
   * user's; those of packages and of Node are in the receiver too.
   */
  takes(fn: AnyFunction): boolean {
    return this.#functions === "ship" || this.classDepth > 0 || isFromElsewhere(fn);
  }

  /** Gives the tree of the class of an instance. */
  classOf(cls: object): unknown {
    this.classDepth++;
    const tree = this.value(cls);
    this.classDepth--;
    return tree;
  }

  /** Gives the tree of the part that `step` leads to. */
  at(step: Step, value: unknown): unknown {
    if (value === null || (typeof value !== "object" && typeof value !== "function"))
      if (typeof value !== "symbol") return this.value(value);
    this.path.push(step);
    const tree = this.losses?.isOpen ? this.losses.treeOf(value) : this.value(value);
    this.path.pop();
    return tree;
  }

  /** Takes memory that was made for this encoding alone. */
  large(memory: Float64Array | Uint8Array): number {
    this.noteLarge(memory.byteLength);
    return this.buffers.addFresh(memory);
  }

  /** Books large memory to the captured variable that holds it. */
  noteLarge(sizeBytes: number): void {
    if (!this.maybeApart || sizeBytes <= apartBytes) return;
    const name = this.path.findLast(isVariable);
    const words = typeof name === "object" ? name.words : "what it holds";
    this.largeParts.set(words, (this.largeParts.get(words) ?? 0) + sizeBytes);
  }

  token(tag: number, body: unknown): Token {
    this.tokens++;
    return new Token(tag, body);
  }

  /** Notes that the value has parts that may change: unseen here, and with effect in a task. */
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

  #object(object: object): unknown {
    const left = this.losses?.find(object);
    if (left) return this.#object(left);
    const known = this.objects.get(object);
    if (known !== undefined) return this.token(Mark.ref, known);
    if (types.isProxy(object)) this.refuse("a Proxy", advice.proxy);
    if (this.outside && isOutside(object))
      return this.token(Mark.outside, this.outside.index(object, this.path));
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
    const {kinds} = this;
    if (typeof object === "function") {
      const dismantle = () => this.#find(kinds.functions, unmeasured(object as AnyFunction));
      return this.losses ? this.losses.inFunction(object, dismantle) : dismantle();
    }
    if (Array.isArray(object) && object !== Array.prototype) return kinds.list(object, this);
    if (Object.getPrototypeOf(object) === Object.prototype && isPlain(object))
      return kinds.record(object, this);
    return this.#find(kinds.objects, object);
  }

  /** Gives the token of the first kind that takes the value. */
  #find<V>(kinds: readonly Dismantles<V>[], value: V): Token {
    for (const kind of kinds) {
      const token = kind.dismantle(value, this);
      if (!token) continue;
      if (this.isComparable && typeof value === "object")
        this.isComparable = kind.isComparable?.(token.body) ?? false;
      return token;
    }
    throw new Error(`no kind takes a ${typeof value}`);
  }

  /**
   * Sets a piece apart. Objects outside of the piece come first, so that the receiver has them
   * before it opens the piece.
   */
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
    return this.token(Mark.apart, [part.hash, trees]);
  }

  #postpone(object: object): Token {
    let index = this.deepIndex.get(object);
    if (index === undefined) {
      const path = [...this.path.slice(0, 4), {words: "…"}];
      index = this.deep.push({object, path, isInError: this.losses?.isOpen === true}) - 1;
      this.deepIndex.set(object, index);
    }
    return this.token(Mark.deep, index);
  }

  prototype(prototype: unknown): unknown {
    if (prototype === null) return null;
    // The prototype belongs to a class, and classes are outside of the piece.
    if (this.outside)
      return this.token(Mark.outside, this.outside.index(prototype as object, this.path));
    this.path.push({words: "its prototype"});
    const tree = this.value(prototype);
    this.path.pop();
    return tree;
  }

  /** Remembers what was taken so far. The function that is given back goes back to that state. */
  mark(): () => void {
    const {path, refs, codes, deep, deepIndex, objects, modules, localModules, classes} = this;
    const lists = [path, refs, codes, deep].map((list) => ({list, length: list.length}));
    const sets = [objects, modules, localModules, classes, deepIndex];
    const sizes = sets.map(({size}) => size);
    const {isInside, classDepth} = this;
    return () => {
      for (const {list, length} of lists) list.length = length;
      sets.forEach((set, i) => {
        for (const key of [...set.keys()].slice(sizes[i])) set.delete(key as never);
      });
      Object.assign(this, {isInside, classDepth});
    };
  }
}

function isVariable(step: Step): boolean {
  return typeof step === "object" && step.words.startsWith("captured variable ");
}
