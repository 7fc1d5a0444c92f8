// Symbols that cross processes. Registered and well-known symbols go by their key. Every other
// symbol goes by an id that the process which made the symbol gives it, so that one symbol is one
// symbol everywhere.

import {randomBytes} from "node:crypto";
import {CorruptFrameError} from "../../errors.js";

/** Tells apart the ids that different processes give. */
export const processTag = randomBytes(6).toString("hex");

type Description =
  | readonly ["registered", string]
  | readonly ["well-known", string]
  | readonly ["unique", string, string | null];

const wellKnown = new Map<symbol, string>();
for (const name of Object.getOwnPropertyNames(Symbol)) {
  const value: unknown = (Symbol as unknown as Record<string, unknown>)[name];
  if (typeof value === "symbol") wellKnown.set(value, name);
}

const ids = new Map<symbol, string>();
const byId = new Map<string, symbol>();

export function describeSymbol(symbol: symbol): Description {
  const registered = Symbol.keyFor(symbol);
  if (registered !== undefined) return ["registered", registered];
  const name = wellKnown.get(symbol);
  if (name !== undefined) return ["well-known", name];
  let id = ids.get(symbol);
  if (id === undefined) {
    id = `${processTag}.${ids.size}`;
    remember(symbol, id);
  }
  return ["unique", id, symbol.description ?? null];
}

/**
 * Tells whether the symbol was made by a program: two processes do not have such a symbol by
 * themselves.
 */
export function isUnique(symbol: symbol): boolean {
  return Symbol.keyFor(symbol) === undefined && !wellKnown.has(symbol);
}

export function findSymbol(description: readonly unknown[]): symbol {
  const [kind, key, text] = description as unknown as Description;
  if (kind === "registered") return Symbol.for(key);
  if (kind === "well-known") {
    const value: unknown = (Symbol as unknown as Record<string, unknown>)[key];
    if (typeof value === "symbol") return value;
    throw new CorruptFrameError(`Symbol.${key} is not known to this version of Node`);
  }
  if (kind !== "unique") throw new CorruptFrameError("bad symbol");
  let symbol = byId.get(key);
  if (symbol === undefined) {
    symbol = Symbol(text ?? undefined);
    remember(symbol, key);
  }
  return symbol;
}

// Programs have few symbols of their own, so shipped ones are kept as long as the process lives.
function remember(symbol: symbol, id: string): void {
  ids.set(symbol, id);
  byId.set(id, symbol);
}
