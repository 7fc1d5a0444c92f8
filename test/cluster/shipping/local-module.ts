// A module as a plain program has it: nobody has compiled it for us.

import {basename} from "node:path";

const scale = 3;
let calls = 0;

export class Shape {
  static made = 0;
  readonly #side: number;
  constructor(side: number) {
    this.#side = side;
    Shape.made++;
  }
  area(): number {
    return this.#side ** 2 * scale;
  }
}
class Square extends Shape {
  override area(): number {
    return super.area() + 1;
  }
}

const helper = (x: number): number => x * scale;

export function work(x: number): unknown[] {
  calls++;
  return [helper(x), basename("/a/b"), new Square(2).area(), Shape.made, calls];
}

export function maker(secret: number): () => number {
  const inner = {value: secret};
  return () => inner.value + scale;
}

export function withThis(this: {v: number}): () => number {
  return () => this.v;
}

export function fails(): never {
  throw new RangeError("from a module");
}

let level = 1;
export function setLevel(to: number): void {
  level = to;
}
export const readLevel = (): number => level;
export const scaled = (x: number): number => x * scale;

let visits = 0;
const visit = (): number => ++visits;
const visited = (): number => visits;
export function visitTwice(): number[] {
  visit();
  visit();
  return [visited(), visits];
}

export function counter(): [() => number, () => number] {
  let count = 0;
  return [() => ++count, () => count];
}
