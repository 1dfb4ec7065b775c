/**
 * A serial port at the other end of a raw TCP socket, with the interface of Web Serial's: bytes only. The bridge has its own rate
 * and nobody drives DTR and RTS, so the board must be put into its loader by other means.
 */
import type { ByteStream } from '../console/byte-stream.ts';
import type { SerialInputs, SerialOpenOptions, SerialPortLike } from '../link/serial-port.ts';
import { connectTcp } from './tcp-stream.ts';

const IDLE: SerialInputs = {
  dataCarrierDetect: false,
  clearToSend: false,
  ringIndicator: false,
  dataSetReady: false,
};

export class TcpPort extends EventTarget implements SerialPortLike {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  readonly #address: string;
  readonly #signal: AbortSignal;
  #stream: ByteStream | null = null;

  constructor(address: string, signal: AbortSignal) {
    super();
    this.#address = address;
    this.#signal = signal;
  }

  /** The rate is the bridge's. @throws InputError when nobody answers at the address */
  async open(_options: SerialOpenOptions): Promise<void> {
    if (this.#stream) throw new DOMException('The port is already open.', 'InvalidStateError');
    const stream = await connectTcp(this.#address, this.#signal);
    this.#stream = stream;
    let cancelled = false;
    this.readable = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const bytes = await stream.read().catch(() => null);
        if (bytes) controller.enqueue(bytes);
        else if (!cancelled && this.#stream === stream) this.#lose(controller);
      },
      cancel: () => {
        cancelled = true; // close() follows
        return stream.close();
      },
    });
    this.writable = new WritableStream<Uint8Array>({ write: (bytes) => stream.write(bytes) });
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    this.#forget();
    await stream?.close();
  }

  setSignals(): Promise<void> {
    return Promise.resolve();
  }
  getSignals(): Promise<SerialInputs> {
    return Promise.resolve(IDLE);
  }
  getInfo(): Record<string, never> {
    return {};
  }

  #forget(): void {
    this.#stream = null;
    this.readable = this.writable = null;
  }

  #lose(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#forget();
    controller.error(new DOMException('The bridge closed the connection.', 'NetworkError'));
    this.dispatchEvent(new Event('disconnect'));
  }
}
