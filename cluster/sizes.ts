// Amounts of memory as people write and read them.

const units = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** Writes an amount in the largest unit that fits: "512 MiB", "1.5 GiB". */
export function bytesText(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  for (; amount >= 1024 && unit < units.length - 1; unit++) amount /= 1024;
  return `${amount >= 100 ? Math.round(amount) : Math.round(amount * 10) / 10} ${units[unit]}`;
}

/** Bytes of "4GiB", "512 MB", "2g" or "1000000"; undefined for other text. Units count in 1024. */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b|bytes)?\s*$/i.exec(text);
  if (!match) return undefined;
  const power = ["", "k", "m", "g", "t"].indexOf(match[2]!.toLowerCase());
  return Math.floor(Number(match[1]) * 1024 ** power);
}
