/**
 * The page's side of the virtual world: boards that are plugged into serial ports of this page. The ports are those of the worker's
 * boards, each at the other end of a message channel of its own.
 */
import { RemotePort } from '../link/remote-port.ts';
import type { SerialPortLike } from '../link/serial-port.ts';
import type { BoardState } from './board-state.ts';
import { guardAgainstHanging } from './hang-guard.ts';
import { CHIPS } from './chips.ts';
import type { ChipName } from './chips.ts';
import type {
  AirChange,
  Endpoint,
  FaultChange,
  FromWorld,
  ToWorld,
  WorldMeasure,
  WorldNews,
} from './messages.ts';

export interface ClientOptions {
  seed: number;
  /** Milliseconds from reset to main.py; a stock board's unless given. */
  bootMs?: number;
  /** Serial bytes take their time; yes unless given. */
  paced?: boolean;
}

export interface ClientBoardOptions {
  chip: ChipName;
  name?: string;
  /** Metres. */
  x: number;
  y: number;
  /** Lower case with colons; a free one unless given. */
  mac?: string;
  flashSizeBytes?: number;
  /** Without power until powerOn(); powered unless given. */
  powered?: boolean;
}

export interface BoardHandle {
  readonly id: string;
  readonly mac: string;
  readonly chip: ChipName;
  readonly name: string;
  readonly port: SerialPortLike;
  powerOn(): void;
  powerOff(): void;
  reset(mode?: 'run' | 'download'): void;
  /** The BOOT button: held low at reset, the chip enters its loader. */
  pressBoot(down: boolean): void;
  unplug(): void;
  plug(): void;
  move(x: number, y: number): void;
  faults(change: FaultChange): void;
  /** What to keep for a later addBoard: flash, address and place. */
  saveState(): Promise<BoardState>;
  remove(): void;
}

const BRIDGE = { usbVendorId: 0x10c4, usbProductId: 0xea60 };
const USB_JTAG = { usbVendorId: 0x303a, usbProductId: 0x1001 };

export class VirtualWorldClient {
  /** The simulator failed; not a fault of a board. */
  onError: (message: string) => void = (message) => console.error(message);
  readonly #endpoint: Endpoint;
  readonly #boards = new Map<string, RemotePort>();
  readonly #names = new Map<string, string>();
  readonly #answers = new Map<number, (message: FromWorld) => void>();
  readonly #listeners = new Set<(news: WorldNews) => void>();
  #request = 0;

  constructor(endpoint: Endpoint, options: ClientOptions) {
    this.#endpoint = endpoint;
    endpoint.onmessage = (event) => this.#take(event.data as FromWorld);
    this.#post({ t: 'start', seed: options.seed, bootMs: options.bootMs, paced: options.paced });
  }

  /** Lights, states of boards and traffic; call the result to stop. */
  listen(listener: (news: WorldNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws Error when the address is taken */
  addBoard(options: ClientBoardOptions): BoardHandle {
    return this.#add(options, undefined);
  }

  /** A board as it was saved: same address, place and flash. */
  restoreBoard(state: BoardState, options: { powered?: boolean } = {}): BoardHandle {
    const { chip, mac, name, x, y } = state;
    return this.#add({ chip, mac, name, x, y, ...options }, state);
  }

  /** What a board is called, with its address. */
  nameOf(mac: string): string {
    const name = this.#names.get(mac);
    return name === undefined || name === mac ? mac : `“${name}” (${mac})`;
  }

  /** The worker is gone: so are all its boards, as if their cables had come out. */
  lost(message: string): void {
    for (const port of this.#boards.values()) {
      port.detach();
      port.dispatchEvent(new Event('disconnect'));
    }
    this.#boards.clear();
    this.onError(message);
  }

  async measure(): Promise<WorldMeasure> {
    const message = await this.#ask((request) => ({ t: 'measure', request }));
    if (message.t !== 'measured') throw new Error(`expected figures, got "${message.t}"`);
    return message.measure;
  }

  /** Disturbs the air for all boards. */
  air(change: AirChange): void {
    this.#post({ t: 'air', change });
  }

  #add(options: ClientBoardOptions, state: BoardState | undefined): BoardHandle {
    const mac = options.mac ?? this.#freeMac();
    if (this.#boards.has(mac)) {
      throw new Error(`a board with the address ${mac} is in this world already`);
    }
    const { chip, x, y } = options;
    const name = options.name ?? mac;
    const { port1, port2: serial } = new MessageChannel();
    const info = CHIPS[chip].usualPort === 'bridge' ? BRIDGE : USB_JTAG;
    this.#boards.set(mac, new RemotePort(port1, info));
    this.#names.set(mac, name);
    const powered = options.powered ?? true;
    const { flashSizeBytes } = options;
    const board = { chip, mac, name, x, y, flashSizeBytes, state, powered, serial };
    this.#post({ t: 'add', mac, board }, [serial]);
    return this.#handle(mac, chip, name);
  }

  #handle(mac: string, chip: ChipName, name: string): BoardHandle {
    const port = this.#boards.get(mac)!;
    const act = (what: Extract<ToWorld, { t: 'do' }>['what']): void =>
      this.#post({ t: 'do', mac, what });
    return {
      id: mac,
      mac,
      chip,
      name,
      port,
      powerOn: () => act('power-on'),
      powerOff: () => act('power-off'),
      reset: (mode = 'run') => this.#post({ t: 'reset', mac, mode }),
      pressBoot: (down) => this.#post({ t: 'boot-button', mac, down }),
      unplug: () => act('unplug'),
      plug: () => act('plug'),
      move: (x, y) => this.#post({ t: 'move', mac, x, y }),
      faults: (change) => this.#post({ t: 'faults', mac, change }),
      saveState: async () => {
        const message = await this.#ask((request) => ({ t: 'save', mac, request }));
        if (message.t === 'saved' && message.state) return message.state;
        throw new Error(`the board ${mac} is no longer in this world`);
      },
      remove: () => {
        act('remove');
        this.#boards.delete(mac);
        port.detach();
        port.dispatchEvent(new Event('disconnect'));
      },
    };
  }

  /** Espressif's prefix and a random even number: the access point takes the next one. */
  #freeMac(): string {
    for (;;) {
      const tail = crypto.getRandomValues(new Uint8Array(3));
      tail[2]! &= 0xfe;
      const mac = ['24', '0a', 'c4', ...[...tail].map((b) => b.toString(16).padStart(2, '0'))];
      if (!this.#boards.has(mac.join(':'))) return mac.join(':');
    }
  }

  #post(message: ToWorld, transfer: Transferable[] = []): void {
    this.#endpoint.postMessage(message, transfer);
  }

  #ask(make: (request: number) => ToWorld): Promise<FromWorld> {
    const request = ++this.#request;
    return new Promise((resolve) => {
      this.#answers.set(request, resolve);
      this.#post(make(request));
    });
  }

  #take(message: FromWorld): void {
    switch (message.t) {
      case 'news':
        for (const listener of this.#listeners) listener(message.news);
        return;
      case 'error':
        this.onError(message.message);
        return;
      case 'pong':
      case 'turn':
        return; // hang-guard.ts
      default: {
        const answer = this.#answers.get(message.request);
        this.#answers.delete(message.request);
        answer?.(message);
      }
    }
  }
}

/** Starts the worker. The page calls this once, and only when somebody wants virtual boards. */
export function startVirtualWorld(options: ClientOptions): VirtualWorldClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    type: 'module',
    name: 'virtual world',
  });
  const client = new VirtualWorldClient(worker, options);
  guardAgainstHanging(worker, (message) => client.lost(message), {
    nameOf: (mac) => client.nameOf(mac),
  });
  worker.onerror = (event) => client.onError(event.message);
  return client;
}
