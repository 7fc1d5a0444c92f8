// What piscina runs: the task of the other rows.
export function double(n: number): number {
  return n * 2;
}
