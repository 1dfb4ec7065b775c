/**
 * The runtime's own modules for the V8 engine: what firmware-src/ambient declares, over the host functions that the Python shims
 * in modules/ use, called in the same order with the same arguments. Behaviour and sources: see the shims.
 */
import { Halt, here, KeyboardInterrupt } from './processor.ts';
import { digestOf } from './digests.ts';
import { network } from './ambient-network.ts';
import { espnow } from './ambient-radio.ts';
import { socket } from './ambient-socket.ts';
import { MemoryError, OSError, RuntimeError, ValueError } from './errors.ts';

const TICKS_MASK = 0x3fffffff;
const TICKS_HALF = 0x20000000;

const builtins = {
  OSError,
  ValueError,
  RuntimeError,
  MemoryError,
  bytes: (source: Uint8Array): Uint8Array => new Uint8Array(source),
  len: (value: { length?: number; size?: number }): number => value.length ?? value.size ?? 0,
};

const time = {
  ticks_ms: (): number => here().seat.ticksMs(),
  ticks_diff: (later: number, earlier: number): number =>
    ((later - earlier + TICKS_HALF) & TICKS_MASK) - TICKS_HALF,
  sleep_ms(ms: number): void {
    if (ms > 0) here().call('sleep', ms, 0);
  },
};

const gc = {
  collect: (): void => void here().call('heap_collected'),
  mem_alloc: (): number => here().seat.heapModel(),
  mem_free: (): number => Math.max(0, here().call('heap_budget') - here().call('heap_model')),
  threshold: (): void => undefined,
};

class Aes {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array, mode: number) {
    if (mode !== 1) throw new ValueError('mode');
    if (key.length !== 16 && key.length !== 32) throw new ValueError('key');
    this.#key = key.slice();
  }

  encrypt(blocks: Uint8Array): Uint8Array {
    if (blocks.length % 16 !== 0) throw new ValueError('blksize % 16');
    const board = here();
    const out = new Uint8Array(blocks.length);
    board.put(this.#key);
    board.put(new Uint8Array(16), 32);
    for (let at = 0; at < blocks.length; at += 8192) {
      const part = blocks.subarray(at, at + 8192);
      board.put(part, 64);
      board.call('aes', 1, 1, this.#key.length, part.length);
      out.set(board.mailbox.subarray(64, 64 + part.length), at);
    }
    return out;
  }
}

const NO_BYTES = new Uint8Array();

class Sha256 {
  /** Room for what nearly all give it: an array that grows from nothing would take much more. */
  readonly #parts: Uint8Array[] = [NO_BYTES, NO_BYTES, NO_BYTES, NO_BYTES];
  #count = 0;

  update(bytes: Uint8Array): void {
    this.#parts[this.#count++] = bytes; // hashed before the caller can change them: the firmware digests at once
  }

  /** Not to be changed, as the runtime's bytes cannot be. */
  digest(): Uint8Array {
    return digestOf(this.#parts);
  }
}

const NVS_NAMES: Readonly<Record<number, string>> = {
  [-4354]: 'ESP_ERR_NVS_NOT_FOUND',
  [-4357]: 'ESP_ERR_NVS_NOT_ENOUGH_SPACE',
  [-4361]: 'ESP_ERR_NVS_KEY_TOO_LONG',
  [-4364]: 'ESP_ERR_NVS_INVALID_LENGTH',
};

function checked(code: number): number {
  if (code < 0) throw new OSError(code, NVS_NAMES[code] ?? 'ESP_FAIL');
  return code;
}

const encoder = new TextEncoder();

class Nvs {
  readonly #namespace: Uint8Array;

  constructor(namespace: string) {
    this.#namespace = encoder.encode(namespace).slice(0, 15);
  }

  #call(name: string, key: string, ...values: number[]): number {
    const text = encoder.encode(key).slice(0, 40);
    const board = here();
    board.put(this.#namespace);
    board.put(text, 16);
    return checked(board.call(name, this.#namespace.length, text.length, ...values));
  }

  get_i32(key: string): number {
    this.#call('nvs_get_i32', key);
    return here().word(64) | 0;
  }

  set_i32(key: string, value: number): void {
    if (value !== (value | 0)) throw new RangeError('overflow converting long int to machine word');
    this.#call('nvs_set_i32', key, value >>> 16, value & 0xffff);
  }

  get_blob(key: string, buffer: Uint8Array): number {
    const size = this.#call('nvs_get_blob', key, buffer.length);
    buffer.set(here().mailbox.subarray(64, 64 + size));
    return size;
  }

  set_blob(key: string, value: Uint8Array): void {
    if (value.length > 20480) throw new OSError(-4357, NVS_NAMES[-4357]);
    here().put(value, 64);
    this.#call('nvs_set_blob', key, value.length);
  }

  commit(): void {
    // every write is on the flash at once
  }
}

class Watchdog {
  constructor(id: number, timeoutMs: number) {
    if (id !== 0) throw new ValueError(`WDT(${id}) doesn't exist`);
    if (timeoutMs <= 0) throw new ValueError('WDT timeout too short');
    here().call('wdt_start', timeoutMs);
  }

  feed(): void {
    here().seat.feedWatchdog();
  }
}

class Pin {
  static readonly IN = 1;
  static readonly OUT = 3;
  static readonly PULL_UP = 2;
  static readonly PULL_DOWN = 1;
  readonly #id: number;

  constructor(id: number) {
    if (!Number.isInteger(id) || id < 0 || id > 48) throw new ValueError('invalid pin');
    this.#id = id;
  }

  value(level?: number): number | undefined {
    if (level === undefined) return here().seat.pinLevel(this.#id);
    here().call('pin_set', this.#id, level ? 1 : 0);
    return undefined;
  }
}

const machine = {
  PWRON_RESET: 1,
  HARD_RESET: 2,
  WDT_RESET: 3,
  DEEPSLEEP_RESET: 4,
  SOFT_RESET: 5,
  reset_cause: (): number => here().call('reset_cause'),
  reset(): void {
    here().call('reset', 0);
    throw new Halt();
  },
  unique_id(): Uint8Array {
    const board = here();
    board.call('mac', 0);
    return board.mailbox.slice(0, 6);
  },
  WDT: Watchdog,
  Pin,
};

const NOTHING: readonly unknown[] = Object.freeze([]);
const POLLIN = 1;

interface Pollable {
  pollState(): number;
}

/** What a poll tells of a stream, asked for or not: POLLERR, POLLHUP and the runtime's own POLLNVAL. */
const ALWAYS_TOLD = 56;

interface Polled {
  readonly stream: Pollable;
  mask: number;
  next: Polled | undefined;
}

class Poll {
  /** In the order of their registration, each holding the next. */
  #first: Polled | undefined;
  #count = 0;

  register(stream: Pollable, mask: number): void {
    let last: Polled | undefined;
    for (let row = this.#first; row; row = row.next) {
      if (row.stream === stream) {
        row.mask = mask;
        return;
      }
      last = row;
    }
    const row = { stream, mask, next: undefined };
    if (last) last.next = row;
    else this.#first = row;
    this.#count++;
  }

  unregister(stream: Pollable): void {
    let before: Polled | undefined;
    for (let row = this.#first; row; row = row.next) {
      if (row.stream === stream) {
        if (before) before.next = row.next;
        else this.#first = row.next;
        this.#count--;
        return;
      }
      before = row;
    }
  }

  poll(timeoutMs: number): readonly unknown[] {
    const ready = this.#ready();
    if (ready.length > 0 || timeoutMs === 0) return ready;
    // It brings nothing: the world stands still in a turn.
    here().rest(timeoutMs < 0 ? 1000 : timeoutMs, this.#count);
    return NOTHING;
  }

  #ready(): readonly unknown[] {
    let found: unknown[] | undefined;
    for (let row = this.#first; row; row = row.next) {
      const flags = row.stream.pollState() & (row.mask | ALWAYS_TOLD);
      if (flags !== 0) (found ??= []).push([row.stream, flags]);
    }
    return found ?? NOTHING;
  }
}

const stdin = {
  buffer: {
    read(count: number): Uint8Array {
      const board = here();
      const out = new Uint8Array(count);
      for (let i = 0; i < count; i++) {
        const byte = board.call('console_read');
        if (byte < 0) {
          if (board.call('halted') !== 0) throw new KeyboardInterrupt();
          throw new RuntimeError('sys.stdin: this read would block for ever here; poll first');
        }
        out[i] = byte;
      }
      return out;
    },
  },
  pollState: (): number => (here().seat.input.length > 0 ? POLLIN : 0),
};

const stdout = {
  buffer: {
    write(bytes: Uint8Array): number {
      const board = here();
      for (let at = 0; at < bytes.length; at += 4096) {
        const part = bytes.length <= 4096 ? bytes : bytes.subarray(at, at + 4096);
        board.print(part);
      }
      return bytes.length;
    },
  },
};

const decoder = new TextDecoder();

const sys = {
  stdin,
  stdout,
  get implementation(): { version: readonly number[]; _machine: string } {
    const board = here();
    const size = board.call('runtime_version');
    const [version, kind] = decoder.decode(board.mailbox.subarray(0, size)).split('|');
    return { version: version!.split('.').map(Number), _machine: kind! };
  },
};

const os = {
  urandom(count: number): Uint8Array {
    const board = here();
    const out = new Uint8Array(count);
    for (let at = 0; at < count; at += 4096) {
      const size = Math.min(4096, count - at);
      board.call('random', size);
      out.set(board.mailbox.subarray(0, size), at);
    }
    return out;
  },
};

/** By the names that firmware imports them under. */
export const AMBIENT: Readonly<Record<string, object>> = {
  builtins,
  cryptolib: { aes: Aes },
  esp32: { NVS: Nvs, HEAP_DATA: 4, idf_heap_info: () => [[101260, 98304, 94208, 90112]] },
  espnow,
  gc,
  hashlib: { sha256: Sha256 },
  machine,
  micropython: { kbd_intr: (byte: number): void => void here().call('kbd_intr', byte) },
  network,
  os,
  select: { POLLIN, POLLOUT: 4, POLLERR: 8, POLLHUP: 16, poll: Poll },
  socket,
  sys,
  time,
};
