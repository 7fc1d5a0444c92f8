// All kinds of values that MessagePack can't hold. A new kind is one file, with a tag that no other
// kind has, and one row here. The kinds of a row's list are asked in their order.

import type {Assembles} from "../assemble.js";
import type {Dismantles, Kinds} from "../dismantle.js";
import {actor} from "./actor.js";
import {bigint} from "./bigint.js";
import {boxed} from "./builtins/boxed.js";
import {date} from "./builtins/date.js";
import {domException, error} from "./builtins/error.js";
import {map} from "./builtins/map.js";
import {arrayBuffer} from "./builtins/memory.js";
import {regexp} from "./builtins/regexp.js";
import {set} from "./builtins/set.js";
import {unshippable} from "./builtins/unshippable.js";
import {url, urlSearchParams} from "./builtins/url.js";
import {view} from "./builtins/view.js";
import {bound} from "./functions/bound.js";
import {cls} from "./functions/class.js";
import {closure} from "./functions/closure.js";
import {anyFunction, exportedFunction, ofCell} from "./functions/function.js";
import {member} from "./functions/member.js";
import {remote} from "./functions/remote.js";
import {byName, imported, ofModule} from "./imported.js";
import {instance} from "./instance.js";
import {intrinsic} from "./intrinsic.js";
import {leftBehind} from "./left-behind.js";
import {array, listTree} from "./list.js";
import {minusZero} from "./minus-zero.js";
import {matrix, numbers} from "./numbers.js";
import {objectRef} from "./object-ref.js";
import {prototype} from "./prototype.js";
import {recordTree} from "./record.js";
import {symbol} from "./symbol.js";
import {longText, utf16} from "./text.js";

/** The table: by what `typeof` says of a value. */
const table = {
  numbers: [minusZero],
  strings: [longText, utf16],
  bigints: [bigint],
  symbols: [symbol],
  functions: [intrinsic, remote, ofCell, exportedFunction, bound, anyFunction],
  objects: [
    byName,
    leftBehind,
    objectRef,
    intrinsic,
    actor,
    domException,
    error,
    date,
    map,
    set,
    regexp,
    view,
    arrayBuffer,
    boxed,
    url,
    urlSearchParams,
    unshippable,
    ofModule,
    prototype,
    instance,
  ],
  /** Asked by others: lists by `listTree`, the rest by the rows of functions and modules. */
  others: [array, numbers, matrix, imported, member, closure, cls],
};

export const kinds: Kinds = {
  numbers: table.numbers.map(alike),
  strings: table.strings.map(alike),
  bigints: table.bigints.map(alike),
  symbols: table.symbols.map(alike),
  functions: table.functions.map(alike),
  objects: table.objects.map(alike),
  list: listTree,
  record: recordTree,
};

/** Each kind under its tag. */
export const kindsByTag: readonly (Assembles | undefined)[] = byTag(Object.values(table).flat());

/** Rows of one shape, which V8 reads fastest: an object has to pass by most of them. */
function alike<V>({dismantle, isComparable}: Dismantles<V>): Dismantles<V> {
  return {dismantle, isComparable: isComparable ?? (() => false)};
}

function byTag(rows: readonly object[]): (Assembles | undefined)[] {
  const found: (Assembles | undefined)[] = [];
  for (const kind of new Set(rows)) {
    if (!("tag" in kind)) continue;
    const {tag, isPrimitive = false, assemble} = kind as Assembles;
    if (found[tag]) throw new Error(`two kinds of values have the tag ${tag}`);
    found[tag] = {tag, isPrimitive, assemble};
  }
  return found;
}
