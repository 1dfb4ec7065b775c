/**
 * Frames from a board as typed values. Each field is checked; a frame with a missing or wrong field is no frame,
 * additional fields are ignored, unknown types give null. The board's codec is firmware-src/wire/console-line.ts.
 */
import { fromBase64Url } from '../../firmware-src/std/base64url-decode.ts';

export type BoardState = 'blank' | 'keyless' | 'joined';

/** A short hello leaves texts empty; BoardConsole fills them from the last full one. */
export interface HelloFrame {
  readonly t: 'hello';
  readonly protocol: number;
  /** `24:0a:c4:00:00:01` */
  readonly mac: string;
  readonly name: string;
  readonly zone: string;
  readonly firmware: string;
  readonly runtime: string;
  readonly chip: string;
  /** blank: no identity in NVS; keyless: identity but no credentials. */
  readonly state: BoardState;
  /** Milliseconds since boot. */
  readonly uptime: number;
  readonly reset: string;
  /** Bytes that the board takes at once. */
  readonly window: number;
}

export interface NodeFrame {
  readonly t: 'node';
  readonly mac: string;
  readonly name: string;
  readonly zone: string;
  readonly parent: string | null;
  /** Null while no root is known. */
  readonly root: string | null;
  readonly role: 'root' | 'node';
  readonly coordinator: boolean;
  /** dBm; null for the reporting board itself. */
  readonly rssi: number | null;
  readonly hops: number;
  /** Milliseconds since it was heard. */
  readonly age: number;
  readonly sequence: number;
  /** Its uplink is a Wi-Fi link to the parent, not ESP-NOW alone. */
  readonly link: boolean;
  /** It holds the router, and hears it so well in dBm; null otherwise. */
  readonly router: number | null;
}

export interface GoneFrame {
  readonly t: 'gone';
  readonly mac: string;
}

export interface EventFrame {
  readonly t: 'event';
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface StatsFrame {
  readonly t: 'stats';
  readonly heapUsed: number;
  readonly heapFree: number;
  readonly loopMs: number;
  readonly uptime: number;
  readonly rx: number;
  readonly tx: number;
  readonly rejected: Readonly<Record<string, number>>;
}

export interface LogFrame {
  readonly t: 'log';
  readonly level: string;
  readonly text: string;
}

export interface MpsFrame {
  readonly t: 'mps';
  readonly data: Uint8Array;
  readonly part: number;
  readonly parts: number;
}

/** A node's receipt for what was delivered to it through this board; opaque here. */
export interface ReceiptFrame {
  readonly t: 'receipt';
  readonly mac: string;
  readonly data: Uint8Array;
}

export interface AnswerFrame {
  readonly t: 'answer';
  readonly id: number;
  readonly ok: boolean;
  readonly result: Readonly<Record<string, unknown>>;
  /** Empty when ok. */
  readonly error: string;
}

export type BoardFrame =
  | HelloFrame
  | NodeFrame
  | GoneFrame
  | EventFrame
  | StatsFrame
  | LogFrame
  | MpsFrame
  | ReceiptFrame
  | AnswerFrame;

type Fields = Readonly<Record<string, unknown>>;

/** Thrown by the readers below and caught in readBoardFrame; never leaves this file. */
class WrongField extends Error {}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
function text(fields: Fields, name: string): string {
  const value = own(fields, name);
  if (typeof value !== 'string') throw new WrongField();
  return value;
}
function integer(fields: Fields, name: string, least = Number.MIN_SAFE_INTEGER): number {
  const value = own(fields, name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    throw new WrongField();
  }
  return value;
}
/** Absent is allowed (a joined board repeats a short hello), wrong is not. */
function textOr(fields: Fields, name: string): string {
  return own(fields, name) === undefined ? '' : text(fields, name);
}
function integerOr(fields: Fields, name: string, otherwise: number): number {
  return own(fields, name) === undefined ? otherwise : integer(fields, name, 0);
}
function flag(fields: Fields, name: string): boolean {
  const value = own(fields, name);
  if (typeof value !== 'boolean') throw new WrongField();
  return value;
}
function oneOf<T extends string>(fields: Fields, name: string, values: readonly T[]): T {
  const found = values.find((value) => value === own(fields, name));
  if (found === undefined) throw new WrongField();
  return found;
}
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
function mac(fields: Fields, name: string): string {
  const value = text(fields, name);
  if (!MAC.test(value)) throw new WrongField();
  return value;
}
function record(fields: Fields, name: string): Fields {
  const value = own(fields, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongField();
  return value as Fields;
}

const READERS: Readonly<Record<string, (fields: Fields) => BoardFrame>> = {
  hello: (f) => ({
    t: 'hello',
    protocol: integerOr(f, 'protocol', 1),
    mac: mac(f, 'mac'),
    name: textOr(f, 'name'),
    zone: textOr(f, 'zone'),
    firmware: textOr(f, 'firmware'),
    runtime: textOr(f, 'runtime'),
    chip: textOr(f, 'chip'),
    state: oneOf(f, 'state', ['blank', 'keyless', 'joined']),
    uptime: integer(f, 'uptime', 0),
    reset: textOr(f, 'reset'),
    window: integerOr(f, 'window', 200),
  }),
  node: (f) => ({
    t: 'node',
    mac: mac(f, 'mac'),
    name: text(f, 'name'),
    zone: text(f, 'zone'),
    parent: own(f, 'parent') === null ? null : mac(f, 'parent'),
    root: own(f, 'root') === null ? null : mac(f, 'root'),
    role: oneOf(f, 'role', ['root', 'node']),
    coordinator: flag(f, 'coordinator'),
    rssi: own(f, 'rssi') === null ? null : integer(f, 'rssi'),
    hops: integer(f, 'hops', 0),
    age: integer(f, 'age', 0),
    sequence: integer(f, 'sequence', 0),
    link: own(f, 'link') === true,
    router: own(f, 'router') === undefined ? null : integer(f, 'router'),
  }),
  gone: (f) => ({ t: 'gone', mac: mac(f, 'mac') }),
  event: (f) => ({ ...f, t: 'event', event: text(f, 'event') }),
  stats: (f) => ({
    t: 'stats',
    heapUsed: integerOr(f, 'heapUsed', 0),
    heapFree: integerOr(f, 'heapFree', 0),
    loopMs: integerOr(f, 'loopMs', 0),
    uptime: integer(f, 'uptime', 0),
    rx: integerOr(f, 'rx', 0),
    tx: integerOr(f, 'tx', 0),
    rejected: own(f, 'rejected') === undefined ? {} : counts(record(f, 'rejected')),
  }),
  log: (f) => ({ t: 'log', level: text(f, 'level'), text: text(f, 'text') }),
  mps: (f) => {
    const data = fromBase64Url(text(f, 'data'));
    if (data === null) throw new WrongField();
    return { t: 'mps', data, part: integer(f, 'part', 0), parts: integer(f, 'parts', 1) };
  },
  receipt: (f) => {
    const data = fromBase64Url(text(f, 'data'));
    if (data === null) throw new WrongField();
    return { t: 'receipt', mac: mac(f, 'mac'), data };
  },
  answer: (f) => {
    const ok = flag(f, 'ok');
    const hasResult = ok && own(f, 'result') !== undefined && own(f, 'result') !== null;
    return {
      t: 'answer',
      id: integer(f, 'id', 0),
      ok,
      result: hasResult ? record(f, 'result') : {},
      error: ok ? '' : text(f, 'error'),
    };
  },
};

function counts(fields: Fields): Record<string, number> {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, integer(fields, name, 0)]));
}

export type FrameReading =
  | { readonly kind: 'frame'; readonly frame: BoardFrame }
  | { readonly kind: 'unknown' } // a type of a newer firmware: ignore
  | { readonly kind: 'invalid' }; // a known type with a wrong field: count

/** `fields` as parseFields() of the wire gives them. Never throws. */
export function readBoardFrame(fields: Fields): FrameReading {
  const type = own(fields, 't');
  if (typeof type !== 'string' || !Object.hasOwn(READERS, type)) return { kind: 'unknown' };
  try {
    return { kind: 'frame', frame: READERS[type]!(fields) };
  } catch (error) {
    if (error instanceof WrongField) return { kind: 'invalid' };
    throw error;
  }
}
