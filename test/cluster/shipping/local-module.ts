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

/** Functions that share a variable, which V8 does not tell by itself. */
export const sharing: Record<string, (() => number)[]> = {
  "of one text": twoOfOneText(1),
  "made in a loop": madeInLoop(1),
  "made by a function": madeByFunction(1),
  "in the head of a loop": inHead(),
  "in the default of a parameter": inDefault(1),
  "beside names that hide the globals": hidingGlobals(1),
  "of an async function and an accessor": ofOtherKinds(1),
};
function twoOfOneText(n: number): (() => number)[] {
  return [() => ++n, () => ++n];
}
function madeInLoop(n: number): (() => number)[] {
  const made: (() => number)[] = [];
  for (let round = 0; round < 2; round++) made.push(() => ++n);
  return made;
}
function madeByFunction(n: number): (() => number)[] {
  const make = () => () => ++n;
  return [make(), make()];
}
function inHead(): (() => number)[] {
  const made: (() => number)[] = [];
  for (let i = 0, get = () => i; i < 1; i++) made.push(get, () => ++i);
  return made;
}
function hidingGlobals(n: number): (() => number)[] {
  const [globalThis, Symbol, Object] = [0, 0, 0];
  n += globalThis + Symbol + Object;
  return [() => ++n, () => n];
}
function ofOtherKinds(n: number): (() => number)[] {
  const counter = {
    async up() {
      n++;
      await null;
    },
    get count() {
      return n;
    },
  };
  return [() => (void counter.up(), counter.count)];
}
function inDefault(n: number, up = () => ++n): (() => number)[] {
  return [up, () => n];
}

/** Functions of one text, each with a variable of its own. */
export const separate: Record<string, (() => number)[]> = {
  "of two calls": [counter()[0], counter()[0]],
  "of two rounds": ofRounds(),
};
function ofRounds(): (() => number)[] {
  const made: (() => number)[] = [];
  for (let round = 0; round < 2; round++) {
    let n = 0;
    made.push(() => ++n);
  }
  for (let n = 10; n < 14; n += 2) made.push(() => ++n);
  return made;
}
