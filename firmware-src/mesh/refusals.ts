/** First time for which a parent that could not be joined is left alone; it doubles, up to the last. */
const FIRST_MS = 30000;
const LAST_MS = 3600000;
const MOST_KEPT = 8;

class Refusal {
  readonly tail: number;
  waitMs = FIRST_MS;
  untilMs = 0;

  constructor(tail: number) {
    this.tail = tail;
  }
}

/** Parents whose access point could not be joined: each attempt makes the node deaf for a second or more. */
export class Refusals {
  private readonly kept: Refusal[] = [];

  add(tail: number, atMs: number): void {
    let entry: Refusal | null = null;
    for (const one of this.kept) if (one.tail === tail) entry = one;
    if (entry === null) {
      if (this.kept.length >= MOST_KEPT) this.kept.shift();
      entry = new Refusal(tail);
      this.kept.push(entry);
    } else if (entry.waitMs < LAST_MS) entry.waitMs *= 2;
    entry.untilMs = atMs + entry.waitMs;
  }

  holds(tail: number, atMs: number): boolean {
    for (const one of this.kept) if (one.tail === tail && atMs < one.untilMs) return true;
    return false;
  }

  /** It could be joined. */
  forgive(tail: number): void {
    for (let i = 0; i < this.kept.length; i += 1) {
      if (this.kept[i].tail !== tail) continue;
      this.kept.splice(i, 1);
      return;
    }
  }

  /** Those who are refused now. */
  list(atMs: number): number[] {
    const tails: number[] = [];
    for (const one of this.kept) if (atMs < one.untilMs) tails.push(one.tail);
    return tails;
  }
}
