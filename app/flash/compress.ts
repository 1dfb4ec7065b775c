/** zlib streams for the loader; the same content is compressed once, however many boards get it. */
import { concatBytes } from '../base/bytes.ts';

/** Enough for one batch: a handful of shared regions, and the small identities pass through. */
const KEPT = 16;
const kept = new Map<string, Promise<Uint8Array>>();

/** @param key names the content, such as its MD5. */
export function compressedOnce(key: string, bytes: Uint8Array): Promise<Uint8Array> {
  const known = kept.get(key);
  const promise = known ?? zlib(bytes);
  kept.delete(key);
  kept.set(key, promise); // the most recently used stand last
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return promise;
}

/** RFC 1950, as FLASH_DEFL_DATA wants it. */
export async function zlib(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([new Uint8Array(bytes)])
    .stream()
    .pipeThrough(new CompressionStream('deflate'));
  const parts: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return concatBytes(...parts);
    parts.push(value);
  }
}
