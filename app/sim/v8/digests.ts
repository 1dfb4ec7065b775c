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

const WORDS = MOST_BYTES / 4;
/** SHA-256's own block: a tag's text begins after its key, which is the same in most of what is asked. */
const KEY_WORDS = 16;
/** Words that say where a digest is kept. */
const HASHED_WORDS = 8;

/** The inputs one after the other, each padded with zeros; their sizes in bytes, and their digests. */
const inputs = new Int32Array(SLOTS * WORDS);
const sizes = new Int32Array(SLOTS).fill(-1);
const digests = new Array<Uint8Array>(SLOTS).fill(new Uint8Array(0));
/** In whole words: looked through four bytes at a time. */
const words = new Int32Array(WORDS);
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
  for (let i = size; i < 4 * count; i++) buffer[i] = 0; // three bytes at most
  const slot = slotOf(size, count);
  if (sizes[slot] === size && matches(slot * WORDS, count)) return digests[slot]!;
  const digest = sha256(buffer.subarray(0, size));
  for (let i = 0; i < count; i++) inputs[slot * WORDS + i] = words[i]!;
  sizes[slot] = size;
  digests[slot] = digest;
  return digest;
}

/** FNV-1a (Fowler, Noll, Vo) over some words instead of all bytes, folded to the table's size. */
function slotOf(size: number, count: number): number {
  let hash = 0x811c9dc5 ^ size;
  const from = count > KEY_WORDS ? KEY_WORDS : 0;
  const to = Math.min(count, from + HASHED_WORDS);
  for (let i = from; i < to; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  return (hash ^ (hash >>> 13)) & (SLOTS - 1);
}

function matches(at: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (inputs[at + i] !== words[i]) return false;
  return true;
}
