// What the text of a function or class tells of the properties that it gives.

import type {AnyNode, Class as ClassNode} from "acorn";
import {type Closure, isClass, keyName} from "./scopes.js";

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

export interface Member {
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
