// Typed arrays in brief: how many of what, their range, their course, and the first of them.

import {colored, codeFrame, quietly} from "./look.js";
import {count, counted} from "./text.js";

type Numbers = Exclude<NodeJS.TypedArray, BigInt64Array | BigUint64Array>;
export type Elements = Numbers | BigInt64Array | BigUint64Array;

/** Elements that are looked at for range and mean: some milliseconds' worth. */
export const maxMeasured = 4_000_000;
const shownElements = 12;
const sparkWidth = 48;
const bars = "▁▂▃▄▅▆▇█";

export interface Measures {
  min: number;
  max: number;
  mean: number;
  /** Elements that are no number. */
  nans: number;
  /** The course of the mean, as characters of different height. */
  sparkline: string;
}

export function typedArrayHtml(array: Elements): string {
  const bytes = bytesText(array.byteLength);
  const head = `${typeName(array)} ${quietly(`${counted(array.length, "element")}, ${dtype(array)}, ${bytes}`)}`;
  const end = Math.min(array.length, maxMeasured);
  const measures = measure(array, end);
  const lines = [head];
  if (measures) {
    const {min, max, mean, nans, sparkline} = measures;
    const parts = [`min ${short(min)}`, `max ${short(max)}`, `mean ${short(mean)}`];
    if (nans > 0) parts.push(`${count(nans)} NaN`);
    if (end < array.length) parts.push(`of the first ${count(maxMeasured)}`);
    lines.push(parts.join(", "), colored("key", sparkline));
  }
  const shown = Math.min(array.length, shownElements);
  const first = Array.from({length: shown}, (_, index) => short(array[index]!)).join(", ");
  const more = array.length > shownElements ? quietly(", …") : "";
  lines.push(`${colored("number", first)}${more}`);
  return codeFrame(lines.map((line) => `<div>${line}</div>`).join(""));
}

/** Of the elements before `length`; null when none is a number. */
export function measure(array: Elements, length = array.length): Measures | null {
  const buckets = Math.min(length, sparkWidth);
  const means: number[] = [];
  let [min, max, sum, seen] = [Infinity, -Infinity, 0, 0];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const end = Math.floor(((bucket + 1) * length) / buckets);
    let [bucketSum, bucketSeen] = [0, 0];
    for (let i = Math.floor((bucket * length) / buckets); i < end; i++) {
      const value = Number(array[i]);
      if (Number.isNaN(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
      bucketSum += value;
      bucketSeen++;
    }
    means.push(bucketSum / bucketSeen);
    sum += bucketSum;
    seen += bucketSeen;
  }
  if (seen === 0) return null;
  const mean = sum / seen;
  return {min, max, mean, nans: length - seen, sparkline: sparkline(means)};
}

/** The lowest value at the floor, the highest at the ceiling; a gap for what is no number. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  const barOf = (value: number) => {
    if (!Number.isFinite(value)) return " ";
    return bars[range > 0 ? Math.round(((value - low) / range) * (bars.length - 1)) : 0];
  };
  return values.map(barOf).join("");
}

function typeName(array: Elements): string {
  return array[Symbol.toStringTag];
}

/** As NumPy says it: float64, uint8. */
function dtype(array: Elements): string {
  return typeName(array)
    .replace(/Clamped|Big|Array/g, "")
    .toLowerCase();
}

function bytesText(bytes: number): string {
  if (bytes < 1024) return counted(bytes, "byte");
  const unit = bytes < 1024 ** 2 ? 1 : bytes < 1024 ** 3 ? 2 : 3;
  return `${(bytes / 1024 ** unit).toFixed(1)} ${["", "KiB", "MiB", "GiB"][unit]}`;
}

function short(value: number | bigint): string {
  return typeof value === "bigint" ? `${value}n` : String(Number(value.toPrecision(6)));
}
