// Objects, arrays, maps, sets and instances of classes as trees that can be opened and closed:
// nested <details>, which browsers and keyboards know by themselves, with all that can be opened in
// it.

import {inspect, types} from "node:util";
import {escapeMarkup} from "../../cluster/show/markup.js";
import {leafHtml} from "./leaf.js";
import {codeFrame, colors, footnote, quietly, tag} from "./look.js";
import {classNameOf, isObject, propertiesOf, type Property} from "./properties.js";
import {counted, preview} from "./text.js";

/** Lines of one tree. The upper levels have them first. */
export const maxLines = 500;
/** Lines below one object. */
export const maxChildren = 100;
/** Levels of one tree. */
export const maxLevels = 10;

interface Branch {
  label: string;
  value: unknown;
  level: number;
  parent: Branch | null;
  /** What can be opened; null: it is one line. */
  children: Branch[] | null;
  /** Its properties, and those beyond the children. */
  total: number;
  more: number;
}

/**
 * `text`: as the prompt prints it; what fits a line stands there as one, and opens when asked. Null
 * for what has no properties to show.
 */
export function maybeTreeHtml(value: object, text: string): string | null {
  const {root, isCut} = grow(value);
  if (!root.children) return null;
  const isOpen = text.includes("\n");
  const summary = isOpen ? headline(root) : escapeMarkup(text);
  const note = isCut ? footnote(`the tree ends at ${maxLines} lines and ${maxLevels} levels`) : "";
  return codeFrame(detailsHtml(root, summary, isOpen) + note);
}

/**
 * Level by level, until the lines are used up: so a large first branch leaves room for the others.
 */
function grow(value: object): {root: Branch; isCut: boolean} {
  const root: Branch = {
    label: "",
    value,
    level: 0,
    parent: null,
    children: null,
    total: 0,
    more: 0,
  };
  const queue = [root];
  let lines = maxLines;
  let isCut = false;
  for (const branch of queue) {
    const {value, level} = branch;
    if (!isObject(value) || !isBranch(value) || isCircular(branch)) continue;
    const properties = propertiesOf(value);
    if (properties.total === 0) continue;
    if (lines <= 0 || level >= maxLevels) {
      isCut = true;
      continue;
    }
    const {first, more} = properties.take(Math.min(maxChildren, lines));
    lines -= first.length;
    branch.total = properties.total;
    branch.more = more;
    branch.children = first.map((property) => ({
      ...{label: labelOf(value, property), value: property.value, level: level + 1},
      ...{parent: branch, children: null, total: 0, more: 0},
    }));
    queue.push(...branch.children);
  }
  return {root, isCut};
}

/** Of these the properties are shown; others say in words what they are. */
function isBranch(value: object): boolean {
  return !inWords.some((is) => is(value)) && !(inspect.custom in value);
}

const inWords: ((value: unknown) => boolean)[] = [
  types.isProxy,
  types.isDate,
  types.isRegExp,
  types.isNativeError,
  types.isPromise,
  types.isBoxedPrimitive,
  types.isAnyArrayBuffer,
  types.isArrayBufferView,
  types.isWeakMap,
  types.isWeakSet,
  types.isGeneratorObject,
  types.isMapIterator,
  types.isSetIterator,
  types.isExternal,
];

function isCircular({value, parent}: Branch): boolean {
  for (let above = parent; above; above = above.parent) if (above.value === value) return true;
  return false;
}

function labelOf(owner: object, {key}: Property): string {
  if (key === null) return "";
  if (types.isMap(owner)) return `${preview(key, 60)} ⇒ `;
  if (typeof key === "symbol") return `[${String(key)}]: `;
  const name = String(key);
  return `${/^[\p{ID_Start}$_][\p{ID_Continue}$]*$|^\d+$/u.test(name) ? name : preview(name, 80)}: `;
}

/** What stands above an open tree. */
function headline({value, total}: Branch): string {
  const name = escapeMarkup(classNameOf(value as object) || "Object");
  return `${name} ${quietly(counted(total, ...nounsOf(value)))}`;
}

function nounsOf(value: unknown): [one: string, many: string] {
  if (Array.isArray(value)) return ["element", "elements"];
  if (types.isMap(value)) return ["entry", "entries"];
  if (types.isSet(value)) return ["value", "values"];
  return ["key", "keys"];
}

const list = "list-style:none;margin:0;padding:0 0 0 2.1em";
const item = "margin:0;padding:0";

function detailsHtml({value, children, more}: Branch, summary: string, isOpen: boolean): string {
  const lines = (children ?? []).map(lineHtml);
  if (more > 0) {
    const [one, many] = nounsOf(value);
    lines.push(tag("li", item, quietly(`… ${counted(more, `more ${one}`, `more ${many}`)}`)));
  }
  return (
    `<details${isOpen ? " open" : ""} style="margin:0"><summary style="cursor:pointer;margin:0">` +
    `${summary}</summary><ul style="${list}">${lines.join("")}</ul></details>`
  );
}

function lineHtml(branch: Branch): string {
  const label = branch.label ? tag("span", colors.key, escapeMarkup(branch.label)) : "";
  if (!branch.children) {
    const value = isCircular(branch) ? quietly("[Circular]") : leafHtml(branch.value);
    return tag("li", item, label + value);
  }
  const summary = label + escapeMarkup(preview(branch.value));
  return tag("li", `${item};margin-left:-1.1em`, detailsHtml(branch, summary, false));
}
