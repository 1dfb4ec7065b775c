/** Opens a file of ../vectors for a test. Node only. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export function readVector(name: string): Uint8Array<ArrayBuffer> {
  const raw = readFileSync(new URL(`../vectors/${name}`, import.meta.url));
  return new Uint8Array(name.endsWith('.gz') ? gunzipSync(raw) : raw);
}

/** The file contents that the vectors' README describes. */
export function pattern(sizeBytes: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let x = seed;
  for (let i = 0; i < sizeBytes; i++) {
    x = Number((BigInt(x) * 1103515245n + 12345n) & 0x7fffffffn);
    bytes[i] = (x >> 16) & 255;
  }
  return bytes;
}
