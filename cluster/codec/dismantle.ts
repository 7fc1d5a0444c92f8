// value → a tree that MessagePack can hold, with tokens for all that it can't. Nothing is dropped or
// altered silently: what has no exact representation is refused, with the path that leads to it.
//
// Plain trees come out as they went in, the same objects; only what holds a token is copied. The kinds of
// values (kinds/) are handed in: each makes the token of a value of its own.

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

/** What lies deeper goes into a tree of its own, so that no stack overflows, here or in the receiver. */
const deepest = 100;

/** How values of a kind are taken to pieces. */
export interface Dismantles<V> {
  /** The token of a value; undefined when the value is of another kind. */
  dismantle(value: V, to: Dismantler): Token | undefined;
  /** Can a snapshot tell whether what the token was made of has changed? Without this, it can't. */
  isComparable?(body: unknown): boolean;
}

/** All kinds: by what `typeof` says, each list in the order in which its kinds are asked. */
export interface Kinds {
  /** Numbers that MessagePack can't hold, and strings. */
  numbers: readonly Dismantles<number>[];
  strings: readonly Dismantles<string>[];
  bigints: readonly Dismantles<bigint>[];
  symbols: readonly Dismantles<symbol>[];
  functions: readonly Dismantles<AnyFunction>[];
  /** Objects but lists and plain records. */
  objects: readonly Dismantles<object>[];
  /** Lists and plain records: most of them are trees as they are. */
  list(list: unknown[], to: Dismantler): unknown;
  record(record: Record<string, unknown>, to: Dismantler): unknown;
}

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
  readonly kinds: Kinds;
  readonly #functions: "ship" | "refuse";
  /** Inside of a class, functions belong to it. */
  classDepth = 0;

  /** `functions`: those in the result of a task are refused; its instances have their class with them. */
  constructor(what: string, kinds: Kinds, functions: "ship" | "refuse" = "ship") {
    this.what = what;
    this.kinds = kinds;
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

  token(tag: number, body: unknown): Token {
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

  /** The token that the first kind makes of the value whose value it is. */
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
    // It belongs to a class, which is outside.
    if (this.outside)
      return this.token(Mark.outside, this.outside.index(prototype as object, this.path));
    this.path.push({words: "its prototype"});
    const tree = this.value(prototype);
    this.path.pop();
    return tree;
  }

  /** Remembers what was taken so far; the function that is given goes back to that. */
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
