// Packages by name: what an import says about them, and what to tell who has not got them, or has not
// imported from our own.

import {packageName} from "../../cluster/shipping/packages.js";

export function installHint(name: string): string {
  return `\`%npm install ${name}\` adds it to the notebook's folder`;
}

/** TypeScript's numbers of a module that is not there: of an import, with a word, of JSX, for its effect. */
const notFound = new Set([2307, 2792, 2875, 2882]);

/** TypeScript's numbers of a name that is not declared, and of one that is near to another. */
const undeclared = new Set([2304, 2552]);

type Library = typeof import("../../cluster/index.js");
/** What cells use of "tasklab", and use to have without an import elsewhere. */
const ours: ReadonlySet<string> = new Set<keyof Library | "ActorHandle">([
  ...(["cancel", "clearOutput", "cluster", "display", "get", "getActor", "html", "image"] as const),
  ...(["json", "kill", "latex", "markdown", "plotly", "put", "remote", "svg"] as const),
  ...(["taskContext", "vegalite", "wait", "ActorHandle"] as const),
]);

/** What TypeScript says of a name or a package that is not there, with the way to have it. */
export function withHint(message: string, code: number): string {
  if (undeclared.has(code)) {
    const [, name = ""] = /^Cannot find name '(\w+)'/.exec(message) ?? [];
    return ours.has(name) ? `${message}\n\`import {${name}} from "tasklab"\` brings it` : message;
  }
  const specifier = notFound.has(code) ? /'([^']+)'/.exec(message)?.[1] : undefined;
  const name = specifier === undefined ? undefined : packageName(specifier);
  return name === undefined ? message : `${message}\n${installHint(name)}`;
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
