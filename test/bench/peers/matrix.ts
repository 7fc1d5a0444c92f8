// The work of the tutorial's tasks.

export type Matrix = number[][];

export function performNaiveMatrixMultiplication(size: number): Matrix {
  const ones = () => Array.from({length: size}, () => Array<number>(size).fill(1));
  const [left, right] = [ones(), ones()];
  const result = Array.from({length: size}, () => Array<number>(size).fill(0));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++) result[i]![j]! += left[i]![k]! * right[k]![j]!;
    }
  }
  return result;
}

export function computeMatrixSum(matrix: Matrix): number {
  let sum = 0;
  for (const row of matrix) for (const value of row) sum += value;
  return sum;
}
