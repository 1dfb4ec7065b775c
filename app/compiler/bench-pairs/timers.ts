interface Timer {
  atMs: number;
  run: (atMs: number) => void;
}

export class Timers {
  #waiting: Timer[] = [];

  after(atMs: number, run: (atMs: number) => void): Timer {
    const timer = { atMs, run };
    let place = this.#waiting.length;
    while (place > 0 && (this.#waiting[place - 1] as Timer).atMs > atMs) place--;
    this.#waiting.splice(place, 0, timer);
    return timer;
  }

  cancel(timer: Timer): void {
    this.#waiting = this.#waiting.filter((one) => one !== timer);
  }

  poll(nowMs: number): number {
    let ran = 0;
    while (this.#waiting.length > 0) {
      const first = this.#waiting[0] as Timer;
      if (first.atMs > nowMs) break;
      this.#waiting.shift();
      first.run(nowMs);
      ran++;
    }
    return ran;
  }
}

export function run(): number {
  const timers = new Timers();
  let sum = 0;
  for (let i = 0; i < 60; i++) {
    const timer = timers.after((i * 37) % 100, (atMs) => {
      sum += atMs + i;
    });
    if (i % 5 === 0) timers.cancel(timer);
  }
  for (let now = 0; now <= 100; now += 10) {
    const ran = timers.poll(now);
    sum += ran;
  }
  return sum;
}
