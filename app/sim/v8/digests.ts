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
  readonly input: Uint8Array;
  readonly digest: Uint8Array;
}

const table = new Array<Entry | undefined>(SLOTS).fill(undefined);
const buffer = new Uint8Array(MOST_BYTES);

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
  const slot = slotOf(input, size);
  const known = table[slot];
  if (known && matches(known.input, input, size)) return known.digest.slice();
  const own = input.slice(0, size);
  const digest = sha256(own);
  table[slot] = { input: own, digest };
  return digest.slice();
}

/** FNV-1a (Fowler, Noll, Vo), folded to the table's size. */
function slotOf(bytes: Uint8Array, size: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < size; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function matches(known: Uint8Array, bytes: Uint8Array, size: number): boolean {
  if (known.length !== size) return false;
  for (let i = 0; i < size; i++) if (known[i] !== bytes[i]) return false;
  return true;
}
