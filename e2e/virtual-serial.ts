/**
 * Stands in for navigator.serial: virtual boards that live in the test's own process, where a reload of the page cannot reach
 * them, as ports that the page takes for real ones. Bytes cross as base64 over Playwright's bindings.
 *
 *   page: navigator.serial -> __serial(port, call) -> test: VirtualBoard.port (app/sim, with a real clock)
 */
import type { Page } from '@playwright/test';
import type { ChipName } from '../app/image/chips.ts';
import { buildEspImage } from '../app/image/esp-image.ts';
import { CHIPS } from '../app/image/chips.ts';
import { buildPartitionTable } from '../app/image/partition-table.ts';
import { utf8 } from '../app/base/bytes.ts';
import { seededRandom } from '../app/base/random.ts';
import type { SerialPortLike } from '../app/link/serial-port.ts';
import { Faults } from '../app/sim/faults.ts';
import type { VirtualBoard } from '../app/sim/board.ts';
import { createWorld, type World } from '../app/sim/world.ts';

/** What the page sees of a port. */
interface Call {
  readonly port: number;
  readonly method: 'open' | 'close' | 'setSignals' | 'read' | 'cancel' | 'write';
  readonly argument?: unknown;
}

interface Plugged {
  readonly board: VirtualBoard;
  readonly faults: Faults;
  reader: ReadableStreamDefaultReader<Uint8Array> | null;
}

export class VirtualSerial {
  readonly world: World;
  readonly #plugged: Plugged[] = [];
  readonly #present = new Set<number>();
  #page: Page;

  private constructor(page: Page) {
    this.#page = page;
    this.world = createWorld({ clock: 'real', seed: 1, bootMs: 300, paced: true });
  }

  /** To be called before the page is opened. */
  static async install(page: Page): Promise<VirtualSerial> {
    const serial = new VirtualSerial(page);
    await page.exposeBinding('__serial', (_source, call: Call) => serial.#perform(call));
    await page.exposeBinding('__serialPresent', () => [...serial.#present]);
    await page.addInitScript(inPage);
    return serial;
  }

  /** A new board, plugged in. Answers with its number. */
  async plug(chip: ChipName, mac: string): Promise<number> {
    const number = this.#plugged.length;
    const faults = new Faults();
    const board = this.world.addBoard({ chip, mac, x: 9 * number, y: 0, faults });
    this.#plugged.push({ board, faults, reader: null });
    this.#present.add(number);
    board.port.addEventListener('disconnect', () => this.#gone(number));
    board.powerOn();
    await this.#tell('connect', number);
    return number;
  }

  board(number: number): VirtualBoard {
    return this.#plugged[number]!.board;
  }
  faults(number: number): Faults {
    return this.#plugged[number]!.faults;
  }
  async pull(number: number): Promise<void> {
    this.board(number).unplug();
    await this.#page.waitForTimeout(50);
  }
  async putBack(number: number): Promise<void> {
    this.board(number).plug();
    this.#present.add(number);
    await this.#tell('connect', number);
  }
  close(): void {
    this.world.close();
  }

  #gone(number: number): void {
    this.#present.delete(number);
    this.#plugged[number]!.reader = null;
    void this.#tell('disconnect', number);
  }

  async #tell(event: 'connect' | 'disconnect', number: number): Promise<void> {
    // A page that is being left hears nothing any more.
    await this.#page
      .evaluate(([what, which]) => globalThis.__serialEvent?.(what, which), [
        event,
        number,
      ] as const)
      .catch(() => undefined);
  }

  async #perform({ port: number, method, argument }: Call): Promise<unknown> {
    const plugged = this.#plugged[number]!;
    const { port } = plugged.board;
    try {
      return { ok: await act(plugged, port, method, argument) };
    } catch (error) {
      const { name, message } = error as Error;
      return { error: { name, message } };
    }
  }

  /** A page went away: its ports are closed, as a browser does. */
  async release(): Promise<void> {
    for (const plugged of this.#plugged) {
      await plugged.reader?.cancel().catch(() => undefined);
      plugged.reader?.releaseLock();
      plugged.reader = null;
      await closed(plugged.board.port);
    }
  }
}

/** A write of the page's last moment holds the stream until the line has taken it. */
async function closed(port: SerialPortLike): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const error = await port.close().then(
      () => null,
      (reason: unknown) => reason,
    );
    if (error === null || (error as Error).name === 'InvalidStateError') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the port of a page that is gone does not close');
}

async function act(
  plugged: Plugged,
  port: SerialPortLike,
  method: Call['method'],
  argument: unknown,
): Promise<unknown> {
  switch (method) {
    case 'open':
      return port.open(argument as { baudRate: number });
    case 'setSignals':
      return port.setSignals(argument as { dataTerminalReady?: boolean });
    case 'write': {
      const writer = port.writable!.getWriter();
      try {
        await writer.write(new Uint8Array(Buffer.from(argument as string, 'base64')));
      } finally {
        writer.releaseLock();
      }
      return undefined;
    }
    case 'read': {
      plugged.reader ??= port.readable!.getReader();
      const { value, done } = await plugged.reader.read();
      return done ? null : Buffer.from(value).toString('base64');
    }
    case 'cancel':
    case 'close': {
      const { reader } = plugged;
      plugged.reader = null;
      await reader?.cancel().catch(() => undefined);
      reader?.releaseLock();
      return method === 'close' ? port.close() : undefined;
    }
  }
}

declare global {
  var __serialEvent: ((event: 'connect' | 'disconnect', port: number) => void) | undefined;
}

/** Runs in the page before anything else; must not use anything from outside. */
function inPage(): void {
  const page = globalThis as unknown as {
    __serial(call: unknown): Promise<{ ok?: unknown; error?: { name: string; message: string } }>;
    __serialPresent(): Promise<number[]>;
    __serialEvent(event: string, port: number): void;
  };
  const call = async (port: number, method: string, argument?: unknown): Promise<unknown> => {
    const { ok, error } = await page.__serial({ port, method, argument });
    if (error) throw new DOMException(error.message, error.name);
    return ok;
  };
  class Port extends EventTarget {
    #number: number;
    #open = false;
    #readable: ReadableStream<Uint8Array> | null = null;
    #writable: WritableStream<Uint8Array> | null = null;
    constructor(number: number) {
      super();
      this.#number = number;
    }
    get readable(): ReadableStream<Uint8Array> | null {
      if (!this.#open) return null;
      this.#readable ??= new ReadableStream<Uint8Array>(
        {
          pull: async (controller) => {
            const text = (await call(this.#number, 'read')) as string | null;
            if (text === null) {
              controller.close();
              this.#readable = null;
            } else controller.enqueue(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
          },
          cancel: async () => {
            this.#readable = null;
            await call(this.#number, 'cancel');
          },
        },
        { highWaterMark: 0 },
      );
      return this.#readable;
    }
    get writable(): WritableStream<Uint8Array> | null {
      if (!this.#open) return null;
      this.#writable ??= new WritableStream<Uint8Array>({
        write: async (bytes) => {
          let text = '';
          for (let at = 0; at < bytes.length; at += 8192) {
            text += String.fromCharCode(...bytes.subarray(at, at + 8192));
          }
          await call(this.#number, 'write', btoa(text));
        },
      });
      return this.#writable;
    }
    getInfo(): object {
      return { usbVendorId: 0x10c4, usbProductId: 0xea60 };
    }
    async open(options: object): Promise<void> {
      await call(this.#number, 'open', { ...options });
      this.#open = true;
    }
    async close(): Promise<void> {
      this.lost();
      await call(this.#number, 'close');
    }
    async setSignals(signals: object): Promise<void> {
      await call(this.#number, 'setSignals', { ...signals });
    }
    async getSignals(): Promise<object> {
      return {};
    }
    lost(): void {
      this.#open = false;
      this.#readable = this.#writable = null;
    }
  }
  const ports = new Map<number, Port>();
  const portOf = (number: number): Port => {
    const port = ports.get(number) ?? new Port(number);
    ports.set(number, port);
    return port;
  };
  const serial = new (class extends EventTarget {
    async getPorts(): Promise<Port[]> {
      return (await page.__serialPresent()).map(portOf);
    }
    async requestPort(): Promise<Port> {
      throw new DOMException('No port selected by the user.', 'NotFoundError');
    }
  })();
  page.__serialEvent = (event, number) => {
    const port = portOf(number);
    if (event === 'disconnect') port.lost();
    port.dispatchEvent(new Event(event));
    serial.dispatchEvent(new Event(event));
  };
  Object.defineProperty(navigator, 'serial', { value: serial, configurable: true });
}

/** A runtime file as long as a stock one, that no check can tell from it, and that no chip could run. */
export function madeUpRuntime(chip: ChipName, programBytes = 1_700_000): Uint8Array {
  const { imageChipId, bootloaderAt } = CHIPS[chip];
  const random = seededRandom(7);
  const program = new Uint8Array(programBytes - (programBytes % 4));
  for (let at = 0; at < program.length; at += 48) {
    program.set(random.bytes(Math.min(32, program.length - at)), at);
  }
  const banner = new Uint8Array(512);
  banner.set(utf8('MicroPython v1.26.0 on 2025-08-09; made up for a test'), 300);
  const image = (...segments: Uint8Array[]): Uint8Array =>
    buildEspImage({
      chipId: imageChipId,
      entry: 0x40080000,
      segments: segments.map((bytes) => ({ loadAddress: 0x3f400020, bytes })),
    });
  const table = buildPartitionTable([
    { type: 1, subtype: 2, at: 0x9000, sizeBytes: 0x6000, label: 'nvs', flags: 0 },
    { type: 1, subtype: 1, at: 0xf000, sizeBytes: 0x1000, label: 'phy_init', flags: 0 },
    { type: 0, subtype: 0, at: 0x10000, sizeBytes: 0x1f0000, label: 'factory', flags: 0 },
  ]);
  const app = image(banner, program);
  const file = new Uint8Array(0x10000 - bootloaderAt + app.length).fill(0xff);
  file.set(image(new Uint8Array(2048).fill(0x5a)));
  file.set(table, 0x8000 - bootloaderAt);
  file.set(app, 0x10000 - bootloaderAt);
  return file;
}
