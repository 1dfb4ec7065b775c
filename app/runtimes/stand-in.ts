/**
 * A small file with the exact structure of a stock MicroPython file: for tests, and for virtual boards, which bring their own
 * MicroPython and only need something true to flash. It contains no program; a real chip would not start.
 */
import { utf8 } from '../base/bytes.ts';
import { CHIPS } from '../image/chips.ts';
import type { ChipName } from '../image/chips.ts';
import { viewOf } from '../image/cells.ts';
import { buildEspImage, DESCRIPTOR_BYTES, DESCRIPTOR_MAGIC } from '../image/esp-image.ts';
import {
  APP_SUBTYPE,
  buildPartitionTable,
  DATA_SUBTYPE,
  PARTITION_TABLE_AT,
  PARTITION_TYPE,
} from '../image/partition-table.ts';
import { STAND_IN_MARK } from './stand-in-mark.ts';

/** The MicroPython that the stand-in claims to be. */
export const STAND_IN_VERSION = '1.26.0';
const STAND_IN_DATE = '2025-08-09';
const APP_AT = 0x10000;
/** Start of a data segment in RAM on each chip; any valid-looking address does. */
const LOAD_ADDRESS = 0x3ffb0000;
const ENTRY = 0x40080000;

/** The rows of a stock 4 MB (and larger) board since 1.26: no row for the file system. */
const ROWS = [
  {
    type: PARTITION_TYPE.data,
    subtype: DATA_SUBTYPE.nvs,
    at: 0x9000,
    sizeBytes: 0x6000,
    label: 'nvs',
    flags: 0,
  },
  {
    type: PARTITION_TYPE.data,
    subtype: DATA_SUBTYPE.phy,
    at: 0xf000,
    sizeBytes: 0x1000,
    label: 'phy_init',
    flags: 0,
  },
  {
    type: PARTITION_TYPE.app,
    subtype: APP_SUBTYPE.factory,
    at: APP_AT,
    sizeBytes: 0x1f0000,
    label: 'factory',
    flags: 0,
  },
];

export interface StandInOptions {
  /** Claims to be this version. */
  version?: string;
  /** Bytes that fill the application up to a real one's length, in whole words; nothing unless given. */
  program?: Uint8Array;
}

/** The combined file, from the bootloader on. */
export function standInRuntime(
  chip: ChipName,
  options: StandInOptions = {},
): Uint8Array<ArrayBuffer> {
  const { imageChipId, bootloaderAt, label } = CHIPS[chip];
  const { version = STAND_IN_VERSION, program } = options;
  const bootloader = buildEspImage({
    chipId: imageChipId,
    entry: ENTRY,
    segments: [{ loadAddress: LOAD_ADDRESS, bytes: padded(`${STAND_IN_MARK}\0${label}\0`) }],
  });
  const banner = `MicroPython v${version} on ${STAND_IN_DATE}; Stand-in with ${label}`;
  const app = buildEspImage({
    chipId: imageChipId,
    entry: ENTRY,
    segments: [
      { loadAddress: LOAD_ADDRESS, bytes: descriptor() },
      { loadAddress: LOAD_ADDRESS + 0x1000, bytes: padded(`${STAND_IN_MARK}\0${banner}\0`) },
      ...(program ? [{ loadAddress: LOAD_ADDRESS + 0x2000, bytes: program }] : []),
    ],
  });
  const file = new Uint8Array(APP_AT - bootloaderAt + app.length).fill(0xff);
  file.set(bootloader);
  file.set(buildPartitionTable(ROWS), PARTITION_TABLE_AT - bootloaderAt);
  file.set(app, APP_AT - bootloaderAt);
  return file;
}

/** Segments are whole 32-bit words. */
function padded(text: string): Uint8Array<ArrayBuffer> {
  const bytes = utf8(text);
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
}

/** Like MicroPython's: version and project name are empty. */
function descriptor(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(DESCRIPTOR_BYTES);
  viewOf(bytes).setUint32(0, DESCRIPTOR_MAGIC, true);
  bytes.set(utf8('v5.4.2'), 112);
  return bytes;
}
