/** espnow for the V8 engine; see ambient.ts. Behaviour and sources: modules/wireless.ts. */
import { bytesToHex } from '../../base/bytes.ts';
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

/** A Python dict with addresses as keys. */
class PeersTable {
  /** By the address as text: those of one sender are one and the same string. */
  readonly #rows = new Map<string, [rssiDbm: number, timeMs: number]>();
  #last: Packet | undefined;
  #lastRow: [rssiDbm: number, timeMs: number] | undefined;

  get size(): number {
    return this.#rows.size;
  }

  get(mac: Uint8Array): [rssiDbm: number, timeMs: number] | undefined {
    if (mac === this.#last?.sourceBytes) return this.#lastRow;
    return this.#rows.get(bytesToHex(mac));
  }

  note(packet: Packet): void {
    const { source, rssiDbm, timeMs } = packet;
    let row = this.#rows.get(source);
    if (row) {
      row[0] = rssiDbm;
      row[1] = timeMs;
    } else {
      row = [rssiDbm, timeMs];
      this.#rows.set(source, row);
    }
    this.#last = packet;
    this.#lastRow = row;
  }
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
  readonly #message = new Uint8Array(250);
  readonly #received: (Uint8Array | null)[] = [null, null];

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

  irecv(timeoutMs: number): readonly (Uint8Array | null)[] {
    const board = here();
    let packet = board.takeFrame();
    if (packet === undefined && timeoutMs !== 0) {
      board.call('sleep', timeoutMs > 0 ? timeoutMs : 300000, 0);
      packet = board.takeFrame();
    }
    if (packet === undefined) return NOTHING;
    if (packet === 'broken') throw new ValueError('ESPNow.recv(): buffer error');
    if (typeof packet === 'number') {
      checked(packet);
      return NOTHING;
    }
    this.peers_table.note(packet);
    const message = this.#message.subarray(0, packet.payload.length);
    message.set(packet.payload);
    this.#received[0] = packet.sourceBytes;
    this.#received[1] = message;
    return this.#received;
  }

  any(): boolean {
    return here().espNowAny() !== 0;
  }

  stats(): readonly number[] {
    const board = here();
    board.espNowStats();
    return [board.word(0), board.word(4), board.word(8), board.word(12), board.word(16)];
  }

  pollState(): number {
    const board = here();
    return (board.espNowAny() ? 1 : 0) | (board.call('espnow_idle') ? 4 : 0);
  }
}

export const espnow = { MAX_DATA_LEN: 250, ESPNow: EspNow };
