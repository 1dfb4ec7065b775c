/**
 * SHA-256 for all boards of the V8 engine, with a memory: every receiver of a frame checks the same tag with the same key, so the
 * same bytes are hashed once for each of them. Equal bytes have equal digests; nothing else is assumed.
 */
import { sha256 } from '../../base/digest.ts';

/** Entries of the table; a newer one takes an older one's place. Bounds the memory for good. */
const SLOTS = 4096;
/** Longer inputs are rare and not remembered. */
const MOST_BYTES = 512;

interface Entry {
  readonly size: number;
  /** Padded with zeros. */
  readonly input: Int32Array;
  readonly digest: Uint8Array;
}

const table = new Array<Entry | undefined>(SLOTS).fill(undefined);
/** In whole words: looked through four bytes at a time. */
const words = new Int32Array(MOST_BYTES / 4);
const buffer = new Uint8Array(words.buffer);

/** @returns 32 bytes, the caller's own */
export function digestOf(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const input = size <= MOST_BYTES ? buffer : new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    input.set(part, at);
    at += part.length;
  }
  if (size > MOST_BYTES) return sha256(input);
  const count = (size + 3) >> 2;
  buffer.fill(0, size, 4 * count);
  const slot = slotOf(size, count);
  const known = table[slot];
  if (known && known.size === size && matches(known.input, count)) return known.digest.slice();
  const digest = sha256(buffer.subarray(0, size));
  table[slot] = { size, input: words.slice(0, count), digest };
  return digest.slice();
}

/** FNV-1a (Fowler, Noll, Vo) over words instead of bytes, folded to the table's size. */
function slotOf(size: number, count: number): number {
  let hash = 0x811c9dc5 ^ size;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  return (hash ^ (hash >>> 13)) & (SLOTS - 1);
}

function matches(known: Int32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (known[i] !== words[i]) return false;
  return true;
}
