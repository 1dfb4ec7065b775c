/**
 * What a chip finds on its flash when it starts: bootloader, partition table, application, NVS and file system, each checked as
 * the ROM, the bootloader and MicroPython would, with the text that they print when something is wrong. Texts after ESP-IDF's
 * bootloader_support and the ROM; layout in app/image.
 */
import { CHIPS } from '../image/chips.ts';
import type { ChipName } from '../image/chips.ts';
import { hex, ImageError } from '../image/image-error.ts';
import { parseEspImage } from '../image/esp-image.ts';
import { buildLittleFs } from '../image/littlefs/write.ts';
import { parseLittleFs } from '../image/littlefs/read.ts';
import {
  fileSystemExtent,
  findApp,
  findNvs,
  PARTITION_TABLE_AT,
  PARTITION_TABLE_BYTES,
  parsePartitionTable,
} from '../image/partition-table.ts';
import type { Extent, PartitionTable } from '../image/partition-table.ts';
import { NvsStore } from '../image/nvs/store.ts';
import { equalBytes, utf8 } from '../base/bytes.ts';
import type { EngineFile } from './engine.ts';
import { FlashPowerLost } from './flash-chip.ts';
import type { FlashChip } from './flash-chip.ts';
import type { RuntimeIdentity } from './host-functions.ts';

const BLOCK = 4096;
/** The stock partition table of 4 MB and more (platform facts, section 4). */
export const USUAL_NVS_AT = 0x9000;
export const USUAL_NVS_BYTES = 0x6000;
const USUAL_FILES_AT = 0x200000;

/** A chip that cannot start prints `text` and is reset by its watchdog, again and again. */
export interface BootFailure {
  ok: false;
  text: string;
}

export interface BootImage {
  ok: true;
  runtime: RuntimeIdentity;
  nvs: Extent | undefined;
  fileSystem: Extent;
}

const MACHINES: Readonly<Record<ChipName, [machine: string, build: string, mpy: number]>> = {
  // sys.implementation: machine and build as the stock builds print them; _mpy from platform facts, section 5 (xtensawin), and
  // 0x0406 with architecture 11 (rv32imc) in bits 10 and up for the RISC-V chips.
  esp32: ['Generic ESP32 module with ESP32', 'ESP32_GENERIC', 0x2b06],
  esp32s2: ['Generic ESP32S2 module with ESP32S2', 'ESP32_GENERIC_S2', 0x2b06],
  esp32s3: ['Generic ESP32S3 module with ESP32S3', 'ESP32_GENERIC_S3', 0x2b06],
  esp32c3: ['ESP32C3 module with ESP32C3', 'ESP32_GENERIC_C3', 0x2f06],
  esp32c6: ['ESP32C6 module with ESP32C6', 'ESP32_GENERIC_C6', 0x2f06],
};

export function readBootImage(flash: FlashChip, chip: ChipName): BootImage | BootFailure {
  const facts = CHIPS[chip];
  const header = flash.read(facts.bootloaderAt, 4);
  if (header[0] !== 0xe9) {
    const word = new DataView(header.buffer).getUint32(0, true).toString(16).padStart(8, '0');
    return { ok: false, text: `invalid header: 0x${word}\r\n` };
  }
  try {
    const room = PARTITION_TABLE_AT - facts.bootloaderAt;
    parseEspImage(flash.read(facts.bootloaderAt, room), 'bootloader');
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { ok: false, text: `csum err: bootloader\r\nets_main.c 384 \r\n` };
  }
  let table: PartitionTable;
  try {
    table = parsePartitionTable(flash.read(PARTITION_TABLE_AT, PARTITION_TABLE_BYTES));
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return {
      ok: false,
      text:
        'E (35) flash_parts: partition table is not valid\r\n' +
        'E (36) boot: Failed to verify partition table\r\nE (37) boot: load partition table error!\r\n',
    };
  }
  const app = findApp(table);
  if (!app) {
    return {
      ok: false,
      text: 'E (40) boot: No bootable app partitions in the partition table\r\n',
    };
  }
  const appBytes = flash.read(app.at, Math.min(app.sizeBytes, flash.sizeBytes - app.at));
  let appSize: number;
  try {
    const image = parseEspImage(appBytes, 'application');
    if (image.chipId !== facts.imageChipId) {
      return {
        ok: false,
        text: `E (45) boot_comm: mismatch chip ID, expected ${facts.imageChipId}, found ${image.chipId}\r\n`,
      };
    }
    appSize = image.sizeBytes;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const blank = appBytes[0] === 0xff ? ' (nothing flashed here?)' : '';
    return {
      ok: false,
      text:
        `E (45) esp_image: image at ${hex(app.at)} has invalid contents${blank}\r\n` +
        'E (46) boot: Factory app partition is not bootable\r\n' +
        'E (47) boot: No bootable app partitions in the partition table\r\n',
    };
  }
  let fileSystem: Extent;
  try {
    fileSystem = fileSystemExtent(table, flash.sizeBytes);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { ok: false, text: 'E (50) flash_parts: no room for the file system\r\n' };
  }
  const nvs = findNvs(table);
  return {
    ok: true,
    runtime: identify(appBytes.subarray(0, appSize), chip),
    nvs: nvs && { at: nvs.at, sizeBytes: nvs.sizeBytes },
    fileSystem,
  };
}

/** MicroPython's descriptor has no version: the text "vX.Y.Z on DATE" does (platform facts, section 4). */
function identify(app: Uint8Array, chip: ChipName): RuntimeIdentity {
  const [machine, build, mpy] = MACHINES[chip];
  const text = new TextDecoder('latin1').decode(app);
  const found = /v(\d+\.\d+\.\d+)[-\w.]* on \d{4}-\d\d-\d\d/.exec(text);
  return { version: found?.[1] ?? '1.26.0', text: found?.[0] ?? 'v1.26.0', machine, build, mpy };
}

/** As at start on a board: an NVS without a free page or of a newer version is erased. Writes go to the chip at once. */
export function openNvs(flash: FlashChip, extent: Extent): NvsStore | undefined {
  const listener = {
    program: (at: number, data: Uint8Array) => flash.program(extent.at + at, data),
    erase: (at: number, size: number) => flash.erase(extent.at + at, size),
  };
  try {
    return NvsStore.load(flash.read(extent.at, extent.sizeBytes), listener);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
  }
  try {
    flash.erase(extent.at, extent.sizeBytes);
    return NvsStore.load(flash.read(extent.at, extent.sizeBytes), listener);
  } catch (error) {
    if (error instanceof ImageError) return undefined; // too small to be an NVS at all
    throw error;
  }
}

/** What a board of this chip has after a usual flash, without reading it: for boards whose program is not on their flash. */
export function usualBootImage(flash: FlashChip, chip: ChipName): BootImage {
  return {
    ok: true,
    runtime: identify(new Uint8Array(), chip),
    nvs: { at: USUAL_NVS_AT, sizeBytes: USUAL_NVS_BYTES },
    fileSystem: {
      at: USUAL_FILES_AT,
      sizeBytes: Math.max(0, flash.sizeBytes - USUAL_FILES_AT),
    },
  };
}

const DEFAULT_BOOT_PY =
  '# This file is executed on every boot (including wake-boot from deepsleep)\n' +
  '#import esp\n#esp.osdebug(None)\n#import webrepl\n#webrepl.start()\n';

/** The files on flash; undefined when there is something that no runtime can mount. A blank partition is formatted. */
export function readFiles(
  flash: FlashChip,
  extent: Extent,
): { files: EngineFile[]; usedBlocks: number } | undefined {
  const blockCount = Math.floor(extent.sizeBytes / BLOCK);
  if (flash.read(extent.at, BLOCK).every((byte) => byte === 0xff)) {
    const fresh = [{ path: '/boot.py', bytes: utf8(DEFAULT_BOOT_PY) }];
    return { files: fresh, usedBlocks: writeFiles(flash, extent, fresh) };
  }
  try {
    const found = parseLittleFs(flash.read(extent.at, extent.sizeBytes), {
      blockSize: BLOCK,
      blockCount,
    });
    const folders = found.directories.map((path) => ({ path: `/${path}`, bytes: null }));
    const files = found.files.map((file) => ({ path: `/${file.path}`, bytes: file.bytes }));
    return { files: [...folders, ...files], usedBlocks: found.usedBlocks };
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}

/**
 * Writes the files as a fresh image and programs the blocks that differ. A power cut in the middle of it can lose the file system,
 * which a real LittleFS would survive: it is not the same log.
 * @returns the number of blocks in use
 * @throws ImageError when they do not fit
 */
export function writeFiles(flash: FlashChip, extent: Extent, files: readonly EngineFile[]): number {
  const image = buildLittleFs(
    files.flatMap(({ path, bytes }) => (bytes ? [{ path: path.slice(1), bytes }] : [])),
    {
      blockSize: BLOCK,
      blockCount: Math.floor(extent.sizeBytes / BLOCK),
      directories: files.flatMap(({ path, bytes }) => (bytes ? [] : [path.slice(1)])),
    },
  );
  for (let at = 0; at < image.length; at += BLOCK) {
    const block = image.subarray(at, at + BLOCK);
    if (equalBytes(block, flash.read(extent.at + at, block.length))) continue;
    flash.erase(extent.at + at, BLOCK);
    flash.program(extent.at + at, block);
  }
  return Math.ceil(image.length / BLOCK);
}

export interface Stored {
  files: EngineFile[];
  usedBlocks: number;
  nvs: NvsStore | undefined;
}

/** What the runtime finds when it starts. Power may go while what is broken there is being repaired. @returns undefined as readFiles() */
export function readStored(
  flash: FlashChip,
  { fileSystem, nvs }: BootImage,
  hasFiles: boolean,
): Stored | 'power lost' | undefined {
  try {
    const found = hasFiles ? readFiles(flash, fileSystem) : { files: [], usedBlocks: 0 };
    const store = nvs && openNvs(flash, nvs);
    return found && { ...found, nvs: store };
  } catch (error) {
    if (error instanceof FlashPowerLost) return 'power lost';
    throw error;
  }
}
