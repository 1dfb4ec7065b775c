/** Elements taken out where a list has one, and where it may have none. */
class Queue {
  readonly #items: number[] = [];
  add(item: number): void {
    this.#items.push(item);
  }
  clear(): void {
    this.#items.length = 0;
  }
  all(): string {
    let text = '';
    while (this.#items.length > 0) {
      const first = this.#items[0]!;
      this.#items.shift();
      text += `${first} `;
    }
    return text + String(this.#items.shift() ?? 'end');
  }
  cleared(): string {
    if (this.#items.length === 0) return 'empty';
    this.clear();
    return String(this.#items.pop() ?? 'cleared');
  }
  two(): string {
    if (this.#items.length < 1) return 'too few';
    const last = this.#items.pop();
    const before = this.#items.pop();
    return `${last ?? '-'} ${before ?? '-'}`;
  }
}

export function taken(): void {
  const queue = new Queue();
  console.log(queue.cleared(), queue.two());
  queue.add(1);
  console.log(queue.two());
  queue.add(1);
  queue.add(2);
  console.log(queue.all());
  queue.add(3);
  console.log(queue.cleared());
  const list = [5, 6];
  if (list.length > 0) console.log(list.shift() ?? 0, list.pop() ?? 0, list.pop() ?? 'none');
}
