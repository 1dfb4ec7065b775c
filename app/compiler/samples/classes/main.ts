abstract class Shape {
  static count = 0;
  static readonly UNIT = 'cm';
  readonly name: string;
  #secret = 7;
  protected sides: number;
  constructor(name: string, sides: number) {
    this.name = name;
    this.sides = sides;
    Shape.count += 1;
  }
  abstract area(): number;
  static describe(shape: Shape): string {
    return shape.text();
  }
  text(): string {
    return `${this.name} ${this.area()} ${Shape.UNIT} ${this.#hidden(1)}`;
  }
  #hidden(by: number): number {
    return this.#secret + by;
  }
}
class Square extends Shape {
  #side: number;
  #secret = 100;
  constructor(side: number) {
    super('square', 4);
    this.#side = side;
  }
  area(): number {
    return this.#side * this.#side;
  }
  get side(): number {
    return this.#side;
  }
  set side(value: number) {
    this.#side = value < 0 ? 0 : value;
  }
  override text(): string {
    return super.text() + '/' + this.#secret.toString() + '/' + this.sides.toString();
  }
}
class Plain {
  from = 1;
  items: string[] = [];
  maybe?: string;
  add(text: string): this {
    this.items.push(text);
    return this;
  }
}
const square = new Square(3);
console.log(square.text(), Shape.describe(square), Shape.count);
square.side = 5;
square.side += 1;
console.log(square.side, square.area(), square instanceof Shape, square instanceof Square);
square.side = -4;
console.log(square.side);
const plain = new Plain();
console.log(plain.add('a').add('b').items.join(), plain.maybe === undefined, plain.from);
interface Speaker {
  speak(to: string, loud: boolean): string;
}
class Dog implements Speaker {
  speak(): string {
    return 'wuff';
  }
}
class Cat implements Speaker {
  speak(to: string): string {
    return 'miau ' + to;
  }
}
const literal: Speaker = { speak: (to, loud) => to + (loud ? '!' : '.') };
const speakers: Speaker[] = [new Dog(), new Cat(), literal];
for (const speaker of speakers) console.log(speaker.speak('you', true));
class Node_ {
  next: Node_ | null = null;
  value: number;
  constructor(value: number) {
    this.value = value;
  }
}
const head = new Node_(1);
head.next = new Node_(2);
console.log(head.next?.value ?? 0, head.next.next === null);

// A class that hands itself to someone who knows an interface only.
interface Owner {
  readonly title: string;
  grow(by: number): number;
}
class Part {
  readonly #owner: Owner;
  constructor(owner: Owner) {
    this.#owner = owner;
  }
  tell(): string {
    return `${this.#owner.title} ${String(this.#owner.grow(2))}`;
  }
}
class Whole {
  readonly title = 'whole';
  size = 1;
  readonly part = new Part(this);
  grow(by: number): number {
    this.size += by;
    return this.size;
  }
}
console.log(new Whole().part.tell());

// A setter before its getter, and one without.
class Dial {
  #at = 1;
  doubled = 0;
  set at(value: number) {
    this.#at = value;
  }
  get at(): number {
    return this.#at;
  }
  set twice(value: number) {
    this.doubled = value * 2;
  }
}
const dial = new Dial();
dial.at = 4;
dial.at += 1;
dial.twice = dial.at;
console.log(dial.at, dial.doubled);
