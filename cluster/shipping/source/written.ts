// What the text of a function or class tells of its own properties.

import type {AnyNode, Class as ClassNode} from "acorn";
import {type Closure, isClass, keyName} from "./scopes.js";

/** What the text tells. */
export interface Written {
  /** The number of parameters that `length` counts. */
  length: number;
  isAsync: boolean;
  isGenerator: boolean;
  /** Nothing runs before the function's body. */
  isPlain: boolean;
  /** Methods and accessors of a class. */
  members: readonly Member[];
  /** The class says that it extends `null`. */
  extendsNull: boolean;
}

export interface Member {
  isStatic: boolean;
  kind: "value" | "get" | "set";
  /** Null when the name is computed. */
  key: string | null;
  text: string;
}

/**
 * Reads the text of a function or class. `offset`: where `text` begins in the text that was parsed.
 */
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

/** Takes away the word `static`, which V8 does not give in the text of a method. */
function withoutStatic(text: string): string {
  return text.replace(/^static(?:\s|\/\*[^]*?\*\/|\/\/.*\n)*/, "");
}
