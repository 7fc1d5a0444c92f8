import type {Measurement} from "./measurement.js";

/** Writes the measurements as one table for people, or as one JSON object a line. */
export function write(measurements: readonly Measurement[], asJson: boolean): string {
  if (asJson) {
    return measurements
      .map(({name, value, unit, peers}) => JSON.stringify({name, value, unit, peers}))
      .join("\n");
  }
  const rows = measurements.map(({name, value, unit, bar, peers}) => [
    name,
    figure(value, unit),
    bar,
    peers.map((peer) => `${peer.name} ${figure(peer.value, unit)}`).join(", "),
  ]);
  const all = [["", "measured", "bar", "peers"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function figure(value: number | null, unit: string): string {
  if (value === null) return "not reached";
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  const text = value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === "×" ? `${text}×` : `${text} ${unit}`;
}
