/**
 * What the modules of a board (the Python shims in modules/, and v8/ambient/) can ask of it: one integer function each (see vm.ts for
 * the rules). The mailbox layouts are those of the shims.
 */
import { bytesToHex, fromUtf8, hexToBytes, utf8 } from '../base/bytes.ts';
import { crc32 } from '../base/crc.ts';
import type { SeededRandom } from '../base/random.ts';
import { ImageError } from '../image/image-error.ts';
import type { NvsStore } from '../image/nvs/store.ts';
import { cryptBlocks, expandKey } from './aes.ts';
import type { ConsoleRing } from './console-ring.ts';
import type { HostFunction, HostMemory, TakenFrame } from './engine.ts';
import type { EspNow, Peer } from './esp-now.ts';
import { wifiFunctions } from './wifi/host-functions.ts';
import type { Wireless } from './wireless.ts';

/** MicroPython keeps ticks in 30 bits on boards and in the WebAssembly port. */
export const TICKS_MASK = 0x3fffffff;
const NVS_ERROR = { notFound: -4354, noSpace: -4357, keyTooLong: -4361, badLength: -4364 } as const;
const MOST_KEY = 15;

export type StopRequest =
  { kind: 'reset' } | { kind: 'soft' } | { kind: 'crash' } | { kind: 'deep-sleep'; ms: number };

/** One run of the firmware, from boot to reset, as the host functions see it. */
export interface HostSeat {
  readonly runtime: RuntimeIdentity;
  readonly heapBytes: number;
  readonly resetCause: number;
  readonly vfsBlocks: number;
  readonly wireless: Wireless;
  readonly input: ConsoleRing;
  readonly random: SeededRandom;
  readonly nvs: NvsStore | undefined;
  /** What its driver has, this run. */
  readonly espNow: EspNow;
  /** Since the chip's start, including the current turn. */
  uptimeUs(): number;
  /** The same as MicroPython's ticks_ms(). */
  ticksMs(): number;
  takeFrame(): TakenFrame;
  sleep(us: number): void;
  /** A poll: a sleep that a byte may end, if nothing follows it in this turn; `onFrames`: a frame, too. */
  rest(us: number, onFrames: boolean): void;
  /** Bytes of the heap in use after the model of it; -1 when the engine measures. */
  heapModel(): number;
  heapCollected(): void;
  onNvsWrite(key: string, size: number): void;
  print(bytes: Uint8Array, cooked: boolean): void;
  stop(request: StopRequest): void;
  halted(): boolean;
  /** The firmware did something that is worth another turn soon. */
  touch(): void;
  startWatchdog(ms: number): void;
  feedWatchdog(): void;
  usedBlocks(): number;
  readRtc(): Uint8Array;
  writeRtc(bytes: Uint8Array): void;
  pinLevel(pin: number): number;
  drivePin(pin: number, value: number): void;
}

export interface RuntimeIdentity {
  /** "1.26.0" */
  version: string;
  /** "v1.26.0 on 2025-08-09" */
  text: string;
  machine: string;
  build: string;
  /** sys.implementation._mpy */
  mpy: number;
}

export function hostFunctions(vm: HostMemory, seat: HostSeat): Record<string, HostFunction> {
  return {
    ...timeAndConsole(vm, seat),
    ...storage(vm, seat),
    ...codecs(vm),
    ...machine(vm, seat),
    ...wifiFunctions(vm, seat.wireless, () => seat.touch()),
    ...espNow(vm, seat),
  };
}

function timeAndConsole(vm: HostMemory, seat: HostSeat): Record<string, HostFunction> {
  return {
    ticks_ms: () => seat.ticksMs(),
    ticks_us: () => Math.floor(seat.uptimeUs()) & TICKS_MASK,
    seconds: () => Math.floor(seat.uptimeUs() / 1e6),
    sleep: (ms, us) => {
      seat.sleep((ms ?? 0) * 1000 + (us ?? 0));
      return 0;
    },
    rest: (ms, streams) => {
      seat.rest((ms ?? 0) * 1000, (streams ?? 0) > 1);
      return 0;
    },
    heap_model: () => seat.heapModel(),
    heap_collected: () => {
      seat.heapCollected();
      return 0;
    },
    console_write: (size, cooked) => {
      seat.print(vm.mailbox.subarray(0, size), cooked === 1);
      return size ?? 0;
    },
    console_read: () => {
      seat.touch();
      return seat.input.take();
    },
    console_any: () => seat.input.length,
    kbd_intr: (byte) => {
      seat.input.interruptByte = byte ?? -1;
      return 0;
    },
    halted: () => (seat.halted() ? 1 : 0),
    heap_budget: () => seat.heapBytes,
    /** Beyond it the runtime raises MemoryError; 0 for no limit. */
    heap_limit: () => (seat.heapModel() < 0 ? seat.heapBytes : 0),
    seed: () => seat.random.int(0x3fffffff),
    random: (size) => {
      vm.mailbox.set(seat.random.bytes(size ?? 0));
      return 0;
    },
    runtime_version: () => {
      const { version, machine, mpy, build, text } = seat.runtime;
      const row = [version, machine, mpy, build, `3.4.0; MicroPython ${text}`].join('|');
      return put(vm, utf8(row));
    },
  };
}

function put(vm: HostMemory, bytes: Uint8Array, at = 0): number {
  vm.mailbox.set(bytes, at);
  return bytes.length;
}

function storage(vm: HostMemory, seat: HostSeat): Record<string, HostFunction> {
  const names = (namespaceSize: number, keySize: number): { namespace: string; key: string } => ({
    namespace: fromUtf8(vm.mailbox.slice(0, namespaceSize)),
    key: fromUtf8(vm.mailbox.slice(16, 16 + keySize)),
  });
  /** Reading cuts a long key at 15 characters (platform facts, section 4). */
  const read = (namespaceSize = 0, keySize = 0): ReturnType<NvsStore['get']> => {
    const { namespace, key } = names(namespaceSize, Math.min(keySize, MOST_KEY));
    return seat.nvs?.get(namespace, key);
  };
  const write = (namespaceSize = 0, keySize = 0, value: Parameters<NvsStore['set']>[2]): number => {
    if (keySize > MOST_KEY) return NVS_ERROR.keyTooLong;
    if (!seat.nvs) return NVS_ERROR.noSpace;
    seat.touch();
    const { namespace, key } = names(namespaceSize, keySize);
    try {
      seat.nvs.set(namespace, key, value);
      seat.onNvsWrite(`${namespace}.${key}`, value.kind === 'blob' ? value.bytes.length : 4);
      return 0;
    } catch (error) {
      if (error instanceof ImageError) return NVS_ERROR.noSpace;
      throw error;
    }
  };
  return {
    nvs_get_i32: (namespaceSize, keySize) => {
      const value = read(namespaceSize, keySize);
      if (value?.kind !== 'i32') return NVS_ERROR.notFound;
      const out = new Uint8Array(4);
      new DataView(out.buffer).setInt32(0, value.value, true);
      put(vm, out, 64);
      return 0;
    },
    nvs_set_i32: (namespaceSize, keySize, high, low) =>
      write(namespaceSize, keySize, {
        kind: 'i32',
        value: ((high ?? 0) << 16) | (low ?? 0),
      }),
    nvs_get_blob: (namespaceSize, keySize, room) => {
      const value = read(namespaceSize, keySize);
      if (value?.kind !== 'blob') return NVS_ERROR.notFound;
      if (value.bytes.length > (room ?? 0)) return NVS_ERROR.badLength;
      return put(vm, value.bytes, 64);
    },
    nvs_set_blob: (namespaceSize, keySize, size) =>
      write(namespaceSize, keySize, {
        kind: 'blob',
        bytes: new Uint8Array(vm.mailbox.slice(64, 64 + (size ?? 0))),
      }),
    nvs_erase: (namespaceSize, keySize) => {
      const { namespace, key } = names(namespaceSize ?? 0, Math.min(keySize ?? 0, MOST_KEY));
      return seat.nvs?.erase(namespace, key) === true ? 0 : NVS_ERROR.notFound;
    },
    vfs_blocks: () => seat.vfsBlocks,
    vfs_used: () => seat.usedBlocks(),
  };
}

function codecs(vm: HostMemory): Record<string, HostFunction> {
  const expanded = new Map<string, Uint8Array>();
  return {
    crc32: (size, high, low) => {
      const seed = (((high ?? 0) << 16) | (low ?? 0)) >>> 0;
      const value = crc32(vm.mailbox.subarray(0, size), seed);
      const out = new Uint8Array(4);
      new DataView(out.buffer).setUint32(0, value, true);
      put(vm, out);
      return 0;
    },
    base64: (size) => {
      let binary = '';
      for (const byte of vm.mailbox.subarray(0, size)) binary += String.fromCharCode(byte);
      return put(vm, utf8(btoa(binary)));
    },
    unbase64: (size) => {
      // Like the board's decoder: what is not in the alphabet is skipped.
      const text = fromUtf8(vm.mailbox.slice(0, size)).replace(/[^A-Za-z0-9+/=]/g, '');
      const bare = text.replace(/=+$/, '');
      if (bare.length % 4 === 1 || text.length % 4 !== 0) return -1;
      const binary = atob(bare);
      return put(
        vm,
        Uint8Array.from(binary, (c) => c.charCodeAt(0)),
      );
    },
    aes: (mode, way, keySize, size) => {
      const mailbox = vm.mailbox;
      const key = mailbox.slice(0, keySize);
      const name = bytesToHex(key);
      let keys = expanded.get(name);
      if (!keys) {
        keys = expandKey(key);
        if (expanded.size > 64) expanded.clear();
        expanded.set(name, keys);
      }
      cryptBlocks(
        keys,
        mode === 1 ? 'ecb' : 'cbc',
        way === 1 ? 'encrypt' : 'decrypt',
        mailbox.subarray(64, 64 + (size ?? 0)),
        mailbox.subarray(32, 48),
      );
      return 0;
    },
  };
}

function machine(vm: HostMemory, seat: HostSeat): Record<string, HostFunction> {
  return {
    reset: (soft) => {
      seat.stop({ kind: soft === 1 ? 'soft' : 'reset' });
      return 0;
    },
    crash: () => {
      seat.stop({ kind: 'crash' });
      return 0;
    },
    deep_sleep: (ms) => {
      seat.stop({ kind: 'deep-sleep', ms: ms ?? 0 });
      return 0;
    },
    reset_cause: () => seat.resetCause,
    mac: (which) =>
      put(vm, hexToBytes(which === 0 ? seat.wireless.id : seat.wireless.address((which ?? 1) - 1))),
    wdt_start: (ms) => {
      seat.startWatchdog(ms ?? 0);
      return 0;
    },
    wdt_feed: () => {
      seat.feedWatchdog();
      return 0;
    },
    rtc_read: () => put(vm, seat.readRtc()),
    rtc_write: (size) => {
      seat.writeRtc(vm.mailbox.slice(0, size));
      return 0;
    },
    pin_get: (pin) => seat.pinLevel(pin ?? 0),
    pin_set: (pin, value) => {
      seat.drivePin(pin ?? 0, value ?? 0);
      return 0;
    },
  };
}

function espNow(vm: HostMemory, seat: HostSeat): Record<string, HostFunction> {
  const { wireless } = seat;
  const address = (): string => bytesToHex(vm.mailbox.slice(0, 6));
  const change = (hasKey = 0, channel = -1, index = -1, encrypt = -1): Partial<Peer> => ({
    ...(hasKey === 1 ? { key: bytesToHex(vm.mailbox.slice(16, 32)) } : {}),
    ...(channel >= 0 ? { channel } : {}),
    ...(index >= 0 ? { interface: index } : {}),
    ...(encrypt >= 0 ? { encrypt: encrypt === 1 } : {}),
  });
  /** Before its first activation the driver's tables do not exist: the chip crashes (platform facts, section 1). */
  const guarded = (run: () => number): number => {
    if (wireless.espNow.everActive) return run();
    seat.stop({ kind: 'crash' });
    vm.interrupt();
    return 0;
  };
  return {
    espnow_active: (active) => {
      if (active === 0 || active === 1) wireless.espNow.setActive(active === 1);
      return wireless.espNow.active ? 1 : 0;
    },
    espnow_rxbuf: (size) => {
      if (size !== undefined && size >= 0) wireless.espNow.ringBytes = size;
      return wireless.espNow.ringBytes;
    },
    espnow_pmk: () => (wireless.espNow.active ? 0 : -12389),
    espnow_add: (...values) => guarded(() => wireless.espNow.add(address(), change(...values))),
    espnow_mod: (...values) => guarded(() => wireless.espNow.modify(address(), change(...values))),
    espnow_del: () => guarded(() => wireless.espNow.remove(address())),
    espnow_get: () =>
      guarded(() => {
        const peer = wireless.espNow.peer(address());
        if (typeof peer === 'number') return peer;
        put(vm, Uint8Array.of(peer.channel, peer.interface, peer.encrypt ? 1 : 0), 6);
        put(vm, hexToBytes(peer.key), 16);
        return 0;
      }),
    espnow_list: () => {
      if (!wireless.espNow.active) return -12389;
      const peers = wireless.espNow.peers();
      peers.forEach((peer, i) => put(vm, hexToBytes(peer.address), 6 * i));
      return peers.length;
    },
    espnow_count: () =>
      wireless.espNow.active
        ? (wireless.espNow.peerCount << 8) | wireless.espNow.encryptedCount
        : -12389,
    espnow_send: (hasAddress, size, wait) => {
      seat.touch();
      return wireless.espNow.send(
        hasAddress === 1 ? address() : undefined,
        vm.mailbox.subarray(16, 16 + (size ?? 0)),
        wait === 1,
      );
    },
    espnow_recv: () => {
      const packet = seat.takeFrame();
      if (packet === undefined) return -1;
      if (packet === 'broken') return -2;
      if (typeof packet === 'number') return packet;
      const mailbox = vm.mailbox;
      mailbox.set(packet.sourceBytes);
      mailbox[6] = packet.rssiDbm & 0xff;
      new DataView(mailbox.buffer, mailbox.byteOffset + 8).setUint32(0, packet.timeMs, true);
      return put(vm, packet.payload, 16);
    },
    espnow_any: () => (wireless.espNow.any ? 1 : 0),
    espnow_idle: () => (wireless.espNow.idle ? 1 : 0),
    espnow_stats: () => {
      const { txPackets, txResponses, txFailures, rxPackets, rxDropped } = wireless.espNow.stats;
      const out = Uint32Array.of(txPackets, txResponses, txFailures, rxPackets, rxDropped);
      return put(vm, new Uint8Array(out.buffer));
    },
  };
}
