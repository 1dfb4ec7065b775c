import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import type { SerialInputs, SerialOpenOptions, SerialPortLike } from '../link/serial-port.ts';
import { openSerialStream } from './byte-stream.ts';

/** The rules of Web Serial's streams: a passing error leaves a new `readable`, a lost device leaves null. */
class FakePort extends EventTarget implements SerialPortLike {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  readonly written: string[] = [];
  opened: SerialOpenOptions | null = null;
  signals: unknown = null;
  busy = false;
  /** Takes nothing any more, until the stream is aborted: a board that does not read. */
  stuck = false;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  async open(options: SerialOpenOptions): Promise<void> {
    if (this.busy) throw new DOMException('Failed to open serial port.', 'NetworkError');
    this.opened = options;
    this.#renew();
    this.writable = new WritableStream({
      write: async (bytes, controller) => {
        if (this.stuck) {
          await new Promise((_, reject) =>
            controller.signal.addEventListener('abort', () => reject(new Error('aborted'))),
          );
        }
        this.written.push(fromUtf8(bytes));
      },
    });
  }
  async close(): Promise<void> {
    if (this.readable?.locked || this.writable?.locked) throw new TypeError('locked');
    this.opened = null;
    this.readable = null;
    this.writable = null;
  }
  async setSignals(signals: unknown): Promise<void> {
    this.signals = signals;
  }
  async getSignals(): Promise<SerialInputs> {
    return {
      dataCarrierDetect: false,
      clearToSend: false,
      ringIndicator: false,
      dataSetReady: false,
    };
  }
  getInfo(): { usbVendorId: number } {
    return { usbVendorId: 1 };
  }
  say(text: string): void {
    this.#controller.enqueue(utf8(text));
  }
  /** Loses what is in the queue, as Chromium does on a framing error or an overrun. */
  stumble(): void {
    const controller = this.#controller;
    this.#renew();
    controller.error(new DOMException('FramingError', 'FramingError'));
  }
  unplug(): void {
    this.readable = null;
    this.#controller.error(new DOMException('The device has been lost.', 'NetworkError'));
  }
  #renew(): void {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
    });
  }
}

describe('a serial port as a byte stream', () => {
  it('is opened at 115200 with both control lines asserted, and given back closed', async () => {
    const port = new FakePort();
    const stream = await openSerialStream(port);
    expect(port.opened?.baudRate).toBe(115200);
    expect(port.signals).toEqual({ dataTerminalReady: true, requestToSend: true });
    const reading = stream.read();
    await stream.close();
    await stream.close();
    expect(await reading).toBeNull();
    expect(port.opened).toBeNull();
  });
  it('carries bytes both ways', async () => {
    const port = new FakePort();
    const stream = await openSerialStream(port);
    port.say('hello');
    expect(fromUtf8((await stream.read())!)).toBe('hello');
    await stream.write(utf8('world'));
    expect(port.written).toEqual(['world']);
    await stream.close();
  });
  it('goes on after passing errors', async () => {
    const port = new FakePort();
    const stream = await openSerialStream(port);
    const reading = stream.read();
    port.stumble();
    port.say('after');
    expect(fromUtf8((await reading)!)).toBe('after');
    await stream.close();
  });
  it('says "unplugged" when the device is lost while reading or writing', async () => {
    const port = new FakePort();
    const stream = await openSerialStream(port);
    const reading = stream.read();
    port.unplug();
    await expect(reading).rejects.toMatchObject({ code: 'unplugged' });
    port.writable = null;
    await expect(stream.write(utf8('x'))).rejects.toMatchObject({ code: 'unplugged' });
  });
  it('gives the port back closed although a write is stuck in it', async () => {
    const port = new FakePort();
    const stream = await openSerialStream(port);
    port.stuck = true;
    const writing = stream.write(utf8('x'));
    await Promise.resolve();
    await stream.close();
    expect(port.opened).toBeNull();
    await expect(writing).rejects.toMatchObject({ code: 'unplugged' });
  });
  it('says "in-use" when the port does not open', async () => {
    const port = new FakePort();
    port.busy = true;
    await expect(openSerialStream(port)).rejects.toMatchObject({ code: 'in-use' });
  });
});
