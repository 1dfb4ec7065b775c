/**
 * A serial port on the other side of a message channel: the page keeps the port, a worker uses it
 * (or the other way round, for virtual boards that live in a worker). Both ends are needed because
 * browsers neither transfer a SerialPort nor give it an identity that getPorts() could find again.
 *
 * Every action is a call with a number and one answer; only "connect" and "disconnect" come unasked.
 * Reading is one call a chunk, so an idle reader lets bytes wait in the real port.
 */
import type {
  SerialInputs,
  SerialOpenOptions,
  SerialPortLike,
  SerialSignals,
} from './serial-port.ts';

type Method =
  'open' | 'close' | 'setSignals' | 'getSignals' | 'read' | 'cancel' | 'write' | 'abort';

interface Call {
  call: number;
  method: Method;
  argument?: unknown;
}

type Reply =
  | { answer: number; value?: unknown }
  | { answer: number; error: { name: string; message: string } }
  | { event: 'connect' | 'disconnect' };

/** What both ends need of a MessagePort; browsers' and Node's have it. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

function plainError(error: unknown): { name: string; message: string } {
  if (error instanceof Error || error instanceof DOMException) {
    return { name: error.name, message: error.message };
  }
  return { name: 'Error', message: String(error) };
}

function revivedError({ name, message }: { name: string; message: string }): Error {
  return name === 'TypeError' ? new TypeError(message) : new DOMException(message, name);
}

function channelClosed(): DOMException {
  return new DOMException('The channel to the port was closed.', 'NetworkError');
}

/**
 * Lets the other end of the channel use this port. Answers with a function that stops serving and
 * closes the channel; the port stays as it is.
 */
export function servePort(port: SerialPortLike, channel: Channel): () => void {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  /** The device went away while it was open: the other end may still have calls on their way. */
  let lost = false;
  const closed = (): DOMException =>
    lost
      ? new DOMException('The device has been lost.', 'NetworkError')
      : new DOMException('The port is closed.', 'InvalidStateError');

  const read = async (): Promise<Uint8Array | undefined> => {
    const readable = port.readable;
    if (!reader && !readable) throw closed();
    reader ??= readable!.getReader();
    const current = reader;
    try {
      const { value, done } = await current.read();
      if (!done) return value;
    } catch (error) {
      release(current);
      throw error;
    }
    release(current);
    return undefined;
  };
  const release = (which: ReadableStreamDefaultReader<Uint8Array>): void => {
    which.releaseLock();
    if (reader === which) reader = undefined;
  };
  const cancel = async (): Promise<void> => {
    const current = reader;
    if (!current) return;
    await current.cancel();
    release(current);
  };
  const write = async (bytes: Uint8Array): Promise<void> => {
    const writable = port.writable;
    if (!writable) throw closed();
    const current = writable.getWriter();
    writer = current;
    try {
      await current.write(bytes);
    } finally {
      current.releaseLock();
      if (writer === current) writer = undefined;
    }
  };
  /** Also while a write is stuck, which holds the stream. */
  const abort = async (): Promise<void> => {
    if (writer) await writer.abort();
    else await port.writable?.abort();
  };
  const act = async (method: Method, argument: unknown): Promise<unknown> => {
    switch (method) {
      case 'open':
        lost = false;
        return port.open(argument as SerialOpenOptions);
      case 'close':
        await cancel().catch(() => undefined);
        if (writer) await writer.abort().catch(() => undefined);
        return port.close();
      case 'setSignals':
        return port.setSignals(argument as SerialSignals);
      case 'getSignals':
        return port.getSignals();
      case 'read':
        return read();
      case 'cancel':
        return cancel();
      case 'write':
        return write(argument as Uint8Array);
      case 'abort':
        return abort();
    }
  };

  const tell = (message: Reply): void => channel.postMessage(message);
  const onConnect = (): void => tell({ event: 'connect' });
  const onDisconnect = (): void => {
    lost = true;
    tell({ event: 'disconnect' });
  };
  port.addEventListener('connect', onConnect);
  port.addEventListener('disconnect', onDisconnect);
  channel.onmessage = (event) => {
    const { call, method, argument } = event.data as Call;
    act(method, argument).then(
      (value) => tell({ answer: call, value }),
      (error: unknown) => tell({ answer: call, error: plainError(error) }),
    );
  };
  return () => {
    port.removeEventListener('connect', onConnect);
    port.removeEventListener('disconnect', onDisconnect);
    channel.onmessage = null;
    void cancel().catch(() => undefined);
    channel.close();
  };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The port at the other end of a channel that servePort() serves. */
export class RemotePort extends EventTarget implements SerialPortLike {
  readonly #channel: Channel;
  readonly #info: { usbVendorId?: number | undefined; usbProductId?: number | undefined };
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #open = false;
  #detached = false;
  #readable: ReadableStream<Uint8Array> | null = null;
  #writable: WritableStream<Uint8Array> | null = null;

  /** @param info what getInfo() of the served port says. */
  constructor(
    channel: Channel,
    info: { usbVendorId?: number | undefined; usbProductId?: number | undefined },
  ) {
    super();
    this.#channel = channel;
    this.#info = info;
    channel.onmessage = (event) => this.#receive(event.data as Reply);
  }

  get readable(): ReadableStream<Uint8Array> | null {
    if (this.#open) this.#readable ??= this.#makeReadable();
    return this.#readable;
  }

  get writable(): WritableStream<Uint8Array> | null {
    if (this.#open) this.#writable ??= this.#makeWritable();
    return this.#writable;
  }

  getInfo(): { usbVendorId?: number | undefined; usbProductId?: number | undefined } {
    return { ...this.#info };
  }

  async open(options: SerialOpenOptions): Promise<void> {
    await this.#call('open', { ...options });
    this.#open = true;
  }

  async close(): Promise<void> {
    if (this.#readable?.locked) throw new TypeError('Cannot cancel a locked stream');
    if (this.#writable?.locked) throw new TypeError('Cannot abort a locked stream');
    this.#forget();
    await this.#call('close');
  }

  async setSignals(signals: SerialSignals): Promise<void> {
    await this.#call('setSignals', { ...signals });
  }

  async getSignals(): Promise<SerialInputs> {
    return (await this.#call('getSignals')) as SerialInputs;
  }

  /** Ends the channel; the served port stays as it is. */
  detach(): void {
    this.#forget();
    this.#detached = true;
    this.#channel.onmessage = null;
    this.#channel.close();
    for (const waiting of this.#waiting.values()) waiting.reject(channelClosed());
    this.#waiting.clear();
  }

  #forget(): void {
    this.#open = false;
    this.#readable = this.#writable = null;
  }

  #call(method: Method, argument?: unknown): Promise<unknown> {
    if (this.#detached) return Promise.reject(channelClosed());
    return new Promise((resolve, reject) => {
      const call = ++this.#calls;
      this.#waiting.set(call, { resolve, reject });
      this.#channel.postMessage({ call, method, argument } satisfies Call);
    });
  }

  #receive(reply: Reply): void {
    if ('event' in reply) {
      if (reply.event === 'disconnect') this.#forget();
      this.dispatchEvent(new Event(reply.event));
      return;
    }
    const waiting = this.#waiting.get(reply.answer);
    this.#waiting.delete(reply.answer);
    if ('error' in reply) waiting?.reject(revivedError(reply.error));
    else waiting?.resolve(reply.value);
  }

  #makeReadable(): ReadableStream<Uint8Array> {
    const stream: ReadableStream<Uint8Array> = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const bytes = (await this.#call('read')) as Uint8Array | undefined;
            if (bytes) {
              controller.enqueue(bytes);
              return;
            }
          } catch (error) {
            if (this.#readable === stream) this.#readable = null;
            throw error;
          }
          if (this.#readable === stream) this.#readable = null;
          controller.close();
        },
        cancel: async () => {
          if (this.#readable === stream) this.#readable = null;
          await this.#call('cancel');
        },
      },
      { highWaterMark: 0 },
    );
    return stream;
  }

  #makeWritable(): WritableStream<Uint8Array> {
    let aborted: Promise<unknown> = Promise.resolve();
    const stream: WritableStream<Uint8Array> = new WritableStream<Uint8Array>({
      start: (controller) => {
        // At once: abort() below is called only when the write that is stuck has ended.
        controller.signal.addEventListener('abort', () => {
          if (this.#writable === stream) this.#writable = null;
          aborted = this.#call('abort');
          aborted.catch(() => undefined);
        });
      },
      write: async (bytes) => {
        await this.#call('write', bytes);
      },
      abort: async () => {
        await aborted;
      },
      close: () => {
        if (this.#writable === stream) this.#writable = null;
      },
    });
    return stream;
  }
}
