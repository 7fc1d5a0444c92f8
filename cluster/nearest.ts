import {distance} from "fastest-levenshtein";

/** Returns the name closest to `wanted`, if one is close enough to have been meant. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestEdits = Math.max(2, wanted.length / 3) + 1;
  for (const name of names) {
    const begins = wanted.length >= 3 && name.startsWith(wanted);
    // Of names equally near, the one of the same length: letters were swapped.
    const edits = begins
      ? 1
      : distance(bare(wanted), bare(name)) + Math.abs(name.length - wanted.length) / 100;
    if (edits < bestEdits) [best, bestEdits] = [name, edits];
  }
  return best;
}

/** Returns the name as it is compared: `num_cpus` and `numCPUs` are near `numCpus`. */
function bare(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}
