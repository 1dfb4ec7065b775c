/**
 * Little-endian cells of a record: `u32(4).get(view, base)` reads the unsigned 32-bit number 4 bytes after `base`.
 * A format file lists its cells in a table, so that the table can be held against the format's document.
 */
export interface Cell {
  readonly at: number;
  get(view: DataView, base?: number): number;
  set(view: DataView, base: number, value: number): void;
}

export const u8 = (at: number): Cell => ({
  at,
  get: (view, base = 0) => view.getUint8(base + at),
  set: (view, base, value) => view.setUint8(base + at, value),
});

export const u16 = (at: number): Cell => ({
  at,
  get: (view, base = 0) => view.getUint16(base + at, true),
  set: (view, base, value) => view.setUint16(base + at, value, true),
});

export const u32 = (at: number): Cell => ({
  at,
  get: (view, base = 0) => view.getUint32(base + at, true),
  set: (view, base, value) => view.setUint32(base + at, value, true),
});

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Text of a fixed field: up to the first NUL, bytes outside printable ASCII become "?". */
export function fixedText(bytes: Uint8Array, at: number, size: number): string {
  let text = '';
  for (let i = at; i < at + size && i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === 0) break;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return text;
}

/** True when every byte of [from, to) is 0xFF, which is what erased flash reads as. */
export function isErased(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0xff) return false;
  return true;
}
