// Methods that have a meaning only in their class, by the class and their place in it.

import {CorruptFrameError} from "../../../errors.js";
import {
  type AnyClass,
  findMember,
  type MemberPlace,
} from "../../../shipping/functions/class-members.js";
import type {Kind} from "../../kind.js";

/** [class, is static, key, "value" | "get" | "set"]: as the text of the class has it. */
export const member: Kind<MemberPlace> = {
  tag: 32,
  dismantle({cls, isStatic, key, kind}, to) {
    to.mayChange();
    const owner = to.at({words: "its class"}, cls);
    return to.token(member.tag, [owner, isStatic, to.value(key), kind]);
  },
  assemble(parts: [unknown, boolean, unknown, MemberPlace["kind"]], from, pending) {
    const [owner, isStatic, keyTree, kind] = parts;
    const cls = from.value(owner);
    const key = from.value(keyTree) as string | symbol;
    let found: unknown = pending;
    from.place(cls, (made) => {
      found = pending.fill(findMember({cls: made as AnyClass, isStatic, key, kind}));
      if (!found) throw new CorruptFrameError(`a class without its method ${String(key)}`);
    });
    return found;
  },
};
