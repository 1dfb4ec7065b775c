import { clamp, type Counter } from '../shared.ts';
const STEPS: readonly number[] = [3, 5, 7];
/** Of one part alone. */
export class Runner {
  private readonly counter: Counter;
  private ended = false;
  constructor(counter: Counter) {
    this.counter = counter;
  }
  step(by: number): number {
    for (const step of STEPS) this.counter.add(step * by);
    this.ended = this.counter.count >= 40;
    return clamp(this.counter.count);
  }
  isOver(): boolean {
    return this.ended;
  }
}
export class Trouble extends Error {
  override name = 'Trouble';
}
