// Tells whether a value would take more than `apartBytes`. Sizes are counted about as they would be
// encoded, and only up to that limit. Nothing of the user's is called.

import {types} from "node:util";
import {apartBytes} from "./buffers.js";
import {isOutside} from "./pieces.js";

export function isLarge(root: object): boolean {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [root];
  let sizeBytes = 0;
  while (waiting.length > 0 && sizeBytes <= apartBytes) {
    const value = waiting.pop();
    sizeBytes += ownBytes(value);
    if (typeof value !== "object" || value === null || types.isProxy(value)) continue;
    if (seen.has(value) || isOutside(value)) continue;
    seen.add(value);
    if (ArrayBuffer.isView(value)) sizeBytes += value.byteLength;
    // So many elements take that much, whatever they are.
    else if (elementsIn(value) > apartBytes) return true;
    else {
      const parts = contentsOf(value);
      // The list need not be iterable.
      for (let i = 0; i < parts.length; i++) waiting.push(parts[i]);
    }
  }
  return sizeBytes > apartBytes;
}

function ownBytes(value: unknown): number {
  if (typeof value === "string") return value.length + 1;
  return typeof value === "number" ? 8 : 1;
}

function elementsIn(value: object): number {
  if (Array.isArray(value)) return value.length;
  return types.isMap(value) || types.isSet(value) ? value.size : 0;
}

function contentsOf(value: object): unknown[] {
  if (Array.isArray(value)) return value;
  const contents: unknown[] = [];
  if (types.isMap(value))
    Map.prototype.forEach.call(value, (part, key) => contents.push(key, part));
  else if (types.isSet(value)) Set.prototype.forEach.call(value, (part) => contents.push(part));
  else
    for (const key of Object.keys(value))
      contents.push(key, Object.getOwnPropertyDescriptor(value, key)?.value);
  return contents;
}
