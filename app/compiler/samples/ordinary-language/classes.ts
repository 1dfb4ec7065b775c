abstract class Shape {
  static count = 0;
  readonly id: number;
  protected label = 'shape';
  constructor() {
    Shape.count += 1;
    this.id = Shape.count;
    this.init();
  }
  protected init(): void {
    this.label = 'init';
  }
  abstract area(): number;
  describe(): string {
    return `${this.label}#${this.id} area ${this.area()}`;
  }
  get double(): number {
    return this.area() * 2;
  }
  toString(): string {
    return `<${this.label}>`;
  }
}
class Square extends Shape {
  #side: number;
  constructor(side: number) {
    super();
    this.#side = side;
    this.label = 'square';
  }
  override area(): number {
    return this.#side ** 2;
  }
  get side(): number {
    return this.#side;
  }
  set side(v: number) {
    if (v < 0) throw new RangeError('negative side');
    this.#side = v;
  }
  static unit(): Square {
    return new Square(1);
  }
  equals(other: Square): boolean {
    return this.#side === other.#side;
  }
}
class Named extends Square {
  override describe(): string {
    return `named ${super.describe()}`;
  }
  override get double(): number {
    return super.double + 1;
  }
}
const s = new Square(3);
console.log(s.describe(), s.double, s.side);
s.side = 4;
s.side += 1;
console.log(s.area(), Square.unit().equals(s), Square.unit().area());
try {
  s.side = -1;
} catch (e) {
  console.log(e instanceof RangeError, (e as Error).message);
}
const n = new Named(2);
console.log(
  n.describe(),
  n.double,
  n instanceof Square,
  n instanceof Shape,
  s instanceof Named,
  Shape.count,
  n.toString(),
  `${n.toString()}`,
);
const shapes: Shape[] = [s, n];
console.log(shapes.map((x) => x.area()).join());
