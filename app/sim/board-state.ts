/** What is left of a board without power, as plain data that structured cloning and IndexedDB take. */
import type { ChipName } from './chips.ts';
import { type FlashChip, SECTOR_SIZE } from './flash-chip.ts';

export interface FlashState {
  sizeBytes: number;
  /** Runs of sectors that are not blank. */
  pieces: { at: number; bytes: Uint8Array }[];
}

export interface BoardState {
  /** For later layouts of this record. */
  version: 1;
  chip: ChipName;
  mac: string;
  name: string;
  x: number;
  y: number;
  flash: FlashState;
}

export function saveFlash(flash: FlashChip): FlashState {
  const pieces: FlashState['pieces'] = [];
  let start = -1;
  for (let at = 0; at <= flash.sizeBytes; at += SECTOR_SIZE) {
    const used = at < flash.sizeBytes && flash.read(at, SECTOR_SIZE).some((byte) => byte !== 0xff);
    if (used && start < 0) start = at;
    if (used || start < 0) continue;
    pieces.push({ at: start, bytes: flash.read(start, at - start) });
    start = -1;
  }
  return { sizeBytes: flash.sizeBytes, pieces };
}

/** Fills a blank chip. @throws RangeError when a piece does not fit */
export function restoreFlash(flash: FlashChip, state: FlashState): void {
  for (const { at, bytes } of state.pieces) flash.load(at, bytes);
}
