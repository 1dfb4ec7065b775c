/** The worker's end of one serial port: opens, closes and drives the chip's port as the page's port was told to. */
import type { SerialPortLike } from '../link/serial-port.ts';

export interface PortServerOptions {
  onBytes: (bytes: Uint8Array) => void;
  onConnected: (connected: boolean) => void;
  onError: (error: unknown) => void;
}

export class PortServer {
  readonly #port: SerialPortLike;
  readonly #options: PortServerOptions;
  /** What was asked for is done in order. */
  #chain: Promise<void> = Promise.resolve();
  #baud = 0;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #lost = (): void => {
    this.#baud = 0;
    this.#reader = undefined;
    this.#options.onConnected(false);
  };
  readonly #found = (): void => this.#options.onConnected(true);

  constructor(port: SerialPortLike, options: PortServerOptions) {
    this.#port = port;
    this.#options = options;
    port.addEventListener('disconnect', this.#lost);
    port.addEventListener('connect', this.#found);
  }

  line(baud: number, dtr: boolean, rts: boolean): void {
    this.#then(async () => {
      if (baud !== this.#baud) {
        if (this.#baud !== 0) await this.#close();
        if (baud === 0) return;
        await this.#port.open({ baudRate: baud });
        this.#baud = baud;
        this.#read();
      }
      if (baud !== 0) await this.#port.setSignals({ dataTerminalReady: dtr, requestToSend: rts });
    });
  }

  write(bytes: Uint8Array, done: () => void): void {
    this.#then(async () => {
      try {
        const writer = this.#port.writable?.getWriter();
        if (!writer) return;
        try {
          await writer.write(bytes);
        } finally {
          writer.releaseLock();
        }
      } finally {
        done();
      }
    });
  }

  end(): void {
    this.#port.removeEventListener('disconnect', this.#lost);
    this.#port.removeEventListener('connect', this.#found);
    this.#then(() => this.#close());
  }

  #then(run: () => Promise<void>): void {
    this.#chain = this.#chain.then(run).catch((error: unknown) => {
      // The cable may come out at any moment: the page is told by the event.
      const name = error instanceof DOMException ? error.name : '';
      if (name !== 'NetworkError' && name !== 'InvalidStateError') this.#options.onError(error);
    });
  }

  #read(): void {
    const reader = this.#port.readable?.getReader();
    this.#reader = reader;
    const pump = async (): Promise<void> => {
      while (reader) {
        const { value, done } = await reader.read();
        if (done) return;
        this.#options.onBytes(value);
      }
    };
    pump().catch(() => undefined); // lost: the disconnect event says so
  }

  async #close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    if (this.#baud === 0) return;
    this.#baud = 0;
    if (reader) {
      await reader.cancel();
      reader.releaseLock();
    }
    await this.#port.close();
  }
}
