/** Decides whether a file is a MicroPython runtime that boards can be given, and takes it apart. */
import { bytesToHex } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { findMicroPython, looksLikeImage, splitCombined } from '../image/combined.ts';
import type { CombinedFile } from '../image/combined.ts';
import { CHIPS } from '../image/chips.ts';
import { hex, ImageError } from '../image/image-error.ts';
import { parseEspImage } from '../image/esp-image.ts';
import { PARTITION_TABLE_AT } from '../image/partition-table.ts';
import type { Region, RuntimeFile } from '../image/region.ts';
import { adviceFor, OLDEST_RUNTIME } from './catalogue.ts';
import { STAND_IN_MARK } from './stand-in-mark.ts';

export type RuntimeRefusal =
  | 'not-an-image' // some other file
  | 'application-only' // a firmware update file without bootloader and table
  | 'damaged' // a checksum or hash does not hold, or it is cut short
  | 'layout' // pieces missing, in the wrong place, too large, or of different chips
  | 'not-micropython'
  | 'version-unsupported';

export type RuntimeCheck =
  { ok: true; runtime: RuntimeFile } | { ok: false; code: RuntimeRefusal; message: string };

/** @param bytes a published combined file, or a copy of a whole flash, from which the runtime is taken without the rest. */
export function checkRuntime(bytes: Uint8Array): RuntimeCheck {
  if (isApplicationAlone(bytes)) {
    return refuse(
      'application-only',
      'This is the application alone: its first segment has an application descriptor at 0x20. Expected the combined file, which begins with the bootloader. ' +
        'Take the file ending in .bin, not in .app-bin.',
    );
  }
  let file: CombinedFile;
  try {
    file = splitCombined(bytes);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (!looksLikeImage(bytes) && bytes.length < PARTITION_TABLE_AT) {
      return refuse('not-an-image', `Not a runtime file: ${error.message}.`);
    }
    const damaged = error.code !== 'layout-invalid';
    return refuse(
      damaged ? 'damaged' : looksLikeImage(bytes) ? 'layout' : 'not-an-image',
      sentence(error.message),
    );
  }
  return checkParts(file);
}

function checkParts(file: CombinedFile): RuntimeCheck {
  const { app, appRow, chip } = file;
  if (app.sizeBytes > appRow.sizeBytes) {
    return refuse(
      'layout',
      `The application has ${app.sizeBytes} bytes, its partition "${appRow.label}" at ${hex(appRow.at)} holds ${appRow.sizeBytes}.`,
    );
  }
  if (app.sha256Hex === undefined) {
    return refuse(
      'damaged',
      `The application at flash ${hex(appRow.at)} carries no SHA-256, so that it cannot be told whether it is whole. Stock builds carry one.`,
    );
  }
  const found = findMicroPython(file.appBytes);
  if (!found) {
    return refuse(
      'not-micropython',
      `Expected the text "MicroPython vX.Y.Z on DATE" in the application, found none: this is another firmware. ${adviceFor(chip.name)}.`,
    );
  }
  const { major, minor } = OLDEST_RUNTIME;
  if (found.major !== major || found.minor < minor) {
    return refuse(
      'version-unsupported',
      `This is MicroPython ${found.version} of ${found.date}, expected ${major}.${minor} or a later ${major}.x. ${adviceFor(chip.name)}.`,
    );
  }
  const combined = canonicalFile(file);
  return {
    ok: true,
    runtime: {
      chip: chip.name,
      version: found.version,
      sha256: bytesToHex(sha256(combined)),
      standIn: isStandIn(file),
      pieces: pieces(file),
      partitionTable: file.table,
      bytes: combined,
    },
  };
}

function refuse(code: RuntimeRefusal, message: string): RuntimeCheck {
  return { ok: false, code, message };
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function isApplicationAlone(bytes: Uint8Array): boolean {
  if (!looksLikeImage(bytes)) return false;
  try {
    return parseEspImage(bytes).descriptor !== undefined;
  } catch (error) {
    if (error instanceof ImageError) return false;
    throw error;
  }
}

function isStandIn(file: CombinedFile): boolean {
  const text = new TextDecoder('latin1').decode(file.bootloaderBytes);
  return text.includes(STAND_IN_MARK);
}

function pieces(file: CombinedFile): Region[] {
  return [
    { at: file.chip.bootloaderAt, bytes: file.bootloaderBytes.slice(), name: 'bootloader' },
    { at: PARTITION_TABLE_AT, bytes: file.tableBytes.slice(), name: 'partition-table' },
    { at: file.appRow.at, bytes: file.appBytes.slice(), name: 'runtime' },
  ];
}

/** As published: nothing of a board's NVS or files is in it, even if it was taken from a board. */
function canonicalFile(file: CombinedFile): Uint8Array<ArrayBuffer> {
  const start = CHIPS[file.chip.name].bootloaderAt;
  const bytes = new Uint8Array(file.appRow.at - start + file.appBytes.length).fill(0xff);
  for (const piece of pieces(file)) bytes.set(piece.bytes, piece.at - start);
  return bytes;
}
