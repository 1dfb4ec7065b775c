/**
 * The flash chip of a virtual board: NOR semantics, kept sparsely.
 *
 * Erasing sets whole 4096-byte sectors to FF; programming can only clear bits, in pages of 256
 * bytes. A sector that is all FF takes no memory, so thirty boards of 16 MB fit beside each other.
 * Power may be cut at the n-th page or sector operation: that operation is left half done.
 */

export const SECTOR_SIZE = 0x1000;
export const PAGE_SIZE = 0x100;

/** Thrown out of program() and erase() when the armed power cut strikes. */
export class FlashPowerLost extends Error {
  override readonly name = 'FlashPowerLost';
}

export class FlashChip {
  readonly sizeBytes: number;
  /** Page programs and sector erases so far; a power cut counts in the same unit. */
  operations = 0;
  programmedPages = 0;
  erasedSectors = 0;
  readonly #sectors = new Map<number, Uint8Array>();
  #cutAt = Infinity;
  #onCut: () => void = () => undefined;

  /** @param sizeBytes a multiple of 4096; real chips have a power of two from 1 MB to 16 MB. */
  constructor(sizeBytes: number) {
    if (!Number.isInteger(sizeBytes) || sizeBytes <= 0 || sizeBytes % SECTOR_SIZE !== 0) {
      throw new RangeError(`expected a flash size in whole 4096-byte sectors, got ${sizeBytes}`);
    }
    this.sizeBytes = sizeBytes;
  }

  /** Bytes of memory in use for sectors that are not blank. */
  get storedBytes(): number {
    return this.#sectors.size * SECTOR_SIZE;
  }

  /**
   * Power is lost at the n-th page or sector operation from now (1 = the next one): half of it
   * takes effect, `onCut` runs, and FlashPowerLost is thrown to whoever asked for the operation.
   */
  cutPowerAt(operationsFromNow: number, onCut: () => void): void {
    this.#cutAt = this.operations + operationsFromNow;
    this.#onCut = onCut;
  }

  cancelPowerCut(): void {
    this.#cutAt = Infinity;
  }

  /** A copy of `size` bytes. @throws RangeError outside the chip. */
  read(at: number, size: number): Uint8Array<ArrayBuffer> {
    this.#check(at, size);
    const bytes = new Uint8Array(size).fill(0xff);
    for (let done = 0; done < size;) {
      const inSector = (at + done) % SECTOR_SIZE;
      const take = Math.min(size - done, SECTOR_SIZE - inSector);
      const sector = this.#sectors.get((at + done - inSector) / SECTOR_SIZE);
      if (sector) bytes.set(sector.subarray(inSector, inSector + take), done);
      done += take;
    }
    return bytes;
  }

  /** Clears bits: each byte becomes old AND new. @throws RangeError, FlashPowerLost */
  program(at: number, bytes: Uint8Array): void {
    this.#check(at, bytes.length);
    for (let done = 0; done < bytes.length;) {
      const take = Math.min(bytes.length - done, PAGE_SIZE - ((at + done) % PAGE_SIZE));
      const page = bytes.subarray(done, done + take);
      const cut = this.#count();
      this.#clearBits(at + done, cut ? page.subarray(0, page.length >> 1) : page);
      if (cut) this.#lose('programming a page', at + done);
      this.programmedPages++;
      done += take;
    }
  }

  /** Sets whole sectors to FF. @throws RangeError off the sector grid or the chip, FlashPowerLost */
  erase(at: number, size: number): void {
    this.#check(at, size);
    if (at % SECTOR_SIZE !== 0 || size % SECTOR_SIZE !== 0) {
      throw new RangeError(`expected whole 4096-byte sectors, got 0x${at.toString(16)}+${size}`);
    }
    for (let number = at / SECTOR_SIZE; number < (at + size) / SECTOR_SIZE; number++) {
      const sector = this.#sectors.get(number);
      if (this.#count()) {
        sector?.fill(0xff, 0, SECTOR_SIZE / 2);
        this.#lose('erasing a sector', number * SECTOR_SIZE);
      }
      this.#sectors.delete(number);
      this.erasedSectors++;
    }
  }

  /** Whether a run of whole sectors reads as FF; costs nothing. */
  isBlank(at: number, size: number): boolean {
    this.#check(at, size);
    for (let number = Math.floor(at / SECTOR_SIZE); number * SECTOR_SIZE < at + size; number++) {
      const sector = this.#sectors.get(number);
      if (sector && !sector.every((byte) => byte === 0xff)) return false;
    }
    return true;
  }

  eraseAll(): void {
    this.erase(0, this.sizeBytes);
  }

  /** Puts bytes on the chip as a factory programmer would: erases what they touch, keeps the rest. */
  load(at: number, bytes: Uint8Array): void {
    const start = at - (at % SECTOR_SIZE);
    const end = Math.ceil((at + bytes.length) / SECTOR_SIZE) * SECTOR_SIZE;
    const around = this.read(start, end - start);
    around.set(bytes, at - start);
    this.erase(start, end - start);
    this.program(start, around);
  }

  #check(at: number, size: number): void {
    if (!Number.isInteger(at) || !Number.isInteger(size) || at < 0 || size < 0) {
      throw new RangeError(`expected a place on the flash, got ${at}+${size}`);
    }
    if (at + size > this.sizeBytes) {
      throw new RangeError(
        `0x${at.toString(16)}+0x${size.toString(16)} is beyond the flash of 0x${this.sizeBytes.toString(16)} bytes`,
      );
    }
  }

  /** True when this very operation is the one in which power goes. */
  #count(): boolean {
    this.operations++;
    return this.operations >= this.#cutAt;
  }

  #lose(what: string, at: number): never {
    this.#cutAt = Infinity;
    this.#onCut();
    throw new FlashPowerLost(`power was lost while ${what} at 0x${at.toString(16)}`);
  }

  #clearBits(at: number, bytes: Uint8Array): void {
    const number = Math.floor(at / SECTOR_SIZE);
    let sector = this.#sectors.get(number);
    if (!sector) {
      if (bytes.every((byte) => byte === 0xff)) return;
      sector = new Uint8Array(SECTOR_SIZE).fill(0xff);
      this.#sectors.set(number, sector);
    }
    const inSector = at % SECTOR_SIZE;
    for (let i = 0; i < bytes.length; i++) sector[inSector + i]! &= bytes[i]!;
  }
}
