// Gives the memory of large values back once a thread is done with them.
//
// V8 collects when a program allocates. A thread that has passed a large value on and then has
// nothing to do allocates nothing, so the value's memory would stay with the process for ever. Each
// thread that large values pass through counts their bytes here, and collects once it has been
// quiet for a moment.

import {setFlagsFromString} from "node:v8";
import {runInNewContext} from "node:vm";
import {garbageBytes, garbageQuietMs} from "./limits.js";

/** A collection takes at most about this share of a thread's time. */
const maxShare = 0.02;

let letGoBytes = 0;
let timer: NodeJS.Timeout | null = null;
let notBeforeMs = 0;

/** Counts memory that this thread has let go of, or is about to. */
export function letGo(bytes: number): void {
  letGoBytes += bytes;
  if (letGoBytes < garbageBytes) return;
  if (timer !== null) clearTimeout(timer);
  const restMs = notBeforeMs - performance.now();
  timer = setTimeout(collectWhenQuiet, Math.max(garbageQuietMs, restMs)).unref();
}

function collectWhenQuiet(): void {
  timer = null;
  letGoBytes = 0;
  const beganMs = performance.now();
  collectGarbage();
  const endedMs = performance.now();
  notBeforeMs = endedMs + (endedMs - beganMs) / maxShare;
}

let collect: (() => void) | undefined;

/** Makes V8 collect all of this thread's garbage now. */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}
