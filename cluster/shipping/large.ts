// A word about large values that a function takes along: they cost time and memory on each worker.

import {host} from "./host.js";

const noted = new Set<string>();
const notesKept = 1000;

/** Once for each variable of a function. */
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

function sizeText(bytes: number): string {
  const megabytes = bytes / 1e6;
  return megabytes < 1
    ? `${Math.round(bytes / 1000)} kB`
    : `${Number(megabytes.toPrecision(3))} MB`;
}
