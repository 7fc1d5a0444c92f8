// Tokens → functions: the counterpart of `codec/closures.ts`.

import {CorruptFrameError} from "../errors.js";
import {type AnyClass, findMember, type MemberPlace} from "../shipping/functions/class-members.js";
import type {Code} from "../shipping/source/code.js";
import {instantiate, open, shared} from "../shipping/functions/factories.js";
import {host} from "../shipping/names/host.js";
import type {Assembler} from "./assemble.js";
import {type Made, Pending} from "./pending.js";
import type {Shape} from "./tokens.js";

type AnyFunction = (...args: never[]) => unknown;
type ClosureParts = [
  code: number,
  scope: number,
  name: unknown,
  slots: unknown[],
  receiver: unknown[],
  shape: Shape | null,
  prototypeShape: Shape | null,
];

export function assembleClosure(from: Assembler, made: Made, parts: unknown[]): unknown {
  const [index, scopeIndex, nameTree, slots, receiver, shape, prototypeShape] =
    parts as ClosureParts;
  const code = codeAt(from, index);
  const scope = from.scopes.at(scopeIndex);
  const name = from.value(nameTree) as string;
  const values = slots.map((slot) => from.value(slot));
  const self = receiverOf(from, receiver);
  const places = code.slots.map((slot) => from.scopes.find(scope, slot, code));
  const isLate = (i: number) =>
    values[i] instanceof Pending || code.assigned.includes(code.slots[i]!);
  const kinds = values.map((value, i) => (places[i] ? shared : isLate(i) ? open : value));
  const instance = instantiate(code, kinds, scope);
  const fn = made(instance.make(name, self)) as object;
  values.forEach((value, i) => {
    const place = places[i];
    if (place) from.place(value, (made) => from.scopes.set(place, code.slots[i]!, made));
    else if (kinds[i] === open) from.place(value, (made) => instance.set(i, made));
  });
  from.dress(fn, shape);
  if (prototypeShape) from.dress((fn as {prototype: object}).prototype, prototypeShape);
  return fn;
}

function receiverOf(from: Assembler, parts: unknown[]): [] | [unknown] {
  if (parts.length === 0) return [];
  const value = from.value(parts[0]);
  if (value instanceof Pending)
    throw new CorruptFrameError("the `this` of a function contains only itself");
  return [value];
}

export function codeAt(from: Assembler, index: unknown): Code {
  const code = from.codes[index as number];
  if (!code) throw new CorruptFrameError("the text of a function is missing");
  return code;
}

export function assembleMember(
  from: Assembler,
  pending: Pending,
  made: Made,
  parts: unknown[],
): unknown {
  const owner = from.value(parts[0]);
  const isStatic = parts[1] as boolean;
  const key = from.value(parts[2]) as string | symbol;
  const kind = parts[3] as MemberPlace["kind"];
  let member: unknown = pending;
  from.place(owner, (cls) => {
    member = made(findMember({cls: cls as AnyClass, isStatic, key, kind}));
    if (!member) throw new CorruptFrameError(`a class without its method ${String(key)}`);
  });
  return member;
}

export function assembleBound(
  from: Assembler,
  pending: Pending,
  made: Made,
  parts: unknown[],
): unknown {
  const [target, self, args, name, shape] = parts as [
    unknown,
    unknown,
    unknown[],
    unknown,
    Shape | null,
  ];
  const fn = from.value(target);
  const given = [self, ...args].map((part) => from.value(part)) as [unknown, ...unknown[]];
  const text = from.value(name);
  let bound: unknown = pending;
  from.place(fn, (value) => {
    bound = Function.prototype.bind.apply(value as AnyFunction, given as never);
    Object.defineProperty(bound, "name", {value: text, configurable: true});
    made(bound);
    from.dress(bound, shape);
  });
  return bound;
}

export function assembleRemote(
  from: Assembler,
  pending: Pending,
  made: Made,
  [fn, options]: unknown[],
): unknown {
  const inner = from.value(fn);
  const chosen = from.value(options);
  let remote: unknown = pending;
  from.place(inner, (value) => (remote = made(host.remote(value as AnyFunction, chosen))));
  return remote;
}
