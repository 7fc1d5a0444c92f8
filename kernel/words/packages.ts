// Packages by name: what an import says about them, and what to tell who has not got them, or has
// not imported from our own.

import {packageName} from "../../cluster/shipping/modules/packages.js";
import {memberHere, moduleHere, nameHere} from "./elsewhere.js";

export function installHint(name: string): string {
  return `\`%npm install ${name}\` adds it to the notebook's folder`;
}

/**
 * TypeScript's numbers of a module that is not there: of an import, with a word, of JSX, for its
 * effect.
 */
const notFound = new Set([2307, 2792, 2875, 2882]);

/**
 * TypeScript's numbers of a name that is not declared: at all, near to another, of pages, of Bun.
 */
const undeclared = new Set([2304, 2552, 2584, 2868]);

/** Its number of a property that is not there. */
const noMember = 2339;

type Library = typeof import("../../cluster/index.js");
/** What cells use of "tasklab", and use to have without an import elsewhere. */
const ours: ReadonlySet<string> = new Set<keyof Library | "ActorHandle">([
  ...(["cancel", "clearOutput", "cluster", "display", "get", "getActor", "html", "image"] as const),
  ...(["json", "kill", "latex", "markdown", "plotly", "put", "remote", "svg"] as const),
  ...(["taskContext", "vegalite", "wait", "ActorHandle"] as const),
]);

/**
 * What TypeScript says of a name or a package that is not there, with the way to have it. `before`
 * and `at`: the cell before the place, and from there on.
 */
export function withHint(message: string, code: number, before: string, at: string): string {
  const hint = hintOf(message, code, before, at);
  if (hint === undefined) return message;
  // What TypeScript proposes would only hide that the name is not there.
  const [said] = undeclared.has(code) ? message.split(" Do you need to ", 1) : [message];
  return `${said}\n${hint}`;
}

function hintOf(message: string, code: number, before: string, at: string): string | undefined {
  if (undeclared.has(code)) {
    const [, name = ""] = /^Cannot find name '([\w$]+)'/.exec(message) ?? [];
    const here = nameHere(/^[\w$]+(?:\.[\w$]+)*/.exec(at)?.[0] ?? name);
    return here ?? (ours.has(name) ? `\`import {${name}} from "tasklab"\` brings it` : undefined);
  }
  if (code === noMember) {
    const [path = ""] = /(?:[\w$]+\.)+$/.exec(before) ?? [];
    const [name = ""] = /^[\w$]+/.exec(at) ?? [];
    return path === "" ? undefined : memberHere(path + name);
  }
  const specifier = notFound.has(code) ? /'([^']+)'/.exec(message)?.[1] : undefined;
  if (specifier === undefined) return undefined;
  const here = moduleHere(specifier);
  const name = packageName(specifier);
  return here ?? (name === undefined ? undefined : installHint(name));
}

/** What to say of a package without types; the cell that imports it runs all the same. */
export function untypedText(name: string): string {
  const types = name.startsWith("@types/") ? undefined : typesPackage(name);
  const way = types ? `; \`%npm install ${types}\` may bring them` : "";
  return `"${name}" comes without types, so all of it is \`any\`${way}`;
}

/** `@types/scope__name` of `@scope/name`. */
function typesPackage(name: string): string {
  return `@types/${name.replace(/^@(.*)\//, "$1__")}`;
}
