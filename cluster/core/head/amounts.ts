// Sums of logical resources. Inside, amounts are whole ten-thousandths (Ray's precision), so that
// ten tasks of 0.1 CPU are exactly one CPU.

import type {Resources} from "../events.js";

/** Ten-thousandths by name. */
export type Amounts = Map<string, number>;

const precision = 10_000;

export function amountsOf(resources: Resources): Amounts {
  const amounts: Amounts = new Map();
  for (const name in resources) {
    const whole = Math.round(resources[name]! * precision);
    if (whole !== 0) amounts.set(name, whole);
  }
  return amounts;
}

export function resourcesOf(amounts: Amounts): Resources {
  const resources: Resources = {};
  for (const [name, whole] of amounts) resources[name] = whole / precision;
  return resources;
}

export function fits(need: Amounts, into: Amounts): boolean {
  for (const [name, whole] of need) if (whole > (into.get(name) ?? 0)) return false;
  return true;
}

export function add(to: Amounts, more: Amounts): void {
  for (const [name, whole] of more) to.set(name, (to.get(name) ?? 0) + whole);
}

export function subtract(from: Amounts, less: Amounts): void {
  for (const [name, whole] of less) from.set(name, (from.get(name) ?? 0) - whole);
}

/** The CPUs that a suspended task gives back. GPUs, memory and others still hold its data. */
export function cpusOf(need: Amounts): Amounts {
  const cpus = need.get("CPU");
  return cpus === undefined ? new Map() : new Map([["CPU", cpus]]);
}

/** `CPU: 1, memory: 2 GiB` */
export function inWords(amounts: Iterable<[string, number]>): string {
  return [...amounts]
    .map(([name, whole]) => `${name}: ${name === "memory" ? bytes(whole) : whole / precision}`)
    .join(", ");
}

function bytes(whole: number): string {
  const count = whole / precision;
  const gib = count / 2 ** 30;
  return gib >= 0.1 ? `${Math.round(gib * 10) / 10} GiB` : `${count} bytes`;
}
