// What a class of a cell gets so that its instances can travel with their private members, and
// methods that a decorator took away (the agreement is in
// `cluster/shipping/functions/class-members.ts`):
//
//   class C { #n = load(); constructor(a) { … } }
//   ↓
//   class C { static { __tasklab.members(this, {fields: ["#n"], …}); }
//             #n = __tasklab.reviving ? undefined : (load());
//             constructor(a) { if (__tasklab.reviving) return; … } }

import type {AnyNode, Class, ClassBody} from "acorn";
import type MagicString from "magic-string";
import {membersBlock, runtimeName} from "../../../cluster/shipping/source/thunk.js";

type Member = ClassBody["body"][number];

const reviving = `${runtimeName}.reviving`;

/** The static block for the class's beginning; "" when its members mean the same outside of it. */
export function editMembers(node: Class, text: MagicString, usesSuper: boolean): string {
  const members = node.body.body;
  const [own, ofClass] = [privateNames(members, false), privateNames(members, true)];
  if (own.all.length > 0) guard(node, text);
  if (own.all.length === 0 && ofClass.all.length === 0 && !usesSuper) return "";
  const parts = [
    `fields: ${JSON.stringify(own.fields)}`,
    `has: (o) => ${own.all[0] ? `${own.all[0]} in o` : "false"}`,
    `get: (o) => ${list("o", own.fields)}`,
    `set: (o, v) => {${assignments("o", own.fields)}}`,
    `statics: ${JSON.stringify(ofClass.fields)}`,
    `getStatics: () => ${list("this", ofClass.fields)}`,
    `setStatics: (v) => {${assignments("this", ofClass.fields)}}`,
  ];
  return ` ${membersBlock}this, {${parts.join(", ")}}); }`;
}

function privateNames(members: readonly Member[], isStatic: boolean) {
  const [all, fields]: [string[], string[]] = [[], []];
  for (const member of members) {
    if (member.type === "StaticBlock" || member.static !== isStatic) continue;
    if (member.key.type !== "PrivateIdentifier") continue;
    all.push(`#${member.key.name}`);
    if (member.type === "PropertyDefinition") fields.push(`#${member.key.name}`);
  }
  return {all, fields};
}

function list(object: string, names: readonly string[]): string {
  return `[${names.map((name) => `${object}.${name}`).join(", ")}]`;
}
function assignments(object: string, names: readonly string[]): string {
  return names.map((name, i) => ` ${object}.${name} = v[${i}];`).join("");
}

/** While an instance is revived, nothing of the user's runs. */
function guard(node: Class, text: MagicString): void {
  for (const member of node.body.body) {
    if (member.type === "StaticBlock" || member.static) continue;
    if (member.type === "PropertyDefinition") {
      const value = member.value as AnyNode | null | undefined;
      if (!value) continue;
      text.prependRight(value.start, `${reviving} ? undefined : (`);
      text.appendLeft(value.end, ")");
    } else if (member.kind === "constructor") {
      const leave = node.superClass ? "{ super(); return; }" : "return;";
      text.appendLeft(member.value.body.start + 1, ` if (${reviving}) ${leave}`);
    }
  }
}
