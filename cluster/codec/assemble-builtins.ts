// Tokens → objects of JavaScript's own kinds: the counterpart of `builtins.ts` and `buffers.ts`.

import {CorruptFrameError} from "../errors.js";
import type {Assembler} from "./assemble.js";
import {viewTypes} from "./builtins.js";
import type {Made} from "./pending.js";
import {type Shape} from "./tokens.js";
import {attributesOf} from "../shipping/functions/attributes.js";

export function assembleMap(
  from: Assembler,
  map: Map<unknown, unknown>,
  [entries, shape]: unknown[],
): unknown {
  // Entries keep their order, so all wait for the last one.
  from.all(entries as unknown[], (parts) => {
    for (let i = 0; i < parts.length; i += 2) map.set(parts[i], parts[i + 1]);
  });
  return from.dress(map, shape as Shape | null);
}

export function assembleSet(
  from: Assembler,
  set: Set<unknown>,
  [elements, shape]: unknown[],
): unknown {
  from.all(elements as unknown[], (list) => {
    for (const element of list) set.add(element);
  });
  return from.dress(set, shape as Shape | null);
}

export function assembleError(
  from: Assembler,
  made: Made,
  [stack, flags, shape]: unknown[],
): unknown {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = made(new Error()) as Error;
  Error.stackTraceLimit = limit;
  return dressError(from, error, stack, flags, shape);
}

export function assembleDomException(from: Assembler, made: Made, parts: unknown[]): unknown {
  const [message, name] = parts.slice(0, 2).map((part) => from.value(part));
  const error = made(new DOMException(message as string, name as string)) as DOMException;
  return dressError(from, error, parts[2], parts[3], parts[4]);
}

/** Its stack has a place from the beginning: a frozen error takes none later. */
function dressError(
  from: Assembler,
  error: Error,
  stack: unknown,
  flags: unknown,
  shape: unknown,
): unknown {
  const [own] = stack as unknown[];
  if (own === undefined) Reflect.deleteProperty(error, "stack");
  else Object.defineProperty(error, "stack", {value: "", writable: true, configurable: true});
  from.dress(error, shape as Shape);
  if (own !== undefined)
    from.put(own, (value) =>
      Object.defineProperty(error, "stack", {value, ...attributesOf(flags as number)}),
    );
  return error;
}

export function assembleUrl(
  from: Assembler,
  made: Made,
  [href, shape, ofParams]: unknown[],
): unknown {
  const url = made(new URL(from.value(href) as string)) as URL;
  from.dress(url, shape as Shape | null);
  from.count(url.searchParams);
  from.dress(url.searchParams, ofParams as Shape | null);
  return url;
}

export function assembleBuffer(from: Assembler, made: Made, [raw, max, shape]: unknown[]): unknown {
  const {memory} = from.buffers.memory(raw);
  let object = memory;
  if ((max as number) >= 0) {
    const options = {maxByteLength: max as number};
    object = new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(
      memory.byteLength,
      options,
    );
    new Uint8Array(object).set(new Uint8Array(memory));
  }
  return from.dress(made(object) as object, shape as Shape | null);
}

export function assembleView(from: Assembler, made: Made, parts: unknown[]): unknown {
  const [type, raw, offset, length, shape] = parts as [
    number,
    number,
    number,
    number,
    Shape | null,
  ];
  const View = viewTypes[type];
  if (!View) throw new CorruptFrameError("unknown kind of typed array");
  const align = "BYTES_PER_ELEMENT" in View ? View.BYTES_PER_ELEMENT : 1;
  const {memory, base} = from.buffers.memory(raw, align);
  const view =
    View === Buffer
      ? Buffer.from(memory, base + offset, length)
      : new (View as unknown as new (m: ArrayBuffer, o: number, l: number) => object)(
          memory,
          base + offset,
          length,
        );
  return from.dress(made(view) as object, shape);
}

export function assembleNumbers(
  from: Assembler,
  raw: unknown,
  start: number,
  length: number,
): number[] {
  const {memory, base, byteLength} = from.buffers.memory(raw);
  if ((start + length) * 8 > byteLength)
    throw new CorruptFrameError("a list of numbers is cut short");
  const flat = new Float64Array(memory, base + start * 8, length);
  // A loop: `Array.from` takes ten times as long.
  const numbers = new Array<number>(length);
  for (let i = 0; i < length; i++) numbers[i] = flat[i]!;
  return numbers;
}

export function assembleMatrix(
  from: Assembler,
  made: Made,
  [raw, rows, columns]: unknown[],
): unknown {
  const matrix = made([]) as number[][];
  let at = 0;
  for (let row = 0; row < (rows as number); row++) {
    const length = typeof columns === "number" ? columns : (columns as number[])[row]!;
    const numbers = assembleNumbers(from, raw, at, length);
    from.count(numbers);
    matrix.push(numbers);
    at += length;
  }
  return matrix;
}
