// Values in words: as Node's own prompt prints them, without colours, within bounds. Nothing of the
// user's runs but what a class does to print itself: getters are named, traps of proxies not
// sprung.

import {inspect, types, type InspectOptions} from "node:util";
import {classNameOf, isObject, propertiesOf} from "./properties.js";

/** What one value may say; beyond it a line tells how much is not shown. */
export const maxTextChars = 256 * 1024;
/** Properties that are printed of one value; of one with more, its deeper levels are left out. */
export const maxPrinted = 20_000;
/** Keys that are named of an object with more keys than that. */
const namedKeys = 100;
/** Elements that Node prints of an array, a Map, a Set. */
const printedElements = 100;

/** As the prompt prints it. */
export function plainText(value: unknown): string {
  return inspected(value, {showProxy: true});
}

/** On one line of at most `chars`. */
export function preview(value: unknown, chars = 80, more: InspectOptions = {}): string {
  const options = {depth: 1, breakLength: Infinity, compact: true, maxArrayLength: 12, ...more};
  // Room is left for what Node says of the rest of a long text.
  const line = inspected(value, {...options, maxStringLength: chars - 40}).replace(
    /\s*\n\s*/g,
    " ",
  );
  return line.length > chars ? `${line.slice(0, chars - 1)}…` : line;
}

/** What is longer than the limit is cut, and says so. */
export function bounded(text: string, limit = maxTextChars): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}\n… ${count(text.length - limit)} more characters not shown`;
}

/** Made once: that takes longer than a small tree. */
let numbers: Intl.NumberFormat | undefined;

/** "12,345" */
export function count(number: number): string {
  return number < 1000 ? String(number) : (numbers ??= new Intl.NumberFormat("en")).format(number);
}

/** "1 row", "2,000 rows" */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** As Node inspects it with these options, at a depth at which it is no flood. */
export function inspected(value: unknown, options: InspectOptions): string {
  try {
    if (!isObject(value)) return inspect(value, {...options, colors: false});
    const wanted = options.depth ?? inspect.defaultOptions.depth ?? Infinity;
    const depth = depthThatFits(value, wanted);
    if (depth < 0) return namesOnly(value);
    return bounded(inspect(value, {...options, colors: false, depth}));
  } catch (error) {
    return `(cannot be shown: its inspection failed with ${String(error)})`;
  }
}

/** The greatest depth, up to `wanted`, at which not too much is printed; -1 when there is none. */
function depthThatFits(value: object, wanted: number): number {
  let level: object[] = [value];
  let printed = 0;
  for (let depth = 0; depth <= wanted; depth++) {
    const next: object[] = [];
    for (const object of level) {
      if (types.isProxy(object) || ArrayBuffer.isView(object)) continue;
      const isIndexed = Array.isArray(object) || types.isMap(object) || types.isSet(object);
      const properties = propertiesOf(object);
      const count = isIndexed ? Math.min(printedElements, properties.total) : properties.total;
      printed += count;
      if (printed > maxPrinted) return depth - 1;
      for (const {key, value} of properties.take(count).first) {
        if (isObject(value)) next.push(value);
        if (isObject(key)) next.push(key);
      }
    }
    if (next.length === 0) break;
    level = next;
  }
  return wanted;
}

/** An object with so many keys that already their names are a flood. */
function namesOnly(object: object): string {
  const {first, more} = propertiesOf(object).take(namedKeys);
  const named = Object.fromEntries(first.map(({key, value}) => [key as PropertyKey, value]));
  const text = inspect(named, {depth: 0, colors: false}).replace(/\s*\}$/, "");
  const name = classNameOf(object);
  const prefix = name === "Object" ? "" : `${name || "[Object: null prototype]"} `;
  return bounded(`${prefix}${text},\n  … ${count(more)} more keys\n}`);
}
