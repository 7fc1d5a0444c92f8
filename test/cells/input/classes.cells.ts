const base = 1;
class Point {
  static #count = 0;
  static origin = new Point(0, 0);
  #secret = base;
  handler = () => this.#secret + base;
  constructor(public x: number, readonly y: number) { Point.#count++ }
  sum() { return [this.x].map((v) => v + this.y + base) }
  static make() { return new this(1, 2) }
  get secret() { return this.#secret }
}
class Point3 extends Point {
  z = 3
  constructor() { super(1, 2); const f = () => super.sum(); console.log(f()) }
}
// ---
[new Point3().z, Point.make().sum(), new Point(1, 2).handler(), Point.name, Point.origin.secret]
// ---
const Mixin = <T extends new (...args: any[]) => object>(Base: T) => class extends Base { mixed = base };
class Mixed extends Mixin(Point) {}
new Mixed(1, 2).mixed
// ---
const Anonymous = class { static name = "own name" };
Anonymous.name
// ---
const unspeakable = class { private x = 1; read() { return this.x } };
const beside = 1;
// ---
new unspeakable().read() + beside
// ---
abstract class Shape { abstract area(): number; describe() { return `area ${this.area()}` } }
class Square extends Shape { area() { return 4 } }
new Square().describe()
