/**
 * The registers that a loader can reach: efuse words, ROM variables, and the SPI controller far
 * enough to run a command on the flash chip (esptool asks for the JEDEC id in this way).
 * Source: the chips' technical reference manuals, SPI_USR_REG and SPI_CMD_REG.
 */
import { hexToBytes } from '../base/bytes.ts';
import type { ChipFacts } from './chips.ts';
import type { Faults } from './faults.ts';
import type { FlashChip } from './flash-chip.ts';

const MAGIC_AT = 0x40001000;
const UNKNOWN_MAGIC = 0x0badc0de;
/** RTC_CNTL_WDTWPROTECT opens with this; bit 31 of WDTCONFIG0 switches the watchdog on. */
const WATCHDOG_KEY = 0x50d83aa1;
const WATCHDOG_ON = 0x80000000;
const STRAP_SPI_BOOT = 0x8;
const SPI_CMD_USR = 1 << 18;
const READ_JEDEC_ID = 0x9f;
const READ_STATUS = 0x05;
const CRYSTAL_HZ = 40_000_000;
/** Winbond, 25Q series; the third byte is log2 of the size. */
const JEDEC_MAKER = 0xef;
const JEDEC_TYPE = 0x40;

export interface Security {
  /** As in GET_SECURITY_INFO: bit 0 secure boot, bit 2 secure download mode. */
  flags: number;
  /** Flash encryption is on when the number of set bits is odd. */
  flashCryptCount: number;
}

export const SECURE_BOOT = 1 << 0;
export const SECURE_DOWNLOAD = 1 << 2;

export class Registers {
  readonly #facts: ChipFacts;
  readonly #flash: FlashChip;
  readonly #values = new Map<number, number>();
  readonly #faults: Faults;
  /** IO0 was low as the chip left reset. */
  strappedToLoader = false;
  /** The watchdog was set and will bite after so many ticks of the slow clock. */
  onWatchdog: (ticks: number) => void = () => undefined;

  constructor(
    facts: ChipFacts,
    mac: string,
    flash: FlashChip,
    security: Security,
    port: 'bridge' | 'usb-jtag' | 'usb-otg',
    faults: Faults,
  ) {
    this.#faults = faults;
    this.#facts = facts;
    this.#flash = flash;
    for (const [at, value] of Object.entries(facts.registers)) this.#values.set(Number(at), value);
    this.#values.set(MAGIC_AT, facts.magic);
    const bytes = hexToBytes(mac.replaceAll(':', ''));
    const view = new DataView(bytes.buffer);
    this.#values.set(facts.macRegisters[0], view.getUint32(2));
    this.#values.set(facts.macRegisters[1], view.getUint16(0));
    if (facts.portNumber) {
      const { at, bridge, usbJtag, usbOtg } = facts.portNumber;
      const number = { bridge, 'usb-jtag': usbJtag, 'usb-otg': usbOtg }[port];
      this.#values.set(at, number);
    }
    if (facts.securityEfuses) {
      const { cryptCount, secureBoot } = facts.securityEfuses;
      this.#or(cryptCount.at, security.flashCryptCount << cryptCount.shift);
      if (security.flags & SECURE_BOOT) this.#or(secureBoot.at, secureBoot.mask);
    }
  }

  read(at: number, baud: number): number {
    if (at === this.#facts.strapRegister) return this.strappedToLoader ? 0 : STRAP_SPI_BOOT;
    const efuse = this.#facts.securityEfuses?.secureBoot;
    if (at === efuse?.at && this.#faults.secured) return efuse.mask;
    if (at === MAGIC_AT && this.#faults.unknownChip) return UNKNOWN_MAGIC;
    if (at === this.#facts.clockDivider) return Math.floor(CRYSTAL_HZ / baud);
    return this.#values.get(at) ?? 0;
  }

  write(at: number, value: number, mask: number): void {
    const spi = this.#facts.spi;
    const merged = ((this.#values.get(at) ?? 0) & ~mask) | (value & mask);
    if (at === spi.base) {
      if (merged & SPI_CMD_USR) this.#runSpiCommand();
      this.#values.set(at, merged & ~SPI_CMD_USR); // the controller clears the bit when it is done
      return;
    }
    this.#values.set(at, merged >>> 0);
    const dog = this.#facts.watchdog;
    const unlocked = dog && this.#values.get(dog.protect) === WATCHDOG_KEY;
    if (unlocked && at === dog.config0 && merged & WATCHDOG_ON) {
      this.onWatchdog(this.#values.get(dog.config1) ?? 0);
    }
  }

  #or(at: number, bits: number): void {
    this.#values.set(at, ((this.#values.get(at) ?? 0) | bits) >>> 0);
  }

  #runSpiCommand(): void {
    const { base, usr2, misoLength, w0 } = this.#facts.spi;
    const command = (this.#values.get(base + usr2) ?? 0) & 0xff;
    const bits = (this.#values.get(base + misoLength) ?? 0) + 1;
    let result = 0;
    if (command === READ_JEDEC_ID) {
      result =
        JEDEC_MAKER |
        (JEDEC_TYPE << 8) |
        (Math.log2(this.#faults.flashSizeBytes || this.#flash.sizeBytes) << 16);
    } else if (command === READ_STATUS) result = 0;
    this.#values.set(base + w0, bits >= 32 ? result : result & (2 ** bits - 1));
  }
}
