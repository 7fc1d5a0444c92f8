// The tree that was packed → the value. Objects are numbered in the order in which the dismantler met
// them. One that is named before it can be made (a cycle through a closure) is put in afterwards.

import {CorruptFrameError} from "../errors.js";
import type {ObjectId} from "../ids.js";
import {ObjectRef} from "../object-ref.js";
import type {Code} from "../shipping/code.js";
import {instantiate, open, shared, slotsOf} from "../shipping/factories.js";
import {host} from "../shipping/host.js";
import {findByIdentity, isOfThisProcess, rememberIdentity} from "../shipping/identity.js";
import {findImported} from "../shipping/imports.js";
import {findIntrinsic} from "../shipping/intrinsics.js";
import {
  type AnyClass,
  findMember,
  giveMembers,
  makeBare,
  type MemberPlace,
  membersOf,
} from "../shipping/class-members.js";
import type {ScopeParts} from "../shipping/shared-variables.js";
import type {BufferReader} from "./buffers.js";
import {viewTypes} from "./builtins.js";
import {ReceivedScopes} from "./received-scopes.js";
import {findSymbol} from "./symbols.js";
import {Flag, type Shape, Tag, Token} from "./tokens.js";

/** Stands for an object that is still being made: the `number`-th, or a deep one. */
class Pending {
  readonly list: readonly unknown[];
  readonly number: number;
  constructor(list: readonly unknown[], number: number) {
    this.list = list;
    this.number = number;
  }
  made(): unknown {
    const made = this.list[this.number];
    if (made === undefined || made instanceof Pending)
      throw new CorruptFrameError("a value contains only itself");
    return made;
  }
}

type AnyFunction = (...args: never[]) => unknown;
/** Keeps a made object under its number. */
type Made = (object: unknown) => unknown;
type ClosureParts = [
  code: number,
  scope: number,
  name: unknown,
  slots: unknown[],
  receiver: unknown[],
  shape: Shape | null,
  prototypeShape: Shape | null,
];
type ClassParts = [
  code: number,
  scope: number,
  name: unknown,
  id: string,
  parents: unknown[],
  slots: unknown[],
  statics: Shape,
  members: Shape,
  privateStatics: unknown[],
];

/** How to give a received class new values of what it captures. */
const setters = new WeakMap<object, (slot: number, value: unknown) => void>();

export class Assembler {
  private readonly objects: unknown[] = [];
  private readonly deep: unknown[] = [];
  private readonly late: (() => void)[] = [];
  private readonly buffers: BufferReader;
  private readonly codes: readonly Code[];
  private readonly scopes: ReceivedScopes;
  private readonly refreshesClasses: boolean;

  /** `refreshesClasses`: classes received before take the values that their captured names have now. */
  constructor(
    buffers: BufferReader,
    codes: readonly Code[],
    scopes: readonly ScopeParts[],
    refreshesClasses: boolean,
  ) {
    this.buffers = buffers;
    this.codes = codes;
    this.scopes = new ReceivedScopes(scopes, refreshesClasses);
    this.refreshesClasses = refreshesClasses;
  }

  run(tree: unknown, deepTrees: unknown[]): unknown {
    let root: unknown;
    this.put(tree, (value) => (root = value));
    for (const deep of deepTrees) this.deep.push(this.value(deep));
    for (const finish of this.late) finish();
    return root;
  }

  /** Hands the value of `tree` to `place`: at once, or when it has been made. */
  private put(tree: unknown, place: (value: unknown) => void): void {
    this.place(this.value(tree), place);
  }
  private place(value: unknown, place: (value: unknown) => void): void {
    if (value instanceof Pending) this.late.push(() => place(value.made()));
    else place(value);
  }

  private value(tree: unknown): unknown {
    if (typeof tree !== "object" || tree === null) return tree;
    if (tree instanceof Token) return this.token(tree);
    this.objects.push(tree);
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

  private token(token: Token): unknown {
    const {tag, body} = token;
    switch (tag) {
      case Tag.ref:
        return this.known(body as number);
      case Tag.deep:
        return new Pending(this.deep, body as number);
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
      case Tag.symbol:
        return findSymbol(body);
      default:
        // The rest are objects with a number, below.
        break;
    }
    const number = this.objects.length;
    const pending = new Pending(this.objects, number);
    this.objects.push(pending);
    const made: Made = (object) => (this.objects[number] = object);
    const parts = body as unknown[];
    switch (tag) {
      case Tag.object:
        return parts.length === 1
          ? this.dress(made({}), parts[0] as Shape)
          : this.privateObject(pending, made, parts);
      case Tag.array: {
        const list = made([]) as unknown[];
        list.length = parts[0] as number;
        return this.dress(list, parts[1] as Shape);
      }
      case Tag.map:
        return this.map(made(new Map()) as Map<unknown, unknown>, parts);
      case Tag.set:
        return this.set(made(new Set()) as Set<unknown>, parts);
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
        return this.error(made, parts);
      case Tag.domException:
        return this.domException(made, parts);
      case Tag.boxed:
        return this.dress(made(Object(this.value(parts[0]))), parts[1] as Shape | null);
      case Tag.url:
        return made(new URL(this.value(body) as string));
      case Tag.urlSearchParams:
        return made(new URLSearchParams(this.value(body) as string));
      case Tag.arrayBuffer:
        return this.arrayBuffer(made, parts);
      case Tag.view:
        return this.view(made, parts);
      case Tag.numbers:
        return made(this.numbers(parts[0], 0, parts[1] as number));
      case Tag.matrix:
        return this.matrix(made, parts);
      case Tag.objectRef:
        return made(new ObjectRef(body as ObjectId));
      case Tag.intrinsic:
        return made(findIntrinsic(body as string[]));
      case Tag.imported:
        return made(findImported(...(parts as [string, string, string?])));
      case Tag.remote:
        return this.remote(pending, made, parts);
      case Tag.bound:
        return this.bound(pending, made, parts);
      case Tag.closure:
        return this.closure(made, parts);
      case Tag.member:
        return this.member(pending, made, parts);
      case Tag.class:
        return this.class(made, parts);
      case Tag.prototypeOf:
        return this.prototypeOf(pending, made, parts);
      default:
        throw new CorruptFrameError(`unknown token ${String(tag)}`);
    }
  }

  private known(number: number): unknown {
    if (!(number < this.objects.length)) throw new CorruptFrameError("bad back reference");
    return this.objects[number];
  }

  /** Hands over all values at once, when the last one has been made. */
  private all(trees: readonly unknown[], ready: (values: unknown[]) => void): void {
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

  /** A class without a parent makes its objects itself. It may be still in the making, and met inside. */
  private privateObject(pending: Pending, made: Made, [maker, shape]: unknown[]): unknown {
    const cls = this.value(maker);
    if (!(cls instanceof Pending))
      return this.dress(made(makeBare(cls as AnyClass)) as object, shape as Shape);
    let object: object | undefined;
    this.late.push(() => (object = made(makeBare(cls.made() as AnyClass)) as object));
    const standIn = this.dress({}, shape as Shape, () => object!);
    this.late.push(() => {
      Object.setPrototypeOf(object!, Object.getPrototypeOf(standIn) as object);
      Object.defineProperties(object!, Object.getOwnPropertyDescriptors(standIn));
      if (!Object.isExtensible(standIn)) Object.preventExtensions(object);
    });
    return pending;
  }

  private privateMembers(object: () => object, privates: unknown[], finish: () => void): void {
    for (let i = 0; i < privates.length; i += 2) {
      const trees = [privates[i], ...(privates[i + 1] as unknown[])];
      this.all(trees, ([owner, ...values]) => {
        const members = membersOf(owner as AnyClass);
        if (!members)
          throw new CorruptFrameError("a class without the private members it should have");
        if (!members.has(object())) giveMembers(owner as AnyClass, object());
        members.set(object(), values);
        finish();
      });
    }
  }

  private map(map: Map<unknown, unknown>, [entries, shape]: unknown[]): unknown {
    // Entries keep their order, so all wait for the last one.
    this.all(entries as unknown[], (parts) => {
      for (let i = 0; i < parts.length; i += 2) map.set(parts[i], parts[i + 1]);
    });
    return this.dress(map, shape as Shape | null);
  }

  private set(set: Set<unknown>, [elements, shape]: unknown[]): unknown {
    this.all(elements as unknown[], (list) => {
      for (const element of list) set.add(element);
    });
    return this.dress(set, shape as Shape | null);
  }

  private error(made: Made, [stack, shape]: unknown[]): unknown {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    const error = made(new Error()) as Error;
    Error.stackTraceLimit = limit;
    delete error.stack;
    this.dress(error, shape as Shape);
    if (stack !== null) {
      const text = this.value(stack);
      Object.defineProperty(error, "stack", {
        value: text,
        writable: true,
        configurable: true,
        enumerable: false,
      });
    }
    return error;
  }

  private domException(made: Made, parts: unknown[]): unknown {
    const [message, name, stack] = parts.slice(0, 3).map((part) => this.value(part));
    const error = made(new DOMException(message as string, name as string)) as DOMException;
    Object.defineProperty(error, "stack", {value: stack, writable: true, configurable: true});
    if (parts[3] !== undefined)
      this.put(parts[3], (cause) =>
        Object.defineProperty(error, "cause", {value: cause, writable: true, configurable: true}),
      );
    return error;
  }

  private arrayBuffer(made: Made, [raw, max, shape]: unknown[]): unknown {
    const {memory} = this.buffers.memory(raw);
    let object = memory;
    if ((max as number) >= 0) {
      const options = {maxByteLength: max as number};
      object = new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(
        memory.byteLength,
        options,
      );
      new Uint8Array(object).set(new Uint8Array(memory));
    }
    return this.dress(made(object) as object, shape as Shape | null);
  }

  private view(made: Made, parts: unknown[]): unknown {
    const [type, raw, offset, length, shape] = parts as [
      number,
      number,
      number,
      number,
      Shape | null,
    ];
    const View = viewTypes[type];
    if (!View) throw new CorruptFrameError("unknown kind of typed array");
    const align = "BYTES_PER_ELEMENT" in View ? View.BYTES_PER_ELEMENT : 1;
    const {memory, base} = this.buffers.memory(raw, align);
    const view =
      View === Buffer
        ? Buffer.from(memory, base + offset, length)
        : new (View as unknown as new (m: ArrayBuffer, o: number, l: number) => object)(
            memory,
            base + offset,
            length,
          );
    return this.dress(made(view) as object, shape);
  }

  private numbers(raw: unknown, from: number, length: number): number[] {
    const {memory, base, byteLength} = this.buffers.memory(raw);
    if ((from + length) * 8 > byteLength)
      throw new CorruptFrameError("a list of numbers is cut short");
    const flat = new Float64Array(memory, base + from * 8, length);
    // A loop: `Array.from` takes ten times as long.
    const numbers = new Array<number>(length);
    for (let i = 0; i < length; i++) numbers[i] = flat[i]!;
    return numbers;
  }

  private matrix(made: Made, [raw, rows, columns]: unknown[]): unknown {
    const matrix = made([]) as number[][];
    let at = 0;
    for (let row = 0; row < (rows as number); row++) {
      const length = typeof columns === "number" ? columns : (columns as number[])[row]!;
      const numbers = this.numbers(raw, at, length);
      this.objects.push(numbers);
      matrix.push(numbers);
      at += length;
    }
    return matrix;
  }

  private prototypeOf(pending: Pending, made: Made, [owner]: unknown[]): unknown {
    const cls = this.value(owner);
    this.place(cls, (value) => made((value as AnyClass).prototype));
    return cls instanceof Pending ? pending : (cls as AnyClass).prototype;
  }

  private remote(pending: Pending, made: Made, [fn, options]: unknown[]): unknown {
    const inner = this.value(fn);
    const chosen = this.value(options);
    let remote: unknown = pending;
    this.place(inner, (value) => (remote = made(host.remote(value as AnyFunction, chosen))));
    return remote;
  }

  private bound(pending: Pending, made: Made, parts: unknown[]): unknown {
    const [target, self, args, name] = parts as [unknown, unknown, unknown[], unknown];
    const fn = this.value(target);
    const given = [self, ...args].map((part) => this.value(part)) as [unknown, ...unknown[]];
    const text = this.value(name);
    let bound: unknown = pending;
    this.place(fn, (value) => {
      bound = Function.prototype.bind.apply(value as AnyFunction, given as never);
      Object.defineProperty(bound, "name", {value: text, configurable: true});
      made(bound);
    });
    return bound;
  }

  private member(pending: Pending, made: Made, parts: unknown[]): unknown {
    const owner = this.value(parts[0]);
    const isStatic = parts[1] as boolean;
    const key = this.value(parts[2]) as string | symbol;
    const kind = parts[3] as MemberPlace["kind"];
    let member: unknown = pending;
    this.place(owner, (cls) => {
      member = made(findMember({cls: cls as AnyClass, isStatic, key, kind}));
      if (!member) throw new CorruptFrameError(`a class without its method ${String(key)}`);
    });
    return member;
  }

  private codeAt(index: unknown): Code {
    const code = this.codes[index as number];
    if (!code) throw new CorruptFrameError("the text of a function is missing");
    return code;
  }

  private closure(made: Made, parts: unknown[]): unknown {
    const [index, scopeIndex, nameTree, slots, receiver, shape, prototypeShape] =
      parts as ClosureParts;
    const code = this.codeAt(index);
    const scope = this.scopes.at(scopeIndex);
    const name = this.value(nameTree) as string;
    const values = slots.map((slot) => this.value(slot));
    const self = this.receiver(receiver);
    const places = code.slots.map((slot) => this.scopes.find(scope, slot, code));
    const isLate = (i: number) =>
      values[i] instanceof Pending || code.assigned.includes(code.slots[i]!);
    const kinds = values.map((value, i) => (places[i] ? shared : isLate(i) ? open : value));
    const instance = instantiate(code, kinds, scope);
    const fn = made(instance.make(name, self)) as object;
    values.forEach((value, i) => {
      const place = places[i];
      if (place) this.place(value, (made) => this.scopes.set(place, code.slots[i]!, made));
      else if (kinds[i] === open) this.place(value, (made) => instance.set(i, made));
    });
    this.dress(fn, shape);
    if (prototypeShape) this.dress((fn as {prototype: object}).prototype, prototypeShape);
    return fn;
  }
  private receiver(parts: unknown[]): [] | [unknown] {
    if (parts.length === 0) return [];
    const value = this.value(parts[0]);
    if (value instanceof Pending)
      throw new CorruptFrameError("the `this` of a function contains only itself");
    return [value];
  }

  private class(made: Made, parts: unknown[]): unknown {
    const [index, scopeIndex, nameTree, id, parents, slots, statics, members, privateStatics] =
      parts as ClassParts;
    const name = this.value(nameTree) as string;
    const known = findByIdentity(id);
    if (known) {
      made(known);
      // A received class never changes the one that was defined here.
      const isOurs = isOfThisProcess(id) || !this.refreshesClasses;
      const set = isOurs ? undefined : setters.get(known);
      for (const parent of parents) this.value(parent);
      slots.forEach((slot, i) => this.put(slot, (value) => set?.(i, value)));
      this.dress(set ? known : {}, statics);
      this.dress(set ? (known as AnyClass).prototype : {}, members);
      this.all(privateStatics, (values) => set && membersOf(known)?.setStatics(values));
      return known;
    }
    const code = this.codeAt(index);
    const scope = this.scopes.at(scopeIndex);
    const places = code.slots.map((slot) => this.scopes.find(scope, slot, code));
    // All may be given new values later.
    const kinds = slotsOf(code).map((_, i) => (places[i] ? shared : open));
    const instance = instantiate(code, kinds, scope);
    const set = (i: number, value: unknown) => {
      const place = places[i];
      if (place) place.set(code.slots[i]!, value);
      else instance.set(i, value);
    };
    for (const parent of parents) {
      const value = this.value(parent);
      if (value instanceof Pending) throw new CorruptFrameError("a class extends only itself");
      instance.set(code.slots.length, value);
    }
    const fill = () =>
      slots.forEach((slot, i) =>
        this.put(slot, (value) => {
          const place = places[i];
          if (place) this.scopes.set(place, code.slots[i]!, value);
          else instance.set(i, value);
        }),
      );
    // Computed names need the values; the values may need the class.
    if (code.hasComputed) fill();
    const cls = made(instance.make(name, [])) as AnyClass;
    if (!code.hasComputed) fill();
    rememberIdentity(cls, id);
    setters.set(cls, set);
    this.dress(cls, statics);
    this.dress(cls.prototype, members);
    this.all(privateStatics, (values) => membersOf(cls)?.setStatics(values));
    return cls;
  }

  /** Gives `object` its prototype and own properties. */
  private dress<T>(object: T, shape: Shape | null, real = () => object as object): T {
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
      if (flags & Flag.accessor) this.accessor(properties[i + 2] as unknown[], define);
      else
        this.put(properties[i + 2], (value) =>
          define({value, writable: (flags & Flag.writable) !== 0}),
        );
    }
    this.privateMembers(real, privates, finish);
    finish();
    return object;
  }

  private accessor(pair: unknown[], define: (parts: PropertyDescriptor) => void): void {
    const parts: PropertyDescriptor = {};
    this.put(pair[0], (get) => {
      parts.get = get as () => unknown;
      this.put(pair[1], (set) => {
        parts.set = set as (value: unknown) => void;
        define(parts);
      });
    });
  }
}
