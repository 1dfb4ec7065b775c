/**
 * Restarting a chip by its own RTC watchdog, for native USB whose lines cannot do it: USB-OTG always, USB-Serial-JTAG when the
 * loader was entered with the BOOT button, because a reset over its lines does not read the strapping pin anew.
 * Source: esptool 5, targets/esp32*.py: register tables and watchdog_reset(). There, the C6 is left out on purpose: "Bug in the
 * USB-Serial/JTAG controller can cause the port to disappear if watchdog reset happens". So it is here: a C6 that the BOOT button
 * put into its loader may have to be restarted by hand. No physical board has been restarted this way yet.
 */
import type { ESPLoader } from 'esptool-js';
import type { ChipName } from '../image/chips.ts';

interface WatchdogRegisters {
  /** Bit 31 switches it on; bits 30..28 say what stage 0 does (5: reset the system and the RTC). */
  readonly config0: number;
  /** Ticks of the slow clock until stage 0. */
  readonly config1: number;
  readonly protect: number;
  readonly strap: number;
  /** RTC_CNTL_OPTION1: bit 0 forces the loader at the next start. Chips with USB-OTG only. */
  readonly force?: number;
}

const REGISTERS: Partial<Record<ChipName, WatchdogRegisters>> = {
  esp32s2: {
    config0: 0x3f408094,
    config1: 0x3f408098,
    protect: 0x3f4080ac,
    strap: 0x3f404038,
    force: 0x3f408128,
  },
  esp32s3: {
    config0: 0x60008098,
    config1: 0x6000809c,
    protect: 0x600080b0,
    strap: 0x60004038,
    force: 0x6000812c,
  },
  esp32c3: { config0: 0x60008090, config1: 0x60008094, protect: 0x600080a8, strap: 0x60004038 },
};
const KEY = 0x50d83aa1;
const TICKS = 2000;
/** On; stage 0 resets everything; the system reset lasts 1.6 us (bits 8 and 1). */
const ON = ((1 << 31) | (5 << 28) | (1 << 8) | 2) >>> 0;
const STRAP_SPI_BOOT = 0x8;
/** The watchdog bites after some 15 ms; a chip that still answers after this was not reset by it. */
export const WATCHDOG_MS = 100;

/** Whether the chip was put into its loader by the BOOT button; false where that cannot be told. */
export async function strappedToLoader(loader: ESPLoader, chip: ChipName): Promise<boolean> {
  const registers = REGISTERS[chip];
  return (
    registers !== undefined && ((await loader.readReg(registers.strap)) & STRAP_SPI_BOOT) === 0
  );
}

/** False when the chip has no such watchdog (the ESP32, which has no native USB either) or must not use it (the C6). */
export async function watchdogReset(loader: ESPLoader, chip: ChipName): Promise<boolean> {
  const registers = REGISTERS[chip];
  if (!registers) return false;
  if (registers.force !== undefined) await loader.writeReg(registers.force, 0, 0x1);
  await loader.writeReg(registers.protect, KEY);
  await loader.writeReg(registers.config1, TICKS);
  await loader.writeReg(registers.config0, ON);
  await loader.writeReg(registers.protect, 0);
  await new Promise((resolve) => setTimeout(resolve, WATCHDOG_MS));
  return true;
}
