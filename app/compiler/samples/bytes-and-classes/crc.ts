export const CRC_START = 0xffff;

/** CRC-16/CCITT-FALSE. */
export function crc16(bytes: Uint8Array, start: number = CRC_START): number {
  let crc = start & 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) !== 0 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
    }
  }
  return crc;
}
