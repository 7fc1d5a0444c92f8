enum Color { Red, Green = 5, Blue }
const enum Size { Small = 1 }
namespace Geometry { export const pi = 3; export namespace Deep { export function area(r: number) { return pi * r * r } } }
// ---
[Color.Blue, Color[0], Size.Small, Geometry.Deep.area(2)]
// ---
function between() { return 0 }
// ---
Geometry.pi + between()
// ---
function logged<T extends (...args: any[]) => any>(method: T, context: ClassMethodDecoratorContext) {
  return function (this: any, ...args: any[]) { console.log(String(context.name)); return method.apply(this, args) } as T;
}
// ---
class Decorated { @logged run() { return 1 } }
new Decorated().run()
// ---
function overloaded(x: number): number;
function overloaded(x: string): string;
function overloaded(x: any) { return x }
overloaded("a") + overloaded(1)
// ---
function identity<T>(x: T): T { return x }
const pick = <K extends string>(key: K) => key;
identity<number>(1) + pick("a")
// ---
type Pair = [number, string];
const pairOf = (): Pair => [1, "a"];
let maybe: {a?: {b: number}} = {};
maybe.a?.b ?? pairOf()[1]!
// ---
function assertString(x: unknown): asserts x is string { if (typeof x !== "string") throw new TypeError("no string") }
const unknownValue: unknown = "s";
assertString(unknownValue);
unknownValue.length
// ---
declare const ghost: number;
declare function phantom(): void;
class Merged { a = 1 }
namespace Merged { export const extra = 2 }
Merged.extra + new Merged().a
// ---
var notAny = 1 as const, big = 10n ** 20n;
big
