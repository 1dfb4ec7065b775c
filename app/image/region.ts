/** Pieces of a flash image, and the runtime file that some of them come from. */
import type { ChipName } from './chips.ts';
import type { PartitionTable } from './partition-table.ts';

export type RegionName =
  'bootloader' | 'partition-table' | 'update-selection' | 'runtime' | 'identity' | 'firmware';

export interface Region {
  /** Bytes from the start of flash; a multiple of the 0x1000 erase block. */
  at: number;
  bytes: Uint8Array;
  name: RegionName;
}

/** A checked MicroPython file for one chip. */
export interface RuntimeFile {
  chip: ChipName;
  /** As the runtime itself gives it, without the "v": "1.26.0", "1.27.0-preview.12". */
  version: string;
  /** Of `bytes`. */
  sha256: string;
  /** Structurally a runtime, but no chip can run it. */
  standIn: boolean;
  /** Bootloader, partition table and runtime: what is written, so that the NVS between them survives. */
  pieces: Region[];
  partitionTable: PartitionTable;
  /** The combined file, as it is published: from the bootloader on, gaps filled with FF. */
  bytes: Uint8Array;
}
