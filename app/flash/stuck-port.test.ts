/**
 * A serial driver that hangs: each call of a port that is a promise may never settle (seen with bridges that lost their flow
 * control or their power). The job must end in words within seconds, and can always be cancelled.
 */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import type { SerialOpenOptions, SerialPortLike, SerialSignals } from '../link/serial-port.ts';
import { createVirtualChip } from '../sim/virtual-chip.ts';
import { openFlashSession } from './esptool.ts';
import { FLASH_CODES, FlashError } from './flash-error.ts';
import { planFlash, type FlashRegion } from './plan.ts';
import { surveyBoard } from './survey.ts';

type Call = 'open' | 'close' | 'setSignals' | 'write';
const never = (): Promise<never> => new Promise(() => undefined);

/** A virtual board's port of which one call hangs, from the moment that `hangs` is set. */
class HangingPort extends EventTarget implements SerialPortLike {
  hangs: Call | undefined;
  writes = 0;
  readonly inner: SerialPortLike;
  #writable: WritableStream<Uint8Array> | null = null;

  constructor(inner: SerialPortLike) {
    super();
    this.inner = inner;
  }
  get readable(): ReadableStream<Uint8Array> | null {
    return this.inner.readable;
  }
  get writable(): WritableStream<Uint8Array> | null {
    if (!this.inner.writable) return (this.#writable = null);
    return (this.#writable ??= new WritableStream<Uint8Array>({
      write: async (bytes) => {
        this.writes++;
        if (this.hangs === 'write') await never();
        const writer = this.inner.writable!.getWriter();
        await writer.write(bytes).finally(() => writer.releaseLock());
      },
    }));
  }
  open(options: SerialOpenOptions): Promise<void> {
    return this.hangs === 'open' ? never() : this.inner.open(options);
  }
  async close(): Promise<void> {
    if (this.hangs === 'close') return never();
    // As Web Serial: closing waits for the stream's abort, which waits for the write under way.
    await this.#writable?.abort().catch(() => undefined);
    this.#writable = null;
    await this.inner.close();
  }
  setSignals(signals: SerialSignals): Promise<void> {
    return this.hangs === 'setSignals' ? never() : this.inner.setSignals(signals);
  }
  getSignals = () => this.inner.getSignals();
  getInfo = () => this.inner.getInfo();
}

function board(): HangingPort {
  const chip = createVirtualChip({ chip: 'esp32', mac: '24:0a:c4:00:00:07' });
  chip.powerOn();
  return new HangingPort(chip.port);
}

const regions: FlashRegion[] = [
  { name: 'runtime', at: 0x10000, bytes: seededRandom(9).bytes(200_000) },
];

async function caught(work: Promise<unknown>): Promise<FlashError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FlashError);
  return error as FlashError;
}

/** Milliseconds that the work took; real ones. */
async function timed<T>(work: () => Promise<T>): Promise<{ value: T; tookMs: number }> {
  const fromMs = performance.now();
  const value = await work();
  return { value, tookMs: performance.now() - fromMs };
}

describe.concurrent('a serial driver that hangs', () => {
  it.each<Call>(['open', 'setSignals', 'write'])(
    'in %s while connecting ends in "port-stuck" within seconds',
    async (call) => {
      const port = board();
      port.hangs = call;
      const { value, tookMs } = await timed(() => caught(openFlashSession(port, { attempts: 1 })));
      expect(value.code).toBe('port-stuck');
      expect(FLASH_CODES[value.code].fix).toContain('Unplug');
      expect(tookMs).toBeLessThan(20_000);
    },
    30_000,
  );

  it.each<Call>(['open', 'setSignals', 'write'])(
    'in %s while connecting can be cancelled at once',
    async (call) => {
      const port = board();
      port.hangs = call;
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 300);
      const { value, tookMs } = await timed(() =>
        caught(openFlashSession(port, { attempts: 1, signal: stop.signal })),
      );
      expect(value.code).toBe('cancelled');
      // Giving the port back has its own 5 s.
      expect(tookMs).toBeLessThan(15_000);
    },
    30_000,
  );

  it('in the middle of writing ends in "port-stuck", not in further attempts', async () => {
    const port = board();
    const session = await openFlashSession(port);
    const plan = planFlash(await surveyBoard(session, regions), regions, session.chip);
    const work = caught(
      session.write(plan, {
        onProgress: (stage, done) => {
          if (stage === 'writing' && done > 50_000) port.hangs = 'write';
        },
      }),
    );
    const { value, tookMs } = await timed(() => work);
    expect(value.code).toBe('port-stuck');
    expect(tookMs).toBeLessThan(20_000);
    const writes = port.writes;
    expect(await caught(session.md5(0, 4096))).toMatchObject({ code: 'port-stuck' });
    expect(port.writes).toBe(writes);
    expect((await timed(() => session.close())).tookMs).toBeLessThan(12_000);
  }, 60_000);

  it('in the middle of writing can be cancelled', async () => {
    const port = board();
    const session = await openFlashSession(port);
    const plan = planFlash(await surveyBoard(session, regions), regions, session.chip);
    const stop = new AbortController();
    const work = caught(
      session.write(plan, {
        signal: stop.signal,
        onProgress: (stage, done) => {
          if (stage !== 'writing' || done < 50_000) return;
          port.hangs = 'write';
          setTimeout(() => stop.abort(), 200);
        },
      }),
    );
    const { value, tookMs } = await timed(() => work);
    expect(value.code).toBe('cancelled');
    expect(tookMs).toBeLessThan(10_000);
    await session.close();
  }, 60_000);

  it('in close lets the session end all the same', async () => {
    const port = board();
    const session = await openFlashSession(port);
    port.hangs = 'close';
    expect((await timed(() => session.close())).tookMs).toBeLessThan(12_000);
  }, 30_000);
});
