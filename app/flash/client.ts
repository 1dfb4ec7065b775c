/**
 * The page's side of the flasher's worker: sessions with the same interface as esptool.ts gives,
 * while everything that takes time runs in the worker. The port stays on the page, which only
 * passes bytes on; so real ports and virtual boards go the same way.
 */
import type { ChipName } from '../image/chips.ts';
import type { Bridge } from '../link/bridges.ts';
import { type Channel, servePort } from '../link/remote-port.ts';
import type { SerialPortLike } from '../link/serial-port.ts';
import { FlashError } from './flash-error.ts';
import type { FlashSession, OpenOptions, WriteOptions } from './flash-session.ts';
import type { FlashPlan } from './plan.ts';
import {
  OPENING,
  type Opened,
  type SessionCall,
  type SessionReply,
  type StartMessage,
} from './worker-protocol.ts';

/** Sends the first message with its two channels: a Worker's postMessage, or a test's. */
export type StartWorker = (message: StartMessage, transfer: MessagePort[]) => void;

/** One worker serves any number of sessions at once. */
export function flashWorker(): { start: StartWorker; stop(): void } {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    type: 'module',
    name: 'flasher',
  });
  return {
    start: (message, transfer) => worker.postMessage(message, transfer),
    stop: () => worker.terminate(),
  };
}

/** As openFlashSession() in esptool.ts, in a worker. @throws FlashError */
export async function openFlashSessionIn(
  start: StartWorker,
  port: SerialPortLike,
  options: OpenOptions = {},
): Promise<FlashSession> {
  const portChannel = new MessageChannel();
  const callChannel = new MessageChannel();
  const stopServing = servePort(port, portChannel.port1);
  const session = new WorkerSession(callChannel.port1, options, stopServing);
  const { baudRate, attempts, reset } = options;
  start(
    {
      start: true,
      port: portChannel.port2,
      calls: callChannel.port2,
      info: port.getInfo(),
      baudRate,
      attempts,
      reset,
    },
    [portChannel.port2, callChannel.port2],
  );
  await session.opened(options.signal);
  return session;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: FlashError): void;
  onProgress?: ((reply: Extract<SessionReply, { progress: number }>) => void) | undefined;
}

class WorkerSession implements FlashSession {
  #identity: Opened | undefined;
  readonly #channel: Channel;
  readonly #options: OpenOptions;
  readonly #stopServing: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #calls: number = OPENING;

  constructor(channel: Channel, options: OpenOptions, stopServing: () => void) {
    this.#channel = channel;
    this.#options = options;
    this.#stopServing = stopServing;
    channel.onmessage = (event) => this.#receive(event.data as SessionReply);
  }

  get chip(): ChipName {
    return this.#known.chip;
  }
  get description(): string {
    return this.#known.description;
  }
  get mac(): string {
    return this.#known.mac;
  }
  get flashSizeBytes(): number {
    return this.#known.flashSizeBytes;
  }
  get secured(): boolean {
    return this.#known.secured;
  }
  get bridge(): Bridge {
    return this.#known.bridge;
  }
  get baudRate(): number {
    return this.#known.baudRate;
  }

  async opened(signal: AbortSignal | undefined): Promise<void> {
    try {
      this.#identity = (await this.#wait(OPENING, signal)) as Opened;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async md5(at: number, sizeBytes: number): Promise<string> {
    return (await this.#call({ call: this.#next(), method: 'md5', at, sizeBytes })) as string;
  }

  async read(
    at: number,
    sizeBytes: number,
    onProgress?: (doneBytes: number, totalBytes: number) => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const call: SessionCall = { call: this.#next(), method: 'read', at, sizeBytes };
    const bytes = await this.#call(call, undefined, (reply) =>
      onProgress?.(reply.doneBytes, reply.totalBytes),
    );
    return bytes as Uint8Array<ArrayBuffer>;
  }

  async write(plan: FlashPlan, options: WriteOptions = {}): Promise<void> {
    const call: SessionCall = { call: this.#next(), method: 'write', plan };
    await this.#call(call, options.signal, (reply) => {
      if (reply.stage) options.onProgress?.(reply.stage, reply.doneBytes, reply.totalBytes);
    });
  }

  async resetIntoFirmware(): Promise<void> {
    await this.#call({ call: this.#next(), method: 'resetIntoFirmware' });
  }

  async close(): Promise<void> {
    try {
      await this.#call({ call: this.#next(), method: 'close' });
    } finally {
      this.#end();
    }
  }

  get #known(): Opened {
    if (!this.#identity) throw new Error('the session is not open');
    return this.#identity;
  }

  #next(): number {
    return ++this.#calls;
  }

  #call(
    message: Exclude<SessionCall, { cancel: number }>,
    signal?: AbortSignal,
    onProgress?: Waiting['onProgress'],
  ): Promise<unknown> {
    const answer = this.#wait(message.call, signal, onProgress);
    this.#channel.postMessage(message);
    return answer;
  }

  async #wait(
    number: number,
    signal?: AbortSignal,
    onProgress?: Waiting['onProgress'],
  ): Promise<unknown> {
    const cancel = (): void => this.#channel.postMessage({ cancel: number } satisfies SessionCall);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject, onProgress });
    });
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await answer;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #receive(reply: SessionReply): void {
    if ('stage' in reply && !('progress' in reply)) this.#options.onStage?.(reply.stage);
    else if ('log' in reply) this.#options.onLog?.(reply.log);
    else if ('progress' in reply) this.#waiting.get(reply.progress)?.onProgress?.(reply);
    else {
      const waiting = this.#waiting.get(reply.answer);
      this.#waiting.delete(reply.answer);
      if ('error' in reply) {
        waiting?.reject(new FlashError(reply.error.code, reply.error.details));
      } else waiting?.resolve(reply.value);
    }
  }

  #end(): void {
    this.#stopServing();
    this.#channel.onmessage = null;
    this.#channel.close();
  }
}
