// One clock for a session: microseconds of the machine's monotonic clock since the session's epoch.
// Every process of a machine shares that clock, so their times compare.

let epochNs = process.hrtime.bigint();
/**
 * The microseconds to add to `performance.now()`, which is quicker to read than hrtime. Both read
 * the same clock.
 */
let offsetUs = measureOffset();

function measureOffset(): number {
  return Number(process.hrtime.bigint() - epochNs) / 1000 - performance.now() * 1000;
}

/** Sets the session's epoch, as hrtime nanoseconds. */
export function setEpoch(ns: bigint): void {
  epochNs = ns;
  offsetUs = measureOffset();
}
export function epoch(): bigint {
  return epochNs;
}
/** Microseconds since the session's epoch. */
export function nowUs(): number {
  return performance.now() * 1000 + offsetUs;
}
