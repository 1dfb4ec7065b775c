/**
 * The part of both loaders that puts blocks on flash, plain or as one zlib stream.
 *
 * The ROM erases everything at BEGIN; the stub erases each sector as it reaches it, unless it is
 * blank. The block
 * numbers are not looked at, as in the real loaders: a block sent twice spoils a zlib stream.
 */
import { Unzlib } from 'fflate';
import { type FlashChip, FlashPowerLost, SECTOR_SIZE } from './flash-chip.ts';
import { FAILURE, u32 } from './loader-wire.ts';

/** Typical times of a 4 MB NOR chip, from the data sheet of the W25Q32. */
const ERASE_64K_MS = 150;
const ERASE_4K_MS = 45;
const PROGRAM_PAGE_MS = 0.4;
/** The stub looks before it erases (since its version 1.2) and skips what is blank. */
const BLANK_CHECK_MS_PER_BYTE = 0.0001;

export interface WriterCodes {
  notInFlashMode: number;
  inflate: number;
  notEnough: number;
  tooMuch: number;
  flash: number;
}

export const STUB_CODES: WriterCodes = {
  notInFlashMode: FAILURE.notInFlashMode,
  inflate: FAILURE.inflate,
  notEnough: FAILURE.notEnoughData,
  tooMuch: FAILURE.tooMuchData,
  flash: FAILURE.spiFailed,
};

export const ROM_CODES: WriterCodes = {
  notInFlashMode: FAILURE.romFailedToAct,
  inflate: FAILURE.romInflate,
  notEnough: FAILURE.romFailedToAct,
  tooMuch: FAILURE.romFailedToAct,
  flash: FAILURE.romFlashWrite,
};

export class FlashWriter {
  /** How long the flash chip was busy with the last call; for a paced board. */
  busyMs = 0;
  readonly #flash: FlashChip;
  readonly #codes: WriterCodes;
  readonly #eraseAtOnce: boolean;
  #active = false;
  #compressed = false;
  #at = 0;
  #remaining = 0;
  #erasedTo = 0;
  #inflate: Unzlib | undefined;
  #inflated: Uint8Array[] = [];

  constructor(flash: FlashChip, codes: WriterCodes, eraseAtOnce: boolean) {
    this.#flash = flash;
    this.#codes = codes;
    this.#eraseAtOnce = eraseAtOnce;
  }

  /** Arguments of FLASH_BEGIN or FLASH_DEFL_BEGIN. Answers 0 or an error code. */
  begin(data: Uint8Array, compressed: boolean): number {
    const [size, blocks, blockSize, at] = [u32(data, 0), u32(data, 4), u32(data, 8), u32(data, 12)];
    this.busyMs = 0;
    this.#active = false;
    if (at + size > this.#flash.sizeBytes) return this.#codes.flash;
    this.#active = true;
    this.#compressed = compressed;
    this.#at = at;
    // Plain data comes in whole blocks: the last one is filled up with FF.
    this.#remaining = compressed ? size : Math.max(size, blocks * blockSize);
    this.#erasedTo = at - (at % SECTOR_SIZE);
    this.#inflated = [];
    this.#inflate = compressed ? new Unzlib((part) => this.#inflated.push(part)) : undefined;
    if (this.#eraseAtOnce && size > 0) return this.#guard(() => this.#eraseTo(at + size));
    return 0;
  }

  /** One block's payload. */
  data(payload: Uint8Array, compressed: boolean): number {
    this.busyMs = 0;
    if (!this.#active || this.#compressed !== compressed) return this.#codes.notInFlashMode;
    if (!this.#inflate) return this.#guard(() => this.#write(payload));
    try {
      this.#inflated.length = 0;
      this.#inflate.push(payload);
    } catch {
      this.#active = false;
      return this.#codes.inflate;
    }
    for (const part of this.#inflated) {
      const failure = this.#guard(() => this.#write(part));
      if (failure !== 0) return failure;
    }
    return 0;
  }

  end(compressed: boolean): number {
    this.busyMs = 0;
    if (!this.#active || this.#compressed !== compressed) return this.#codes.notInFlashMode;
    this.#active = false;
    return this.#remaining > 0 && compressed ? this.#codes.notEnough : 0;
  }

  #guard(work: () => number): number {
    try {
      return work();
    } catch (error) {
      if (error instanceof FlashPowerLost) throw error;
      return this.#codes.flash;
    }
  }

  #write(bytes: Uint8Array): number {
    const fits = bytes.length <= this.#remaining;
    const part = fits ? bytes : bytes.subarray(0, this.#remaining);
    const end = Math.min(this.#at + part.length, this.#flash.sizeBytes);
    this.#eraseTo(end);
    this.#flash.program(this.#at, part.subarray(0, end - this.#at));
    this.busyMs += Math.ceil(part.length / 256) * PROGRAM_PAGE_MS;
    this.#at += part.length;
    this.#remaining -= part.length;
    return fits ? 0 : this.#codes.tooMuch;
  }

  /** Whole 64 KB blocks are erased in one go where they lie ahead, as the stub does. */
  #eraseTo(end: number): number {
    while (this.#erasedTo < end) {
      const wide =
        this.#erasedTo % 0x10000 === 0 && this.#erasedTo + 0x10000 <= this.#at + this.#remaining;
      const size = wide ? 0x10000 : SECTOR_SIZE;
      if (this.#eraseAtOnce || !this.#flash.isBlank(this.#erasedTo, size)) {
        this.#flash.erase(this.#erasedTo, size);
        this.busyMs += wide ? ERASE_64K_MS : ERASE_4K_MS;
      } else this.busyMs += size * BLANK_CHECK_MS_PER_BYTE;
      this.#erasedTo += size;
    }
    return 0;
  }
}
