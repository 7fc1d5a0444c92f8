// Own properties that a function or class has from its text alone: those need not travel, but for what was
// done to them since. A member may have been replaced, taken away, or made read-only.

import type {AnyNode, Class as ClassNode} from "acorn";
import {flagsOf} from "../../codec/tokens.js";
import {unmeasured} from "./measured.js";
import {blankSpans, textOf} from "../source/texts.js";
import {type Closure, isClass, keyName} from "../source/scopes.js";
import {thunkOf} from "./stamps.js";

/** What can be told from the text. */
export interface Written {
  /** How many parameters `length` counts. */
  length: number;
  isAsync: boolean;
  isGenerator: boolean;
  /** Does nothing run before its body? */
  isPlain: boolean;
  /** Methods and accessors of a class. */
  members: readonly Member[];
  /** Does a class say that it extends `null`? */
  extendsNull: boolean;
}

interface Member {
  isStatic: boolean;
  kind: "value" | "get" | "set";
  /** Null when it was computed. */
  key: string | null;
  text: string;
}

/** `offset`: where `text` begins in what was parsed. */
export function writtenIn(text: string, closure: Closure, offset: number): Written {
  if (!isClass(closure)) {
    const {params, async: isAsync, generator: isGenerator} = closure;
    const isPlain = !isGenerator && params.every(({type}) => type === "Identifier");
    const length = lengthOf(params);
    return {length, isAsync, isGenerator, isPlain, members: [], extendsNull: false};
  }
  const {superClass} = closure;
  return {
    length: lengthOf(constructorOf(closure)),
    isAsync: false,
    isGenerator: false,
    isPlain: false,
    members: membersOf(text, closure, offset),
    extendsNull: superClass?.type === "Literal" && superClass.value === null,
  };
}

function lengthOf(parameters: readonly AnyNode[]): number {
  const end = parameters.findIndex(({type}) => /^(AssignmentPattern|RestElement)$/.test(type));
  return end < 0 ? parameters.length : end;
}

function constructorOf(node: ClassNode): readonly AnyNode[] {
  for (const member of node.body.body)
    if (member.type === "MethodDefinition" && member.kind === "constructor")
      return member.value.params;
  return [];
}

function membersOf(text: string, node: ClassNode, offset: number): Member[] {
  const members: Member[] = [];
  for (const member of node.body.body) {
    if (member.type !== "MethodDefinition" || member.kind === "constructor") continue;
    if (member.key.type === "PrivateIdentifier") continue;
    const whole = text.slice(member.start - offset, member.end - offset);
    members.push({
      isStatic: member.static,
      kind: member.kind === "method" ? "value" : member.kind,
      key: member.computed ? null : keyName(member.key),
      text: member.static ? withoutStatic(whole) : whole,
    });
  }
  return members;
}

/** V8 gives a static method's text without the word. */
function withoutStatic(text: string): string {
  return text.replace(/^static(?:\s|\/\*[^]*?\*\/|\/\/.*\n)*/, "");
}

/** How a property is when nobody has touched it. */
export interface Usual {
  flags: number;
  isSame(own: PropertyDescriptor): boolean;
}
export type UsualProperties = Map<string | symbol, Usual>;

const [hidden, fixed, method] = [1, 4, 5];

/** Those of a function. */
export function usualOfFunction(
  fn: object,
  {length}: Pick<Written, "length">,
  hasPrototype: boolean,
): UsualProperties {
  const usual: UsualProperties = new Map([
    ["length", {flags: fixed, isSame: ({value}) => value === length}],
    // It is sent.
    ["name", {flags: fixed, isSame: ({value}) => typeof value === "string"}],
  ]);
  if (hasPrototype) usual.set("prototype", {flags: hidden, isSame: () => true});
  // What a sloppy function has.
  for (const key of ["arguments", "caller"])
    if (Object.getOwnPropertyDescriptor(fn, key)?.value === null)
      usual.set(key, {flags: 0, isSame: ({value}) => value === null});
  return usual;
}

/** Those of what a function or class has as `prototype`, or of a class itself. */
export function usualOfPrototype(owner: object, written: Written): UsualProperties {
  const usual = usualMembers((owner as {prototype: object}).prototype, written, false);
  return usual.set("constructor", {flags: method, isSame: ({value}) => value === owner});
}
export function usualOfClass(cls: object, written: Written): UsualProperties {
  const usual: UsualProperties = new Map([
    ...usualOfFunction(cls, written, false),
    ["prototype", {flags: 0, isSame: () => true}],
  ]);
  for (const [key, member] of usualMembers(cls, written, true)) usual.set(key, member);
  return usual;
}

type Parts = Partial<Record<Member["kind"], string>>;

function usualMembers(object: object, {members}: Written, isStatic: boolean): UsualProperties {
  const own = members.filter((member) => member.isStatic === isStatic);
  const named = new Map<string, Parts>();
  for (const {key, kind, text} of own) {
    if (key === null) continue;
    const before = kind === "value" ? {} : named.get(key);
    named.set(key, {...(before?.value === undefined ? before : {}), [kind]: text});
  }
  const usual: UsualProperties = new Map();
  for (const [key, parts] of named) usual.set(key, usualMember(parts));
  // Names that were computed are known from the object alone.
  const computed = own.filter(({key}) => key === null);
  if (computed.length > 0)
    for (const key of Reflect.ownKeys(object)) {
      if (usual.has(key)) continue;
      const parts = partsOf(Object.getOwnPropertyDescriptor(object, key)!);
      const isFound = ([kind, text]: [string, string]) =>
        computed.some((member) => member.kind === kind && member.text === text);
      if (parts && Object.entries(parts).every(isFound)) usual.set(key, usualMember(parts));
    }
  return usual;
}

function usualMember(parts: Parts): Usual {
  return {
    flags: parts.value === undefined ? fixed : method,
    isSame(own) {
      const found = partsOf(own);
      return (
        found !== null &&
        (["value", "get", "set"] as const).every((kind) => found[kind] === parts[kind])
      );
    },
  };
}

/** The texts of a member; null when something else took its place. */
function partsOf(own: PropertyDescriptor): Parts | null {
  const parts: Parts = {};
  for (const kind of ["value", "get", "set"] as const) {
    const part: unknown = unmeasured(own[kind]);
    if (part === undefined) continue;
    if (typeof part !== "function" || thunkOf(part)) return null;
    parts[kind] = blankSpans(textOf(part));
  }
  return parts;
}

/** Has the object these properties and no others, as they usually are? */
export function hasOnly(object: object, usual: UsualProperties): boolean {
  const keys = Reflect.ownKeys(object);
  return (
    keys.length === usual.size &&
    Object.isExtensible(object) &&
    keys.every((key) => {
      const own = Object.getOwnPropertyDescriptor(object, key)!;
      const known = usual.get(key);
      return known?.flags === flagsOf(own) && known.isSame(own);
    })
  );
}
