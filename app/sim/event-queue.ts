/** Events in the order of their time; those of one time in the order in which they were added. Times in microseconds. */
export interface QueuedEvent {
  readonly atUs: number;
  cancelled: boolean;
}

interface Entry extends QueuedEvent {
  readonly sequence: number;
  readonly run: () => void | Promise<void>;
}

const FIRST_ROOM = 256;

export class EventQueue {
  /** The time of the event that runs now or ran last. */
  nowUs = 0;
  /** Called with the time of every event that is added. */
  onAdded: (atUs: number) => void = () => undefined;
  #sequence = 0;
  /** A binary heap; the times stand beside it, so that a search touches them and not hundreds of entries. */
  readonly #heap: Entry[] = [];
  #times = new Float64Array(FIRST_ROOM);

  /** Runs `run` at `atUs`, or as soon as possible when that has passed. */
  at(atUs: number, run: () => void | Promise<void>): QueuedEvent {
    const entry: Entry = {
      atUs: Math.max(atUs, this.nowUs),
      sequence: this.#sequence++,
      cancelled: false,
      run,
    };
    const heap = this.#heap;
    let i = heap.length;
    heap.push(entry);
    if (heap.length > this.#times.length) this.#grow();
    const times = this.#times;
    const ownUs = entry.atUs;
    // What is added last is the last of its time.
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (ownUs >= times[parent]!) break;
      heap[i] = heap[parent]!;
      times[i] = times[parent]!;
      i = parent;
    }
    heap[i] = entry;
    times[i] = ownUs;
    this.onAdded(entry.atUs);
    return entry;
  }

  /** Time of the next event; undefined when there is none. */
  get nextAtUs(): number | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!.cancelled) this.#take();
    return this.#heap.length > 0 ? this.#times[0] : undefined;
  }

  /** Runs the next event if it is due by `untilUs`, and says whether there was one. */
  async runNext(untilUs: number): Promise<boolean> {
    const entry = this.#takeDue(untilUs);
    if (!entry) return false;
    const pending = entry.run();
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
      const pending = entry.run();
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
    const first = heap[0]!;
    const last = heap.pop()!;
    const size = heap.length;
    if (size === 0) return first;
    const lastUs = times[size]!;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBefore(child + 1, child)) child++;
      const childUs = times[child]!;
      if (childUs > lastUs || (childUs === lastUs && heap[child]!.sequence > last.sequence)) break;
      heap[i] = heap[child]!;
      times[i] = childUs;
      i = child;
    }
    heap[i] = last;
    times[i] = lastUs;
    return first;
  }

  /** By their places in the heap. */
  #isBefore(a: number, b: number): boolean {
    const aUs = this.#times[a]!;
    const bUs = this.#times[b]!;
    return aUs < bUs || (aUs === bUs && this.#heap[a]!.sequence < this.#heap[b]!.sequence);
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#times.length);
    times.set(this.#times);
    this.#times = times;
  }
}
