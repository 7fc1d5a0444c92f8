// Numbers in words that a learner can read.

/** "0.31 s", "31 ms", "250 µs", "2 min 5 s". */
export function duration(us: number): string {
  const seconds = us / 1e6;
  if (seconds >= 119.5) {
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  if (seconds >= 99.95) return `${Math.round(seconds)} s`;
  if (seconds >= 9.995) return `${seconds.toFixed(1)} s`;
  if (seconds >= 0.0995) return `${seconds.toFixed(2)} s`;
  if (us >= 9_950) return `${Math.round(us / 1e3)} ms`;
  if (us >= 995) return `${(us / 1e3).toFixed(1)} ms`;
  return `${Math.round(us)} µs`;
}

/** "8 bytes", "1.4 MB". */
export function size(bytes: number): string {
  if (bytes < 1000) return count(bytes, "byte");
  if (bytes < 1e6) return `${precise(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${precise(bytes / 1e6)} MB`;
  return `${precise(bytes / 1e9)} GB`;
}

/** "1 run", "10 runs". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** "2 CPUs", "1 CPU + 1 GPU"; "" for the default of one CPU. */
export function needs(resources: Record<string, number>): string {
  const words = [];
  for (const [name, amount] of Object.entries(resources)) {
    if (amount === 0) continue;
    if (/^(num_?)?cpus?$/i.test(name)) words.push(count(amount, "CPU"));
    else if (/^(num_?)?gpus?$/i.test(name)) words.push(count(amount, "GPU"));
    else if (/^memory$/i.test(name)) words.push(`${size(amount)} memory`);
    else words.push(`${amount} ${name}`);
  }
  return words.join(" + ");
}

/** How many CPUs, whatever the key is called; 0 when none is named. */
export function cpus(resources: Record<string, number>): number {
  for (const [name, amount] of Object.entries(resources))
    if (/^(num_?)?cpus?$/i.test(name)) return amount;
  return 0;
}

function precise(value: number): string {
  return value >= 99.5 ? String(Math.round(value)) : value.toPrecision(2);
}
