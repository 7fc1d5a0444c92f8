// What can't leave its process, said with the path that leads to it:
//   cannot ship `load`: captured variable `db` → .pool → .socket is a net.Socket (an
//   operating-system handle); create it inside the task, or use an actor

import {CannotShipError} from "../errors.js";

/** A step of the walk: a property or index, or words such as "captured variable `db`". */
export type Step = string | symbol | number | {words: string};

/** Throws a CannotShipError. `packages`: how many functions of packages the way leads through. */
export function refuse(
  what: string,
  path: readonly Step[],
  kind: string,
  counsel: string,
  packages = 0,
): never {
  const steps = path.map(stepText);
  const subject = steps.length > 0 ? `${inShort(steps).join(" → ")} is` : "it is";
  const next = packages > 0 ? adviceInPackage(path) : counsel;
  throw new CannotShipError(`cannot ship ${what}: ${subject} ${kind}; ${next}`, steps, kind);
}

/** The beginning and the end of a long way. */
function inShort(steps: readonly string[]): readonly string[] {
  if (steps.length <= longest) return steps;
  const begins = steps.slice(0, 4).filter((step) => step !== "…");
  return [...begins, "…", ...steps.slice(4 - longest)];
}
const longest = 12;

export function stepText(step: Step): string {
  if (typeof step === "number") return `[${step}]`;
  if (typeof step === "symbol") return `[${String(step)}]`;
  if (typeof step === "object") return step.words;
  return /^[\p{ID_Start}$_#][\p{ID_Continue}$]*$/u.test(step)
    ? `.${step}`
    : `[${JSON.stringify(step)}]`;
}

/** Advice that works with everything that a package makes, with the line to write. */
export function adviceInPackage(path: readonly Step[]): string {
  const words = path.map((step) => (typeof step === "object" ? step.words : ""));
  const [, name = "made"] = /^captured variable `(.*)`$/.exec(words.find(Boolean) ?? "") ?? [];
  return (
    "build it inside of the task, or in a local module and import it from there: " +
    `\`export const ${name} = …\` in ${name}.ts, \`import {${name}} from "./${name}.ts"\` here`
  );
}

/** Puts the article before a name: `an Intl.Collator`, `a URL`. */
export function withArticle(name: string): string {
  return `${/^([aeio]|un)/i.test(name) ? "an" : "a"} ${name}`;
}

/** Names an object by its class: `an Intl.Collator`, `a Timeout`. */
export function nameOf(object: object): string {
  const constructor: unknown = object.constructor;
  const name = typeof constructor === "function" && constructor.name ? constructor.name : "object";
  return withArticle(name);
}

export const advice = {
  handle: "create it inside the task, or use an actor",
  promise: "await it first, or pass the ref of a task",
  weak: "pass the objects themselves",
  iterator: "pass the values, for example as an array",
  proxy: "pass the object behind it",
  shared: "copy it into an ArrayBuffer",
  native: "call it inside the task instead of passing it",
  result: "return what it would compute, or define it in a cell and call it there",
  method: "take it away before you return the object, or return what it would compute",
  other: "create it inside the task",
} as const;
