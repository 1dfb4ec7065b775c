/** Events in the order of their time; those of one time in the order in which they were added. Times in microseconds. */
export interface QueuedEvent {
  readonly atUs: number;
  cancelled: boolean;
}

/** What happens at its time: a function, or an object that is there anyway. */
export type Happening = (() => void | Promise<void>) | { run(): void | Promise<void> };

interface Entry extends QueuedEvent {
  atUs: number;
  /** That of its place in the heap; another place that holds it is void. */
  sequence: number;
  readonly what: Happening;
}

const FIRST_ROOM = 256;

export class EventQueue {
  /** The time of the event that runs now or ran last. */
  nowUs = 0;
  /** Called with the time of every event that is added. */
  onAdded: (atUs: number) => void = () => undefined;
  #sequence = 0;
  /** A binary heap; what orders it stands beside it, so that a search touches that and not hundreds of entries. */
  readonly #heap: Entry[] = [];
  #times = new Float64Array(FIRST_ROOM);
  #sequences = new Float64Array(FIRST_ROOM);

  /** Runs it at `atUs`, or as soon as possible when that has passed. */
  at(atUs: number, what: Happening): QueuedEvent {
    const entry: Entry = { atUs: 0, sequence: 0, cancelled: false, what };
    this.#put(entry, atUs);
    return entry;
  }

  /** The same event at `atUs`, and not when it was to be before, whether that has come, was called off or is yet to come. */
  again(event: QueuedEvent, atUs: number): void {
    event.cancelled = false;
    this.#put(event as Entry, atUs);
  }

  #put(entry: Entry, atUs: number): void {
    const ownUs = Math.max(atUs, this.nowUs);
    entry.atUs = ownUs;
    entry.sequence = this.#sequence++;
    const heap = this.#heap;
    let i = heap.length;
    heap.push(entry);
    if (heap.length > this.#times.length) this.#grow();
    const times = this.#times;
    const sequences = this.#sequences;
    // What is added last is the last of its time.
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (ownUs >= times[parent]!) break;
      heap[i] = heap[parent]!;
      times[i] = times[parent]!;
      sequences[i] = sequences[parent]!;
      i = parent;
    }
    heap[i] = entry;
    times[i] = ownUs;
    sequences[i] = entry.sequence;
    this.onAdded(ownUs);
  }

  /** Time of the next event; undefined when there is none. */
  get nextAtUs(): number | undefined {
    while (this.#heap.length > 0 && this.#isVoid(this.#heap[0]!)) this.#take();
    return this.#heap.length > 0 ? this.#times[0] : undefined;
  }

  /** Runs the next event if it is due by `untilUs`, and says whether there was one. */
  async runNext(untilUs: number): Promise<boolean> {
    const entry = this.#takeDue(untilUs);
    if (!entry) return false;
    const pending = perform(entry.what);
    if (pending) await pending;
    return true;
  }

  /**
   * Runs what is due by `untilUs`, in one go: a promise for each of millions of events would cost more than most of them.
   * @returns undefined when all has run; a promise when an event takes its time, after which it is to be called again
   */
  run(untilUs: number): Promise<void> | undefined {
    for (;;) {
      const entry = this.#takeDue(untilUs);
      if (!entry) return undefined;
      const pending = perform(entry.what);
      if (pending) return pending;
    }
  }

  #takeDue(untilUs: number): Entry | undefined {
    const atUs = this.nextAtUs;
    if (atUs === undefined || atUs > untilUs) return undefined;
    const entry = this.#take();
    if (entry.atUs > this.nowUs) this.nowUs = entry.atUs;
    return entry;
  }

  #take(): Entry {
    const heap = this.#heap;
    const times = this.#times;
    const sequences = this.#sequences;
    const first = heap[0]!;
    const last = heap.pop()!;
    const size = heap.length;
    if (size === 0) return first;
    const lastUs = times[size]!;
    const lastSequence = sequences[size]!;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBefore(child + 1, child)) child++;
      const childUs = times[child]!;
      if (childUs > lastUs || (childUs === lastUs && sequences[child]! > lastSequence)) break;
      heap[i] = heap[child]!;
      times[i] = childUs;
      sequences[i] = sequences[child]!;
      i = child;
    }
    heap[i] = last;
    times[i] = lastUs;
    sequences[i] = lastSequence;
    return first;
  }

  /** By their places in the heap. */
  #isBefore(a: number, b: number): boolean {
    const aUs = this.#times[a]!;
    const bUs = this.#times[b]!;
    return aUs < bUs || (aUs === bUs && this.#sequences[a]! < this.#sequences[b]!);
  }

  /** What is first in the heap was called off, or is to be at another time. */
  #isVoid({ cancelled, sequence }: Entry): boolean {
    return cancelled || sequence !== this.#sequences[0];
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#times.length);
    times.set(this.#times);
    this.#times = times;
    const sequences = new Float64Array(times.length);
    sequences.set(this.#sequences);
    this.#sequences = sequences;
  }
}

function perform(what: Happening): void | Promise<void> {
  return typeof what === 'function' ? what() : what.run();
}
