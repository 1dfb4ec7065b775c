/** Cyclic redundancy checks used by the formats in this project. */

const TABLE = new Uint32Array(256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  TABLE[n] = c >>> 0;
}

/**
 * CRC-32 as zlib computes it (reflected polynomial 0xEDB88320, register inverted before and after).
 * `seed` is a previous result to go on from, exactly like the second argument of zlib's crc32:
 * ESP-IDF's NVS uses seed 0xFFFFFFFF; littlefs uses the uninverted register, ~crc32(bytes, ~register).
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let c = ~seed;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 0xff]! ^ (c >>> 8);
  return ~c >>> 0;
}

/** CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, no reflection, no final inversion. */
export function crc16Ccitt(bytes: Uint8Array): number {
  let c = 0xffff;
  for (const byte of bytes) {
    c ^= byte << 8;
    for (let k = 0; k < 8; k++) c = c & 0x8000 ? ((c << 1) ^ 0x1021) & 0xffff : (c << 1) & 0xffff;
  }
  return c;
}
