/**
 * ESP image (bootloader or application), little-endian.
 *
 *   0    1          2     3                      4       8    9         12      14   15    17    19       23
 *   | E9 | segments | SPI | size / speed nibbles | entry | wp | 3 drive | chip  | rev| min | max | 4 res. | hash |
 *   24: per segment | u32 load address | u32 data size | data |
 *   then zeros so that the next byte is the last of a 16-byte line: | 0xEF XOR every byte of all segments' data |
 *   then, when byte 23 is 1, 32 bytes: SHA-256 of everything before them
 *
 * An application's first segment begins (at image offset 0x20) with its descriptor, 256 bytes:
 *
 *   0          4         8     16        48        80     96     112       144          176
 *   | ABCD5432 | sec ver | res | version | project | time | date | IDF ver | ELF SHA256 | 80 reserved |
 *
 * Sources: ESP-IDF esp_app_format.h (esp_image_header_t, esp_image_segment_header_t), esp_app_desc.h; esptool's image format
 * chapter "Firmware Image Format".
 */
import { sha256 } from '../base/digest.ts';
import { bytesToHex, concatBytes, equalBytes } from '../base/bytes.ts';
import { fixedText, u16, u32, u8, viewOf } from './cells.ts';
import { hex, ImageError } from './image-error.ts';

export const IMAGE_MAGIC = 0xe9;
export const IMAGE_HEADER_BYTES = 24;
const SEGMENT_HEADER_BYTES = 8;
const MOST_SEGMENTS = 16;
const CHECKSUM_START = 0xef;
const HASH_BYTES = 32;

export const IMAGE_HEADER = {
  magic: u8(0),
  segmentCount: u8(1),
  spiMode: u8(2), // 0 qio, 1 qout, 2 dio, 3 dout
  speedAndSize: u8(3), // low nibble speed, high nibble flash size: 0 1 MB, 1 2 MB, 2 4 MB ...
  entry: u32(4),
  writeProtectPin: u8(8), // EE: not used
  chipId: u16(12),
  hashAppended: u8(23),
} as const;

const DESCRIPTOR_AT = IMAGE_HEADER_BYTES + SEGMENT_HEADER_BYTES;
export const DESCRIPTOR_BYTES = 256;
export const DESCRIPTOR_MAGIC = 0xabcd5432;

export interface EspImageSegment {
  loadAddress: number;
  /** Offset of the data in the image. */
  at: number;
  sizeBytes: number;
}

export interface AppDescriptor {
  secureVersion: number;
  /** Empty in MicroPython's builds. */
  version: string;
  projectName: string;
  time: string;
  date: string;
  idfVersion: string;
  elfSha256Hex: string;
}

export interface EspImage {
  chipId: number;
  spiMode: number;
  /** As the header claims it; undefined for a nibble nobody assigned. */
  flashSizeBytes: number | undefined;
  entry: number;
  segments: EspImageSegment[];
  /** SHA-256 appended to the image, checked; undefined when the header says there is none. */
  sha256Hex: string | undefined;
  descriptor: AppDescriptor | undefined;
  /** Size of the whole image with checksum and hash: what follows in the file is not part of it. */
  sizeBytes: number;
}

/**
 * Reads an image that begins at the first byte; checks its checksum and its hash. Bytes after the image are allowed.
 * @param what how messages call it, for example "bootloader"
 * @throws ImageError esp-image-invalid
 */
export function parseEspImage(bytes: Uint8Array, what = 'ESP image'): EspImage {
  const fail = (message: string): ImageError =>
    new ImageError('esp-image-invalid', `${what}: ${message}`);
  if (bytes.length < IMAGE_HEADER_BYTES) {
    throw fail(
      `expected a header of ${IMAGE_HEADER_BYTES} bytes, the file ends after ${bytes.length}`,
    );
  }
  const view = viewOf(bytes);
  if (IMAGE_HEADER.magic.get(view) !== IMAGE_MAGIC) {
    throw fail(`expected the first byte E9, found ${hex(bytes[0]!)}`);
  }
  const segmentCount = IMAGE_HEADER.segmentCount.get(view);
  if (segmentCount === 0 || segmentCount > MOST_SEGMENTS) {
    throw fail(`expected 1 to ${MOST_SEGMENTS} segments, the header says ${segmentCount}`);
  }
  const segments: EspImageSegment[] = [];
  let at = IMAGE_HEADER_BYTES;
  let checksum = CHECKSUM_START;
  for (let i = 0; i < segmentCount; i++) {
    if (at + SEGMENT_HEADER_BYTES > bytes.length) {
      throw fail(
        `cut off before segment ${i + 1} of ${segmentCount} (file ends at ${hex(bytes.length)})`,
      );
    }
    const sizeBytes = view.getUint32(at + 4, true);
    const dataAt = at + SEGMENT_HEADER_BYTES;
    if (sizeBytes > bytes.length - dataAt) {
      throw fail(
        `segment ${i + 1} of ${segmentCount} needs ${sizeBytes} bytes from ${hex(dataAt)}, the file ends at ${hex(bytes.length)}`,
      );
    }
    for (let k = dataAt; k < dataAt + sizeBytes; k++) checksum ^= bytes[k]!;
    segments.push({ loadAddress: view.getUint32(at, true), at: dataAt, sizeBytes });
    at = dataAt + sizeBytes;
  }
  const checksumAt = at | 15;
  if (checksumAt >= bytes.length) throw fail(`cut off before its checksum at ${hex(checksumAt)}`);
  if (bytes[checksumAt] !== checksum) {
    throw fail(
      `its checksum at ${hex(checksumAt)} should be ${hex(checksum)}, found ${hex(bytes[checksumAt]!)}: the file is damaged`,
    );
  }
  let sizeBytes = checksumAt + 1;
  let sha256Hex: string | undefined;
  if (IMAGE_HEADER.hashAppended.get(view) === 1) {
    const stored = bytes.subarray(sizeBytes, sizeBytes + HASH_BYTES);
    if (stored.length < HASH_BYTES) throw fail(`cut off inside its SHA-256 at ${hex(sizeBytes)}`);
    if (!equalBytes(stored, sha256(bytes.subarray(0, sizeBytes)))) {
      throw fail(`its SHA-256 at ${hex(sizeBytes)} does not fit its contents: the file is damaged`);
    }
    sha256Hex = bytesToHex(stored);
    sizeBytes += HASH_BYTES;
  }
  const sizeNibble = IMAGE_HEADER.speedAndSize.get(view) >> 4;
  return {
    chipId: IMAGE_HEADER.chipId.get(view),
    spiMode: IMAGE_HEADER.spiMode.get(view),
    flashSizeBytes: sizeNibble <= 7 ? 0x100000 << sizeNibble : undefined,
    entry: IMAGE_HEADER.entry.get(view),
    segments,
    sha256Hex,
    descriptor: readDescriptor(bytes, view, segments[0]!),
    sizeBytes,
  };
}

function readDescriptor(
  bytes: Uint8Array,
  view: DataView,
  first: EspImageSegment,
): AppDescriptor | undefined {
  if (first.sizeBytes < DESCRIPTOR_BYTES) return undefined;
  const at = DESCRIPTOR_AT;
  if (view.getUint32(at, true) !== DESCRIPTOR_MAGIC) return undefined;
  return {
    secureVersion: view.getUint32(at + 4, true),
    version: fixedText(bytes, at + 16, 32),
    projectName: fixedText(bytes, at + 48, 32),
    time: fixedText(bytes, at + 80, 16),
    date: fixedText(bytes, at + 96, 16),
    idfVersion: fixedText(bytes, at + 112, 32),
    elfSha256Hex: bytesToHex(bytes.subarray(at + 144, at + 176)),
  };
}

export interface EspImageParts {
  chipId: number;
  entry: number;
  segments: readonly { loadAddress: number; bytes: Uint8Array }[];
}

/** A valid image: flash mode DIO, 40 MHz, 4 MB, as MicroPython's builds say it, with checksum and appended SHA-256. */
export function buildEspImage(parts: EspImageParts): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(IMAGE_HEADER_BYTES);
  const view = viewOf(header);
  IMAGE_HEADER.magic.set(view, 0, IMAGE_MAGIC);
  IMAGE_HEADER.segmentCount.set(view, 0, parts.segments.length);
  IMAGE_HEADER.spiMode.set(view, 0, 2);
  IMAGE_HEADER.speedAndSize.set(view, 0, 0x20);
  IMAGE_HEADER.entry.set(view, 0, parts.entry);
  IMAGE_HEADER.writeProtectPin.set(view, 0, 0xee);
  IMAGE_HEADER.chipId.set(view, 0, parts.chipId);
  view.setUint16(17, 0xffff, true); // highest chip revision: no limit
  IMAGE_HEADER.hashAppended.set(view, 0, 1);
  const pieces: Uint8Array[] = [header];
  let sizeBytes = header.length;
  let checksum = CHECKSUM_START;
  for (const segment of parts.segments) {
    const segmentHeader = new Uint8Array(SEGMENT_HEADER_BYTES);
    viewOf(segmentHeader).setUint32(0, segment.loadAddress, true);
    viewOf(segmentHeader).setUint32(4, segment.bytes.length, true);
    pieces.push(segmentHeader, segment.bytes);
    sizeBytes += segmentHeader.length + segment.bytes.length;
    for (const byte of segment.bytes) checksum ^= byte;
  }
  const padding = new Uint8Array((sizeBytes | 15) + 1 - sizeBytes);
  padding[padding.length - 1] = checksum;
  const body = concatBytes(...pieces, padding);
  return concatBytes(body, sha256(body));
}
