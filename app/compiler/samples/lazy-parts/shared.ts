/** The core's: the program itself and both parts use it. */
export const LIMIT = 40;
export class Counter {
  count = 0;
  readonly label: string;
  constructor(label: string) {
    this.label = label;
  }
  add(by: number): number {
    this.count += by;
    return this.count;
  }
}
export function clamp(value: number): number {
  return value > LIMIT ? LIMIT : value;
}
