// The tree that was packed → the value. Objects are numbered in the order in which the dismantler met
// them. One that is named before it can be made (a cycle through a closure) is put in afterwards.

import {CorruptFrameError, LeftBehind} from "../errors.js";
import type {ObjectId} from "../ids.js";
import {ObjectRef} from "../api/object-ref.js";
import type {Arrivals} from "../shipping/names/arrivals.js";
import type {Code} from "../shipping/source/code.js";
import {host} from "../shipping/names/host.js";
import {findImported} from "../shipping/modules/imports.js";
import {findIntrinsic} from "../shipping/names/intrinsics.js";
import {processRealm, type Realm} from "../shipping/names/realm.js";
import type {ScopeParts} from "./shared-variables.js";
import {
  assembleBuffer,
  assembleDomException,
  assembleError,
  assembleMap,
  assembleMatrix,
  assembleNumbers,
  assembleSet,
  assembleUrl,
  assembleView,
} from "./assemble-builtins.js";
import {
  assembleClass,
  assemblePrivateObject,
  assemblePrototype,
  givePrivateMembers,
} from "./assemble-classes.js";
import {
  assembleBound,
  assembleClosure,
  assembleMember,
  assembleRemote,
} from "./assemble-functions.js";
import type {BufferReader} from "./buffers.js";
import {type Made, Pending} from "./pending.js";
import {ReceivedScopes} from "./received-scopes.js";
import {findSymbol} from "../shipping/names/symbols.js";
import {Flag, type Shape, Tag} from "./tokens.js";
import {attributesOf} from "../shipping/functions/attributes.js";
import {Token} from "../packing/token.js";

/** The value of a piece, some of which lies outside of it. */
export type OpenPiece = (hash: string, home: {late: (() => void)[]; outside: unknown[]}) => unknown;

export class Assembler {
  readonly #objects: unknown[] = [];
  readonly #deep: unknown[] = [];
  readonly #late: (() => void)[];
  /** Of a piece: what lies outside of it. */
  readonly #outside: readonly unknown[];
  readonly #openPiece: OpenPiece;
  readonly buffers: BufferReader;
  readonly codes: readonly Code[];
  readonly scopes: ReceivedScopes;
  readonly arrivals: Arrivals | null;
  /** Whose classes the value gets. */
  readonly realm: Realm;

  constructor(
    buffers: BufferReader,
    codes: readonly Code[],
    scopes: readonly ScopeParts[],
    arrivals: Arrivals | null,
    openPiece: OpenPiece,
    home?: {late: (() => void)[]; outside: unknown[]},
  ) {
    this.buffers = buffers;
    this.codes = codes;
    this.arrivals = arrivals;
    this.realm = arrivals?.realm ?? processRealm;
    this.scopes = new ReceivedScopes(scopes, this);
    this.#openPiece = openPiece;
    this.#late = home?.late ?? [];
    this.#outside = home?.outside ?? [];
  }

  run(tree: unknown, deepTrees: unknown[]): unknown {
    let root: unknown;
    this.put(tree, (value) => (root = value));
    for (const deep of deepTrees) this.#deep.push(this.value(deep));
    for (const finish of this.#late) finish();
    return root;
  }

  /** The value of a piece, in which what had to wait waits for the whole value. */
  runPiece(tree: unknown, deepTrees: unknown[]): unknown {
    const root = this.value(tree);
    for (const deep of deepTrees) this.#deep.push(this.value(deep));
    return root;
  }

  /** Hands the value of `tree` to `place`: at once, or when it has been made. */
  put(tree: unknown, place: (value: unknown) => void): void {
    this.place(this.value(tree), place);
  }
  place(value: unknown, place: (value: unknown) => void): void {
    if (value instanceof Pending) this.#late.push(() => place(value.made()));
    else place(value);
  }

  value(tree: unknown): unknown {
    if (typeof tree !== "object" || tree === null) return tree;
    if (tree instanceof Token) return this.#token(tree);
    this.#objects.push(tree);
    if (Array.isArray(tree)) {
      for (let i = 0; i < tree.length; i++) {
        const element: unknown = tree[i];
        if (typeof element === "object" && element !== null)
          this.put(element, (value) => (tree[i] = value));
      }
      return tree;
    }
    const record = tree as Record<string, unknown>;
    for (const key of Object.keys(record)) {
      const part = record[key];
      if (typeof part === "object" && part !== null)
        this.put(part, (value) => (record[key] = value));
    }
    return record;
  }

  #token(token: Token): unknown {
    const {tag, body} = token;
    switch (tag) {
      case Tag.ref:
        return this.#known(body as number);
      case Tag.deep:
        return new Pending(this.#deep, body as number);
      case Tag.outside:
        return this.#outside[body as number];
      case Tag.minusZero:
        return -0;
      case Tag.text: {
        const {memory, base, byteLength} = this.buffers.memory(body, 1);
        return Buffer.from(memory, base, byteLength).toString("utf8");
      }
      case Tag.utf16:
        return Buffer.from(body as Uint8Array).toString("utf16le");
      case Tag.bigint:
        return BigInt(body as string);
      case Tag.symbol: {
        const [kind, ...name] = (body as unknown[]).map((part) => this.value(part));
        if (kind === "imported") return findImported(...(name as [string, string, string?]));
        return findSymbol([kind, ...name]);
      }
      default:
        // The rest are objects with a number, below.
        break;
    }
    const number = this.#objects.length;
    const pending = new Pending(this.#objects, number);
    this.#objects.push(pending);
    const made: Made = (object) => (this.#objects[number] = object);
    const parts = body as unknown[];
    switch (tag) {
      case Tag.object:
        return parts.length === 1
          ? this.dress(made({}), parts[0] as Shape)
          : assemblePrivateObject(this, pending, made, parts);
      case Tag.array: {
        const list = made([]) as unknown[];
        list.length = parts[0] as number;
        if (!parts[2]) Object.defineProperty(list, "length", {writable: false});
        return this.dress(list, parts[1] as Shape);
      }
      case Tag.map:
        return assembleMap(this, made(new Map()) as Map<unknown, unknown>, parts);
      case Tag.set:
        return assembleSet(this, made(new Set()) as Set<unknown>, parts);
      case Tag.date:
        return this.dress(
          made(new Date((parts[0] as number | null) ?? NaN)),
          parts[1] as Shape | null,
        );
      case Tag.regexp: {
        const source = this.value(parts[0]) as string;
        return this.dress(made(new RegExp(source, parts[1] as string)), parts[2] as Shape);
      }
      case Tag.error:
        return assembleError(this, made, parts);
      case Tag.domException:
        return assembleDomException(this, made, parts);
      case Tag.boxed:
        return this.dress(made(Object(this.value(parts[0]))), parts[1] as Shape | null);
      case Tag.url:
        return assembleUrl(this, made, parts);
      case Tag.urlSearchParams: {
        const text = this.value(parts[0]) as string;
        return this.dress(made(new URLSearchParams(text)), parts[1] as Shape | null);
      }
      case Tag.arrayBuffer:
        return assembleBuffer(this, made, parts);
      case Tag.view:
        return assembleView(this, made, parts);
      case Tag.numbers:
        return made(assembleNumbers(this, parts[0], 0, parts[1] as number));
      case Tag.matrix:
        return assembleMatrix(this, made, parts);
      case Tag.objectRef:
        return made(new ObjectRef(body as ObjectId));
      case Tag.actor:
        return made(this.#handle(parts));
      case Tag.intrinsic:
        return made(findIntrinsic(body as string[]));
      case Tag.apart: {
        const outside = (parts[1] as unknown[]).map((tree) => this.value(tree));
        const root = this.#openPiece(parts[0] as string, {late: this.#late, outside});
        this.place(root, made);
        return root;
      }
      case Tag.imported:
        return made(findImported(...(parts as [string, string, string?])));
      case Tag.remote:
        return assembleRemote(this, pending, made, parts);
      case Tag.bound:
        return assembleBound(this, pending, made, parts);
      case Tag.leftBehind:
        return made(new LeftBehind(...(parts as [string, string, Record<string, unknown>])));
      case Tag.closure:
        return assembleClosure(this, made, parts);
      case Tag.member:
        return assembleMember(this, pending, made, parts);
      case Tag.class:
        return assembleClass(this, made, parts);
      case Tag.prototypeOf:
        return assemblePrototype(this, pending, made, parts);
      default:
        throw new CorruptFrameError(`unknown token ${String(tag)}`);
    }
  }

  #handle([ref, className, methods, maxTaskRetries]: unknown[]): unknown {
    return host.actor(this.value(ref) as ObjectRef, {
      className: this.value(className) as string,
      methods: (methods as unknown[]).map((method) => this.value(method) as string),
      maxTaskRetries: maxTaskRetries as number,
    });
  }

  #known(number: number): unknown {
    if (!(number < this.#objects.length)) throw new CorruptFrameError("bad back reference");
    return this.#objects[number];
  }

  /** Hands over all values at once, when the last one has been made. */
  all(trees: readonly unknown[], ready: (values: unknown[]) => void): void {
    const values = new Array<unknown>(trees.length);
    let missing = trees.length;
    if (missing === 0) ready(values);
    trees.forEach((tree, i) =>
      this.put(tree, (value) => {
        values[i] = value;
        if (--missing === 0) ready(values);
      }),
    );
  }

  /** Gives `object` its prototype and own properties. */
  dress<T>(object: T, shape: Shape | null, real = () => object as object): T {
    if (!shape) return object;
    const [prototype, properties, isExtensible, privates = []] = shape;
    if (prototype !== 0)
      this.put(prototype, (value) => Object.setPrototypeOf(object, value as object | null));
    let missing = properties.length / 3 + privates.length / 2 + 1;
    const finish = () => {
      if (--missing === 0 && !isExtensible) Object.preventExtensions(object);
    };
    for (let i = 0; i < properties.length; i += 3) {
      const key = this.value(properties[i]) as string | symbol;
      const flags = properties[i + 1] as number;
      const define = (parts: PropertyDescriptor) => {
        Reflect.defineProperty(object as object, key, {
          ...parts,
          enumerable: (flags & Flag.enumerable) !== 0,
          configurable: (flags & Flag.configurable) !== 0,
        });
        finish();
      };
      if (flags & (Flag.kept | Flag.absent)) {
        keep(object as object, key, flags);
        finish();
      } else if (flags & Flag.accessor) this.#accessor(properties[i + 2] as unknown[], define);
      else
        this.put(properties[i + 2], (value) =>
          define({value, writable: (flags & Flag.writable) !== 0}),
        );
    }
    givePrivateMembers(this, real, privates, finish);
    finish();
    return object;
  }

  /** Counts an object that has no token of its own. */
  count(object: object): void {
    this.#objects.push(object);
  }

  /** Does something when everything that can be made has been. */
  afterwards(finish: () => void): void {
    this.#late.push(finish);
  }

  #accessor(pair: unknown[], define: (parts: PropertyDescriptor) => void): void {
    this.all(pair, ([get, set]) =>
      define({get: get as () => unknown, set: set as (value: unknown) => void}),
    );
  }
}

/** What the text of a function has made of `key` stays, or goes. */
function keep(object: object, key: string | symbol, flags: number): void {
  const own = Object.getOwnPropertyDescriptor(object, key);
  if (!own) return;
  if (flags & Flag.absent) Reflect.deleteProperty(object, key);
  else {
    const {writable, ...others} = attributesOf(flags);
    const isData = "value" in own;
    Reflect.defineProperty(object, key, {...own, ...others, ...(isData ? {writable} : {})});
  }
}
