// One clock for a session: microseconds of the machine's monotonic clock since the session's epoch.
// Every process of a machine shares that clock, so their times compare.

let epochNs = process.hrtime.bigint();

/** Sets the session's epoch, as hrtime nanoseconds. */
export function setEpoch(ns: bigint): void {
  epochNs = ns;
}
export function epoch(): bigint {
  return epochNs;
}
/** Microseconds since the session's epoch. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() - epochNs) / 1000;
}
