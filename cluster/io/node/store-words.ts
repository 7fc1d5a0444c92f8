// Says why a value did not fit into a node's store, for the program that wanted to store the value.

import type {FullStore, Holding} from "../../core/node/store-book.js";
import {bytesText} from "../../sizes.js";

/** Says how many bytes were wanted, the limit, which objects hold the space, and what to do. */
export function fullStoreText({
  wanted,
  limitBytes,
  storedBytes,
  objects,
  largest,
}: FullStore): string {
  const what = wanted.fn === "" ? "a value that was put" : `the result of \`${wanted.fn}\``;
  const needs = `${what} takes ${bytesText(wanted.sizeBytes)}`;
  const named = largest.reduce((sum, holding) => sum + holding.objects, 0);
  const holds =
    objects === 0
      ? "it holds nothing else"
      : `${bytesText(storedBytes)} are held by ${largest.map(holdingText).join(", ")}` +
        (named < objects ? ` and ${objects - named} more` : "");
  const limit = `the limit is ${bytesText(limitBytes)}`;
  return (
    `the object store is full: ${needs}, ${limit}, ${holds}; ` +
    "let go of refs that are no longer needed, or start the cluster with a higher limit: " +
    "cluster.start({storeMemory: bytes}), %cluster start --store-memory 8GiB"
  );
}

function holdingText({fn, owner, objects, sizeBytes}: Holding): string {
  const s = objects === 1 ? "" : "s";
  const what = fn === "" ? `value${s} put by` : `result${s} of \`${fn}\` for`;
  return `${objects} ${what} ${owner} (${bytesText(sizeBytes)})`;
}
