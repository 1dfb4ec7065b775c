/** For tests: flash images of boards that run a given main.py, and worlds of them. */
import { bytesToHex, fromUtf8, utf8 } from '../base/bytes.ts';
import { CHIPS } from '../image/chips.ts';
import { buildEspImage } from '../image/esp-image.ts';
import { buildLittleFs } from '../image/littlefs/write.ts';
import type { NvsEntry } from '../image/nvs/value.ts';
import { buildNvs } from '../image/nvs/nvs.ts';
import { buildPartitionTable } from '../image/partition-table.ts';
import type { ChipName } from './chips.ts';
import type { VirtualBoard } from './board.ts';
import { createWorld } from './world.ts';
import type { World, WorldOptions } from './world.ts';
import type { FlashChip } from './flash-chip.ts';

export interface Contents {
  files?: Record<string, string | Uint8Array>;
  nvs?: NvsEntry[];
}

/** Puts a bootloader, a partition table, an application that says it is MicroPython 1.26.0, NVS and files on the flash. */
export function loadFlash(flash: FlashChip, chip: ChipName, contents: Contents): void {
  const { imageChipId, bootloaderAt } = CHIPS[chip];
  const segment = (text: string): Uint8Array => {
    const bytes = new Uint8Array(512);
    bytes.set(utf8(text), 300);
    return bytes;
  };
  const image = (text: string): Uint8Array =>
    buildEspImage({
      chipId: imageChipId,
      entry: 0x40080000,
      segments: [{ loadAddress: 0x3f400020, bytes: segment(text) }],
    });
  flash.load(bootloaderAt, image('test bootloader'));
  flash.load(
    0x8000,
    buildPartitionTable([
      { type: 1, subtype: 2, at: 0x9000, sizeBytes: 0x6000, label: 'nvs', flags: 0 },
      { type: 1, subtype: 1, at: 0xf000, sizeBytes: 0x1000, label: 'phy_init', flags: 0 },
      { type: 0, subtype: 0, at: 0x10000, sizeBytes: 0x1f0000, label: 'factory', flags: 0 },
    ]),
  );
  flash.load(0x10000, image('MicroPython v1.26.0 on 2025-08-09'));
  if (contents.nvs) flash.load(0x9000, buildNvs(contents.nvs, 0x6000));
  const files = Object.entries(contents.files ?? {}).map(([path, content]) => ({
    path,
    bytes: typeof content === 'string' ? utf8(content) : content,
  }));
  const blockCount = (flash.sizeBytes - 0x200000) / 4096;
  flash.load(0x200000, buildLittleFs(files, { blockCount, blockSize: 4096 }));
}

export interface Bench {
  world: World;
  boards: VirtualBoard[];
  /** What board i has printed since the last call, with CR LF as LF. */
  read(i?: number): string;
  advance(ms: number): Promise<void>;
}

/** Boards 10 m apart in a row, powered on, each with this main.py (or one for each). */
export function bench(
  mains: readonly (string | Contents)[],
  options: Partial<WorldOptions> & { chip?: ChipName } = {},
): Bench {
  const world = createWorld({ clock: 'virtual', seed: 1, bootMs: 100, ...options });
  const printed = mains.map(() => '');
  const boards = mains.map((main, i) => {
    const mac = `24:0a:c4:00:00:${bytesToHex(Uint8Array.of(0x10 + 2 * i))}`;
    const board = world.addBoard({ chip: options.chip ?? 'esp32', mac, x: 10 * i, y: 0 });
    const contents = typeof main === 'string' ? { files: { 'main.py': main } } : main;
    loadFlash(board.flash, board.chip, contents);
    board.onConsole = (bytes) => {
      printed[i] += fromUtf8(bytes).replaceAll('\r\n', '\n');
    };
    board.powerOn();
    return board;
  });
  return {
    world,
    boards,
    read: (i = 0) => {
      const text = printed[i] ?? '';
      printed[i] = '';
      return text;
    },
    advance: (ms) => world.advance(ms),
  };
}
