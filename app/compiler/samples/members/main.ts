// Statics, accessors, private names, super, instanceof, in, optional members and calls.
interface Shape {
  readonly name: string;
  area(): number;
  scale?(by: number): void;
}
abstract class Base implements Shape {
  static made = 0;
  static readonly KINDS: string[] = [];
  readonly name: string;
  #tag = 'base';
  constructor(name: string) {
    this.name = name;
    Base.made += 1;
    Base.KINDS.push(name);
  }
  abstract area(): number;
  get tag(): string {
    return this.#tag;
  }
  set tag(value: string) {
    this.#tag = `<${value}>`;
  }
  describe(): string {
    return `${this.name} ${String(this.area())} ${this.tag}`;
  }
}
class Square extends Base {
  protected side: number;
  constructor(side: number) {
    super('square');
    this.side = side;
  }
  area(): number {
    return this.side * this.side;
  }
  scale(by: number): void {
    this.side *= by;
  }
  override describe(): string {
    return `[${super.describe()}]`;
  }
}
class Dot extends Base {
  constructor() {
    super('dot');
  }
  area(): number {
    return 0;
  }
}
const shapes: Base[] = [new Square(3), new Dot()];
for (const shape of shapes) {
  shape.tag = shape.name.toUpperCase();
  const any: Shape = shape;
  any.scale?.(2);
  console.log(shape.describe(), shape instanceof Square, shape instanceof Base);
}
console.log(Base.made, Base.KINDS.join());
const record: Record<string, number> = { a: 1 };
console.log('a' in record, 'b' in record);
record['b'] ??= 5;
record['a'] &&= 7;
record['b'] += 1;
console.log(JSON.stringify(record));
