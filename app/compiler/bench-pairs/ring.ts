export class Ring {
  readonly #items: Uint8Array;
  #head = 0;
  #count = 0;
  dropped = 0;

  constructor(size: number) {
    this.#items = new Uint8Array(size);
  }

  get length(): number {
    return this.#count;
  }

  push(value: number): boolean {
    if (this.#count === this.#items.length) {
      this.dropped += 1;
      return false;
    }
    this.#items[(this.#head + this.#count) % this.#items.length] = value;
    this.#count += 1;
    return true;
  }

  shift(): number | undefined {
    if (this.#count === 0) return undefined;
    const value = this.#items[this.#head];
    this.#head = (this.#head + 1) % this.#items.length;
    this.#count -= 1;
    return value;
  }
}

export function run(): number {
  const ring = new Ring(16);
  let sum = 0;
  for (let i = 0; i < 300; i++) {
    ring.push(i & 255);
    if (i % 3 === 0) sum += ring.shift() ?? 0;
  }
  return sum + ring.length + ring.dropped;
}
