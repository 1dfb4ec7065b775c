/**
 * A board for tests: the node of firmware-src on a line that the test can cut, with the NVS that a flash left. What
 * it says and takes are the bytes of the real console.
 */
import { NvsStore } from '../../image/nvs/store.ts';
import type { NvsEntry } from '../../image/nvs/value.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import type { ByteStream } from '../../console/byte-stream.ts';
import { v8Crypto } from '../../keys/crypto.ts';
import type { TestClock } from '../../console/testing/test-clock.ts';
import { Node } from '../../../firmware-src/node/node.ts';
import { macBytes } from '../../../firmware-src/std/hex.ts';
import {
  BYTE_ENDS_FRAME,
  HOST_LINE_BYTES,
  LineReader,
} from '../../../firmware-src/wire/console-line.ts';

const TICK_MS = 50;
export const FIRMWARE_ID = '0.1.0+test';

export class NodeBoard {
  readonly mac: string;
  nvs: NvsStore;
  /** Lines in either direction pass this; false loses one. */
  passes: (direction: 'to board' | 'to host', line: string) => boolean = () => true;
  /** Writing credentials fails. */
  brokenNvs = false;
  /** Boards that hear this one. */
  near: readonly NodeBoard[] = [];
  boots = 0;
  /** Every line in both directions. */
  readonly traffic: string[] = [];
  firmware = FIRMWARE_ID;
  readonly #clock: TestClock;
  #node: Node | null = null;
  #bootedAtMs = 0;
  #reader = new LineReader(HOST_LINE_BYTES);
  #line: BoardLine | null = null;

  constructor(mac: string, clock: TestClock, entries: readonly NvsEntry[] = []) {
    this.mac = mac;
    this.#clock = clock;
    this.nvs = NvsStore.create(0x6000);
    for (const { namespace, key, value } of entries) this.nvs.set(namespace, key, value);
    void this.#tick();
  }

  /** What the board has stored; null until joined. */
  get credentials(): Uint8Array | null {
    return this.#blob('creds');
  }

  /** Plugs the cable in: one stream at a time, as with a port. */
  connect(): ByteStream {
    if (this.#line !== null && !this.#line.closed) throw new Error('the port is open already');
    this.#line = new BoardLine(this);
    return this.#line;
  }

  powerOff(): void {
    this.#node = null;
  }

  boot(): void {
    this.boots++;
    const boot = this.#integer('boot') + 1;
    this.nvs.set('mesh', 'boot', { kind: 'i32', value: boot });
    this.#bootedAtMs = this.#clock.nowMs();
    this.#reader = new LineReader(HOST_LINE_BYTES);
    this.say('ets Jun  8 2016 00:22:57\r\nrst:0x1 (POWERON_RESET),boot:0x13\r\n');
    const name = this.#blob('name');
    this.#node = new Node({
      mac: macBytes(this.mac)!,
      chip: 'esp32',
      runtime: '1.26.0',
      firmware: this.firmware,
      reset: 'hard',
      identity: name && {
        name: fromUtf8(name),
        zone: fromUtf8(this.#blob('zone') ?? new Uint8Array()),
        nodeKey: this.#blob('node_key'),
        consoleKey: this.#blob('console_key'),
        setupKey: this.#blob('setup_key'),
      },
      credentials: this.credentials,
      boot,
      adminCounter: this.#integer('admin_n'),
      deliveryCounter: this.#integer('deliv_n'),
      channel: this.#integer('channel'),
      crypto: v8Crypto,
    });
    this.#node.start(0);
    this.#drain();
  }

  say(text: string): void {
    this.#line?.fromBoard(new TextEncoder().encode(text));
  }

  takeFromHost(bytes: Uint8Array): void {
    const line = fromUtf8(bytes);
    this.traffic.push(line);
    if (this.#node === null || !this.passes('to board', line)) return;
    for (const byte of bytes) {
      if (this.#reader.push(byte) !== BYTE_ENDS_FRAME) continue;
      this.#node?.receiveLine(this.#reader.frame().slice(), this.#uptimeMs());
      this.#drain();
    }
  }

  async #tick(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(TICK_MS);
      this.#node?.tick(this.#uptimeMs());
      this.#drain();
    }
  }

  #drain(): void {
    for (;;) {
      const output = this.#node?.poll(this.#uptimeMs()) ?? null;
      if (output === null) return;
      if (output.kind === 'line') {
        const line = fromUtf8(output.bytes);
        this.traffic.push(line);
        if (this.passes('to host', line)) this.#line?.fromBoard(output.bytes);
      } else if (output.kind === 'credentials') {
        if (!this.brokenNvs) this.nvs.set('mesh', 'creds', { kind: 'blob', bytes: output.bytes });
        this.#node?.stored(output.bytes, !this.brokenNvs, this.#uptimeMs());
      } else if (output.kind === 'number') {
        this.nvs.set('mesh', output.key, { kind: 'i32', value: output.value });
      } else if (output.kind === 'frame') {
        for (const near of this.near) near.hear(this.#key, output.to, output.bytes);
      } else if (output.kind === 'reboot') {
        this.boot();
      }
    }
  }

  /** A button held for as long as setup wants it. */
  press(): void {
    this.#node?.press(this.#uptimeMs());
    this.#drain();
  }

  /** ESP-NOW without channels and encryption: those are the firmware's own tests. */
  hear(from: string, to: string, bytes: Uint8Array): void {
    if (to !== '' && to !== this.#key) return;
    this.#node?.receiveFrame(from, -50, bytes, this.#uptimeMs());
  }

  get #key(): string {
    return this.mac.replaceAll(':', '');
  }

  #uptimeMs(): number {
    return Math.floor(this.#clock.nowMs() - this.#bootedAtMs);
  }
  #blob(key: string): Uint8Array | null {
    const value = this.nvs.get('mesh', key);
    return value?.kind === 'blob' ? value.bytes : null;
  }
  #integer(key: string): number {
    const value = this.nvs.get('mesh', key);
    return value?.kind === 'i32' ? value.value : 0;
  }
}

class BoardLine implements ByteStream {
  closed = false;
  readonly #board: NodeBoard;
  #queue: Uint8Array[] = [];
  #wake: () => void = () => {};

  constructor(board: NodeBoard) {
    this.#board = board;
  }

  fromBoard(bytes: Uint8Array): void {
    this.#queue.push(bytes.slice());
    this.#wake();
  }
  async read(): Promise<Uint8Array | null> {
    while (this.#queue.length === 0) {
      if (this.closed) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#queue.shift()!;
  }
  async write(bytes: Uint8Array): Promise<void> {
    if (this.closed) throw new Error('the cable is out');
    this.#board.takeFromHost(bytes);
  }
  async close(): Promise<void> {
    this.closed = true;
    this.#wake();
  }
}

/** Moves the clock until the promise settles; gives up after ten minutes of it. */
export async function withTime<T>(clock: TestClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  promise.then(mark, mark);
  for (let i = 0; i < 6000 && !settled; i++) await clock.advance(100);
  return promise;
}
