/**
 * The five chips, and what of each shows in an image.
 * Sources: ESP-IDF esp_app_format.h, esp_chip_id_t; flash_offset in MicroPython's ports/esp32/boards/<board>/board.json.
 */
export type ChipName = 'esp32' | 'esp32s2' | 'esp32s3' | 'esp32c3' | 'esp32c6';

export interface Chip {
  readonly name: ChipName;
  /** As people write it. */
  readonly label: string;
  /** Bytes 12 and 13 of every image header. */
  readonly imageChipId: number;
  /** Where the first-stage loader in ROM looks for the bootloader: also where a combined file starts. */
  readonly bootloaderAt: number;
}

export const CHIPS: Readonly<Record<ChipName, Chip>> = {
  esp32: { name: 'esp32', label: 'ESP32', imageChipId: 0, bootloaderAt: 0x1000 },
  esp32s2: { name: 'esp32s2', label: 'ESP32-S2', imageChipId: 2, bootloaderAt: 0x1000 },
  esp32s3: { name: 'esp32s3', label: 'ESP32-S3', imageChipId: 9, bootloaderAt: 0x0 },
  esp32c3: { name: 'esp32c3', label: 'ESP32-C3', imageChipId: 5, bootloaderAt: 0x0 },
  esp32c6: { name: 'esp32c6', label: 'ESP32-C6', imageChipId: 13, bootloaderAt: 0x0 },
};

/** Chips that Espressif numbers but this project does not support: named so that a refusal can name them. */
const OTHER_CHIPS: Readonly<Record<number, string>> = {
  12: 'ESP32-C2',
  16: 'ESP32-H2',
  18: 'ESP32-P4',
  20: 'ESP32-C61',
  23: 'ESP32-C5',
};

export function chipOfImageId(imageChipId: number): Chip | undefined {
  return Object.values(CHIPS).find((chip) => chip.imageChipId === imageChipId);
}

/** For messages: "ESP32-C3", or "chip number 77" when nobody knows it. */
export function imageChipLabel(imageChipId: number): string {
  return (
    chipOfImageId(imageChipId)?.label ?? OTHER_CHIPS[imageChipId] ?? `chip number ${imageChipId}`
  );
}

export function isChipName(text: string): text is ChipName {
  return Object.hasOwn(CHIPS, text);
}
