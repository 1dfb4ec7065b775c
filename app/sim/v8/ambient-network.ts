/** network for the V8 engine; see ambient.ts. Behaviour and sources: modules/network.ts. */
import { ipText } from '../wifi/address.ts';
import { SETTING, WIFI_ERROR } from '../wifi/settings.ts';
import { OSError, RuntimeError, ValueError } from './errors.ts';
import { here } from './processor.ts';

const MESSAGES: Readonly<Record<number, string>> = {
  [WIFI_ERROR.internal]: 'Wifi Internal Error',
  [WIFI_ERROR.mode]: 'Wifi Invalid Mode',
  [WIFI_ERROR.notStarted]: 'Wifi Not Started',
  [WIFI_ERROR.notConnected]: 'Wifi Not Connected',
  [WIFI_ERROR.password]: 'Wifi Invalid Password',
  [WIFI_ERROR.address]: 'Wifi Invalid MAC Address',
  [WIFI_ERROR.stationRequired]: 'STA required',
  [WIFI_ERROR.pointRequired]: 'AP required',
};

const SETTINGS: Readonly<Record<string, number>> = {
  ssid: SETTING.ssid,
  essid: SETTING.ssid,
  key: SETTING.key,
  password: SETTING.key,
  hidden: SETTING.hidden,
  security: SETTING.security,
  authmode: SETTING.security,
  channel: SETTING.channel,
  max_clients: SETTING.maxClients,
  reconnects: SETTING.reconnects,
  txpower: SETTING.txpower,
  protocol: SETTING.protocol,
  pm: SETTING.pm,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const DATA_AT = 64;

function checked(code: number): number {
  if (code >= 0) return code;
  const message = MESSAGES[code];
  if (message !== undefined) throw new OSError(message);
  const kind = code === WIFI_ERROR.argument ? '0102' : code === -11 ? '5001' : 'ffffffff';
  throw new RuntimeError(`Wifi Unknown Error 0x${kind}`);
}

type Value = string | number | boolean | Uint8Array;

function bytesOf(value: Value): Uint8Array {
  return value instanceof Uint8Array ? value : encoder.encode(String(value));
}

export function parsedIp(text: string): Uint8Array {
  const parts = (text === '' ? '0.0.0.0' : text).split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part))) {
    throw new ValueError('invalid arguments');
  }
  return Uint8Array.from(parts);
}

class Wlan {
  readonly #interface: number = 0;

  constructor(id: number) {
    if (id !== 0 && id !== 1) throw new ValueError('invalid WLAN interface identifier');
    const made = here().singletons;
    const known = made.get(`wlan ${id}`);
    // One object for each interface, as on a board.

    if (known) return known as Wlan;
    this.#interface = id;
    made.set(`wlan ${id}`, this);
  }

  active(on?: boolean): boolean {
    const board = here();
    if (on !== undefined) board.call('wlan_active', this.#interface, on ? 1 : 0);
    return board.call('wlan_active', this.#interface, -1) !== 0;
  }

  isconnected(): boolean {
    return here().call('wlan_connected', this.#interface) !== 0;
  }

  status(what?: string): number | null | readonly (readonly [Uint8Array])[] {
    const board = here();
    if (what === undefined) return this.#interface === 1 ? null : board.call('wlan_status');
    if (what === 'rssi') {
      if (this.#interface !== 0) throw new OSError('STA required');
      const level = checked(board.call('wlan_rssi'));
      return -(level === 0 ? checked(WIFI_ERROR.notConnected) : level);
    }
    if (what !== 'stations') throw new ValueError('unknown status param');
    if (this.#interface !== 1) throw new OSError('AP required');
    const count = checked(board.call('wlan_stations'));
    return Array.from(
      { length: count },
      (_, i) => [board.mailbox.slice(6 * i, 6 * i + 6)] as const,
    );
  }

  connect(ssid?: string, key?: string | null, options: { bssid?: Uint8Array } = {}): void {
    const board = here();
    const { bssid } = options;
    let name = -1;
    let secret = 0;
    if (ssid !== undefined) {
      if (bssid && bssid.length !== 6) throw new ValueError();
      const bytes = encoder.encode(ssid);
      const keyBytes = encoder.encode(key ?? '');
      board.put(bytes, DATA_AT);
      board.put(keyBytes, DATA_AT + bytes.length);
      name = bytes.length;
      secret = keyBytes.length;
      if (bssid) board.put(bssid);
    }
    checked(board.call('wlan_connect', name, secret, bssid ? 1 : 0));
  }

  disconnect(): void {
    checked(here().call('wlan_disconnect'));
  }

  scan(): unknown[] {
    const board = here();
    if (board.call('wlan_active', 0, -1) === 0) throw new OSError('STA must be active');
    const count = board.call('wlan_scan');
    const rows: unknown[] = [];
    let at = 0;
    for (let i = 0; i < count; i++) {
      const { mailbox } = board;
      const size = mailbox[at]!;
      rows.push([
        mailbox.slice(at + 10, at + 10 + size),
        mailbox.slice(at + 1, at + 7),
        mailbox[at + 7]!,
        mailbox[at + 8]! - 256,
        mailbox[at + 9]!,
        false,
      ]);
      at += 10 + size;
    }
    return rows;
  }

  ifconfig(row?: readonly string[] | 'dhcp'): readonly string[] | undefined {
    const board = here();
    if (row === undefined) {
      board.call('ip_get', this.#interface);
      const view = new DataView(board.mailbox.buffer, board.mailbox.byteOffset);
      return [0, 4, 8, 12].map((at) => ipText(view.getUint32(at)));
    }
    if (typeof row === 'string') {
      if (this.#interface === 1) throw new ValueError('invalid arguments');
      board.call('ip_dhcp', 1);
      return undefined;
    }
    if (row.length !== 4) {
      throw new ValueError(`requested length 4 but object has length ${row.length}`);
    }
    row.map(parsedIp).forEach((bytes, i) => board.put(bytes, 4 * i));
    checked(board.call('ip_set', this.#interface, 1));
    return undefined;
  }

  config(options: Record<string, Value> | string): Value | undefined {
    if (typeof options === 'string') return this.#query(options);
    const board = here();
    try {
      for (const [name, value] of Object.entries(options)) this.#set(name, value);
    } catch (error) {
      board.call('wlan_commit', this.#interface, 1);
      throw error;
    }
    checked(board.call('wlan_commit', this.#interface, 0));
    return undefined;
  }

  #query(name: string): Value {
    const board = here();
    if (name === 'mac') {
      board.call('mac', 1 + this.#interface);
      return board.mailbox.slice(0, 6);
    }
    const setting = SETTINGS[name];
    if (setting === undefined || setting === SETTING.key) {
      throw new ValueError('unknown config param');
    }
    const value = checked(board.call('wlan_get', this.#interface, setting));
    switch (setting) {
      case SETTING.ssid:
        return decoder.decode(board.mailbox.subarray(0, value));
      case SETTING.hidden:
        return value !== 0;
      case SETTING.txpower:
        return value / 4;
      case SETTING.reconnects:
        return value - 1;
      default:
        return value;
    }
  }

  #set(name: string, value: Value): void {
    const board = here();
    if (name === 'mac') {
      const bytes = bytesOf(value);
      if (bytes.length !== 6) throw new ValueError('invalid buffer length');
      board.put(bytes);
      checked(board.call('wlan_set', this.#interface, SETTING.mac, 0, 6));
      return;
    }
    const setting = SETTINGS[name];
    if (setting === undefined) throw new ValueError('unknown config param');
    if (setting === SETTING.ssid || setting === SETTING.key) {
      const bytes = bytesOf(value);
      board.put(bytes);
      checked(board.call('wlan_set', this.#interface, setting, 0, bytes.length));
      return;
    }
    const number = setting === SETTING.txpower ? Math.trunc(4 * Number(value)) : Number(value);
    checked(board.call('wlan_set', this.#interface, setting, number, 0));
  }
}

export const network = { STA_IF: 0, AP_IF: 1, WLAN: Wlan };
