/** Values that NVS can hold, and their bytes in an entry. */
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { viewOf } from '../cells.ts';
import { ImageError } from '../image-error.ts';
import { NAME_MOST_BYTES, STRING_MOST_BYTES, TYPE } from './format.ts';

export type NvsIntegerKind = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32';
export type NvsLongKind = 'u64' | 'i64';

export type NvsValue =
  | { kind: NvsIntegerKind; value: number }
  | { kind: NvsLongKind; value: bigint }
  | { kind: 'string'; text: string }
  | { kind: 'blob'; bytes: Uint8Array };

export interface NvsEntry {
  namespace: string;
  key: string;
  value: NvsValue;
}

const INTEGER_BITS: Readonly<Record<NvsIntegerKind | NvsLongKind, number>> = {
  u8: 8,
  i8: 8,
  u16: 16,
  i16: 16,
  u32: 32,
  i32: 32,
  u64: 64,
  i64: 64,
};

const KIND_OF_TYPE: ReadonlyMap<number, NvsIntegerKind | NvsLongKind> = new Map([
  [TYPE.u8, 'u8'],
  [TYPE.i8, 'i8'],
  [TYPE.u16, 'u16'],
  [TYPE.i16, 'i16'],
  [TYPE.u32, 'u32'],
  [TYPE.i32, 'i32'],
  [TYPE.u64, 'u64'],
  [TYPE.i64, 'i64'],
]);

/** Integers, smallest form: type and the data bytes that carry the value. */
export interface PackedInteger {
  type: number;
  data: Uint8Array;
}

/** @throws ImageError value-invalid when the number does not fit its kind. */
export function packInteger(
  kind: NvsIntegerKind | NvsLongKind,
  value: number | bigint,
): PackedInteger {
  const bits = INTEGER_BITS[kind];
  const signed = kind.startsWith('i');
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new ImageError('value-invalid', `NVS: ${kind} takes whole numbers, got ${value}`);
  }
  const big = BigInt(value);
  const low = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const high = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  if (big < low || big > high) {
    throw new ImageError('value-invalid', `NVS: ${kind} holds ${low} to ${high}, got ${big}`);
  }
  const data = new Uint8Array(bits / 8);
  let rest = BigInt.asUintN(bits, big);
  for (let i = 0; i < data.length; i++) {
    data[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return { type: TYPE[kind], data };
}

/** @returns undefined when the type is not an integer's. */
export function unpackInteger(type: number, data: Uint8Array): NvsValue | undefined {
  const kind = KIND_OF_TYPE.get(type);
  if (kind === undefined) return undefined;
  const view = viewOf(data);
  switch (kind) {
    case 'u8':
      return { kind, value: view.getUint8(0) };
    case 'i8':
      return { kind, value: view.getInt8(0) };
    case 'u16':
      return { kind, value: view.getUint16(0, true) };
    case 'i16':
      return { kind, value: view.getInt16(0, true) };
    case 'u32':
      return { kind, value: view.getUint32(0, true) };
    case 'i32':
      return { kind, value: view.getInt32(0, true) };
    case 'u64':
      return { kind, value: view.getBigUint64(0, true) };
    case 'i64':
      return { kind, value: view.getBigInt64(0, true) };
  }
}

/** With the closing NUL. @throws ImageError value-invalid: a NUL inside, or too long. */
export function packString(text: string): Uint8Array {
  const bytes = utf8(text + '\0');
  if (text.includes('\0')) {
    throw new ImageError('value-invalid', 'NVS: a string cannot contain a NUL character');
  }
  if (bytes.length > STRING_MOST_BYTES) {
    throw new ImageError(
      'value-invalid',
      `NVS: a string takes at most ${STRING_MOST_BYTES - 1} bytes, got ${bytes.length - 1}`,
    );
  }
  return bytes;
}

export function unpackString(payload: Uint8Array): string {
  const end = payload.indexOf(0);
  return fromUtf8(end < 0 ? payload : payload.subarray(0, end));
}

/**
 * Keys and namespace names: the chip cuts longer ones silently, so that two names can become one.
 * @throws ImageError value-invalid
 */
export function checkNvsName(what: 'key' | 'namespace', name: string): void {
  if (/^[\x21-\x7e]{1,15}$/.test(name)) return;
  throw new ImageError(
    'value-invalid',
    `NVS: a ${what} has 1 to ${NAME_MOST_BYTES} ASCII characters without spaces, got "${name.slice(0, 40)}"`,
  );
}
