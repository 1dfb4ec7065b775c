/**
 * A session on top of a connected esptool-js loader whose stub runs: our own write loop, because
 * the library's cannot be cancelled, compresses anew for each board and blocks the thread.
 *
 * Source of the commands: esptool documentation, "Serial Protocol".
 */
import type { ESPLoader } from 'esptool-js';
import { bytesToHex, concatBytes } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import type { ChipName } from '../image/chips.ts';
import type { Bridge } from '../link/bridges.ts';
import { compressedOnce, zlib } from './compress.ts';
import { flashErrorOf } from './loader-failure.ts';
import { type FlashCode, FlashError } from './flash-error.ts';
import type { FlashSession, WriteOptions, WriteStage } from './flash-session.ts';
import type { LoaderTransport } from './loader-transport.ts';
import type { FlashPlan, PlannedErase, PlannedWrite } from './plan.ts';
import { strappedToLoader, watchdogReset } from './watchdog.ts';

/** What the stub sends in one go when flash is read: less at each new attempt, for bridges that lose the end of long packets. */
const READ_PACKET_SIZES = [0x1000, 0x400, 0x100] as const;
/** A packet begins within this, and each portion of it follows within this. */
const READ_WAIT_MS = 2000;
/** How often a region is written anew after a broken block, a lost answer or a wrong MD5. */
const REGION_ATTEMPTS = 3;
/** A region of at least this is looked at for a beginning that is right already: a job that was cut goes on there. */
const RESUME_STEP_BYTES = 0x10000;
/** How often one block is sent again after the stub said that it came damaged. */
const BLOCK_ATTEMPTS = 4;
/** The stub's codes for a block that was cut or changed on the way: nothing was done with it. */
const DAMAGED_BLOCK = /status 1,(192|193)\b/;
/** After these, trying again is pointless, except when the loader alone fell silent. */
const HOPELESS: readonly FlashCode[] = ['cancelled', 'unplugged', 'port-stuck', 'lost-contact'];
const RESET_MS = 100;
/** A cancelled job ends between two blocks; where the port or the stub holds one up for longer, at once. */
const CANCEL_GRACE_MS = 3000;

export interface BoardIdentity {
  chip: ChipName;
  description: string;
  mac: string;
  flashSizeBytes: number;
  secured: boolean;
  bridge: Bridge;
}

interface Job {
  write: PlannedWrite;
  /** Filled up with FF to whole words, as the stub wants it. */
  sizeBytes: number;
  packed: Uint8Array;
}

/** The part of a region that is sent. */
interface Rest {
  at: number;
  sizeBytes: number;
  packed: Uint8Array;
  /** Compressed bytes that need not be sent. */
  skippedBytes: number;
}

type Report = (stage: WriteStage, doneBytes: number) => void;

export class LoaderSession implements FlashSession {
  readonly chip: ChipName;
  readonly description: string;
  readonly mac: string;
  readonly flashSizeBytes: number;
  readonly secured: boolean;
  readonly bridge: Bridge;
  readonly #loader: ESPLoader;
  readonly #transport: LoaderTransport;
  /** Index of the packet size that works with this board. */
  #readSize = 0;

  constructor(loader: ESPLoader, transport: LoaderTransport, identity: BoardIdentity) {
    this.#loader = loader;
    this.#transport = transport;
    this.chip = identity.chip;
    this.description = identity.description;
    this.mac = identity.mac;
    this.flashSizeBytes = identity.flashSizeBytes;
    this.secured = identity.secured;
    this.bridge = identity.bridge;
  }

  get baudRate(): number {
    return this.#transport.baudrate;
  }

  async md5(at: number, sizeBytes: number): Promise<string> {
    const where = `MD5 of 0x${at.toString(16)}+${sizeBytes}`;
    try {
      return await this.#loader.flashMd5sum(at, sizeBytes);
    } catch {
      await this.#probe(where);
    }
    return this.#guard(where, () => this.#loader.flashMd5sum(at, sizeBytes));
  }

  async read(
    at: number,
    sizeBytes: number,
    onProgress?: (doneBytes: number, totalBytes: number) => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const where = `reading 0x${at.toString(16)}+${sizeBytes}`;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#readOnce(at, sizeBytes, READ_PACKET_SIZES[this.#readSize]!, onProgress);
      } catch (error) {
        if (attempt === READ_PACKET_SIZES.length) throw this.#worded(error, where);
        this.#readSize = Math.min(this.#readSize + 1, READ_PACKET_SIZES.length - 1);
        await this.#probe(where);
      }
    }
  }

  async write(plan: FlashPlan, options: WriteOptions = {}): Promise<void> {
    this.#refuse(plan);
    const { signal } = options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const insist = (): void => {
      timer = setTimeout(() => this.#transport.fail(new FlashError('cancelled')), CANCEL_GRACE_MS);
    };
    signal?.addEventListener('abort', insist, { once: true });
    try {
      await this.#write(plan, options);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', insist);
    }
  }

  async #write(plan: FlashPlan, options: WriteOptions): Promise<void> {
    const { signal } = options;
    options.onProgress?.('preparing', 0, 0);
    const jobs: Job[] = [];
    for (const write of plan.writes) {
      throwIfCancelled(signal);
      const sizeBytes = Math.ceil(write.bytes.length / 4) * 4;
      jobs.push({ write, sizeBytes, packed: await compressedOnce(write.md5, padded(write.bytes)) });
    }
    const total = jobs.reduce((sum, job) => sum + job.packed.length, 0);
    const report = (before: number): Report => {
      return (stage, doneBytes) => options.onProgress?.(stage, before + doneBytes, total);
    };
    for (const erase of plan.erases) {
      throwIfCancelled(signal);
      report(0)('erasing', 0);
      await this.#erase(erase);
    }
    let done = 0;
    for (const job of jobs) {
      await this.#writeRegion(job, report(done), signal);
      done += job.packed.length;
    }
    report(0)('finished', total);
  }

  async resetIntoFirmware(): Promise<void> {
    try {
      if (!(await this.#byWatchdog())) await this.#guard('while resetting', () => this.#byLines());
    } catch (error) {
      // Native USB leaves the bus with the restart that it was asked for.
      const native = this.bridge.kind === 'usb-jtag' || this.bridge.kind === 'usb-otg';
      if (!native || !(error instanceof FlashError) || error.code !== 'unplugged') throw error;
    }
  }

  /** True when the chip was restarted that way: where its lines cannot. */
  #byWatchdog(): Promise<boolean> {
    return this.#guard('while resetting by the watchdog', async () => {
      const { kind } = this.bridge;
      const needed =
        kind === 'usb-otg' ||
        (kind === 'usb-jtag' && (await strappedToLoader(this.#loader, this.chip)));
      return needed && watchdogReset(this.#loader, this.chip);
    });
  }

  /**
   * EN goes low for RTS without DTR, on bridges and on USB-Serial-JTAG alike; both idle first, so that USB-Serial-JTAG
   * forgets that it was asked for the loader.
   */
  async #byLines(): Promise<void> {
    await this.#transport.setSignals(false, false);
    await this.#transport.setSignals(false, true);
    await new Promise((resolve) => setTimeout(resolve, RESET_MS));
    await this.#transport.setSignals(false, false);
  }

  async close(): Promise<void> {
    await this.#transport.disconnect().catch(() => undefined);
    this.#transport.dispose();
  }

  #refuse(plan: FlashPlan): void {
    if (plan.chip !== this.chip) {
      throw new FlashError('wrong-chip', `plan for ${plan.chip}, board is ${this.chip}`);
    }
    if (plan.mac !== undefined && plan.mac !== this.mac) {
      throw new FlashError('wrong-board', `plan for ${plan.mac}, board is ${this.mac}`);
    }
    if (this.secured) throw new FlashError('secured-chip');
    const refusal = plan.refusals[0];
    if (refusal) {
      const code =
        refusal.code === 'wrong-chip' || refusal.code === 'secured-chip'
          ? refusal.code
          : 'plan-refused';
      throw new FlashError(code, refusal.message);
    }
  }

  async #erase(erase: PlannedErase): Promise<void> {
    const where = `erasing ${erase.name} at 0x${erase.at.toString(16)}`;
    const timeoutMs = 5000 + erase.sizeBytes * 0.03;
    await this.#guard(where, () =>
      this.#loader.checkCommand(
        'erase a region',
        this.#loader.ESP_ERASE_REGION,
        words(erase.at, erase.sizeBytes),
        0,
        0,
        timeoutMs,
      ),
    );
    const blank = new Uint8Array(erase.sizeBytes).fill(0xff);
    if ((await this.md5(erase.at, erase.sizeBytes)) !== bytesToHex(md5(blank))) {
      throw new FlashError('verify-failed', where);
    }
  }

  async #writeRegion(job: Job, report: Report, signal: AbortSignal | undefined): Promise<void> {
    const { name, at } = job.write;
    const where = `writing ${name} at 0x${at.toString(16)}`;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#sendRegion(await this.#rest(job), report, signal);
        report('verifying', job.packed.length);
        if ((await this.md5(at, job.write.bytes.length)) === job.write.md5) return;
        throw new FlashError('verify-failed', where);
      } catch (error) {
        const worded = this.#worded(error, where);
        const hopeless = HOPELESS.includes(worded.code);
        const silent = worded.code === 'lost-contact' && !this.#transport.lost;
        if ((hopeless && !silent) || attempt === REGION_ATTEMPTS) throw worded;
        await this.#probe(where);
      }
    }
  }

  /**
   * What is still to be sent of a region: all of it, unless its beginning is on the board. One MD5 over the first 64 KB tells;
   * only then the length of the right beginning is searched for by halves.
   */
  async #rest(job: Job): Promise<Rest> {
    const { write, packed, sizeBytes } = job;
    const all: Rest = { at: write.at, sizeBytes, packed, skippedBytes: 0 };
    const steps = Math.floor((write.bytes.length - 1) / RESUME_STEP_BYTES);
    const isRight = async (step: number): Promise<boolean> => {
      const wanted = write.bytes.subarray(0, step * RESUME_STEP_BYTES);
      return (await this.md5(write.at, wanted.length)) === bytesToHex(md5(wanted));
    };
    if (steps < 2 || !(await isRight(1))) return all;
    let [right, wrong] = [1, steps + 1];
    while (wrong - right > 1) {
      const middle = (right + wrong) >> 1;
      if (await isRight(middle)) right = middle;
      else wrong = middle;
    }
    const from = right * RESUME_STEP_BYTES;
    const rest = await zlib(padded(write.bytes.subarray(from)));
    const skippedBytes = Math.max(0, packed.length - rest.length);
    return { at: write.at + from, sizeBytes: sizeBytes - from, packed: rest, skippedBytes };
  }

  async #sendRegion(job: Rest, report: Report, signal: AbortSignal | undefined): Promise<void> {
    const loader = this.#loader;
    const { packed, sizeBytes, skippedBytes } = job;
    throwIfCancelled(signal);
    report('writing', skippedBytes);
    const blocks = await loader.flashDeflBegin(sizeBytes, packed.length, job.at);
    // The stub writes a block while the next one comes: its time to erase and program counts.
    const timeoutMs = 5000 + (4 * sizeBytes * 0.04) / Math.max(1, blocks);
    for (let number = 0; number < blocks; number++) {
      throwIfCancelled(signal);
      const start = number * loader.FLASH_WRITE_SIZE;
      const block = packed.subarray(start, start + loader.FLASH_WRITE_SIZE);
      await this.#sendBlock(block, number, timeoutMs);
      report('writing', skippedBytes + start + block.length);
    }
    await loader.flashDeflFinish(false, timeoutMs);
  }

  async #sendBlock(block: Uint8Array, number: number, timeoutMs: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#loader.flashDeflBlock(block, number, timeoutMs);
        return;
      } catch (error) {
        const damaged = error instanceof Error && DAMAGED_BLOCK.test(error.message);
        if (!damaged || attempt === BLOCK_ATTEMPTS) throw error;
      }
    }
  }

  async #readOnce(
    at: number,
    sizeBytes: number,
    packetSize: number,
    onProgress: ((doneBytes: number, totalBytes: number) => void) | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const loader = this.#loader;
    const ask = words(at, sizeBytes, packetSize, 1);
    await loader.checkCommand('read flash', loader.ESP_READ_FLASH, ask);
    const parts: Uint8Array[] = [];
    let done = 0;
    while (done < sizeBytes) {
      const packet = await this.#transport.read(READ_WAIT_MS);
      parts.push(packet);
      done += packet.length;
      await this.#transport.write(words(done));
      onProgress?.(done, sizeBytes);
    }
    const bytes = concatBytes(...parts);
    const digest = await this.#transport.read(3000 + sizeBytes * 0.008);
    if (bytes.length !== sizeBytes || bytesToHex(md5(bytes)) !== bytesToHex(digest)) {
      throw new FlashError('verify-failed', `reading 0x${at.toString(16)}+${sizeBytes}`);
    }
    return bytes;
  }

  /** After something odd: is the stub still there? Also ends a frame that lost its end. */
  async #probe(where: string): Promise<void> {
    for (let attempt = 1; attempt <= 4 && !this.#transport.lost; attempt++) {
      try {
        await this.#loader.readReg(this.#loader.CHIP_DETECT_MAGIC_REG_ADDR, 500);
        return;
      } catch {
        this.#loader.transport.flushInput();
      }
    }
    throw this.#worded(new Error('no answer to a probe'), where);
  }

  async #guard<T>(where: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#worded(error, where);
    }
  }

  #worded(error: unknown, where: string): FlashError {
    const text = error instanceof Error ? error.message : '';
    const reported = /failed with status/.test(text) ? 'write-failed' : 'lost-contact';
    const code = DAMAGED_BLOCK.test(text) ? 'bad-line' : reported;
    return flashErrorOf(error, this.#transport, code, where);
  }
}

function padded(bytes: Uint8Array): Uint8Array {
  const missing = (4 - (bytes.length % 4)) % 4;
  return missing === 0 ? bytes : concatBytes(bytes, new Uint8Array(missing).fill(0xff));
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new FlashError('cancelled');
}

function words(...values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, value, true));
  return bytes;
}
