// Notes for the user about large values that a function takes along, which cost time and memory on
// each worker, and about one argument that is sent again and again.

import {host} from "./names/host.js";

const noted = new Set<string>();
const notesKept = 1000;

/** Notes large captured memory, once for each variable of a function. */
export function noteLarge(fn: string, large: ReadonlyMap<string, number>): void {
  for (const [variable, sizeBytes] of large) {
    const key = `${fn} ${variable}`;
    if (noted.has(key)) continue;
    noted.add(key);
    if (noted.size > notesKept) noted.delete(noted.keys().next().value!);
    host.note(
      `\`${fn}\` takes ${variable} along, ${sizeText(sizeBytes)}: it goes to each worker once, and each task has a copy of its own`,
    );
  }
}

/** Large arguments, and how often each was sent. */
const repeated = new WeakMap<object, number>();
/** An argument that was sent so often would better be put. */
const oftenSent = 10;
const worthPutting = 1_000_000;

/** Notes, once for each function, that the same large object was an argument of many calls. */
export function noteRepeated(fn: string, args: readonly unknown[], sizeBytes: number): void {
  if (sizeBytes < worthPutting) return;
  args.forEach((arg, i) => {
    if (typeof arg !== "object" || arg === null) return;
    const count = (repeated.get(arg) ?? 0) + 1;
    repeated.set(arg, count);
    const key = `${fn} argument ${i}`;
    if (count !== oftenSent || noted.has(key)) return;
    noted.add(key);
    host.note(
      `\`${fn}\` was given the same value ${count} times, ${sizeText(sizeBytes)} each time: \`const ref = put(value)\` sends it once, and \`${fn}.remote(ref)\` is many times faster`,
    );
  });
}

function sizeText(bytes: number): string {
  const megabytes = bytes / 1e6;
  return megabytes < 1
    ? `${Math.round(bytes / 1000)} kB`
    : `${Number(megabytes.toPrecision(3))} MB`;
}
