/** zlib streams for the loader; each array of bytes is compressed once, however many boards get it. */
import { concatBytes } from '../base/bytes.ts';

const done = new WeakMap<Uint8Array, Promise<Uint8Array>>();

/** @param bytes must not change afterwards. */
export function compressedOnce(bytes: Uint8Array): Promise<Uint8Array> {
  let promise = done.get(bytes);
  if (!promise) {
    promise = zlib(bytes);
    done.set(bytes, promise);
  }
  return promise;
}

/** RFC 1950, as FLASH_DEFL_DATA wants it. */
async function zlib(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)])
    .stream()
    .pipeThrough(new CompressionStream('deflate'));
  const parts: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { value, done: ended } = await reader.read();
    if (ended) return concatBytes(...parts);
    parts.push(value);
  }
}
