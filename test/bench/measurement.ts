// One figure of the benchmark, beside the same figure of its peers, measured in the same run.

export interface Measurement {
  name: string;
  /** The figure; null when it was not reached, for a reason that was printed. */
  value: number | null;
  unit: string;
  /** The project's own goal on two cores, which never makes the run fail. */
  bar: string;
  peers: {name: string; value: number | null}[];
}

/** A row of the table, or a few rows that share a set-up. */
export interface Bench {
  name: string;
  run(): Promise<Measurement[]>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Milliseconds that each of `count` runs took, one after another. */
export async function timesOf(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    await run();
    times.push(performance.now() - startedAt);
  }
  return times;
}

/** The value that a share of the values do not exceed: 0.5 gives the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/**
 * Measures how many things of `runBatch` are done in a second. Two batches are under way at a time,
 * so that there is always work waiting.
 */
export async function rate(
  runBatch: (ns: number[]) => Promise<unknown>,
  {inFlight, warmUp, total}: {inFlight: number; warmUp: number; total: number},
): Promise<number> {
  const batch = Array.from({length: inFlight / 2}, (_, n) => n);
  const runAll = async (count: number) => {
    let left = count / batch.length;
    const takeTurns = async () => {
      while (left-- > 0) await runBatch(batch);
    };
    await Promise.all([takeTurns(), takeTurns()]);
  };
  await runAll(warmUp);
  const startedAt = performance.now();
  await runAll(total);
  return total / ((performance.now() - startedAt) / 1000);
}
