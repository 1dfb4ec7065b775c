// Reads that a condition seems to cover, and what runs between the two takes the element away.

class Queue {
  #items: number[] = [];
  #spare: number[] = [];

  fill(count: number): this {
    for (let i = 0; i < count; i++) this.#items.push(i * 10);
    return this;
  }

  drop(): void {
    this.#items.pop();
  }

  forget(): void {
    this.#items = this.#spare;
  }

  get last(): number {
    this.#items.pop();
    return this.#items.length;
  }

  /** Shortened by a method that is called in between. */
  afterDrop(at: number): boolean {
    if (at < 0 || at >= this.#items.length) return false;
    this.drop();
    return this.#items[at] === undefined;
  }

  afterForget(at: number): boolean {
    if (at >= 0 && at < this.#items.length) {
      this.forget();
      return this.#items[at] === undefined;
    }
    return false;
  }

  afterGetter(at: number): boolean {
    return at >= 0 && at < this.#items.length && this.last >= 0 && this.#items[at] === undefined;
  }

  afterCallback(at: number, run: () => void): boolean {
    if (at < 0 || at >= this.#items.length) return false;
    run();
    return this.#items[at] === undefined;
  }

  inLoop(): string {
    let text = '';
    for (let i = 0; i < this.#items.length; i++) {
      text += String(this.#items[i] ?? -1) + ' ';
      if (i === 1) this.drop();
      text += String(this.#items[i] ?? -1) + ' ';
    }
    return text;
  }
}

console.log(new Queue().fill(3).afterDrop(2), new Queue().fill(3).afterDrop(1));
console.log(new Queue().fill(3).afterForget(0));
console.log(new Queue().fill(3).afterGetter(2), new Queue().fill(3).afterGetter(0));
const queue = new Queue().fill(2);
console.log(
  queue.afterCallback(1, () => {
    queue.drop();
  }),
);
console.log(new Queue().fill(4).inLoop());

// By another name of the same list.
function alias(list: number[], other: number[]): boolean {
  const at = list.length - 1;
  if (at < 0) return false;
  other.length = 0;
  return list[at] === undefined;
}
const same = [1, 2, 3];
console.log(alias(same, same), alias([1], [2]));

// By a closure that is called in between, or that moves the index.
function byClosure(): string {
  const list = [1, 2, 3];
  let at = 2;
  const shrink = (): void => {
    list.pop();
  };
  const move = (): void => {
    at = 9;
  };
  let text = '';
  if (at < list.length) {
    shrink();
    text += String(list[at] ?? 'none');
  }
  at = 0;
  if (at < list.length) {
    move();
    text += String(list[at] ?? 'none');
  }
  return text;
}
console.log(byClosure());

// In a list of another type that may be the same list.
interface Named {
  name: string;
}
class Person implements Named {
  name: string;
  age = 1;
  constructor(name: string) {
    this.name = name;
  }
}
function throughBase(people: Person[], named: Named[]): boolean {
  if (people.length < 2) return false;
  named.splice(0, 1);
  return people[1] === undefined;
}
const people = [new Person('a'), new Person('b')];
console.log(throughBase(people, people), throughBase([new Person('c'), new Person('d')], []));

// A generator that is taken a step further.
function* shorten(list: number[]): Generator<number> {
  for (;;) {
    list.pop();
    yield list.length;
  }
}
function byGenerator(): boolean {
  const list = [1, 2, 3];
  const steps = shorten(list);
  if (list.length === 3) {
    steps.next();
    return list[2] === undefined;
  }
  return false;
}
console.log(byGenerator());

// The index moves after the read: the next round reads elsewhere.
function rounds(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0, j = 0; i < 3; i++) {
    sum += (bytes[j] ?? 100) | 0;
    j += 2;
  }
  return sum;
}
console.log(rounds(new Uint8Array([1, 2, 3])));
function twice(list: number[]): string {
  let i = 0;
  let text = '';
  if (i < list.length) {
    while (text.length < 12) text += `${list[i++] ?? 'none'} `;
  }
  return text;
}
console.log(twice([5, 6]));
function stepped(list: number[]): string {
  let i = -1;
  let text = '';
  while (i++ < list.length) text += `${list[i] ?? 'none'} `;
  return text;
}
console.log(stepped([5, 6]));

// A loop variable that changes both ways.
function zigzag(list: number[]): string {
  let text = '';
  let at = list.length - 1;
  for (let n = 0; n < 4; n++) {
    text += `${list[at] ?? 'none'} `;
    if (n === 1) at += 2;
    else at -= 1;
  }
  return text;
}
console.log(zigzag([7, 8]));

// NaN is not above a bound because it is not below it.
function notBelow(list: number[], text: string): string {
  const at = parseInt(text);
  if (at < 0 || at >= list.length) return 'outside';
  return `${list[at] ?? 'none'}`;
}
console.log(notBelow([1, 2], '1'), notBelow([1, 2], '5'), notBelow([1, 2], 'x'));

// What is written makes the list shorter before it is written to.
function keepLast(list: number[]): number {
  const at = list.length - 2;
  if (at >= 0) list[at] = list.pop() ?? 0;
  return list.length;
}
console.log(keepLast([1, 2, 3]));

// Bounds of parameters come from every call, and through interfaces.
interface Table {
  read(at: number): number;
}
class Small implements Table {
  readonly #values = new Uint8Array([1, 2, 3, 4]);
  read(at: number): number {
    return this.#values[at] ?? -1;
  }
}
class Large implements Table {
  readonly #values = new Uint8Array(16);
  read(at: number): number {
    return (this.#values[at] ?? -2) + at;
  }
}
const tables: Table[] = [new Small(), new Large()];
console.log(new Small().read(3), tables.map((one) => one.read(9)).join());

const DIGITS = [10, 20, 30, 40];
const read = (at: number): number => DIGITS[at] ?? -1;
const reader = { read };
console.log(read(1), reader.read(7));

function sizes(bytes: Uint8Array): number {
  return (bytes[3] ?? -1) + 0;
}
console.log(sizes(new Uint8Array(4)), sizes(new Uint8Array([1, 2, 3]).slice(1)));

// Proven, and the same everywhere: a heap, halves, remainders, countdowns.
function sift(list: number[]): number[] {
  for (let from = (list.length >> 1) - 1; from >= 0; from--) {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= list.length) break;
      if (child + 1 < list.length && list[child + 1] < list[child]) child++;
      if (list[at] <= list[child]) break;
      const kept = list[at];
      list[at] = list[child];
      list[child] = kept;
      at = child;
    }
  }
  return list;
}
console.log(sift([9, 4, 7, 1, 8, 2]).join());
function middle(list: number[]): number {
  return list.length === 0 ? -1 : list[Math.floor(list.length / 2)];
}
console.log(middle([]), middle([3]), middle([3, 4, 5]));
function around(list: number[], by: number): string {
  let text = '';
  if (list.length > 0 && by >= 0) {
    for (let i = 0; i < 5; i++) text += `${list[(i + by) % list.length]} `;
  }
  return text;
}
console.log(around([1, 2, 3], 2), around([], 1));
function mirrored(list: number[]): string {
  let text = '';
  for (let i = 0; i < list.length; i++) text += `${list[list.length - 1 - i]} `;
  return text;
}
console.log(mirrored([1, 2, 3]));
