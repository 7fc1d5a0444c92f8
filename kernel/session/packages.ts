// Packages by name: what an import says about them, and what to tell who has not got them.

import {packageName} from "../../cluster/shipping/packages.js";

export function installHint(name: string): string {
  return `\`%npm install ${name}\` adds it to the notebook's folder`;
}

/** TypeScript's numbers of a module that is not there: of an import, of a dynamic one, of JSX. */
const notFound = new Set([2307, 2792, 2875]);

/** What TypeScript says of a package that is not installed, with the way to install it. */
export function withInstallHint(message: string, code: number): string {
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
