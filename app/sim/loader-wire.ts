/**
 * Requests and answers of the ESP serial loaders. Little-endian.
 * Source: esptool documentation, "Serial Protocol".
 *
 *   request   0    1    2      4          8
 *             | 00 | op | size | checksum | data ...
 *   answer    0    1    2      4          8
 *             | 01 | op | size | value    | data ... | status |
 *   status    0 and 0, or 1 and an error code; the ROM of these chips adds two bytes of 0
 *   checksum  EF XOR every payload byte, for the commands that carry blocks
 */

export const OP = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memoryBegin: 0x05,
  memoryEnd: 0x06,
  memoryData: 0x07,
  sync: 0x08,
  writeRegister: 0x09,
  readRegister: 0x0a,
  spiSetParameters: 0x0b,
  spiAttach: 0x0d,
  changeBaud: 0x0f,
  deflateBegin: 0x10,
  deflateData: 0x11,
  deflateEnd: 0x12,
  flashMd5: 0x13,
  securityInfo: 0x14,
  eraseFlash: 0xd0,
  eraseRegion: 0xd1,
  readFlash: 0xd2,
  runUserCode: 0xd3,
} as const;

/** Error codes: 05 to 0B from the ROM, C0 and up from the stub. */
export const FAILURE = {
  romInvalidMessage: 0x05,
  romFailedToAct: 0x06,
  romInvalidChecksum: 0x07,
  romFlashWrite: 0x08,
  romInflate: 0x0b,
  badDataLength: 0xc0,
  badChecksum: 0xc1,
  badBlockSize: 0xc2,
  invalidCommand: 0xc3,
  spiFailed: 0xc4,
  notInFlashMode: 0xc6,
  inflate: 0xc7,
  notEnoughData: 0xc8,
  tooMuchData: 0xc9,
  notImplemented: 0xff,
} as const;

export interface Request {
  op: number;
  checksum: number;
  data: Uint8Array;
  /** False when the size in the header is not the size that came. */
  whole: boolean;
}

export function u32(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

export function words(...values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, value >>> 0, true));
  return bytes;
}

/** Undefined for anything that is not a request at all. */
export function parseRequest(frame: Uint8Array): Request | undefined {
  if (frame.length < 8 || frame[0] !== 0) return undefined;
  const size = frame[2]! | (frame[3]! << 8);
  const data = frame.slice(8);
  return { op: frame[1]!, checksum: u32(frame, 4), data, whole: data.length === size };
}

export function answer(
  op: number,
  value: number,
  data: Uint8Array,
  failure: number,
  statusSize: 2 | 4,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + data.length + statusSize);
  bytes[0] = 1;
  bytes[1] = op;
  bytes[2] = (data.length + statusSize) & 0xff;
  bytes[3] = (data.length + statusSize) >> 8;
  bytes.set(words(value), 4);
  bytes.set(data, 8);
  bytes[8 + data.length] = failure === 0 ? 0 : 1;
  bytes[9 + data.length] = failure;
  return bytes;
}

export function blockChecksum(payload: Uint8Array): number {
  let sum = 0xef;
  for (const byte of payload) sum ^= byte;
  return sum;
}
