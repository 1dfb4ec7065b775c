/**
 * Who can be got to from whom in a graph with circles: the components in which all lead to each other are found by Tarjan's
 * algorithm, and each has a set of bits, made of its own members and the sets of those it leads to.
 */
export class Reach<T extends object> {
  private readonly next: (one: T) => readonly T[];
  private readonly numbers = new Map<T, number>();
  private readonly lowest: number[] = [];
  private readonly members: T[] = [];
  private readonly found: (Bits<T> | undefined)[] = [];

  constructor(next: (one: T) => readonly T[]) {
    this.next = next;
  }

  /** `from` itself and all that it leads to. */
  of(from: T): Bits<T> {
    const number = this.numbers.get(from) ?? this.search(from);
    return this.found[number]!;
  }

  private number(one: T): number {
    const number = this.members.length;
    this.numbers.set(one, number);
    this.members.push(one);
    this.lowest.push(number);
    this.found.push(undefined);
    return number;
  }

  /** Without recursion: chains of calls are as long as a program likes. */
  private search(from: T): number {
    const first = this.number(from);
    const open: number[] = [first];
    const path = [{ number: first, others: this.next(from), at: 0 }];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const { number, others } = step;
      const other = others[step.at++];
      if (other !== undefined) {
        const known = this.numbers.get(other);
        if (known === undefined) {
          const made = this.number(other);
          open.push(made);
          path.push({ number: made, others: this.next(other), at: 0 });
        } else if (this.found[known] === undefined) this.lower(number, known);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) this.lower(before.number, this.lowest[number]!);
      if (this.lowest[number] === number) this.close(number, open);
    }
    return first;
  }

  private lower(number: number, to: number): void {
    if (to < this.lowest[number]!) this.lowest[number] = to;
  }

  private close(number: number, open: number[]): void {
    const bits = new Bits(this.numbers, this.members.length);
    const own = open.splice(open.lastIndexOf(number));
    for (const one of own) {
      bits.set(one);
      this.found[one] = bits;
    }
    const added = new Set<Bits<T>>([bits]);
    for (const one of own) {
      for (const other of this.next(this.members[one]!)) {
        const to = this.found[this.numbers.get(other)!]!;
        if (added.has(to)) continue;
        added.add(to);
        bits.add(to);
      }
    }
  }
}

export class Bits<T> {
  private readonly numbers: ReadonlyMap<T, number>;
  private readonly words: Uint32Array;

  constructor(numbers: ReadonlyMap<T, number>, size: number) {
    this.numbers = numbers;
    this.words = new Uint32Array((size + 31) >> 5);
  }

  has(one: T): boolean {
    const number = this.numbers.get(one);
    return number !== undefined && ((this.words[number >> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  set(number: number): void {
    this.words[number >> 5] = this.words[number >> 5]! | (1 << (number & 31));
  }

  /** Of a component found before: with no higher numbers than there were then. */
  add(other: Bits<T>): void {
    other.words.forEach((word, at) => {
      this.words[at] = this.words[at]! | word;
    });
  }
}
