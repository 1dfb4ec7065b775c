/** espnow for the V8 engine; see ambient.ts. Behaviour and sources: modules/wireless.ts. */
import type { Packet } from '../esp-now.ts';
import { OSError, ValueError } from './errors.ts';
import { here, Halt } from './processor.ts';

const NAMES: Readonly<Record<number, string>> = {
  [-12389]: 'ESP_ERR_ESPNOW_NOT_INIT',
  [-12390]: 'ESP_ERR_ESPNOW_ARG',
  [-12391]: 'ESP_ERR_ESPNOW_NO_MEM',
  [-12392]: 'ESP_ERR_ESPNOW_FULL',
  [-12393]: 'ESP_ERR_ESPNOW_NOT_FOUND',
  [-12394]: 'ESP_ERR_ESPNOW_INTERNAL',
  [-12395]: 'ESP_ERR_ESPNOW_EXIST',
  [-12396]: 'ESP_ERR_ESPNOW_IF',
  [-12397]: 'ESP_ERR_ESPNOW_CHAN',
};

function checked(code: number): number {
  if (code >= 0) return code;
  if (code === -116) throw new OSError(116);
  throw new OSError(code, NAMES[code] ?? 'ESP_FAIL');
}

/** Places of a table that is made, and words of each: the two halves of an address, signal and time. */
const FIRST_PLACES = 64;
const WORDS = 4;

/** A Python dict with addresses as keys, in one array: a place is one line of the processor's cache. */
class PeersTable {
  #words = new Int32Array(FIRST_PLACES * WORDS);
  size = 0;

  /** [signal in dBm, time in ms] of the last frame from there. */
  get(mac: Uint8Array): [rssiDbm: number, timeMs: number] | undefined {
    if (mac.length !== 6) return undefined;
    const at = this.#find(headOf(mac), tailOf(mac));
    const rssiDbm = this.#words[at + 2]!;
    return rssiDbm === 0 ? undefined : [rssiDbm, this.#words[at + 3]! >>> 0];
  }

  note({ sourceBytes, rssiDbm, timeMs }: Packet): void {
    const head = headOf(sourceBytes);
    const tail = tailOf(sourceBytes);
    let at = this.#find(head, tail);
    if (this.#words[at + 2] === 0) {
      if (2 * WORDS * ++this.size > this.#words.length) {
        this.#grow();
        at = this.#find(head, tail);
      }
      this.#words[at] = head;
      this.#words[at + 1] = tail;
    }
    this.#words[at + 2] = rssiDbm;
    this.#words[at + 3] = timeMs;
  }

  /** The place of this address, or the one for it: without a signal, which no frame comes without. */
  #find(head: number, tail: number): number {
    const words = this.#words;
    const last = words.length - WORDS;
    let at = ((Math.imul(tail ^ Math.imul(head, 31), 0x9e3779b1) >>> 8) * WORDS) & last;
    while (words[at + 2] !== 0 && (words[at] !== head || words[at + 1] !== tail)) {
      at = (at + WORDS) & last;
    }
    return at;
  }

  #grow(): void {
    const old = this.#words;
    this.#words = new Int32Array(2 * old.length);
    for (let i = 0; i < old.length; i += WORDS) {
      if (old[i + 2] !== 0)
        this.#words.set(old.subarray(i, i + WORDS), this.#find(old[i]!, old[i + 1]!));
    }
  }
}

function headOf(mac: Uint8Array): number {
  return (mac[0]! << 16) | (mac[1]! << 8) | mac[2]!;
}

function tailOf(mac: Uint8Array): number {
  return (mac[3]! << 16) | (mac[4]! << 8) | mac[5]!;
}

function address(mac: Uint8Array | null): Uint8Array {
  if (mac === null || mac.length === 0) {
    here().call('crash');
    throw new Halt();
  }
  if (mac.length !== 6) throw new ValueError('invalid buffer length');
  return mac;
}

const NOTHING = Object.freeze([null, null]);

class EspNow {
  readonly peers_table = new PeersTable();

  constructor() {
    const made = here().singletons;
    const known = made.get('espnow');

    if (known) return known as EspNow;
    made.set('espnow', this);
  }

  active(on?: boolean): boolean {
    const board = here();
    if (on !== undefined) board.call('espnow_active', on ? 1 : 0);
    return board.call('espnow_active', -1) !== 0;
  }

  config(options: { rxbuf?: number }): void {
    for (const [name, value] of Object.entries(options)) {
      if (name !== 'rxbuf') throw new TypeError('extra keyword arguments given');
      here().call('espnow_rxbuf', value);
    }
  }

  set_pmk(key: Uint8Array): void {
    if (key.length !== 16) throw new ValueError('invalid buffer length');
    here().put(key);
    checked(here().call('espnow_pmk'));
  }

  add_peer(mac: Uint8Array, key?: Uint8Array): void {
    const board = here();
    board.put(address(mac));
    if (key !== undefined && key.length !== 16) throw new ValueError('invalid buffer length');
    if (key !== undefined) board.put(key, 16);
    checked(board.call('espnow_add', key === undefined ? 0 : 1, -1, -1, -1));
  }

  del_peer(mac: Uint8Array): void {
    here().put(address(mac));
    checked(here().call('espnow_del'));
  }

  send(mac: Uint8Array, message: Uint8Array, sync: boolean): boolean {
    if (mac.length !== 6) throw new ValueError('invalid buffer length');
    const board = here();
    board.put(mac);
    if (message.length > 1470) checked(-12390);
    board.put(message, 16);
    return checked(board.call('espnow_send', 1, message.length, sync ? 1 : 0)) !== 0;
  }

  /** A board's irecv() reads into one buffer again and again; here it is the frame itself, which nobody may change either. */
  irecv(timeoutMs: number): readonly (Uint8Array | null)[] {
    const board = here();
    let packet = board.seat.takeFrame();
    if (packet === undefined && timeoutMs !== 0) {
      board.call('sleep', timeoutMs > 0 ? timeoutMs : 300000, 0);
      packet = board.seat.takeFrame();
    }
    if (packet === undefined) return NOTHING;
    if (packet === 'broken') throw new ValueError('ESPNow.recv(): buffer error');
    if (typeof packet === 'number') {
      checked(packet);
      return NOTHING;
    }
    this.peers_table.note(packet);
    return [packet.sourceBytes, packet.payload];
  }

  any(): boolean {
    return here().seat.espNow.any;
  }

  stats(): readonly number[] {
    const { txPackets, txResponses, txFailures, rxPackets, rxDropped } = here().seat.espNow.stats;
    return [txPackets, txResponses, txFailures, rxPackets, rxDropped];
  }

  pollState(): number {
    const { espNow } = here().seat;
    return (espNow.any ? 1 : 0) | (espNow.idle ? 4 : 0);
  }
}

export const espnow = { MAX_DATA_LEN: 250, ESPNow: EspNow };
