/**
 * What differs between the five chips, as the ROM loader shows it on the wire.
 *
 * Sources: esptool's targets (register addresses, magic values, chip ids, efuse fields) and the
 * boot text that the chips print on UART0 (ESP-IDF, "Boot Mode Selection" of each chip).
 * All registers are 32 bits wide; addresses and masks are hexadecimal.
 */
import { CHIPS as IMAGE_CHIPS } from '../image/chips.ts';
import type { ChipName } from '../image/chips.ts';

export type { ChipName };

/** Why the CPU starts again; the ROM prints it and MicroPython's machine.reset_cause() tells it. */
export type ResetCause = 'power-on' | 'external' | 'software' | 'watchdog' | 'deep-sleep';

export interface SpiRegisters {
  base: number;
  /** Offsets from `base`. */
  usr: number;
  usr1: number;
  usr2: number;
  mosiLength: number;
  misoLength: number;
  w0: number;
}

export interface ChipFacts {
  /** As esptool writes it. */
  title: string;
  /** The number in image headers and in the answer to GET_SECURITY_INFO. */
  chipId: number;
  /** Bytes in the answer to GET_SECURITY_INFO; 0 where the ROM does not know the command. */
  securityInfoSize: 0 | 12 | 20;
  /** Value of register 0x40001000. */
  magic: number;
  /** Where the second-stage bootloader starts on flash. */
  bootloaderAt: number;
  /** Efuse words with the MAC: low 32 bits, then the high 16 bits. */
  macRegisters: readonly [number, number];
  /** Registers the loader reads beside the MAC, with values of a common part. */
  registers: Readonly<Record<number, number>>;
  spi: SpiRegisters;
  /** Register with the UART clock divider, if esptool derives the crystal from it. */
  clockDivider?: number;
  /** ROM variable that tells which port the loader uses, with its value for each kind of port. */
  portNumber?: { at: number; bridge: number; usbJtag: number; usbOtg: number };
  /** GPIO_STRAP: bit 3 is clear when IO0 (IO9 on C3 and C6) was low as the chip left reset. */
  strapRegister?: number;
  /** The RTC watchdog's registers: stage actions and switch, ticks of stage 0, write protection. */
  watchdog?: { config0: number; config1: number; protect: number };
  /** Where the security efuses are read on chips without GET_SECURITY_INFO. */
  securityEfuses?: {
    cryptCount: { at: number; shift: number };
    secureBoot: { at: number; mask: number };
  };
  /** Text before the reset line. */
  romBanner: string;
  /** boot:0x.. (..) of a normal start and of the loader. */
  runStrap: string;
  downloadStrap: string;
  /** rst:0x.. (..) */
  resetText: Readonly<Record<ResetCause, string>>;
  usbJtagResetText: string;
  /** A free-standing port has this kind of connection unless the test asks for another one. */
  usualPort: 'bridge' | 'usb-jtag';
}

const SPI_NEW = { usr: 0x18, usr1: 0x1c, usr2: 0x20, mosiLength: 0x24, misoLength: 0x28, w0: 0x58 };

const RISCV_RESETS = {
  'power-on': '0x1 (POWERON)',
  external: '0x1 (POWERON)',
  software: '0x3 (RTC_SW_SYS_RST)',
  watchdog: '0x10 (RTCWDT_RTC_RST)',
  'deep-sleep': '0x5 (DSLEEP)',
} as const;

export const CHIPS: Readonly<Record<ChipName, ChipFacts>> = {
  esp32: {
    title: IMAGE_CHIPS.esp32.label,
    chipId: IMAGE_CHIPS.esp32.imageChipId,
    securityInfoSize: 0,
    magic: 0x00f01d83,
    bootloaderAt: IMAGE_CHIPS.esp32.bootloaderAt,
    macRegisters: [0x3ff5a004, 0x3ff5a008],
    registers: {
      0x3ff5a00c: 0x0000a200, // package 1 (D0WD), revision bit 0, rated frequency
      0x3ff5a014: 0x00100000, // revision bit 1
      0x3ff6607c: 0x96042000, // APB control date: bit 31 is revision bit 2, so revision 3
      0x3ff5a018: 0x00000000, // coding scheme none, no secure boot
    },
    spi: {
      base: 0x3ff42000,
      usr: 0x1c,
      usr1: 0x20,
      usr2: 0x24,
      mosiLength: 0x28,
      misoLength: 0x2c,
      w0: 0x80,
    },
    clockDivider: 0x3ff40014,
    securityEfuses: {
      cryptCount: { at: 0x3ff5a000, shift: 20 },
      secureBoot: { at: 0x3ff5a018, mask: 0x30 },
    },
    romBanner: 'ets Jul 29 2019 12:21:46\r\n\r\n',
    runStrap: '0x13 (SPI_FAST_FLASH_BOOT)',
    downloadStrap: '0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))',
    resetText: {
      'power-on': '0x1 (POWERON_RESET)',
      external: '0x1 (POWERON_RESET)',
      software: '0xc (SW_CPU_RESET)',
      watchdog: '0x10 (RTCWDT_RTC_RESET)',
      'deep-sleep': '0x5 (DEEPSLEEP_RESET)',
    },
    usbJtagResetText: '0x1 (POWERON_RESET)',
    usualPort: 'bridge',
  },
  esp32s2: {
    title: IMAGE_CHIPS.esp32s2.label,
    chipId: IMAGE_CHIPS.esp32s2.imageChipId,
    securityInfoSize: 12,
    magic: 0x000007c6,
    bootloaderAt: IMAGE_CHIPS.esp32s2.bootloaderAt,
    macRegisters: [0x3f41a044, 0x3f41a048],
    registers: {
      0x3f41a050: 0x00040000, // block 1 word 3: major version 1, no flash or PSRAM inside
    },
    spi: { base: 0x3f402000, ...SPI_NEW },
    clockDivider: 0x3f400014,
    portNumber: { at: 0x3ffffd14, bridge: 0, usbJtag: 0, usbOtg: 2 },
    strapRegister: 0x3f404038,
    watchdog: { config0: 0x3f408094, config1: 0x3f408098, protect: 0x3f4080ac },
    romBanner: 'ESP-ROM:esp32s2-rc4-20191025\r\nBuild:Oct 25 2019\r\n',
    runStrap: '0x8 (SPI_FAST_FLASH_BOOT)',
    downloadStrap: '0x0 (DOWNLOAD(USB/UART0/1))',
    resetText: { ...RISCV_RESETS, software: '0xc (RTC_SW_CPU_RST)' },
    usbJtagResetText: '0x1 (POWERON)',
    usualPort: 'bridge',
  },
  esp32s3: {
    title: IMAGE_CHIPS.esp32s3.label,
    chipId: IMAGE_CHIPS.esp32s3.imageChipId,
    securityInfoSize: 20,
    magic: 0x00000009,
    bootloaderAt: IMAGE_CHIPS.esp32s3.bootloaderAt,
    macRegisters: [0x60007044, 0x60007048],
    registers: {
      0x60007050: 0x00080000, // block 1 word 3: package 0, minor version 2
    },
    spi: { base: 0x60002000, ...SPI_NEW },
    portNumber: { at: 0x3fcef14c, bridge: 0, usbJtag: 4, usbOtg: 3 },
    strapRegister: 0x60004038,
    watchdog: { config0: 0x60008098, config1: 0x6000809c, protect: 0x600080b0 },
    romBanner: 'ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n',
    runStrap: '0x8 (SPI_FAST_FLASH_BOOT)',
    downloadStrap: '0x0 (DOWNLOAD(USB/UART0))',
    resetText: { ...RISCV_RESETS, software: '0xc (RTC_SW_CPU_RST)' },
    usbJtagResetText: '0x15 (USB_UART_CHIP_RESET)',
    usualPort: 'bridge',
  },
  esp32c3: {
    title: IMAGE_CHIPS.esp32c3.label,
    chipId: IMAGE_CHIPS.esp32c3.imageChipId,
    securityInfoSize: 20,
    magic: 0x1b31506f,
    bootloaderAt: IMAGE_CHIPS.esp32c3.bootloaderAt,
    macRegisters: [0x60008844, 0x60008848],
    registers: {
      0x60008850: 0x000c0000, // block 1 word 3: package 0, minor version 3
    },
    spi: { base: 0x60002000, ...SPI_NEW },
    strapRegister: 0x60004038,
    watchdog: { config0: 0x60008090, config1: 0x60008094, protect: 0x600080a8 },
    romBanner: 'ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n',
    runStrap: '0xc (SPI_FAST_FLASH_BOOT)',
    downloadStrap: '0x4 (DOWNLOAD(USB/UART0/1))',
    resetText: RISCV_RESETS,
    usbJtagResetText: '0x15 (USB_UART_CHIP_RESET)',
    usualPort: 'usb-jtag',
  },
  esp32c6: {
    title: IMAGE_CHIPS.esp32c6.label,
    chipId: IMAGE_CHIPS.esp32c6.imageChipId,
    securityInfoSize: 20,
    magic: 0x2ce0806f,
    bootloaderAt: IMAGE_CHIPS.esp32c6.bootloaderAt,
    macRegisters: [0x600b0844, 0x600b0848],
    registers: {},
    spi: { base: 0x60003000, ...SPI_NEW },
    strapRegister: 0x60091038,
    watchdog: { config0: 0x600b1c00, config1: 0x600b1c04, protect: 0x600b1c18 },
    romBanner: 'ESP-ROM:esp32c6-20220919\r\nBuild:Sep 19 2022\r\n',
    runStrap: '0xc (SPI_FAST_FLASH_BOOT)',
    downloadStrap: '0x4 (DOWNLOAD(USB/UART0/SDIO_REI_FEO))',
    resetText: { ...RISCV_RESETS, software: '0xc (SW_CPU)' },
    usbJtagResetText: '0x15 (USB_UART_HPSYS)',
    usualPort: 'usb-jtag',
  },
};
