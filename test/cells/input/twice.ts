export type Doubled = number;
export function twice(value: number): Doubled {
  return 2 * value;
}
