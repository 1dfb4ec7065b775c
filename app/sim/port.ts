/**
 * A virtual board's serial port with the interface and the manners of Web Serial's SerialPort.
 *
 * Source: WICG Serial API: streams are made anew after a cancel, abort or reopen; open() of an open
 * port and any use of a closed one reject with InvalidStateError; a lost device errors both streams
 * with NetworkError and then fires "disconnect". As on Linux, opening raises DTR and RTS together
 * and closing drops them together, which a classic auto-reset circuit does not notice.
 */
import type {
  SerialInputs,
  SerialOpenOptions,
  SerialPortLike,
  SerialSignals,
} from '../link/serial-port.ts';
import type { Faults } from './faults.ts';
import type { Uart } from './uart.ts';

/** What the host keeps of the bytes that nobody has read yet. */
const UNREAD_LIMIT = 1 << 20;

export interface PortInfo {
  usbVendorId: number;
  usbProductId: number;
}

export interface PortOptions {
  info: PortInfo;
  uart: Uart;
  faults: Faults;
  /** The lines changed; both values at once, as one USB control request carries them. */
  onSignals(dataTerminalReady: boolean, requestToSend: boolean): void;
}

function networkError(text: string): DOMException {
  return new DOMException(text, 'NetworkError');
}

function invalidState(text: string): DOMException {
  return new DOMException(text, 'InvalidStateError');
}

export class VirtualPort extends EventTarget implements SerialPortLike {
  readonly #options: PortOptions;
  #plugged = true;
  #open = false;
  #closing = false;
  #dtr = false;
  #rts = false;
  #readable: ReadableStream<Uint8Array> | null = null;
  #writable: WritableStream<Uint8Array> | null = null;
  #readController: ReadableStreamDefaultController<Uint8Array> | undefined;
  #writeController: WritableStreamDefaultController | undefined;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;

  constructor(options: PortOptions) {
    super();
    this.#options = options;
    options.uart.onHostInput = (bytes) => this.#receive(bytes);
  }

  get connected(): boolean {
    return this.#plugged;
  }

  get readable(): ReadableStream<Uint8Array> | null {
    if (!this.#open) return null;
    this.#readable ??= this.#makeReadable();
    return this.#readable;
  }

  get writable(): WritableStream<Uint8Array> | null {
    if (!this.#open) return null;
    this.#writable ??= this.#makeWritable();
    return this.#writable;
  }

  getInfo(): PortInfo {
    return { ...this.#options.info };
  }

  async open(options: SerialOpenOptions): Promise<void> {
    if (this.#open || this.#closing) throw invalidState('The port is already open.');
    if (!Number.isInteger(options.baudRate) || options.baudRate <= 0) {
      throw new TypeError('Requested baud rate must be greater than zero.');
    }
    if (options.bufferSize !== undefined && options.bufferSize <= 0) {
      throw new TypeError('Requested buffer size must be greater than zero.');
    }
    if (!this.#plugged || this.#options.faults.portBusy) {
      throw networkError('Failed to open serial port.');
    }
    this.#open = true;
    this.#options.uart.hostBaud = options.baudRate;
    if (this.#options.faults.resetOnOpen) this.#setLines(false, true);
    this.#setLines(true, true);
  }

  async close(): Promise<void> {
    if (!this.#open) throw invalidState('The port is already closed.');
    if (this.#readable?.locked) throw new TypeError('Cannot cancel a locked stream');
    if (this.#writable?.locked) throw new TypeError('Cannot abort a locked stream');
    this.#closing = true;
    try {
      await Promise.all([this.#readable?.cancel(), this.#writable?.abort()]);
    } finally {
      this.#closing = false;
    }
    if (!this.#open) return; // lost meanwhile
    this.#forgetStreams();
    this.#setLines(false, false);
  }

  async setSignals(signals: SerialSignals): Promise<void> {
    if (!this.#open) throw invalidState('The port is closed.');
    const { dataTerminalReady, requestToSend } = signals;
    if (dataTerminalReady === undefined && requestToSend === undefined && !('break' in signals)) {
      throw new TypeError('Signals dictionary must contain at least one member.');
    }
    this.#setLines(dataTerminalReady ?? this.#dtr, requestToSend ?? this.#rts);
  }

  async getSignals(): Promise<SerialInputs> {
    if (!this.#open) throw invalidState('The port is closed.');
    return {
      dataCarrierDetect: false,
      clearToSend: false,
      ringIndicator: false,
      dataSetReady: false,
    };
  }

  /** The cable is out: for the board's side. */
  lose(): void {
    if (!this.#plugged) return;
    this.#plugged = false;
    if (this.#open) {
      const lost = networkError('The device has been lost.');
      const [reading, writing] = [this.#readController, this.#writeController];
      this.#forgetStreams();
      this.#dtr = this.#rts = false;
      reading?.error(lost);
      writing?.error(lost);
    }
    this.dispatchEvent(new Event('disconnect', { bubbles: true }));
  }

  /** The cable is in again: browsers give the page the same object and fire "connect". */
  regain(): void {
    if (this.#plugged) return;
    this.#plugged = true;
    this.dispatchEvent(new Event('connect', { bubbles: true }));
  }

  #forgetStreams(): void {
    this.#open = false;
    this.#readable = this.#writable = null;
    this.#readController = this.#writeController = undefined;
    this.#discardUnread();
    this.#options.uart.hostBaud = 0;
  }

  #setLines(dtr: boolean, rts: boolean): void {
    if (dtr === this.#dtr && rts === this.#rts) return;
    this.#dtr = dtr;
    this.#rts = rts;
    this.#options.onSignals(dtr, rts);
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#open || this.#unreadBytes + bytes.length > UNREAD_LIMIT) return;
    this.#unread.push(bytes.slice());
    this.#unreadBytes += bytes.length;
    this.#handOver();
  }

  #handOver(): void {
    const controller = this.#readController;
    if (!controller || this.#unreadBytes === 0 || (controller.desiredSize ?? 0) <= 0) return;
    const bytes = new Uint8Array(this.#unreadBytes);
    let at = 0;
    for (const part of this.#unread) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#discardUnread();
    controller.enqueue(bytes);
  }

  #discardUnread(): void {
    this.#unread = [];
    this.#unreadBytes = 0;
  }

  #makeReadable(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#readController = controller;
      },
      pull: () => this.#handOver(),
      cancel: () => {
        this.#readable = null;
        this.#readController = undefined;
        this.#discardUnread();
      },
    });
  }

  #makeWritable(): WritableStream<Uint8Array> {
    const gone = (): void => {
      this.#writable = null;
      this.#writeController = undefined;
    };
    return new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#writeController = controller;
      },
      write: async (bytes, controller) => {
        const alive = (): boolean => this.#writeController === controller;
        await this.#options.uart.sendToBoard(bytes, alive);
        if (!alive() && !this.#plugged) throw networkError('The device has been lost.');
      },
      close: gone,
      abort: gone,
    });
  }
}
