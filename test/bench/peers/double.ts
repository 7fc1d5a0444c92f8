// The task of the other rows, as a module for piscina.
export function double(n: number): number {
  return n * 2;
}
