/**
 * The worker's side of a rehearsal that somebody watches and leads: time passes at the pace that is asked for, as far as the
 * machine can, and messages are taken between slices of it.
 */
import type { Endpoint } from './messages.ts';
import { turnTeller } from './hang-guard.ts';
import { LiveRehearsal } from './scenarios/live.ts';
import type { FromRehearsal, LiveNews, ToRehearsal } from './rehearsal-messages.ts';

/** Virtual time between two looks at the clock: short, because a slice of many nodes takes long. */
const SLICE_MS = 10;
/** Real time before messages get their turn. */
const BUSY_MS = 30;
const NEWS_MS = 150;
/** Further behind than this, the pace is given up instead of caught up with. */
const MOST_BEHIND_MS = 250;
const RATIO_OVER_MS = 2000;

export class RehearsalServer {
  readonly #endpoint: Endpoint;
  readonly #wasmUrl: string | undefined;
  #live: LiveRehearsal | undefined;
  #running = false;
  #rate: number | null = 1;
  #anchor = { wallMs: 0, virtualMs: 0 };
  #samples: { wallMs: number; virtualMs: number }[] = [];
  #toldMs = 0;
  #loop: Promise<void> = Promise.resolve();
  /** Happenings that came in the middle of a slice. */
  #waiting: (() => void)[] = [];
  #inSlice = false;

  constructor(endpoint: Endpoint, wasmUrl: string | undefined) {
    this.#endpoint = endpoint;
    this.#wasmUrl = wasmUrl;
    endpoint.onmessage = (event) => this.#guard(() => this.#take(event.data as ToRehearsal));
  }

  #post(message: FromRehearsal): void {
    this.#endpoint.postMessage(message, []);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#running = false;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#post({ t: 'failed', message });
  }

  #take(message: ToRehearsal): void {
    if (message.t === 'ping') {
      this.#post({ t: 'pong' });
      return;
    }
    if (message.t === 'open') {
      const onTurn = turnTeller((one) => this.#post(one));
      this.#live = new LiveRehearsal({ ...message, onTurn }, this.#wasmUrl);
      this.#post({ t: 'opened' });
      this.#tell();
      return;
    }
    const live = this.#live;
    if (!live) throw new Error(`"${message.t}" came before "open"`);
    switch (message.t) {
      case 'run':
        this.#rate = message.rate;
        this.#hold();
        this.#samples = [];
        if (this.#running) return;
        this.#running = true;
        this.#queue(() => this.#run(live));
        return;
      case 'pause':
        this.#running = false;
        this.#queue(() => Promise.resolve(this.#tell()));
        return;
      case 'step':
        this.#running = false;
        this.#queue(async () => {
          await this.#slice(live, message.ms);
          this.#tell();
        });
        return;
      case 'trace':
        this.#post({ t: 'trace', trace: live.trace() });
        return;
      case 'perform': {
        const perform = (): void => {
          live.perform(message.event);
          if (!this.#running) this.#tell();
        };
        if (this.#inSlice) this.#waiting.push(perform);
        else perform();
      }
    }
  }

  #queue(work: () => Promise<void>): void {
    this.#loop = this.#loop.then(work).catch((error: unknown) => this.#fail(error));
  }

  #hold(): void {
    this.#anchor = { wallMs: performance.now(), virtualMs: this.#live!.nowMs };
  }

  async #run(live: LiveRehearsal): Promise<void> {
    this.#hold();
    while (this.#running) {
      const stopMs = performance.now() + BUSY_MS;
      let isEarly = false;
      while (this.#running && performance.now() < stopMs) {
        const dueMs = this.#dueMs(live);
        if (dueMs < 1) {
          isEarly = true;
          break;
        }
        await this.#slice(live, Math.min(SLICE_MS, dueMs));
        if (live.takeEnd()) this.#running = false;
      }
      this.#sample(live);
      if (performance.now() - this.#toldMs > NEWS_MS) this.#tell();
      await (isEarly ? new Promise((resolve) => setTimeout(resolve, 8)) : nextTask());
    }
    this.#tell();
  }

  /** Whole milliseconds of virtual time that should have passed by now. */
  #dueMs(live: LiveRehearsal): number {
    if (this.#rate === null) return Infinity;
    const { wallMs, virtualMs } = this.#anchor;
    const due = virtualMs + (performance.now() - wallMs) * this.#rate - live.nowMs;
    if (due > MOST_BEHIND_MS * this.#rate) {
      this.#hold();
      return SLICE_MS;
    }
    return Math.floor(due);
  }

  async #slice(live: LiveRehearsal, ms: number): Promise<void> {
    this.#inSlice = true;
    try {
      await live.advance(ms);
    } finally {
      this.#inSlice = false;
    }
    for (const perform of this.#waiting.splice(0)) perform();
  }

  #sample(live: LiveRehearsal): void {
    const wallMs = performance.now();
    this.#samples.push({ wallMs, virtualMs: live.nowMs });
    while (this.#samples.length > 2 && wallMs - this.#samples[0]!.wallMs > RATIO_OVER_MS) {
      this.#samples.shift();
    }
  }

  #ratio(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!this.#running || !first || !last || last.wallMs - first.wallMs < 200) return null;
    return (last.virtualMs - first.virtualMs) / (last.wallMs - first.wallMs);
  }

  #tell(): void {
    const live = this.#live;
    if (!live) return;
    this.#toldMs = performance.now();
    const news: LiveNews = { ...live.tell(), ratio: this.#ratio(), running: this.#running };
    this.#post({ t: 'news', news });
  }
}

/** Lets messages in, without the 4 ms that a timer takes at least. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
