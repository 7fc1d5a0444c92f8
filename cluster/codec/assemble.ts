// The packed tree → the value. Objects are numbered in the order in which the dismantler met them.
// An object that is named before it can be made (a cycle through a closure) is put in afterwards.

import {CorruptFrameError} from "../errors.js";
import {Token} from "../packing/token.js";
import type {Arrivals} from "../shipping/names/arrivals.js";
import {processRealm, type Realm} from "../shipping/names/realm.js";
import type {Code} from "../shipping/source/code.js";
import type {BufferReader} from "./buffers.js";
import {ReceivedScopes, type ScopeParts} from "./scopes.js";
import {Mark} from "./marks.js";
import {Pending} from "./pending.js";

/** Describes how values of a kind are made again. */
export interface Assembles {
  /** The number of the kind in tokens. */
  readonly tag: number;
  /** Primitive values are not numbered: no `ref` leads to one. */
  readonly isPrimitive?: boolean;
  /** Makes the value. An object has to fill `pending` as soon as it can be referred to. */
  assemble(body: unknown, from: Assembler, pending: Pending): unknown;
}

/** Gives the value of a piece, some of whose parts lie outside of it. */
export type OpenPiece = (hash: string, home: {late: (() => void)[]; outside: unknown[]}) => unknown;

export class Assembler {
  readonly #objects: unknown[] = [];
  readonly #deep: unknown[] = [];
  readonly #late: (() => void)[];
  /** When this is a piece: the values that lie outside of it. */
  readonly #outside: readonly unknown[];
  readonly #openPiece: OpenPiece;
  /** The kinds of values, by their tags. */
  readonly #kinds: readonly (Assembles | undefined)[];
  readonly buffers: BufferReader;
  readonly codes: readonly Code[];
  readonly scopes: ReceivedScopes;
  readonly arrivals: Arrivals | null;
  /** The realm whose classes the value gets. */
  readonly realm: Realm;

  constructor(
    kinds: readonly (Assembles | undefined)[],
    buffers: BufferReader,
    codes: readonly Code[],
    scopes: readonly ScopeParts[],
    arrivals: Arrivals | null,
    openPiece: OpenPiece,
    home?: {late: (() => void)[]; outside: unknown[]},
  ) {
    this.#kinds = kinds;
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

  /**
   * Gives the value of a piece. Parts of it that have to wait do so until the whole value is made.
   */
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

  #token({tag, body}: Token): unknown {
    switch (tag) {
      case Mark.ref:
        return this.#known(body as number);
      case Mark.deep:
        return new Pending(this.#deep, body as number);
      case Mark.outside:
        return this.#outside[body as number];
      case Mark.apart:
        return this.#piece(body as [string, unknown[]], this.#expected());
      default: {
        const kind = this.#kinds[tag];
        if (!kind) throw new CorruptFrameError(`unknown token ${String(tag)}`);
        return kind.assemble(body, this, kind.isPrimitive ? unnumbered : this.#expected());
      }
    }
  }

  /** Takes the next number, and gives what stands for that object until it is made. */
  #expected(): Pending {
    const pending = new Pending(this.#objects, this.#objects.length);
    this.#objects.push(pending);
    return pending;
  }

  #piece([hash, trees]: [string, unknown[]], pending: Pending): unknown {
    const outside = trees.map((tree) => this.value(tree));
    const root = this.#openPiece(hash, {late: this.#late, outside});
    this.place(root, (value) => pending.fill(value));
    return root;
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

  /** Counts an object that has no token of its own. */
  count(object: object): void {
    this.#objects.push(object);
  }

  /** Runs `finish` when everything else has been made. */
  afterwards(finish: () => void): void {
    this.#late.push(finish);
  }
}

/** No `ref` leads to a primitive value. */
const unnumbered = new Pending([], 0);
