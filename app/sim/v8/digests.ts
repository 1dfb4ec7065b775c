/**
 * SHA-256 for all boards of the V8 engine, with a memory: every receiver of a frame checks the same tag with the same key, so the
 * same bytes are hashed once for each of them. Equal bytes have equal digests; nothing else is assumed.
 */
import { sha256 } from '../../base/digest.ts';

/**
 * Entries of the table; a newer one takes an older one's place. A frame's receivers read it within some 20 ms, in which a forming field
 * of 400 sends about 50 others: more would only keep what nobody asks for again out of the processor's cache.
 */
const SLOTS = 512;
/** Longer inputs are rare and not remembered. */
const MOST_BYTES = 512;

class Entry {
  size = -1;
  /** Padded with zeros. */
  readonly input = new Int32Array(MOST_BYTES / 4);
  digest: Uint8Array = new Uint8Array(0);
}

const table = Array.from({ length: SLOTS }, () => new Entry());
/** In whole words: looked through four bytes at a time. */
const words = new Int32Array(MOST_BYTES / 4);
const buffer = new Uint8Array(words.buffer);

/** @returns 32 bytes, not to be changed: the next one who asks gets the same, as with the runtime's bytes */
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
  const entry = table[slotOf(size, count)]!;
  if (entry.size === size && matches(entry.input, count)) return entry.digest;
  entry.digest = sha256(buffer.subarray(0, size));
  entry.size = size;
  for (let i = 0; i < count; i++) entry.input[i] = words[i]!;
  return entry.digest;
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
