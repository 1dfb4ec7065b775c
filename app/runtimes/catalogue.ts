/**
 * The stock MicroPython builds that fit each chip, and where a person finds them. The app never fetches them by itself.
 * Source: MicroPython ports/esp32/boards/<board>/board.json and mpconfigboard.h; file names as on the download pages.
 */
import { CHIPS } from '../image/chips.ts';
import type { ChipName } from '../image/chips.ts';

/** The oldest MicroPython that the firmware is made for. */
export const OLDEST_RUNTIME = { major: 1, minor: 25 } as const;

export interface StockBuild {
  chip: ChipName;
  /** MicroPython's name of the board. */
  board: string;
  /** Suffix in the file name for a variant of the board; empty for the plain build. */
  variant: string;
  /** When to take it. */
  purpose: string;
}

export const STOCK_BUILDS: readonly StockBuild[] = [
  { chip: 'esp32', board: 'ESP32_GENERIC', variant: '', purpose: 'most ESP32 boards' },
  {
    chip: 'esp32',
    board: 'ESP32_GENERIC',
    variant: 'SPIRAM',
    purpose: 'boards with extra RAM (WROVER)',
  },
  {
    chip: 'esp32',
    board: 'ESP32_GENERIC',
    variant: 'UNICORE',
    purpose: 'ESP32 with a single core',
  },
  {
    chip: 'esp32',
    board: 'ESP32_GENERIC',
    variant: 'D2WD',
    purpose: 'ESP32-D2WD with 2 MB of flash inside',
  },
  { chip: 'esp32s2', board: 'ESP32_GENERIC_S2', variant: '', purpose: 'ESP32-S2 boards' },
  { chip: 'esp32s3', board: 'ESP32_GENERIC_S3', variant: '', purpose: 'ESP32-S3 boards' },
  {
    chip: 'esp32s3',
    board: 'ESP32_GENERIC_S3',
    variant: 'SPIRAM_OCT',
    purpose: 'ESP32-S3 boards with octal extra RAM',
  },
  { chip: 'esp32c3', board: 'ESP32_GENERIC_C3', variant: '', purpose: 'ESP32-C3 boards' },
  { chip: 'esp32c6', board: 'ESP32_GENERIC_C6', variant: '', purpose: 'ESP32-C6 boards' },
];

/** The page a person opens to get the file, as text to show. */
export function downloadPage(build: StockBuild): string {
  return `https://micropython.org/download/${build.board}/`;
}

/** What the file is called there: board, variant, date of the build, version. */
export function fileNamePattern(build: StockBuild): RegExp {
  const variant = build.variant === '' ? '' : `-${build.variant}`;
  return new RegExp(`^${build.board}${variant}-\\d{8}-v\\d+\\.\\d+(\\.\\d+)?(-[\\w.]+)?\\.bin$`);
}

/** The same for people: "ESP32_GENERIC-DATE-vVERSION.bin". */
export function fileNameHint(build: StockBuild): string {
  const variant = build.variant === '' ? '' : `-${build.variant}`;
  return `${build.board}${variant}-DATE-vVERSION.bin`;
}

export function buildsFor(chip: ChipName): StockBuild[] {
  return STOCK_BUILDS.filter((build) => build.chip === chip);
}

export function findBuild(fileName: string): StockBuild | undefined {
  return STOCK_BUILDS.find((build) => fileNamePattern(build).test(fileName));
}

/** A sentence for refusals: which file to take for a chip. */
export function adviceFor(chip: ChipName): string {
  const [build] = buildsFor(chip);
  return `For the ${CHIPS[chip].label} take ${fileNameHint(build!)} from ${downloadPage(build!)}`;
}
