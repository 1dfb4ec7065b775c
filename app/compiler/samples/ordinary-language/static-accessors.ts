class Counter {
  static #count = 0;
  static step = 2;
  static get count(): number {
    return Counter.#count;
  }
  static set count(value: number) {
    Counter.#count = value * Counter.step;
  }
  static bump(): number {
    this.count = this.count + 1;
    return this.count;
  }
  static {
    Counter.#count = 5;
  }
}
console.log(Counter.count);
Counter.count = 4;
console.log(Counter.count, Counter.bump());
Counter.count += 1;
console.log(Counter.count);
