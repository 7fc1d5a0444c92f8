// Symbols: [kind, key, …], with "registered", "well-known", "unique" or "imported" as the kind.

import {findImported} from "../../shipping/modules/imports.js";
import {host} from "../../shipping/names/host.js";
import {describeSymbol, findSymbol, isUnique} from "../../shipping/names/symbols.js";
import type {Kind} from "../kind.js";
import {imported} from "./imported.js";

export const symbol: Kind<symbol> = {
  tag: 8,
  isPrimitive: true,
  dismantle(value, to) {
    const name = isUnique(value) ? host.describe(value) : undefined;
    const parts = name
      ? ["imported", ...(imported.dismantle(name, to)!.body as string[])]
      : describeSymbol(value);
    return to.token(
      symbol.tag,
      parts.map((part) => to.value(part)),
    );
  },
  assemble(parts: unknown[], from) {
    const [kind, ...name] = parts.map((part) => from.value(part));
    if (kind === "imported") return findImported(...(name as [string, string, string?]));
    return findSymbol([kind, ...name]);
  },
};
